#include "config/key_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "config/errors.hpp"
#include "crypto/base64.hpp"
#include "support.hpp"
#include "wire/writer.hpp"

namespace tunnel::config {
namespace {

struct made_key {
  std::string name;
  std::string options;
  private_part part;
  // Whether the private file holds the public key in clear.
  bool container;
};

const std::vector<made_key> keys = {
    {"ed25519", "-t ed25519 -N ''", private_part::plain, true},
    {"ed25519_locked", "-t ed25519 -N secret", private_part::encrypted, true},
    {"ecdsa", "-t ecdsa -b 384 -N ''", private_part::plain, true},
    {"rsa", "-t rsa -b 2048 -N ''", private_part::plain, true},
    {"rsa_locked", "-t rsa -b 2048 -N secret", private_part::encrypted, true},
    {"rsa_pem", "-t rsa -b 2048 -m PEM -N ''", private_part::plain, false},
    {"rsa_pem_locked", "-t rsa -b 2048 -m PEM -N secret", private_part::encrypted, false},
    {"rsa_pkcs8", "-t rsa -b 2048 -m PKCS8 -N ''", private_part::plain, false},
    {"rsa_pkcs8_locked", "-t rsa -b 2048 -m PKCS8 -N secret", private_part::encrypted, false},
    {"ecdsa_pem", "-t ecdsa -m PEM -N ''", private_part::plain, false},
};

TEST(KeyFile, ReadsWhatSshKeygenMakes) {
  const support::temporary_folder folder;
  for (const made_key& made : keys) {
    SCOPED_TRACE(made.name);
    const std::string path = folder.path(made.name);
    ASSERT_TRUE(output_of("ssh-keygen -q -C 'a comment' -f " + path + ' ' + made.options));
    const auto published = parse_public_key(support::content_of(path + ".pub"));
    ASSERT_TRUE(published);
    EXPECT_EQ(published->comment, "a comment");

    const auto loaded = load_identity(path);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->secret_part, made.part);
    EXPECT_EQ(loaded->refusal, "");
    ASSERT_TRUE(loaded->key);
    EXPECT_EQ(loaded->key->type, published->type);
    EXPECT_EQ(loaded->key->blob, published->blob);

    std::filesystem::remove(path + ".pub");
    const auto alone = load_identity(path);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->key.has_value(), made.container);
  }
}

class KeyFiles : public testing::Test {
 protected:
  void SetUp() override {
    path_ = folder_.path("id");
    ASSERT_TRUE(output_of("ssh-keygen -q -t ed25519 -N '' -f " + path_));
  }

  support::temporary_folder folder_;
  std::string path_;
};

TEST_F(KeyFiles, AreRefusedWhenOthersHaveAccess) {
  for (const unsigned mode : {0640U, 0604U, 0620U, 0601U, 0644U, 0777U}) {
    ::chmod(path_.c_str(), mode);
    const auto loaded = load_identity(path_);
    ASSERT_TRUE(loaded);
    EXPECT_NE(loaded->refusal, "") << std::oct << mode;
    EXPECT_TRUE(loaded->key) << "an agent may still have it";
  }
  for (const unsigned mode : {0600U, 0400U, 0700U}) {
    ::chmod(path_.c_str(), mode);
    EXPECT_EQ(load_identity(path_)->refusal, "") << std::oct << mode;
  }
}

TEST_F(KeyFiles, MayBePublicAlone) {
  const auto named = load_identity(path_ + ".pub");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->secret_part, private_part::absent);
  EXPECT_EQ(named->refusal, "");
  EXPECT_TRUE(named->key);
  std::filesystem::remove(path_);
  const auto beside = load_identity(path_);
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->secret_part, private_part::absent);
  EXPECT_TRUE(beside->key);
}

TEST_F(KeyFiles, FailWhenThereIsNothingToUse) {
  EXPECT_TRUE(is_absent(load_identity(folder_.path("missing")).error()));
  EXPECT_EQ(load_identity(folder_.write("text", "hello\n")).error().code, errc::malformed);
  EXPECT_EQ(load_identity(folder_.write("empty", "")).error().code, errc::malformed);
  EXPECT_FALSE(load_identity(folder_.path("")));
  EXPECT_EQ(load_identity("/dev/zero").error().code, errc::too_large);
}

TEST_F(KeyFiles, CutAnywhereAreNoPrivateKeys) {
  const std::string whole = support::content_of(path_);
  ASSERT_TRUE(examine_private_key(whole));
  const std::size_t end = whole.find("-----END OPENSSH PRIVATE KEY-----");
  for (std::size_t size = 0; size < end + 33; ++size)
    EXPECT_FALSE(examine_private_key(whole.substr(0, size))) << size;
}

std::string container(const octets& data) {
  return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + crypto::base64_encode(data) +
         "\n-----END OPENSSH PRIVATE KEY-----\n";
}

octets container_data(std::string_view magic, std::string_view cipher, std::uint32_t count,
                      std::string_view type) {
  octets blob;
  wire::writer(blob).text(type).text("x");
  octets data;
  wire::writer(data)
      .raw(as_octets(magic))
      .text(cipher)
      .text("none")
      .text("")
      .uint32(count)
      .string(blob)
      .text("private");
  return data;
}

TEST(KeyContainer, IsReadOnlyWhenItIsOne) {
  const std::string_view magic("openssh-key-v1\0", 15);
  const octets good = container_data(magic, "none", 1, "ssh-ed25519");
  EXPECT_TRUE(examine_private_key(container(good)));
  EXPECT_EQ(
      examine_private_key(container(container_data(magic, "aes256-ctr", 1, "ssh-ed25519")))->secret_part,
      private_part::encrypted);
  EXPECT_FALSE(examine_private_key(container(container_data("openssh-key-v2\0", "none", 1, "ssh-ed25519"))));
  EXPECT_FALSE(examine_private_key(container(container_data(magic, "none", 0, "ssh-ed25519"))));
  EXPECT_FALSE(examine_private_key(container(container_data(magic, "none", 2, "ssh-ed25519"))));
  EXPECT_FALSE(examine_private_key(container(container_data(magic, "none", 0xffffffff, "ssh-ed25519"))));
  EXPECT_FALSE(examine_private_key(container(container_data(magic, "none", 1, ""))));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(examine_private_key(
        container(octets(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)))));
}

TEST(KeyPem, IsToldByItsLabelAndHeaders) {
  const auto part = [](const std::string& text) {
    const auto info = examine_private_key(text);
    return info ? info->secret_part : private_part::absent;
  };
  EXPECT_EQ(part("-----BEGIN RSA PRIVATE KEY-----\r\nAAAA\r\n"), private_part::plain);
  EXPECT_EQ(part("Bag Attributes\n-----BEGIN PRIVATE KEY-----\nAAAA\n"), private_part::plain);
  EXPECT_EQ(part("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"), private_part::encrypted);
  EXPECT_EQ(part("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"), private_part::encrypted);
  EXPECT_EQ(part("-----BEGIN CERTIFICATE-----\nAAAA\n"), private_part::absent);
  EXPECT_EQ(part("x -----BEGIN PRIVATE KEY-----\n"), private_part::absent);
}

}  // namespace
}  // namespace tunnel::config
