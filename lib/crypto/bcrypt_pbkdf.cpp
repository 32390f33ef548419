// Blowfish's block function has no other interface with a state of one's own choosing.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/bcrypt_pbkdf.hpp"

#include <openssl/blowfish.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include "crypto/digest.hpp"
#include "crypto/openssl.hpp"
#include "crypto/secret_octets.hpp"

namespace tunnel::crypto {

namespace {

constexpr std::size_t p_words = BF_ROUNDS + 2;
constexpr std::size_t s_words = std::size_t{4} * 256;
constexpr std::size_t hash_words = 8;
constexpr std::size_t hash_size = hash_words * 4;
constexpr std::size_t max_output = hash_size * hash_size;
// bcrypt's cost of 2^6.
constexpr int expansions = 64;
constexpr std::string_view magic = "OxychromaticBlowfishSwatDynamite";

// --- Blowfish's initial state: the fraction of pi in hexadecimal digits
// -------------------------------------

// arctan(1/n) scaled by 2^bits, by its power series.
bignum_ptr arctan_of_inverse(BN_ULONG n, int bits) {
  bignum_ptr power(BN_new());
  bignum_ptr sum(BN_new());
  bignum_ptr term(BN_new());
  require(power && sum && term && BN_set_bit(power.get(), bits) == 1, "compute pi");
  BN_div_word(power.get(), n);
  BN_zero(sum.get());
  for (BN_ULONG odd = 1; BN_is_zero(power.get()) == 0; odd += 2) {
    require(BN_copy(term.get(), power.get()) != nullptr, "compute pi");
    BN_div_word(term.get(), odd);
    require((odd % 4 == 1 ? BN_add(sum.get(), sum.get(), term.get())
                          : BN_sub(sum.get(), sum.get(), term.get())) == 1,
            "compute pi");
    BN_div_word(power.get(), n * n);
  }
  return sum;
}

// pi = 16 arctan(1/5) - 4 arctan(1/239) (Machin).
BF_KEY compute_initial_state() {
  constexpr int fraction = static_cast<int>((p_words + s_words) * 32);
  constexpr int guard = 64;
  const auto fifth = arctan_of_inverse(5, fraction + guard);
  const auto small = arctan_of_inverse(239, fraction + guard);
  const bignum_ptr pi(BN_new());
  require(pi && BN_lshift(fifth.get(), fifth.get(), 4) == 1 && BN_lshift(small.get(), small.get(), 2) == 1 &&
              BN_sub(pi.get(), fifth.get(), small.get()) == 1 && BN_rshift(pi.get(), pi.get(), guard) == 1 &&
              BN_mask_bits(pi.get(), fraction) == 1,
          "compute pi");
  octets digits(fraction / 8);
  require(BN_bn2binpad(pi.get(), digits.data(), static_cast<int>(digits.size())) > 0, "compute pi");
  BF_KEY state{};
  for (std::size_t i = 0; i < p_words + s_words; ++i) {
    BF_LONG word = 0;
    for (std::size_t k = 0; k < 4; ++k) word = (word << 8U) | digits[4 * i + k];
    (i < p_words ? state.P[i] : state.S[i - p_words]) = word;
  }
  return state;
}

const BF_KEY& initial_state() {
  static const BF_KEY state = compute_initial_state();
  return state;
}

// --- bcrypt ------------------------------------------------------------------------------------------------

/// Octets read in a circle, four at a time.
class circle {
 public:
  explicit circle(octet_view data) : data_(data) {}

  BF_LONG next() {
    BF_LONG word = 0;
    for (int i = 0; i < 4; ++i) {
      word = (word << 8U) | data_[at_];
      at_ = (at_ + 1) % data_.size();
    }
    return word;
  }

 private:
  octet_view data_;
  std::size_t at_ = 0;
};

// bcrypt's ExpandKey; without a salt, that of Blowfish itself.
void expand(BF_KEY& state, octet_view key, const octet_view* salt) {
  circle keys(key);
  for (auto& word : state.P) word ^= keys.next();
  static constexpr octet zero[4] = {};
  circle salts(salt == nullptr ? octet_view(zero) : *salt);
  std::array<BF_LONG, 2> block{};
  const auto fill = [&](BF_LONG* words, std::size_t count) {
    for (std::size_t i = 0; i < count; i += 2) {
      block[0] ^= salts.next();
      block[1] ^= salts.next();
      BF_encrypt(block.data(), &state);
      words[i] = block[0];
      words[i + 1] = block[1];
    }
  };
  fill(state.P, p_words);
  fill(state.S, s_words);
}

std::array<octet, hash_size> bcrypt_hash(octet_view hashed_passphrase, octet_view hashed_salt) {
  BF_KEY state = initial_state();
  expand(state, hashed_passphrase, &hashed_salt);
  for (int i = 0; i < expansions; ++i) {
    expand(state, hashed_salt, nullptr);
    expand(state, hashed_passphrase, nullptr);
  }
  std::array<BF_LONG, hash_words> words{};
  circle text(as_octets(magic));
  for (auto& word : words) word = text.next();
  for (int i = 0; i < expansions; ++i)
    for (std::size_t k = 0; k < hash_words; k += 2) BF_encrypt(&words[k], &state);
  std::array<octet, hash_size> out{};
  // Least significant octet first, unlike everything else here.
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<octet>(words[i / 4] >> (8 * (i % 4)));
  OPENSSL_cleanse(&state, sizeof state);
  OPENSSL_cleanse(words.data(), sizeof words);
  return out;
}

}  // namespace

void bcrypt_pbkdf(octet_view passphrase, octet_view salt, std::uint32_t rounds, octet_span out) {
  if (passphrase.empty() || salt.empty() || rounds == 0 || out.empty() || out.size() > max_output)
    throw std::invalid_argument("bcrypt_pbkdf cannot work with these");
  const secret_octets hashed_passphrase(digest(digest_algorithm::sha512, passphrase));
  // Each block gives one octet here and there, so that none can be left out.
  const std::size_t blocks = (out.size() + hash_size - 1) / hash_size;
  const std::size_t per_block = (out.size() + blocks - 1) / blocks;
  for (std::size_t block = 1; block <= blocks; ++block) {
    octets counted(salt.begin(), salt.end());
    for (unsigned shift = 32; shift != 0; shift -= 8)
      counted.push_back(static_cast<octet>(block >> (shift - 8)));
    auto hashed_salt = digest(digest_algorithm::sha512, counted);
    auto last = bcrypt_hash(hashed_passphrase.view(), hashed_salt);
    auto sum = last;
    for (std::uint32_t round = 1; round < rounds; ++round) {
      OPENSSL_cleanse(hashed_salt.data(), hashed_salt.size());
      hashed_salt = digest(digest_algorithm::sha512, last);
      last = bcrypt_hash(hashed_passphrase.view(), hashed_salt);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= last[i];
    }
    for (std::size_t i = 0; i < per_block; ++i) {
      const std::size_t place = i * blocks + (block - 1);
      if (place < out.size()) out[place] = sum[i];
    }
    OPENSSL_cleanse(hashed_salt.data(), hashed_salt.size());
    OPENSSL_cleanse(sum.data(), sum.size());
    OPENSSL_cleanse(last.data(), last.size());
  }
}

}  // namespace tunnel::crypto
