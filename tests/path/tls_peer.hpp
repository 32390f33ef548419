#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "support/far_end.hpp"

namespace tunnel::path::test {

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};

/// A key, and a certificate by itself for one DNS name.
class own_certificate {
 public:
  explicit own_certificate(const std::string& name);

  /// In PEM.
  [[nodiscard]] std::string text() const;
  /// The key, encrypted, in PEM.
  [[nodiscard]] std::string key_text(const std::string& passphrase) const;
  [[nodiscard]] EVP_PKEY* key() const { return key_.get(); }
  [[nodiscard]] X509* native() const { return certificate_.get(); }

 private:
  std::unique_ptr<EVP_PKEY, freed<EVP_PKEY_free>> key_;
  std::unique_ptr<X509, freed<X509_free>> certificate_;
};

/// A TLS server at the far end of a socket, in a test's hands. Nothing blocks.
class tls_peer {
 public:
  tls_peer(const own_certificate& own, support::far_end& line);
  tls_peer(const tls_peer&) = delete;
  tls_peer& operator=(const tls_peer&) = delete;

  /// Takes what has come and answers what there is to answer. Called again and again.
  void work();
  void send(std::string_view data);
  /// Says that no more will be sent.
  void end();

  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] std::string server_name() const;
  /// Those that the client offers (ALPN), each with its length before it.
  [[nodiscard]] const std::string& offered_protocols() const { return offered_protocols_; }

 private:
  void flush();

  support::far_end& line_;
  std::unique_ptr<SSL_CTX, freed<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, freed<SSL_free>> session_;
  std::size_t taken_ = 0;
  std::string unsent_;
  std::string received_;
  std::string offered_protocols_;
};

}  // namespace tunnel::path::test
