// Key files that are damaged, inconsistent, or none.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "crypto/base64.hpp"
#include "key_tools.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/key_file.hpp"
#include "support/temporary_folder.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {
namespace {

using support::content_of;

error refusal(const std::string& text, const std::string& passphrase = "") {
  const auto key = decode_private_key(text, secret(std::string(passphrase)));
  return key ? error{} : key.error();
}

// The values of a key's numbers, the type first.
std::vector<octets> values_of(octet_view numbers) {
  std::vector<octets> values;
  wire::reader from(numbers);
  while (!from.at_end()) {
    const auto value = from.string().value();
    values.emplace_back(value.begin(), value.end());
  }
  return values;
}

octets numbers_of(const std::vector<octets>& values) {
  octets numbers;
  for (const auto& value : values) wire::writer(numbers).string(value);
  return numbers;
}

octets text_octets(std::string_view text) {
  const auto view = as_octets(text);
  return {view.begin(), view.end()};
}

class HostileKeyFile : public testing::Test {
 protected:
  std::string made(const std::string& name, const std::vector<std::string>& type,
                   const std::string& passphrase = "") {
    return content_of(make_key(folder_.path(name), type, passphrase));
  }

  container ed25519() { return take_apart(made("ed25519", {"-t", "ed25519"})); }

