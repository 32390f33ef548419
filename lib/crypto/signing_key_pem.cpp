#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>

#include "crypto/key_checks.hpp"
#include "crypto/openssl.hpp"
#include "crypto/signing_key.hpp"

namespace tunnel::crypto {

namespace {

using failure = signing_key::pem_failure;
using bio_ptr = std::unique_ptr<BIO, openssl_deleter<BIO_free>>;
using encrypted_ptr = std::unique_ptr<X509_SIG, openssl_deleter<X509_SIG_free>>;
using pkcs8_ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, openssl_deleter<PKCS8_PRIV_KEY_INFO_free>>;
using pbe2_ptr = std::unique_ptr<PBE2PARAM, openssl_deleter<PBE2PARAM_free>>;
using pbe_ptr = std::unique_ptr<PBEPARAM, openssl_deleter<PBEPARAM_free>>;
using pbkdf2_ptr = std::unique_ptr<PBKDF2PARAM, openssl_deleter<PBKDF2PARAM_free>>;
using scrypt_ptr = std::unique_ptr<SCRYPT_PARAMS, openssl_deleter<SCRYPT_PARAMS_free>>;

// Policy: iterations of PBKDF2, some seconds of a processor's work. Tools write 2,048 to 1,000,000.
constexpr std::uint64_t max_iterations = 5'000'000;
// Policy: N * r * p of scrypt, some seconds. OpenSSL writes 2^17.
constexpr std::uint64_t max_scrypt_work = std::uint64_t{1} << 22U;

/// One block of PEM. Its octets are wiped when it goes.
struct block {
  block() = default;
  block(const block&) = delete;
  block& operator=(const block&) = delete;
  ~block() {
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  }

  [[nodiscard]] std::string_view name() const { return label; }

  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
};

struct outcome {
  pkey_ptr key;
  failure reason = failure::malformed;
};

// Whether libcrypto lacks what the file was encrypted with, rather than the passphrase. Empties its errors.
bool was_unsupported() {
  bool found = false;
  while (const auto code = ERR_get_error()) {
    const int reason = ERR_GET_REASON(code);
    const bool of_evp = ERR_GET_LIB(code) == ERR_LIB_EVP;
    const bool of_pem = ERR_GET_LIB(code) == ERR_LIB_PEM;
    found = found || reason == ERR_R_UNSUPPORTED ||
            (of_evp && (reason == EVP_R_UNKNOWN_PBE_ALGORITHM || reason == EVP_R_UNSUPPORTED_CIPHER ||
                        reason == EVP_R_UNSUPPORTED_ALGORITHM || reason == EVP_R_UNKNOWN_CIPHER)) ||
            (of_pem && reason == PEM_R_UNSUPPORTED_ENCRYPTION);
  }
  return found;
}

outcome no_decryption() {
  return {nullptr, was_unsupported() ? failure::unsupported : failure::wrong_passphrase};
}

std::uint64_t value_of(const ASN1_INTEGER* number) {
  std::uint64_t value = 0;
  return ASN1_INTEGER_get_uint64(&value, number) == 1 ? value : std::numeric_limits<std::uint64_t>::max();
}

template <class Pointer>
Pointer parameters_of(const X509_ALGOR* algorithm, const ASN1_ITEM* item) {
  const ASN1_TYPE* value = algorithm->parameter;
  if (value == nullptr) return nullptr;
  return Pointer(static_cast<typename Pointer::element_type*>(ASN1_TYPE_unpack_sequence(item, value)));
}

int identifier(const X509_ALGOR* algorithm) {
  return OBJ_obj2nid(algorithm->algorithm);
}

bool is_cheap_derivation(const X509_ALGOR* derivation) {
  if (identifier(derivation) == NID_id_pbkdf2) {
    const auto found = parameters_of<pbkdf2_ptr>(derivation, ASN1_ITEM_rptr(PBKDF2PARAM));
    return found == nullptr || value_of(found->iter) <= max_iterations;
  }
  if (identifier(derivation) != NID_id_scrypt) return true;
  const auto found = parameters_of<scrypt_ptr>(derivation, ASN1_ITEM_rptr(SCRYPT_PARAMS));
  if (found == nullptr) return true;
  std::uint64_t work = 1;
  for (const auto* factor : {found->costParameter, found->blockSize, found->parallelizationParameter}) {
    const auto value = value_of(factor);
    if (value > max_scrypt_work / std::max<std::uint64_t>(work, 1)) return false;
    work *= value;
  }
  return true;
}

// What cannot be read is left to libcrypto to refuse, which it does before it derives anything.
bool is_cheap(const X509_SIG* encrypted) {
  const X509_ALGOR* scheme = nullptr;
  X509_SIG_get0(encrypted, &scheme, nullptr);
  if (identifier(scheme) == NID_pbes2) {
    const auto found = parameters_of<pbe2_ptr>(scheme, ASN1_ITEM_rptr(PBE2PARAM));
    return found == nullptr || is_cheap_derivation(found->keyfunc);
  }
  // The schemes of PKCS#5 v1.5 and PKCS#12 have the same parameters.
  const auto found = parameters_of<pbe_ptr>(scheme, ASN1_ITEM_rptr(PBEPARAM));
  return found == nullptr || value_of(found->iter) <= max_iterations;
}

outcome from_pkcs8(const PKCS8_PRIV_KEY_INFO* info) {
  const ASN1_OBJECT* algorithm = nullptr;
  PKCS8_pkey_get0(&algorithm, nullptr, nullptr, nullptr, info);
  switch (OBJ_obj2nid(algorithm)) {
    case NID_ED25519:
    case NID_rsaEncryption:
    case NID_X9_62_id_ecPublicKey:
      return {pkey_ptr(EVP_PKCS82PKEY(info))};
    default:
      return {nullptr, failure::unsupported};
  }
}

outcome read_pkcs8(const block& from) {
  const unsigned char* at = from.data;
  const pkcs8_ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, from.size));
  return info == nullptr ? outcome{} : from_pkcs8(info.get());
}

