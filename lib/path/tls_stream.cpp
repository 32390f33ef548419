#include "path/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "path/errors.hpp"

namespace tunnel::path {

namespace {

constexpr std::size_t max_names = 10;
// Messages of the protocol's own, beside what was written: answers to key updates, alerts.
constexpr std::size_t slack = std::size_t{64} * 1024;

// --- the carrier, as OpenSSL sees it -----------------------------------------------------------------------

tls_stream& stream_of(BIO* bio) {
  return *static_cast<tls_stream*>(BIO_get_data(bio));
}

int read_carrier(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto count =
      stream_of(bio).take({reinterpret_cast<octet*>(data), static_cast<std::size_t>(std::max(size, 0))});
  if (count) return static_cast<int>(*count);
  if (count.error() == asio::error::would_block) BIO_set_retry_read(bio);
  return -1;
}

int write_carrier(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const octet_view given(reinterpret_cast<const octet*>(data), static_cast<std::size_t>(std::max(size, 0)));
  return stream_of(bio).give(given) ? size : -1;
}

long control_carrier(BIO* /*bio*/, int what, long /*number*/, void* /*pointer*/) {
  return what == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* carrier_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "byte_stream");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, read_carrier);
    BIO_meth_set_write(made, write_carrier);
    BIO_meth_set_ctrl(made, control_carrier);
    return made;
  }();
  return method;
}

BIO* carrier_for(tls_stream& stream) {
  BIO* bio = BIO_new(carrier_method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &stream);
  BIO_set_init(bio, 1);
  return bio;
}

// --- certificates ------------------------------------------------------------------------------------------

std::string address_text(const ASN1_OCTET_STRING& address) {
  const auto* data = ASN1_STRING_get0_data(&address);
  if (ASN1_STRING_length(&address) == 4) {
    return asio::ip::address_v4({data[0], data[1], data[2], data[3]}).to_string();
  }
  asio::ip::address_v6::bytes_type octets{};
  if (ASN1_STRING_length(&address) != static_cast<int>(octets.size())) return {};
  std::copy_n(data, octets.size(), octets.begin());
  return asio::ip::address_v6(octets).to_string();
}

std::string name_text(const GENERAL_NAME& name) {
  if (name.type == GEN_IPADD) return address_text(*name.d.iPAddress);
  if (name.type != GEN_DNS) return {};
  const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name.d.dNSName));
  return sanitise({data, static_cast<std::size_t>(std::max(ASN1_STRING_length(name.d.dNSName), 0))});
}

// Whom a certificate is for (RFC 6125), by its subjectAltName.
std::string names_in(const X509& certificate) {
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string all;
  std::size_t shown = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && shown < max_names; ++i) {
    const auto text = name_text(*sk_GENERAL_NAME_value(names, i));
    if (text.empty()) continue;
    all += (all.empty() ? "" : ", ") + text;
    ++shown;
  }
  GENERAL_NAMES_free(names);
  return all.empty() ? "nobody by name" : all;
}

// Keeps what only the certificate says, which is gone when the handshake has failed.
int on_certificate(int fine, X509_STORE_CTX* check) {
  const X509* certificate = X509_STORE_CTX_get_current_cert(check);
  if (fine == 0 && certificate != nullptr && X509_STORE_CTX_get_error_depth(check) == 0) {
    auto* session =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(check, SSL_get_ex_data_X509_STORE_CTX_idx()));
    stream_of(SSL_get_rbio(session)).note_certificate(names_in(*certificate));
  }
  return fine;
}

void expect_name(SSL* session, const std::string& name) {
  boost::system::error_code no_address;
  asio::ip::make_address(name, no_address);
  // An address with a zone is none that a certificate could have: it is compared as a name, in vain.
  if (!no_address && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name.c_str()) == 1) return;
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(session, name.c_str()) != 1) throw std::bad_alloc();
  // RFC 6066 section 3: names only. One that is too long for it is not sent.
  SSL_set_tlsext_host_name(session, name.c_str());
  ERR_clear_error();
}

}  // namespace

tls_stream::tls_stream(std::shared_ptr<const tls_context> context, const std::string& host,
                       std::unique_ptr<aio::byte_stream> carrier)
    : context_(std::move(context)),
      name_(context_->server_name().empty() ? host : context_->server_name()),
      carrier_(std::move(carrier)),
      session_(SSL_new(context_->native())) {
  if (session_ == nullptr) throw std::bad_alloc();
  BIO* bio = carrier_for(*this);
  SSL_set_bio(session_, bio, bio);
  SSL_set_verify(session_, SSL_VERIFY_PEER, on_certificate);
  expect_name(session_, name_);
}

tls_stream::~tls_stream() {
  close();
  SSL_free(session_);
}

error tls_stream::certificate_error(long verdict) const {
  const std::string begin = "the TLS certificate of " + carrier_->peer();
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return {errc::certificate_refused,
            begin + " is not for " + name_ + " but for " + shown_names_ + "; see --tls-server-name"};
  std::string text = begin + " is not to be believed: " + X509_verify_cert_error_string(verdict);
  switch (verdict) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      text += context_->own_authorities() ? " (no authority of --tls-ca has signed it)"
                                          : "; --tls-ca names an authority that the system does not know";
      break;
    default:
      break;
  }
  return {errc::certificate_refused, std::move(text)};
}

