#include "ssh/native/core/key_derivation.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "support/hexadecimal.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

octets counted_from(octet first) {
  octets data(32);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<octet>(first + i);
  return data;
}

// K is 0xf1f1...f1 of 256 bits, H counts from 0.
exchange_outcome outcome(crypto::digest_algorithm hash) {
  octets secret;
  wire::writer(secret).mpint(octets(32, 0xf1));
  return {.hash = hash,
          .exchange_hash = counted_from(0),
          .shared_secret = crypto::secret_octets(std::move(secret)),
          .host_key = {},
          .signature = {}};
}

struct derived {
  crypto::digest_algorithm hash;
  char letter;
  std::string_view key;
};

// RFC 4253 section 7.2, computed with Python's hashlib: three or more hashes each.
constexpr derived known[] = {
    {crypto::digest_algorithm::sha256, 'A',
     "18d287031b628295d30b9e093a2a780f2563d94ead06a1c30fb030e6c4d4b27a0744cffa41ddbaa7d239975a27c8ab7de274e85"
     "8015ba2d6c716fbc3d5187e7deadd55bc7cfebc13aac1f411eb64899c2907e9ab03adde78e1a4f6afeb5451bdf3c671a53714b5"
     "53aaaabcff6b8a944dc8bd7822012d99ba2f58cf42d52f454077e67b87f69b1ed77d7f264eb43dbc576a7edec6255a"},
    {crypto::digest_algorithm::sha256, 'F',
     "300a96f8e4aae6bb164713af2aa20e7acf2eb455d04fbb9ebb25010ac43e3fac64496c46eb36add7c66e18c454174d7ab68a8ad"
     "985bffe798b3df507bfe9322e7f6cba0d9098875b0082df900fe892dc933211317d24204a4eb30e3c2bd7aa6f2e86f0d91bbfe1"
     "5f53c89a30926651510555527b7434c82f77da3d6687543ea681231a82286d7bb0e4bd217fca6a77808955097a64d8"},
    {crypto::digest_algorithm::sha384, 'A',
     "79a01c47b1318ad263bc80d07a84e79f68eaafe0de68cccba4d48eaf7f9487e965478db8bc43a3bee33af8a1dbba19cda862029"
     "b5c44dac38002568c26f7134c0623118beb38419aa13a6f822b6b3ba5e274e24fc5667fd75f641b4eb68c1bab4053619fd3075a"
     "b1a2e2fcf65f61fbe728711fa7f2a89bee6e73cac0d60ec002e42f211c75b58cebfffa9ce9901a1d7de68ad890bf7e"},
    {crypto::digest_algorithm::sha384, 'F',
     "66bc5e43b586c9999a0f950e196dbb16b16f6fb864c39c8d2d02f53faa1f547e41d7251accb4e0d0ee8743055b7cd9f75f32276"
     "05f8112d4d9e5cb770938820a27b384b4bc8e1ee752b80159a19a6d416dadd3b85c599eb55a8a2b0361ca3fb9e30e4745581466"
     "7aacec007a2a5c9886db9bdcce13c207dd60cba444e6cdae3e824252b0c844f27c2f4328930c0ffa38885294c5abc3"},
    {crypto::digest_algorithm::sha512, 'A',
     "ba5e65b65714896e19d49d2f9549384ba1e4df26c50f7e50f1a828e450447d4f9ca4ea0403c710740673ca553be2cf742d1fa72"
     "ef6c319f2772f9bbedf3aa22bfea4f54a2971e80bccfe206acf38eade0fb380ec9c39497603522a3ba56b63af2439991d9dd3c3"
     "b0b3bb92479450c63e66dd56c8c62b0c97ae414fca04f8bc434ac45579f0b3ed68b9e67ee68f2188a42796d6703004"},
    {crypto::digest_algorithm::sha512, 'F',
     "6ba491339eb210642fe69883529c1c590c1d7e28b6349633dfa3fa55eab6b98bee09b8d81f901be99721be7a5ac2b5ada4b72ca"
     "4c2652e35a61ebac37f216467002095a95d391fbc40f3ceee8bafd9eba7a15ec30783d0718285afe004744e78d6834a35337689"
     "fda3fab6226a7811d4d0ab4ea9e07f76f234e118cb9a4e6278efcbd98ab1a1b0ff3c3c14c0e26613b4b5a6966ac9c6"},
};

TEST(KeyDerivation, AgreesWithKnownAnswers) {
  const auto session = counted_from(0x40);
  for (const auto& each : known) {
    SCOPED_TRACE(each.key);
    const auto key = derive_key(outcome(each.hash), session, each.letter, each.key.size() / 2);
    EXPECT_EQ(tunnel::support::hexadecimal(key.view()), each.key);
  }
}

// Each part of the key hashes all that is before it, so that a shorter key is the beginning of a longer one.
TEST(KeyDerivation, GivesAnyLength) {
  const auto session = counted_from(0x40);
  for (const auto& each : known)
    for (std::size_t size = 0; size <= each.key.size() / 2; ++size) {
      SCOPED_TRACE(size);
      const auto key = derive_key(outcome(each.hash), session, each.letter, size);
      EXPECT_EQ(tunnel::support::hexadecimal(key.view()), each.key.substr(0, 2 * size));
    }
}

TEST(KeyDerivation, GivesEachPurposeAKeyOfItsOwn) {
  const auto session = counted_from(0x40);
  const std::string_view letters = "ABCDEF";
  for (std::size_t i = 0; i < letters.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const auto one = derive_key(outcome(crypto::digest_algorithm::sha256), session, letters[i], 32);
      const auto other = derive_key(outcome(crypto::digest_algorithm::sha256), session, letters[j], 32);
      EXPECT_NE(tunnel::support::hexadecimal(one.view()), tunnel::support::hexadecimal(other.view()));
    }
}

}  // namespace
}  // namespace tunnel::ssh::native