  support::temporary_folder folder_;
};

TEST_F(HostileKeyFile, IsRefusedWhereverItIsCutOff) {
  for (const std::vector<std::string>& type :
       {std::vector<std::string>{"-t", "ed25519"}, {"-t", "ecdsa"}, {"-t", "rsa", "-b", "2048"}}) {
    const auto text = made("whole " + type[1], type);
    ASSERT_FALSE(refusal(text).code.failed());
    for (std::size_t size = 0; size + 1 < text.size(); ++size)
      ASSERT_EQ(refusal(text.substr(0, size)).code, errc::malformed) << type[1] << ", at " << size;
    const auto data = unarmoured(text);
    for (std::size_t size = 0; size < data.size(); ++size)
      ASSERT_EQ(refusal(armoured(octet_view(data).first(size))).code, errc::malformed)
          << type[1] << ", inside at " << size;
  }
}

TEST_F(HostileKeyFile, IsRefusedOrTheSameKeyWhenAnOctetIsFlipped) {
  for (const std::string passphrase : {"", "passphrase"}) {
    const auto path = make_key(folder_.path("flipped" + passphrase), {"-t", "ed25519"}, passphrase);
    const auto data = unarmoured(content_of(path));
    std::size_t refused = 0;
    for (std::size_t at = 0; at < data.size(); ++at) {
      auto flipped = data;
      flipped[at] ^= 0x01;
      const auto key = decode_private_key(armoured(flipped), secret(std::string(passphrase)), 2);
      if (!key) ++refused;
      // What nobody looks at is the comment.
      if (key) {
        ASSERT_EQ(key->public_blob(), public_half(path)) << at;
      }
    }
    EXPECT_GE(refused, data.size() - std::string_view("a comment").size());
  }
}

TEST_F(HostileKeyFile, IsRefusedWhenAnyOctetBehindAnAeadIsFlipped) {
  const auto path = make_key(folder_.path("key"), {"-t", "ed25519", "-Z", "aes256-gcm@openssh.com"}, "words");
  const auto data = unarmoured(content_of(path));
  for (std::size_t at = 0; at < data.size(); ++at) {
    auto flipped = data;
    flipped[at] ^= 0x80;
    ASSERT_FALSE(decode_private_key(armoured(flipped), secret(std::string("words")), 2)) << at;
  }
}

TEST_F(HostileKeyFile, IsReadWhenItIsOnlyBuiltAnew) {
  EXPECT_FALSE(refusal(ed25519().text()).code.failed());
}

TEST_F(HostileKeyFile, MustBeTheContainerThatItSays) {
  struct row {
    std::string what;
    std::function<void(container&)> change;
    errc expected;
  };
  const auto with_passphrase = [](container& parts, std::uint32_t rounds, std::size_t salt) {
    parts.cipher = "aes256-ctr";
    parts.kdf = "bcrypt";
    wire::writer(parts.kdf_options).string(octets(salt, 1)).uint32(rounds);
  };
  const std::vector<row> rows{
      {"magic", [](auto& parts) { parts.magic[3] = 'X'; }, errc::malformed},
      {"cipher", [](auto& parts) { parts.cipher = "3des-cbc"; }, errc::unsupported},
      {"derivation", [](auto& parts) { parts.kdf = "argon2"; }, errc::unsupported},
      {"derivation without a cipher", [](auto& parts) { parts.kdf = "bcrypt"; }, errc::malformed},
      {"cipher without a derivation", [](auto& parts) { parts.cipher = "aes256-ctr"; }, errc::malformed},
      {"no key", [](auto& parts) { parts.count = 0; }, errc::unsupported},
      {"two keys", [](auto& parts) { parts.count = 2; }, errc::unsupported},
      {"many keys", [](auto& parts) { parts.count = 0xffffffff; }, errc::unsupported},
      {"check", [](auto& parts) { parts.again = 2; }, errc::malformed},
      {"other public half", [](auto& parts) { parts.public_blob.back() ^= 1; }, errc::malformed},
      {"no public half", [](auto& parts) { parts.public_blob.clear(); }, errc::malformed},
      {"padding",
       [](auto& parts) {
         parts.padding = octets{1, 2, 3, 5};
       },
       errc::malformed},
      {"no padding",
       [](auto& parts) {
         parts.padding = octets{};
         parts.comment = "1234";
       },
       errc::malformed},
      {"trailing", [](auto& parts) { parts.trailing = {0}; }, errc::malformed},
      {"rounds", [&](auto& parts) { with_passphrase(parts, 0x80000000, 16); }, errc::unsupported},
      {"rounds just too many", [&](auto& parts) { with_passphrase(parts, max_bcrypt_rounds + 1, 16); },
       errc::unsupported},
      {"no rounds", [&](auto& parts) { with_passphrase(parts, 0, 16); }, errc::malformed},
      {"no salt", [&](auto& parts) { with_passphrase(parts, 1, 0); }, errc::malformed},
      {"no options",
       [&](auto& parts) {
         with_passphrase(parts, 1, 1);
         parts.kdf_options.clear();
       },
       errc::malformed},
      {"options that go on",
       [&](auto& parts) {
         with_passphrase(parts, 1, 1);
         parts.kdf_options.push_back(0);
       },
       errc::malformed},
  };
  const auto good = ed25519();
  for (const auto& row : rows) {
    auto parts = good;
    row.change(parts);
    const auto failure = refusal(parts.text(), "passphrase");
    EXPECT_EQ(failure.code, row.expected) << row.what << ": " << failure.message;
    EXPECT_FALSE(failure.message.empty()) << row.what;
  }
}

TEST_F(HostileKeyFile, NamesWhatIsNotKnownWithoutItsControls) {
  const auto good = ed25519();
  auto parts = good;
  parts.cipher = "\x1b[31m";
  EXPECT_EQ(refusal(parts.text()).message,
            "the private key's file uses the cipher \\x1b[31m, which is not known here");
  parts = good;
  parts.numbers = numbers_of({text_octets("ssh-dss")});
  EXPECT_EQ(refusal(parts.text()).message,
            "the private key's file uses the key type ssh-dss, which is not known here");
  parts.numbers = numbers_of({text_octets("sk-ssh-ed25519@openssh.com")});
  EXPECT_EQ(refusal(parts.text()).code, errc::unsupported);
  EXPECT_NE(refusal(parts.text()).message.find("ssh-add"), std::string::npos);
}

TEST_F(HostileKeyFile, MustHaveAnEd25519KeyWhosePartsBelongTogether) {
  const auto good = ed25519();
  const auto values = values_of(good.numbers);
  ASSERT_EQ(values.size(), 3U);
  const auto refused = [&](std::vector<octets> changed) {
    auto parts = good;
    parts.numbers = numbers_of(changed);
    return refusal(parts.text()).code == errc::malformed;
  };
  for (std::size_t each = 1; each < values.size(); ++each) {
    for (const std::size_t at : {std::size_t{0}, values[each].size() / 2, values[each].size() - 1}) {
      auto changed = values;
      changed[each][at] ^= 1;
      EXPECT_TRUE(refused(changed)) << each << ", " << at;
    }
    auto changed = values;
    changed[each].pop_back();
    EXPECT_TRUE(refused(changed)) << each;
    changed[each].clear();
    EXPECT_TRUE(refused(changed)) << each;
  }
  EXPECT_FALSE(refused(values));
}

TEST_F(HostileKeyFile, MustHaveAnEcdsaKeyWhosePartsBelongTogether) {
  for (const std::string bits : {"256", "384", "521"}) {
    const auto good = take_apart(made("ecdsa" + bits, {"-t", "ecdsa", "-b", bits}));
    const auto values = values_of(good.numbers);
    ASSERT_EQ(values.size(), 4U);
    const auto refused = [&](std::size_t each, octets value) {
      auto parts = good;
      auto changed = values;
      changed[each] = std::move(value);
      parts.numbers = numbers_of(changed);
      return refusal(parts.text()).code.failed();
    };
    const auto flipped = [&](std::size_t each, std::size_t at) {
      auto value = values[each];
      value[at] ^= 1;
      return value;
    };
    EXPECT_TRUE(refused(0, text_octets("ssh-ed25519")));
    EXPECT_TRUE(refused(1, text_octets(bits == "256" ? "nistp384" : "nistp256")));
    EXPECT_TRUE(refused(1, text_octets("256")));
    EXPECT_TRUE(refused(2, flipped(2, 0)));
    EXPECT_TRUE(refused(2, flipped(2, values[2].size() - 1)));
    EXPECT_TRUE(refused(2, octets{0}));
    EXPECT_TRUE(refused(3, flipped(3, values[3].size() - 1)));
    EXPECT_TRUE(refused(3, octets{}));
    // The scalar in other words: by more than the curve's order, negative, not minimal.
    EXPECT_TRUE(refused(3, octets(100, 0x7f)));
    EXPECT_TRUE(refused(3, octets(32, 0xff)));
    auto longer = values[3];
    longer.insert(longer.begin(), {0, 0});
    EXPECT_TRUE(refused(3, longer));
    EXPECT_FALSE(refused(3, values[3]));
  }
}

TEST_F(HostileKeyFile, MustHaveAnRsaKeyWhosePartsBelongTogether) {
  const auto good = take_apart(made("rsa", {"-t", "rsa", "-b", "2048"}));
  const auto values = values_of(good.numbers);
  ASSERT_EQ(values.size(), 7U);
  const auto failure = [&](const std::vector<octets>& changed, bool public_half_too = false) {
    auto parts = good;
    parts.numbers = numbers_of(changed);
    if (public_half_too) parts.public_blob = numbers_of({changed[0], changed[2], changed[1]});
    return refusal(parts.text());
  };
  EXPECT_FALSE(failure(values, true).code.failed());
  for (std::size_t each = 1; each < values.size(); ++each) {
    // The lowest octet but one: odd numbers stay odd.
    auto changed = values;
    changed[each][changed[each].size() - 2] ^= 2;
    EXPECT_EQ(failure(changed, true).code, errc::malformed) << each;
    changed[each].clear();
    EXPECT_TRUE(failure(changed, true).code.failed()) << each;
    changed[each] = {1};
    EXPECT_TRUE(failure(changed, true).code.failed()) << each;
  }
  auto swapped = values;
  std::swap(swapped[5], swapped[6]);
  EXPECT_EQ(failure(swapped).code, errc::malformed);
}

TEST_F(HostileKeyFile, TakesNoTimeWithHugeNumbers) {
  auto parts = take_apart(made("rsa", {"-t", "rsa", "-b", "2048"}));
  auto values = values_of(parts.numbers);
  const octets huge(60'000, 0x7f);
  for (std::size_t each = 1; each < values.size(); ++each) {
    auto changed = values;
    changed[each] = huge;
    parts.numbers = numbers_of(changed);
    EXPECT_EQ(refusal(parts.text()).code, each == 1 ? errc::unsupported : errc::malformed) << each;
  }
  std::ranges::fill(values, huge);
  values[0] = text_octets("ssh-rsa");
  parts.numbers = numbers_of(values);
  EXPECT_EQ(refusal(parts.text()).code, errc::unsupported);
  values[1].resize(64);
  parts.numbers = numbers_of(values);
  EXPECT_EQ(refusal(parts.text()).code, errc::unsupported);
}

TEST_F(HostileKeyFile, IsToldFromOtherFiles) {
  const auto path = make_key(folder_.path("key"), {"-t", "rsa", "-b", "2048"});
  const auto exported = [&](const std::string& form) {
    const auto file = folder_.path(form);
    run({"sh", "-c", "ssh-keygen -e -m " + form + " -f '" + path + "' >'" + file + "'"});
    return content_of(file);
  };
  const std::string is_public = "it holds a public key; the private one is needed";
  EXPECT_EQ(refusal(content_of(path + ".pub")).message, is_public);
  EXPECT_EQ(refusal(exported("RFC4716")).message, is_public);
  EXPECT_EQ(refusal(exported("PKCS8")).message, is_public);
  EXPECT_EQ(refusal(exported("PEM")).message, is_public);
  const auto putty = refusal("PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\n");
  EXPECT_EQ(putty.code, errc::unsupported);
  EXPECT_NE(putty.message.find("puttygen"), std::string::npos);
  for (const std::string text : {"", "\n", "text", "-----BEGIN CERTIFICATE-----\nAAAA\n"}) {
    EXPECT_EQ(refusal(text).code, errc::malformed);
    EXPECT_EQ(refusal(text).message, "it holds no private key");
  }
  EXPECT_EQ(refusal(std::string(max_private_key_file + 1, '\n')).message,
            "the file is too long to be a private key's");
}

}  // namespace
}  // namespace tunnel::ssh::keys