outcome read_encrypted_pkcs8(const block& from, const secret& passphrase) {
  const unsigned char* at = from.data;
  const encrypted_ptr encrypted(d2i_X509_SIG(nullptr, &at, from.size));
  if (encrypted == nullptr) return {};
  if (!is_cheap(encrypted.get())) return {nullptr, failure::too_costly};
  if (passphrase.empty()) return {nullptr, failure::wrong_passphrase};
  ERR_clear_error();
  const auto& text = passphrase.reveal();
  const pkcs8_ptr info(PKCS8_decrypt(encrypted.get(), text.data(), static_cast<int>(text.size())));
  return info == nullptr ? no_decryption() : from_pkcs8(info.get());
}

// libcrypto would ask at the terminal without it.
int give_passphrase(char* buffer, int size, int /*encrypting*/, void* context) {
  const auto& text = static_cast<const secret*>(context)->reveal();
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::ranges::copy(text, buffer);
  return static_cast<int>(text.size());
}

// PKCS#1 and SEC 1, which PEM's own header (RFC 1421) may say to be encrypted; by one round of MD5.
outcome read_traditional(block& from, int type, const secret& passphrase) {
  EVP_CIPHER_INFO encryption{};
  if (PEM_get_EVP_CIPHER_INFO(from.header, &encryption) != 1)
    return {nullptr, was_unsupported() ? failure::unsupported : failure::malformed};
  const bool encrypted = encryption.cipher != nullptr;
  if (encrypted && passphrase.empty()) return {nullptr, failure::wrong_passphrase};
  secret given = passphrase.clone();
  const long whole = from.size;
  const bool clear = PEM_do_header(&encryption, from.data, &from.size, give_passphrase, &given) == 1;
  const unsigned char* at = from.data;
  outcome found;
  if (clear) found.key.reset(d2i_PrivateKey(type, nullptr, &at, from.size));
  // All of it is wiped, though decrypting found less to be the key.
  from.size = whole;
  if (found.key != nullptr || !encrypted) return found;
  if (!clear) return no_decryption();
  // A wrong passphrase can look right, once in 256 times, until the key is looked at; libcrypto then calls
  // what it sees unsupported.
  return {nullptr, failure::wrong_passphrase};
}

outcome read_block(block& from, const secret& passphrase) {
  if (from.name() == "PRIVATE KEY") return read_pkcs8(from);
  if (from.name() == "ENCRYPTED PRIVATE KEY") return read_encrypted_pkcs8(from, passphrase);
  if (from.name() == "RSA PRIVATE KEY") return read_traditional(from, EVP_PKEY_RSA, passphrase);
  if (from.name() == "EC PRIVATE KEY") return read_traditional(from, EVP_PKEY_EC, passphrase);
  return {nullptr, failure::unsupported};
}

outcome read_first_key(BIO* source, const secret& passphrase) {
  outcome found{nullptr, failure::no_private_key};
  for (;;) {
    block next;
    if (PEM_read_bio(source, &next.label, &next.header, &next.data, &next.size) != 1) {
      // At the end it says that no further line begins a block.
      if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) found.reason = failure::malformed;
      return found;
    }
    if (next.name().ends_with("PRIVATE KEY")) return read_block(next, passphrase);
  }
}

}  // namespace

signing_key::pem_outcome signing_key::from_pem(std::string_view text, const secret& passphrase) {
  constexpr std::size_t most = std::numeric_limits<int>::max();
  if (text.empty() || text.size() > most || passphrase.reveal().size() > most) return {};
  const bio_ptr source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  require(source != nullptr, "read PEM");
  ERR_clear_error();
  auto found = read_first_key(source.get(), passphrase);
  ERR_clear_error();
  if (found.key == nullptr) return {std::nullopt, found.reason};
  const auto kind = kind_of(found.key.get());
  if (!kind) return {std::nullopt, failure::unsupported};
  if (!is_consistent(found.key.get())) return {};
  // A file may have the point compressed, which RFC 5656 section 3.1 leaves out for peers that cannot.
  if (*kind != kind::ed25519 && *kind != kind::rsa)
    require(EVP_PKEY_set_utf8_string_param(found.key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                           OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 1,
            "expand a point");
  return {signing_key(found.key.release()), failure::malformed};
}

}  // namespace tunnel::crypto
