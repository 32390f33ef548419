#include "path/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>
#include <optional>
#include <utility>

#include "path/errors.hpp"

namespace tunnel::path {

namespace {

constexpr std::size_t max_protocol = 255;
constexpr int passphrase_attempts = 3;

error unusable(const std::string& what) {
  const auto reason = openssl_reason();
  return {errc::malformed, reason.empty() ? what : what + ": " + reason};
}

// RFC 7301 section 3.1: each name behind its length.
result<std::string> encode(const std::vector<std::string>& protocols) {
  std::string list;
  for (const auto& name : protocols) {
    if (name.empty() || name.size() > max_protocol)
      return error{errc::malformed, "--tls-alpn: a protocol's name has 1 to 255 characters"};
    list += static_cast<char>(name.size());
    list += name;
  }
  return list;
}

// Whom OpenSSL asks for the passphrase of a key that is encrypted; by its own means it would ask on the
// terminal, even where nobody is to be asked.
struct passphrase_question {
  ssh::prompter& asks;
  const std::string& file;
  bool asked = false;
  bool answered = false;
};

int answer_passphrase(char* buffer, int size, int /*writing*/, void* user) {
  auto& question = *static_cast<passphrase_question*>(user);
  const auto answer = question.asks.ask("Enter passphrase for key '" + question.file + "': ", ssh::echo::off);
  question.asked = true;
  question.answered = answer && !answer->empty();
  if (!question.answered || answer->reveal().size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, answer->reveal().data(), answer->reveal().size());
  return static_cast<int>(answer->reveal().size());
}

result<void> use_key(ssl_ctx_st* context, const std::string& file, ssh::prompter& asks) {
  for (int attempt = 1;; ++attempt) {
    passphrase_question question{asks, file};
    SSL_CTX_set_default_passwd_cb(context, answer_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &question);
    const bool used = SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    if (used) return boost::system::in_place_value;
    if (!question.asked)
      return unusable("--tls-key: there is no private key of that certificate to be had from " + file);
    ERR_clear_error();
    if (!question.answered) return unusable("--tls-key: " + file + " needs a passphrase, and none was given");
    if (attempt == passphrase_attempts)
      return unusable("--tls-key: " + file + " cannot be decrypted with any of the passphrases given");
    asks.tell("Bad passphrase, try again.");
  }
}

}  // namespace

std::string openssl_reason() {
  std::string text;
  while (const auto code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    // The first is the cause, what follows says where it was noticed.
    if (text.empty() && reason != nullptr) text = reason;
  }
  return text;
}

result<std::shared_ptr<const tls_context>> tls_context::make(tls_settings settings, ssh::prompter& asks) {
  std::shared_ptr<tls_context> made(new tls_context(SSL_CTX_new(TLS_client_method())));
  if (made->context_ == nullptr) return unusable("TLS is not to be had");
  if (const auto fine = made->apply(settings, asks); !fine) return fine.error();
  made->server_name_ = std::move(settings.server_name);
  return std::shared_ptr<const tls_context>(std::move(made));
}

tls_context::~tls_context() {
  SSL_CTX_free(context_);
}

result<void> tls_context::apply(const tls_settings& settings, ssh::prompter& asks) {
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  // Whether the stream was cut short is for SSH to notice, which authenticates every packet.
  SSL_CTX_set_options(context_,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_read_ahead(context_, 1);
  own_authorities_ = !settings.ca_file.empty();
  if (own_authorities_) {
    if (SSL_CTX_load_verify_file(context_, settings.ca_file.c_str()) != 1)
      return unusable("--tls-ca: there is no certificate to be had from " + settings.ca_file);
  } else if (SSL_CTX_set_default_verify_paths(context_) != 1) {
    return unusable("the system's certificates cannot be found; see --tls-ca");
  }
  if (!settings.certificate_file.empty()) {
    const auto& key = settings.key_file.empty() ? settings.certificate_file : settings.key_file;
    if (SSL_CTX_use_certificate_chain_file(context_, settings.certificate_file.c_str()) != 1)
      return unusable("--tls-cert: there is no certificate to be had from " + settings.certificate_file);
    if (const auto fine = use_key(context_, key, asks); !fine) return fine;
  }
  const auto protocols = encode(settings.protocols);
  if (!protocols) return protocols.error();
  const auto* names = reinterpret_cast<const unsigned char*>(protocols->data());
  // Unlike other functions of OpenSSL's, this gives 0 for success.
  if (!protocols->empty() &&
      SSL_CTX_set_alpn_protos(context_, names, static_cast<unsigned>(protocols->size())) != 0)
    return unusable("--tls-alpn");
  return boost::system::in_place_value;
}

}  // namespace tunnel::path
