#include "tls_peer.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace tunnel::path::test {

namespace {

constexpr long an_hour = 3600;

void require(bool holds) {
  if (!holds) throw std::runtime_error("OpenSSL failed");
}

using memory = std::unique_ptr<BIO, freed<BIO_free>>;

std::string content(const memory& of) {
  std::string text(std::size_t{1} << 14U, '\0');
  const int size = BIO_read(of.get(), text.data(), static_cast<int>(text.size()));
  require(size > 0);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

void add_extension(X509* to, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(made != nullptr && X509_add_ext(to, made, -1) == 1);
  X509_EXTENSION_free(made);
}

}  // namespace

own_certificate::own_certificate(const std::string& name)
    : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")), certificate_(X509_new()) {
  X509* made = certificate_.get();
  require(key_ != nullptr && made != nullptr);
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -an_hour);
  X509_gmtime_adj(X509_getm_notAfter(made), an_hour);
  X509_NAME* subject = X509_get_subject_name(made);
  const auto* text = reinterpret_cast<const unsigned char*>("test");
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(made, subject);
  X509_set_pubkey(made, key_.get());
  add_extension(made, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(made, NID_subject_alt_name, "DNS:" + name);
  require(X509_sign(made, key_.get(), EVP_sha256()) > 0);
}

std::string own_certificate::text() const {
  const memory text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(text.get(), certificate_.get()) == 1);
  return content(text);
}

std::string own_certificate::key_text(const std::string& passphrase) const {
  const memory text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8PrivateKey(text.get(), key_.get(), EVP_aes_256_cbc(), passphrase.data(),
                                        static_cast<int>(passphrase.size()), nullptr, nullptr) == 1);
  return content(text);
}

namespace {

// Notes what is offered, and takes the first.
int choose_protocol(SSL* /*session*/, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned size, void* note) {
  static_cast<std::string*>(note)->assign(reinterpret_cast<const char*>(offered), size);
  *length = *offered;
  *chosen = offered + 1;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

tls_peer::tls_peer(const own_certificate& own, support::far_end& line)
    : line_(line), context_(SSL_CTX_new(TLS_server_method())) {
  require(SSL_CTX_use_certificate(context_.get(), own.native()) == 1 &&
          SSL_CTX_use_PrivateKey(context_.get(), own.key()) == 1);
  SSL_CTX_set_alpn_select_cb(context_.get(), choose_protocol, &offered_protocols_);
  session_.reset(SSL_new(context_.get()));
  SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(session_.get());
}

void tls_peer::work() {
  const auto& came = line_.received();
  if (taken_ < came.size())
    BIO_write(SSL_get_rbio(session_.get()), came.data() + taken_, static_cast<int>(came.size() - taken_));
  taken_ = came.size();
  std::array<char, 16384> space{};
  int count = 0;
  while ((count = SSL_read(session_.get(), space.data(), static_cast<int>(space.size()))) > 0)
    received_.append(space.data(), static_cast<std::size_t>(count));
  flush();
}

void tls_peer::send(std::string_view data) {
  require(SSL_write(session_.get(), data.data(), static_cast<int>(data.size())) > 0);
  flush();
}

void tls_peer::end() {
  SSL_shutdown(session_.get());
  flush();
}

std::string tls_peer::server_name() const {
  const char* name = SSL_get_servername(session_.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

void tls_peer::flush() {
  std::array<char, 16384> space{};
  int count = 0;
  while ((count = BIO_read(SSL_get_wbio(session_.get()), space.data(), static_cast<int>(space.size()))) > 0)
    unsent_.append(space.data(), static_cast<std::size_t>(count));
  if (!unsent_.empty()) unsent_.erase(0, line_.send(unsent_));
}

}  // namespace tunnel::path::test
