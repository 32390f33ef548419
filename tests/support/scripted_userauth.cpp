#include "support/scripted_userauth.hpp"

#include <utility>

namespace tunnel::support {

namespace {

ssh::auth_reply given_up(std::string reason) {
  return {.outcome = ssh::auth_reply::verdict::not_tried, .methods = {}, .reason = std::move(reason)};
}

}  // namespace

result<ssh::auth_reply> scripted_userauth::answer(const std::string& request) {
  requests_.push_back(request);
  return answers_(request);
}

awaitable<result<ssh::auth_reply>> scripted_userauth::none() {
  co_return answer("none");
}

awaitable<result<ssh::auth_reply>> scripted_userauth::publickey(ssh::identity key,
                                                                ssh::passphrase_source passphrase) {
  if (const auto needed = passphrases.find(key.label); needed != passphrases.end()) {
    for (bool wrong = false;; wrong = true) {
      const auto tried = passphrase(wrong);
      if (!tried) co_return given_up("no passphrase");
      if (tried->reveal() == needed->second) break;
    }
  }
  co_return answer("publickey " + key.label);
}

awaitable<result<ssh::auth_reply>> scripted_userauth::password(secret value) {
  co_return answer("password " + value.reveal());
}

awaitable<result<ssh::auth_reply>> scripted_userauth::keyboard_interactive(ssh::kbdint_responder responder) {
  std::string given;
  for (const auto& each : rounds) {
    const auto answers = responder(each.name, each.instruction, each.prompts);
    if (!answers) co_return given_up("unanswered");
    for (const auto& value : *answers) given += (given.empty() ? "" : ",") + value.reveal();
  }
  co_return answer("keyboard-interactive " + given);
}

awaitable<std::vector<ssh::identity>> scripted_userauth::agent_identities(std::string) {
  co_return agent;
}

}  // namespace tunnel::support
