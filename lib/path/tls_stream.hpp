#pragma once

#include <memory>
#include <string>

#include "aio/byte_stream.hpp"
#include "base/error.hpp"
#include "path/tls_context.hpp"

struct bio_st;
struct ssl_st;

namespace tunnel::path {

/// TLS over any byte stream. OpenSSL works on the stream by readiness, as all here do: Asio's own TLS stream
/// would want one that works by completion, and a buffer more each way.
///
/// Memory: what OpenSSL has for a record each way, and max_outbound of what the carrier did not take yet.
class tls_stream final : public aio::byte_stream {
 public:
  /// What is encrypted in one go; a write is refused while some of the last is still here.
  static constexpr std::size_t max_outbound = std::size_t{64} * 1024;

  /// `host`: what was dialled, unless the context names another server.
  tls_stream(std::shared_ptr<const tls_context> context, const std::string& host,
             std::unique_ptr<aio::byte_stream> carrier);
  ~tls_stream() override;

  /// Agrees with the server and checks its certificate. Once, first, and to its end before anything else.
  /// Errors: errc::certificate_refused, errc::tls_failed.
  awaitable<result<void>> handshake();

  asio::any_io_executor get_executor() override { return carrier_->get_executor(); }
  io_result read_some(octet_span data) override;
  io_result write_some(octet_view data) override;
  void async_wait(aio::direction way, wait_handler handler) override;
  void close() noexcept override;
  [[nodiscard]] std::string peer() const override { return carrier_->peer() + " (TLS)"; }
  [[nodiscard]] std::optional<asio::ip::address> remote_address() const override {
    return carrier_->remote_address();
  }
  [[nodiscard]] aio::local_end look_at_local_end() const override { return carrier_->look_at_local_end(); }

  // For OpenSSL.
  io_result take(octet_span data) { return carrier_->read_some(data); }
  bool give(octet_view data);
  void note_certificate(std::string names) { shown_names_ = std::move(names); }

 private:
  void flush();
  void on_carrier_writable(boost::system::error_code failure);
  [[nodiscard]] error handshake_error(int status) const;
  [[nodiscard]] error certificate_error(long verdict) const;

  std::shared_ptr<const tls_context> context_;
  std::string name_;
  std::unique_ptr<aio::byte_stream> carrier_;
  ssl_st* session_;
  octets outbound_;
  std::size_t flushed_ = 0;
  // The carrier has been asked to say when it takes more.
  bool waiting_ = false;
  // OpenSSL wants more of the carrier's before it has anything to give.
  bool starved_ = true;
  bool closed_ = false;
  boost::system::error_code failure_;
  wait_handler writer_;
  // Whom a bad certificate is for.
  std::string shown_names_;
  // For the carrier's handler, which may be called after this is gone.
  std::shared_ptr<tls_stream*> self_ = std::make_shared<tls_stream*>(this);
};

}  // namespace tunnel::path
