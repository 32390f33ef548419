#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "ssh/prompt.hpp"

// OpenSSL's own names, so that its headers stay out of here.
struct ssl_ctx_st;

namespace tunnel::path {

/// What a TLS client is to know and to believe.
struct tls_settings {
  /// The name that the certificate must be for, and that the server is told (SNI); empty: the host's.
  std::string server_name = {};
  /// Certificates of authorities to believe, in PEM, in place of the system's; empty: the system's.
  std::string ca_file = {};
  /// A certificate chain of the client's own, in PEM, and its key, which may be encrypted; empty: none. An
  /// empty `key_file`: the key is in the same file.
  std::string certificate_file = {};
  std::string key_file = {};
  /// Protocols to offer (ALPN, RFC 7301), the preferred one first; none: the extension is not sent.
  std::vector<std::string> protocols = {};
};

/// The settings with the files read: TLS 1.2 or later, certificates always checked. Safe to use from several
/// threads.
class tls_context {
 public:
  /// `asks` for the passphrase of an encrypted key, which blocks; it is not used later.
  /// Errors: errc::malformed, with the file that cannot be used.
  static result<std::shared_ptr<const tls_context>> make(tls_settings settings, ssh::prompter& asks);

  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;
  ~tls_context();

  [[nodiscard]] ssl_ctx_st* native() const { return context_; }
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  /// Whether --tls-ca or the system says whom to believe, for messages.
  [[nodiscard]] bool own_authorities() const { return own_authorities_; }

 private:
  explicit tls_context(ssl_ctx_st* context) : context_(context) {}
  result<void> apply(const tls_settings& settings, ssh::prompter& asks);

  ssl_ctx_st* context_;
  std::string server_name_;
  bool own_authorities_ = false;
};

/// What OpenSSL's error queue of this thread says last; empties it.
std::string openssl_reason();

}  // namespace tunnel::path
