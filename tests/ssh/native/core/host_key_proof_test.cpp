#include "ssh/native/core/host_key_proof.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "repeatable.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

const octets session(32, 7);

octets blob(octet seed) {
  return support::repeatable_key(seed)->public_blob();
}

// The key's signature over what proves that the server has the key `shown`.
octets signature(octet seed, const octets& shown, const octets& of_session = session) {
  octets data;
  wire::writer(data).text("hostkeys-prove-00@openssh.com").string(of_session).string(shown);
  return support::repeatable_key(seed)->sign("ssh-ed25519", data).value();
}

octets answer(const std::vector<octets>& signatures) {
  octets payload;
  for (const auto& each : signatures) wire::writer(payload).string(each);
  return payload;
}

const std::vector<octets> both = {blob(1), blob(2)};

TEST(HostKeyProof, AsksForEachKey) {
  octets expected;
  wire::writer(expected).string(both[0]).string(both[1]);
  EXPECT_EQ(host_keys_to_prove(both), expected);
}

TEST(HostKeyProof, IsASignatureByEachKeyInOrder) {
  const auto first = signature(1, blob(1));
  const auto second = signature(2, blob(2));
  EXPECT_TRUE(check_host_key_proof(both, session, answer({first, second})));
  EXPECT_FALSE(check_host_key_proof(both, session, answer({second, first})));
}

TEST(HostKeyProof, IsNoneByAnotherKeyOrForAnotherSession) {
  const auto first = signature(1, blob(1));
  EXPECT_FALSE(check_host_key_proof(both, session, answer({first, signature(1, blob(2))})))
      << "by the key that it has";
  EXPECT_FALSE(check_host_key_proof(both, session, answer({first, signature(2, blob(2), octets(32, 8))})))
      << "as it was once made for another client";
  EXPECT_FALSE(check_host_key_proof(both, octets(), answer({first, signature(2, blob(2))})));
}

TEST(HostKeyProof, IsNoneWhenItBreaksOffOrHasMore) {
  auto whole = answer({signature(1, blob(1)), signature(2, blob(2))});
  ASSERT_TRUE(check_host_key_proof(both, session, whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(check_host_key_proof(both, session, octet_view(whole).first(size))) << size;
  whole.push_back(0);
  EXPECT_FALSE(check_host_key_proof(both, session, whole));
}

TEST(HostKeyProof, IsNoneWhenASingleBitIsAnother) {
  const std::vector<octets> one = {blob(1)};
  const auto whole = answer({signature(1, blob(1))});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto changed = whole;
    changed[i] ^= 1U;
    EXPECT_FALSE(check_host_key_proof(one, session, changed)) << i;
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
