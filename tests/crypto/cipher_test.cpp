#include "crypto/cipher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "support/hexadecimal.hpp"

namespace tunnel::crypto {
namespace {

using support::from_hexadecimal;
using support::hexadecimal;

struct ctr_vector {
  std::string_view key;
  std::string_view ciphertext;
};

// NIST SP 800-38A, F.5.
constexpr std::string_view counter = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
constexpr std::string_view plaintext =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445"
    "df4f9b17ad2b417be66c3710";
constexpr ctr_vector ctr_vectors[] = {
    {"2b7e151628aed2a6abf7158809cf4f3c",
     "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dd"
     "a2fbe03d1792170a0f3009cee"},
    {"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
     "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e941e36b26bd1ebc670d1bd1d665620abf74f78a7f"
     "6d29809585a97daec58c6b050"},
    {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58"
     "db67aada613c2dd08457941a6"},
};

TEST(AesCtr, AgreesWithTheVectorsOfSp800_38a) {
  for (const auto& each : ctr_vectors) {
    SCOPED_TRACE(each.key);
    aes_ctr cipher(from_hexadecimal(each.key), from_hexadecimal(counter));
    auto data = from_hexadecimal(plaintext);
    cipher.apply(data);
    EXPECT_EQ(hexadecimal(data), each.ciphertext);
  }
}

TEST(AesCtr, GoesOnFromCallToCallWhereverTheDataIsCut) {
  const auto whole = from_hexadecimal(plaintext);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    SCOPED_TRACE(cut);
    aes_ctr cipher(from_hexadecimal(ctr_vectors[0].key), from_hexadecimal(counter));
    auto data = whole;
    cipher.apply(octet_span(data).first(cut));
    cipher.apply(octet_span(data).subspan(cut));
    EXPECT_EQ(hexadecimal(data), ctr_vectors[0].ciphertext);
  }
}

TEST(AesCtr, TakesNoOtherSizes) {
  for (const std::size_t size : {0U, 8U, 15U, 17U, 31U, 33U, 64U})
    EXPECT_THROW(aes_ctr(octets(size), octets(16)), std::invalid_argument) << size;
  for (const std::size_t size : {0U, 12U, 15U, 17U})
    EXPECT_THROW(aes_ctr(octets(16), octets(size)), std::invalid_argument) << size;
}

struct gcm_vector {
  std::string_view key;
  std::string_view ciphertext;
  std::string_view tag;
};

// McGrew and Viega's test cases 4 and 16, to which NIST SP 800-38D refers.
constexpr std::string_view gcm_nonce = "cafebabefacedbaddecaf888";
constexpr std::string_view gcm_associated = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr std::string_view gcm_plaintext =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5"
    "aa0de657ba637b39";
constexpr gcm_vector gcm_vectors[] = {
    {"feffe9928665731c6d6a8f9467308308",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b3"
     "96a0aac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST(AesGcm, AgreesWithThePublishedVectors) {
  for (const auto& each : gcm_vectors) {
    SCOPED_TRACE(each.key);
    const auto key = from_hexadecimal(each.key);
    const auto nonce = from_hexadecimal(gcm_nonce);
    const auto associated = from_hexadecimal(gcm_associated);
    aes_gcm sealer(aes_gcm::purpose::seal, key, nonce);
    auto data = from_hexadecimal(gcm_plaintext);
    octets tag(aes_gcm::tag_size);
    sealer.seal(associated, data, tag);
    EXPECT_EQ(hexadecimal(data), each.ciphertext);
    EXPECT_EQ(hexadecimal(tag), each.tag);

    aes_gcm opener(aes_gcm::purpose::open, key, nonce);
    ASSERT_TRUE(opener.open(associated, data, tag));
    EXPECT_EQ(hexadecimal(data), gcm_plaintext);
  }
}

// RFC 5647 section 7.1: the last 8 octets of the nonce count and wrap, the first 4 stay. The tags are those
// of Python's "cryptography" for the nonces written out.
TEST(AesGcm, CountsItsNonceBeyondTheWrapOfTheCounter) {
  octets key(16);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<octet>(i);
  const auto nonce = from_hexadecimal("01020304fffffffffffffffe");
  aes_gcm sealer(aes_gcm::purpose::seal, key, nonce);
  aes_gcm opener(aes_gcm::purpose::open, key, nonce);
  for (const std::string_view expected :
       {"744333e94784a98e0fd14e3f2e95637f3236f77c07c569877bc5f0082398f54a",
        "18d1d28c6d4e48fb9a9783467b99598a541df85987aec54e63c72844a614e16a",
        "4e818f682b41d480c67afe9ebd142d187d9c1235460a47898d78b04f00694646",
        "d99f2b33542efcf0742c1e127ea81f91d0fc5dc6b213bec69b62b4d01204d796"}) {
    const auto text = as_octets("sixteen octets..");
    octets data(text.begin(), text.end());
    octets tag(aes_gcm::tag_size);
    sealer.seal(as_octets("head"), data, tag);
    EXPECT_EQ(hexadecimal(data) + hexadecimal(tag), expected);
    ASSERT_TRUE(opener.open(as_octets("head"), data, tag));
    EXPECT_EQ(as_text(data), "sixteen octets..");
  }
}

TEST(AesGcm, OpensNothingOfWhichABitWasChanged) {
  const auto key = from_hexadecimal(gcm_vectors[0].key);
  const auto nonce = from_hexadecimal(gcm_nonce);
  // Associated data, ciphertext and tag, one behind the other.
  const auto sealed = from_hexadecimal(std::string(gcm_associated) + std::string(gcm_vectors[0].ciphertext) +
                                       std::string(gcm_vectors[0].tag));
  const std::size_t associated = gcm_associated.size() / 2;
  const std::size_t data = sealed.size() - associated - aes_gcm::tag_size;
  const auto opens = [&](octets changed) {
    aes_gcm opener(aes_gcm::purpose::open, key, nonce);
    const octet_span all(changed);
    return opener.open(all.first(associated), all.subspan(associated, data), all.last(aes_gcm::tag_size));
  };
  ASSERT_TRUE(opens(sealed));
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<octet>(changed[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(opens(changed)) << bit;
  }
}

TEST(AesGcm, TakesNoOtherSizes) {
  for (const std::size_t size : {0U, 15U, 17U, 24U, 33U})
    EXPECT_THROW(aes_gcm(aes_gcm::purpose::seal, octets(size), octets(12)), std::invalid_argument) << size;
  for (const std::size_t size : {0U, 11U, 13U, 16U})
    EXPECT_THROW(aes_gcm(aes_gcm::purpose::open, octets(16), octets(size)), std::invalid_argument) << size;
}

struct chacha_vector {
  std::uint64_t nonce;
  std::uint64_t block;
  std::string_view key_stream;
};

// RFC 8439 appendix A.1, those whose nonces begin with the four zero octets that are part of a counter of 64
// bits here.
TEST(ChaCha20, AgreesWithTheVectorsOfRfc8439) {
  for (const chacha_vector& each :
       {chacha_vector{0, 0,
                      "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e0"
                      "3fb8d84a376a43b8f41518a11cc387b669b2ee6586"},
        chacha_vector{0, 1,
                      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133"
                      "b074d839d531ed1f28510afb45ace10a1f4b794d6f"},
        chacha_vector{2, 0,
                      "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c78a970e0e955c14f3a88e74"
                      "1b97c286f75f8fc299e8148362fa198a39531bed6d"}}) {
    SCOPED_TRACE(each.key_stream);
    chacha20 cipher{octets(chacha20::key_size)};
    octets data(64);
    cipher.seek(each.nonce, each.block);
    cipher.apply(data);
    EXPECT_EQ(hexadecimal(data), each.key_stream);
  }
}

TEST(ChaCha20, MayBeSoughtBackToWhatItGaveBefore) {
  chacha20 cipher{octets(chacha20::key_size, 7)};
  octets first(100);
  octets second(100);
  cipher.seek(1, 0);
  cipher.apply(first);
  cipher.seek(9, 0);
  cipher.apply(second);
  EXPECT_NE(first, second);
  cipher.seek(1, 0);
  octets again(100);
  cipher.apply(again);
  EXPECT_EQ(first, again);
}

TEST(ChaCha20, TakesNoOtherSizes) {
  for (const std::size_t size : {0U, 16U, 31U, 33U, 64U})
    EXPECT_THROW(chacha20{octets(size)}, std::invalid_argument) << size;
}

}  // namespace
}  // namespace tunnel::crypto
