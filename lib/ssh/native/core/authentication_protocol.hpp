#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "base/secret.hpp"
#include "ssh/native/core/transport.hpp"

namespace tunnel::ssh::native {

/// The authentication protocol (RFC 4252, RFC 4256), client's side, on a transport that is established.
///
/// One request at a time; its answer is the next event that is no banner. Payloads end with the event.
class authentication_protocol {
 public:
  /// SSH_MSG_SERVICE_ACCEPT: requests may begin.
  struct ready {};
  /// SSH_MSG_USERAUTH_BANNER, as it came.
  struct banner {
    std::string text;
  };
  struct success {};
  struct failure {
    std::vector<std::string> methods;
    bool partial_success = false;
  };
  /// SSH_MSG_USERAUTH_PK_OK: for the very key that was offered.
  struct key_accepted {};
  /// SSH_MSG_USERAUTH_PASSWD_CHANGEREQ; the prompt as it came.
  struct password_change_wanted {
    std::string prompt;
  };
  struct question {
    std::string prompt;
    bool echo = false;
  };
  /// SSH_MSG_USERAUTH_INFO_REQUEST, as it came.
  struct info_request {
    std::string name;
    std::string instruction;
    std::vector<question> questions;
  };
  using event =
      std::variant<ready, banner, success, failure, key_accepted, password_change_wanted, info_request>;

  /// Policy: rounds and questions of one keyboard-interactive attempt; PAM's stay below ten.
  static constexpr std::size_t max_rounds = 10;
  static constexpr std::size_t max_questions = 16;
  /// Policy: octets of all banners together that are passed on; the rest is passed over.
  static constexpr std::size_t max_banner = std::size_t{64} * 1024;

  /// Asks for the service. `link` must outlive it.
  authentication_protocol(transport& link, std::string user);

  /// Makes an event of a message that the transport received. Nothing: there is none in it.
  /// Errors: protocol_error for what answers no request.
  result<std::optional<event>> on_message(const transport::received& message);

  void request_none();
  /// Offers a key without proving to have it.
  void offer_key(std::string_view algorithm, octet_view public_blob);
  /// What must be signed to prove it: the request itself behind the session identifier.
  [[nodiscard]] octets octets_to_sign(std::string_view algorithm, octet_view public_blob) const;
  void prove_key(std::string_view algorithm, octet_view public_blob, octet_view signature);
  void request_password(const secret& password);
  void request_keyboard_interactive();
  /// One answer for each question.
  void answer(const std::vector<secret>& answers);

 private:
  enum class state { service_requested, idle, offered, asked, interactive, over };

  using step = result<std::optional<event>>;

  octets begin_request(std::string_view method) const;
  [[nodiscard]] octets key_request(std::string_view algorithm, octet_view public_blob, bool proof) const;
  void ask(octet_view request, state next);
  step on_failure(octet_view payload);
  step on_banner(octet_view payload);
  step on_method_message(octet_view payload);
  step on_key_accepted(octet_view payload);
  step on_password_change(octet_view payload);
  step on_info_request(octet_view payload);

  transport& link_;
  std::string user_;
  state now_ = state::service_requested;
  bool password_asked_ = false;
  std::string offered_algorithm_;
  octets offered_key_;
  std::size_t rounds_ = 0;
  std::size_t banner_octets_ = 0;
};

}  // namespace tunnel::ssh::native
