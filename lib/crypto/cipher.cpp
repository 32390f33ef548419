#include "crypto/cipher.hpp"

#include <algorithm>
#include <stdexcept>

#include "crypto/openssl.hpp"

namespace tunnel::crypto {

namespace {

constexpr std::size_t aes128_key = 16;
constexpr std::size_t aes192_key = 24;
constexpr std::size_t aes256_key = 32;

const EVP_CIPHER* ctr_of(std::size_t key_size) {
  switch (key_size) {
    case aes128_key:
      return EVP_aes_128_ctr();
    case aes192_key:
      return EVP_aes_192_ctr();
    case aes256_key:
      return EVP_aes_256_ctr();
    default:
      throw std::invalid_argument("no AES key");
  }
}

const EVP_CIPHER* cbc_of(std::size_t key_size) {
  switch (key_size) {
    case aes128_key:
      return EVP_aes_128_cbc();
    case aes192_key:
      return EVP_aes_192_cbc();
    case aes256_key:
      return EVP_aes_256_cbc();
    default:
      throw std::invalid_argument("no AES key");
  }
}

const EVP_CIPHER* gcm_of(std::size_t key_size) {
  switch (key_size) {
    case aes128_key:
      return EVP_aes_128_gcm();
    case aes256_key:
      return EVP_aes_256_gcm();
    default:
      throw std::invalid_argument("no AES-GCM key");
  }
}

cipher_context new_context() {
  cipher_context context(EVP_CIPHER_CTX_new());
  require(context != nullptr, "make a cipher");
  return context;
}

void update(EVP_CIPHER_CTX* context, octet_span data) {
  int size = 0;
  require(EVP_CipherUpdate(context, data.data(), &size, data.data(), static_cast<int>(data.size())) == 1,
          "encrypt or decrypt");
}

}  // namespace

void cipher_context_deleter::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

// --- AES-CTR -----------------------------------------------------------------------------------------------

aes_ctr::aes_ctr(octet_view key, octet_view initial_counter) : context_(new_context()) {
  if (initial_counter.size() != block_size) throw std::invalid_argument("no counter block");
  require(EVP_EncryptInit_ex(context_.get(), ctr_of(key.size()), nullptr, key.data(),
                             initial_counter.data()) == 1,
          "set up AES-CTR");
}

void aes_ctr::apply(octet_span data) {
  update(context_.get(), data);
}

void aes_cbc_decrypt(octet_view key, octet_view iv, octet_span data) {
  const auto context = new_context();
  require(EVP_DecryptInit_ex(context.get(), cbc_of(key.size()), nullptr, key.data(), iv.data()) == 1 &&
              EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1,
          "set up AES-CBC");
  update(context.get(), data);
}

// --- AES-GCM -----------------------------------------------------------------------------------------------

aes_gcm::aes_gcm(purpose use, octet_view key, octet_view nonce) : context_(new_context()) {
  if (nonce.size() != nonce_size) throw std::invalid_argument("no GCM nonce");
  std::ranges::copy(nonce, nonce_.begin());
  require(EVP_CipherInit_ex(context_.get(), gcm_of(key.size()), nullptr, key.data(), nullptr,
                            use == purpose::seal ? 1 : 0) == 1,
          "set up AES-GCM");
}

// The last 8 octets count, most significant first.
void aes_gcm::next_nonce() {
  for (std::size_t i = nonce_size; i-- > 4;)
    if (++nonce_[i] != 0) return;
}

void aes_gcm::seal(octet_view associated, octet_span data, octet_span tag) {
  int size = 0;
  require(EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce_.data()) == 1 &&
              EVP_EncryptUpdate(context_.get(), nullptr, &size, associated.data(),
                                static_cast<int>(associated.size())) == 1,
          "begin AES-GCM");
  update(context_.get(), data);
  require(EVP_EncryptFinal_ex(context_.get(), data.data(), &size) == 1 &&
              EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_size),
                                  tag.data()) == 1,
          "finish AES-GCM");
  next_nonce();
}

bool aes_gcm::open(octet_view associated, octet_span data, octet_view tag) {
  // libcrypto takes the tag to compare with as if it might change it.
  std::array<octet, tag_size> expected{};
  std::ranges::copy(tag.first(tag_size), expected.begin());
  int size = 0;
  require(EVP_DecryptInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce_.data()) == 1 &&
              EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_size),
                                  expected.data()) == 1 &&
              EVP_DecryptUpdate(context_.get(), nullptr, &size, associated.data(),
                                static_cast<int>(associated.size())) == 1,
          "begin AES-GCM");
  update(context_.get(), data);
  next_nonce();
  if (EVP_DecryptFinal_ex(context_.get(), data.data(), &size) == 1) return true;
  ERR_clear_error();
  return false;
}

// --- ChaCha20 ----------------------------------------------------------------------------------------------

chacha20::chacha20(octet_view key) : context_(new_context()) {
  if (key.size() != key_size) throw std::invalid_argument("no ChaCha20 key");
  require(EVP_EncryptInit_ex(context_.get(), EVP_chacha20(), nullptr, key.data(), nullptr) == 1,
          "set up ChaCha20");
}

void chacha20::seek(std::uint64_t nonce, std::uint64_t block) {
  // libcrypto's: the counter, least significant octet first, then the nonce as SSH writes it.
  std::array<octet, 16> iv{};
  for (std::size_t i = 0; i < 8; ++i) {
    iv[i] = static_cast<octet>(block >> (8 * i));
    iv[8 + i] = static_cast<octet>(nonce >> (8 * (7 - i)));
  }
  require(EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data()) == 1, "seek in ChaCha20");
}

void chacha20::apply(octet_span data) {
  update(context_.get(), data);
}

}  // namespace tunnel::crypto