error tls_stream::handshake_error(int status) const {
  const auto verdict = SSL_get_verify_result(session_);
  const auto reason = openssl_reason();
  if (verdict != X509_V_OK) return certificate_error(verdict);
  const std::string begin = "no TLS with " + carrier_->peer() + ": ";
  if (status == SSL_ERROR_ZERO_RETURN || (status == SSL_ERROR_SYSCALL && reason.empty()))
    return {errc::tls_failed, begin + "it closed the connection"};
  if (reason == "wrong version number" || reason == "packet length too long")
    return {errc::tls_failed, begin + "what answers there does not speak TLS"};
  return {errc::tls_failed, begin + (reason.empty() ? "it failed" : reason)};
}

awaitable<result<void>> tls_stream::handshake() {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_connect(session_);
    const int status = done == 1 ? SSL_ERROR_NONE : SSL_get_error(session_, done);
    if (status != SSL_ERROR_NONE && status != SSL_ERROR_WANT_READ) {
      auto why = handshake_error(status);
      flush();
      co_return why;
    }
    flush();
    if (failure_)
      co_return error{errc::tls_failed, "no TLS with " + carrier_->peer() + ": " + failure_.message()};
    if (status == SSL_ERROR_NONE) co_return boost::system::in_place_value;
    if (const auto failure = co_await aio::wait_for(*carrier_, aio::direction::read))
      co_return error{errc::tls_failed, "no TLS with " + carrier_->peer() + ": " + failure.message()};
  }
}

// --- octets ------------------------------------------------------------------------------------------------

bool tls_stream::give(octet_view data) {
  if (outbound_.size() - flushed_ + data.size() > 2 * max_outbound + slack) return false;
  outbound_.insert(outbound_.end(), data.begin(), data.end());
  return true;
}

void tls_stream::flush() {
  while (!failure_ && flushed_ != outbound_.size()) {
    const auto count = carrier_->write_some(octet_view(outbound_).subspan(flushed_));
    if (count) {
      flushed_ += *count;
      continue;
    }
    if (count.error() != asio::error::would_block) {
      failure_ = count.error();
      break;
    }
    if (std::exchange(waiting_, true)) return;
    carrier_->async_wait(aio::direction::write,
                         [weak = std::weak_ptr(self_)](boost::system::error_code failed) {
                           if (const auto self = weak.lock()) (*self)->on_carrier_writable(failed);
                         });
    return;
  }
  outbound_.clear();
  flushed_ = 0;
}

void tls_stream::on_carrier_writable(boost::system::error_code failure) {
  waiting_ = false;
  if (failure && !failure_) failure_ = failure;
  flush();
  if (waiting_ || !writer_) return;
  // It may destroy this.
  const auto handler = std::exchange(writer_, nullptr);
  handler(closed_ ? failure : boost::system::error_code());
}

tls_stream::io_result tls_stream::read_some(octet_span data) {
  if (closed_) return boost::system::error_code(asio::error::operation_aborted);
  ERR_clear_error();
  const int size = static_cast<int>(std::min<std::size_t>(data.size(), INT_MAX));
  const int count = SSL_read(session_, data.data(), size);
  // What is to be read may have called for an answer.
  const int status = count > 0 ? SSL_ERROR_NONE : SSL_get_error(session_, count);
  if (!outbound_.empty()) flush();
  starved_ = status == SSL_ERROR_WANT_READ;
  switch (status) {
    case SSL_ERROR_NONE:
      return static_cast<std::size_t>(count);
    case SSL_ERROR_ZERO_RETURN:
      return std::size_t{0};
    case SSL_ERROR_WANT_READ:
      return boost::system::error_code(asio::error::would_block);
    default:
      break;
  }
  // Perhaps it did not like our certificate: in TLS 1.3 that comes behind the handshake.
  const auto reason = openssl_reason();
  if (!reason.empty()) log::warn("TLS with {}: {}", carrier_->peer(), reason);
  return boost::system::error_code(asio::error::connection_reset);
}

tls_stream::io_result tls_stream::write_some(octet_view data) {
  if (closed_) return boost::system::error_code(asio::error::operation_aborted);
  flush();
  if (failure_) return failure_;
  if (!outbound_.empty()) return boost::system::error_code(asio::error::would_block);
  const auto part = data.first(std::min(data.size(), max_outbound));
  if (part.empty()) return std::size_t{0};
  ERR_clear_error();
  // Everything fits into `outbound_`, so nothing is left half done.
  const int count = SSL_write(session_, part.data(), static_cast<int>(part.size()));
  if (count <= 0) return boost::system::error_code(asio::error::connection_reset);
  flush();
  return static_cast<std::size_t>(count);
}

void tls_stream::async_wait(aio::direction way, wait_handler handler) {
  if (way == aio::direction::write && waiting_ && !closed_) {
    writer_ = std::move(handler);
    return;
  }
  const bool ready = way == aio::direction::write || (!starved_ && SSL_has_pending(session_) == 1);
  if (!ready && !closed_) return carrier_->async_wait(way, std::move(handler));
  const auto outcome =
      closed_ ? boost::system::error_code(asio::error::operation_aborted) : boost::system::error_code();
  asio::post(get_executor(), [handler = std::move(handler), outcome] { handler(outcome); });
}

void tls_stream::close() noexcept {
  if (std::exchange(closed_, true)) return;
  if (SSL_is_init_finished(session_) == 1 && !failure_) {
    SSL_shutdown(session_);
    ERR_clear_error();
    flush();
  }
  failure_ = asio::error::operation_aborted;
  // With it ends the wait of flush(), and that of whoever waits for it.
  carrier_->close();
  if (!waiting_ || !writer_) return;
  asio::post(get_executor(),
             [handler = std::exchange(writer_, nullptr)] { handler(asio::error::operation_aborted); });
}

}  // namespace tunnel::path
