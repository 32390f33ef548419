#include "ssh/authentication.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/values.hpp"
#include "ssh/agent_client.hpp"
#include "ssh/errors.hpp"
#include "ssh/identity_plan.hpp"
#include "ssh/keys/key_file.hpp"

namespace tunnel::ssh {

namespace {

// More questions in one round are an attempt to wear somebody down.
constexpr std::size_t max_prompts = 16;
// Rounds of one keyboard-interactive authentication, for the same reason.
constexpr unsigned max_rounds = 10;

// A server may want several methods one after another, but not without end.
constexpr unsigned max_steps = 20;

// What OpenSSH's sshd says beyond MaxAuthTries.
constexpr auto too_many_failures = "Too many authentication failures";

// Of the methods that ssh tries, in its order, those that are here.
const std::vector<std::string>& default_order() {
  static const std::vector<std::string> order{"publickey", "keyboard-interactive", "password"};
  return order;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

auth_reply exhausted(std::string reason = {}) {
  return {.outcome = auth_reply::verdict::not_tried, .methods = {}, .reason = std::move(reason)};
}

bool goes_on(const auth_reply& reply) {
  return reply.outcome == auth_reply::verdict::refused || reply.outcome == auth_reply::verdict::not_tried;
}

const char* word_for(auth_reply::verdict outcome) {
  switch (outcome) {
    case auth_reply::verdict::success:
      return "accepted";
    case auth_reply::verdict::partial_success:
      return "accepted, and more is wanted";
    case auth_reply::verdict::refused:
      return "refused";
    case auth_reply::verdict::not_tried:
      return "not tried";
  }
  return "";
}

// What people and programs call what is good for one time.
bool is_one_time(const std::string& text) {
  static constexpr std::array words{"one-time", "one time", "onetime",     "otp",
                                    "code",     "token",    "verification"};
  const auto prompt = config::lower_case(text);
  return std::ranges::any_of(words, [&](const char* word) { return prompt.find(word) != std::string::npos; });
}

bool asks_for_password(const std::vector<kbdint_prompt>& prompts) {
  return prompts.size() == 1 && prompts.front().shown == echo::off &&
         prompts.front().text.find("assword") != std::string::npos && !is_one_time(prompts.front().text);
}

std::string passphrase_prompt(const identity& key) {
  return "Enter passphrase for key '" + key.path + "': ";
}

}  // namespace

// --- the plan ----------------------------------------------------------------------------------------------

user_authenticator::user_authenticator(const config::settings& options, prompter& questions,
                                       remembered_secrets& memory, bool may_ask)
    : options_(options),
      questions_(questions),
      memory_(memory),
      may_ask_(may_ask),
      account_(options.user + "@" + options.host_name) {}

awaitable<result<void>> user_authenticator::authenticate(userauth& methods) {
  auto reply = co_await methods.none();
  if (!reply) co_return ended(reply.error());
  auto allowed = reply->methods;
  unsigned steps = 0;
  while (reply->outcome != auth_reply::verdict::success) {
    const auto method = next_method(allowed);
    if (method.empty() || ++steps > max_steps) co_return denied(allowed);
    auto attempt = run(method, methods);
    reply = co_await std::move(attempt);
    if (!reply) co_return ended(reply.error());
    if (reply->outcome == auth_reply::verdict::partial_success) {
      allowed = reply->methods;
      exhausted_.clear();
    } else if (goes_on(*reply)) {
      exhausted_.insert(method);
    }
  }
  for (const auto& [what, value] : given_) memory_.keep(what, value);
  for (const auto& what : passing_) memory_.note(what);
  co_return boost::system::in_place_value;
}

std::string user_authenticator::next_method(const std::vector<std::string>& allowed) const {
  const auto& order =
      options_.preferred_authentications.empty() ? default_order() : options_.preferred_authentications;
  for (const auto& method : order) {
    if ((method == "publickey" && !options_.pubkey_authentication) ||
        (method == "password" && !options_.password_authentication) ||
        (method == "keyboard-interactive" && !options_.kbd_interactive_authentication)) {
      continue;
    }
    if (contains(default_order(), method) && contains(allowed, method) && !exhausted_.contains(method))
      return method;
  }
  return {};
}

user_authenticator::step user_authenticator::run(const std::string& method, userauth& methods) {
  if (method == "publickey") return try_keys(methods);
  if (method == "password") return try_password(methods);
  return try_keyboard_interactive(methods);
}

void user_authenticator::note(const std::string& what, const auth_reply& reply) {
  std::string line = what + " " + word_for(reply.outcome);
  if (!reply.reason.empty()) line += " (" + reply.reason + ")";
  log::debug("authentication: {}", line);
  attempts_.push_back(std::move(line));
}

error user_authenticator::denied(const std::vector<std::string>& allowed) const {
  if (awaited_)
    return {errc::secret_awaited, account_ + ": waiting for an answer to \"" + *awaited_ +
                                      "\": there is nobody to ask, neither on a terminal nor through "
                                      "SSH_ASKPASS"};
  return {errc::authentication_failed,
          account_ + ": Permission denied (" + joined(allowed, ",") + "). Tried: " +
              (attempts_.empty() ? "nothing, since no method of the server's could be used"
                                 : joined(attempts_, "; "))};
}

// A server that has had enough, or an account that may not be used, ends the connection instead of a method;
// few servers say why.
error user_authenticator::ended(const error& why) const {
  if (why.code != errc::connection_lost) return why;
  std::string text = account_ + ": " + why.message;
  if (!attempts_.empty()) text += ". Tried: " + joined(attempts_, "; ");
  if (why.message.find(too_many_failures) != std::string::npos) {
    text +=
        ". Each key that is offered counts as a failure; offer the right one alone, in a file or an agent: "
        "-i FILE -o IdentitiesOnly=yes";
  } else {
    text +=
        ". If that goes on, the account may be closed or expired, or this address shut out: the server's log "
        "has the reason";
  }
  return {why.code, std::move(text)};
}

std::optional<secret> user_authenticator::ask(const std::string& prompt, echo shown) {
  if (!may_ask_) return std::nullopt;
  auto answer = questions_.ask(prompt, shown);
  if (!answer && memory_.was_answered(prompt)) awaited_ = prompt.substr(0, prompt.find_last_not_of(": ") + 1);
  return answer;
}

// --- public keys -------------------------------------------------------------------------------------------

awaitable<std::vector<identity>> user_authenticator::gather_keys(userauth& methods) {
  std::vector<identity> held;
  if (!options_.identity_agent.empty()) held = co_await methods.agent_identities(options_.identity_agent);
  auto plan = plan_identities(options_, std::move(held), methods.takes_certificates());
  std::ranges::move(plan.left_out, std::back_inserter(attempts_));
  co_return std::move(plan.keys);
}

passphrase_source user_authenticator::passphrase_for(const identity& key) {
  const std::string prompt = passphrase_prompt(key);
  return [this, prompt,
          left = options_.number_of_password_prompts](bool wrong) mutable -> std::optional<secret> {
    if (wrong) {
      given_.erase(prompt);
      memory_.forget(prompt);
    } else if (auto known = memory_.recall(prompt)) {
      return known;
    }
    if (left == 0) return std::nullopt;
    --left;
    auto answer = ask(prompt, echo::off);
    // As ssh: an empty line gives the key up.
    if (!answer || answer->empty()) return std::nullopt;
    given_.insert_or_assign(prompt, answer->clone());
    return answer;
  };
}

user_authenticator::step user_authenticator::try_keys(userauth& methods) {
  const auto keys = co_await gather_keys(methods);
  for (const auto& key : keys) {
    // After a partial success the server wants another key.
    if (!key.public_blob.empty() && !offered_.insert(key.public_blob).second) continue;
    auto reply = co_await methods.publickey(key, passphrase_for(key));
    if (!reply) co_return reply.error();
    const bool is_agents = key.source == identity::origin::agent && key.agent_blob.empty();
    const char* kind = is_agents ? "agent key " : "key ";
    note(kind + (key.label.empty() ? "without a name" : key.label), *reply);
    if (goes_on(*reply)) continue;
    if (may_add_to_agent(key)) {
      auto adding = add_to_agent(key);
      co_await std::move(adding);
    }
    co_return reply;
  }
  if (keys.empty())
    attempts_.emplace_back(
        "publickey not tried (there is no key in a file, and none in an agent, unless that is locked)");
  co_return exhausted();
}

// --- AddKeysToAgent ----------------------------------------------------------------------------------------

bool user_authenticator::may_add_to_agent(const identity& key) {
  using mode = config::agent_addition::mode;
  const auto how = options_.add_keys_to_agent.how;
  if (how == mode::no || key.source != identity::origin::file || options_.identity_agent.empty())
    return false;
  if (how != mode::ask) return true;
  const std::string question = "Add key " + key.path + " to the agent? (yes/no): ";
  // Not again for each connection.
  if (memory_.was_answered(question)) return false;
  const auto answer = ask(question, echo::on);
  if (answer) memory_.note(question);
  return answer && config::lower_case(answer->reveal()) == "yes";
}

// The engine has read it too, but for itself.
result<keys::private_key> user_authenticator::load_again(const identity& key) {
  auto content = config::read_file(key.path, config::max_key_file);
  if (!content) return content.error();
  const secret text(std::move(content->text));
  const auto prompt = passphrase_prompt(key);
  const auto given = given_.find(prompt);
  const auto known = given == given_.end() ? memory_.recall(prompt) : std::optional(given->second.clone());
  return keys::decode_private_key(text.reveal(), known ? known->clone() : secret());
}

awaitable<void> user_authenticator::add_to_agent(const identity& key) {
  auto agent = co_await agent_client::connect(options_.identity_agent);
  if (!agent) {
    log::debug("AddKeysToAgent: {}", agent.error().message);
    co_return;
  }
  const auto loaded = load_again(key);
  if (!loaded) {
    log::warn("AddKeysToAgent: {}: {}", key.path, loaded.error().message);
    co_return;
  }
  const auto& rules = options_.add_keys_to_agent;
  const keys::key_constraints constraints{.lifetime = rules.lifetime,
                                          .confirm = rules.how == config::agent_addition::mode::confirm};
  auto adding = agent->add(*loaded, key.path, constraints);
  const auto added = co_await std::move(adding);
  if (!added) {
    log::warn("AddKeysToAgent: {}: {}", key.path, added.error().message);
  } else {
    log::debug("AddKeysToAgent: the agent has {}", key.path);
  }
}

// --- passwords and questions -------------------------------------------------------------------------------

user_authenticator::step user_authenticator::try_password(userauth& methods) {
  const std::string prompt = account_ + "'s password: ";
  auto value = memory_.recall(prompt);
  for (unsigned attempt = 0; attempt < options_.number_of_password_prompts; ++attempt) {
    if (!value) value = ask(prompt, echo::off);
    if (!value) {
      note("password", exhausted("there was nobody to ask for it"));
      co_return exhausted();
    }
    auto reply = co_await methods.password(value->clone());
    if (!reply) co_return reply.error();
    note("password", *reply);
    if (!goes_on(*reply)) {
      given_.insert_or_assign(prompt, std::move(*value));
      co_return reply;
    }
    memory_.forget(prompt);
    value.reset();
    const bool last = attempt + 1 == options_.number_of_password_prompts;
    if (may_ask_ && !last) questions_.tell("Permission denied, please try again.");
  }
  co_return exhausted();
}

// In front of each line of the server's stands whose it is, so that it cannot pass for ours.
std::string user_authenticator::as_servers(const std::string& line) const {
  return "(" + account_ + ") " + line;
}

std::optional<std::vector<secret>> user_authenticator::answer(const std::string& name,
                                                              const std::string& instruction,
                                                              const std::vector<kbdint_prompt>& prompts,
                                                              bool may_recall) {
  if (prompts.size() > max_prompts) return std::nullopt;
  for (const auto& said : {name, instruction}) {
    if (!may_ask_) break;
    for (const auto& line : sanitised_lines(said)) questions_.tell(as_servers(line));
  }
  std::vector<secret> answers;
  for (const auto& prompt : prompts) {
    const std::string shown = as_servers(sanitise(prompt.text));
    const bool password = asks_for_password(prompts);
    auto value = password && may_recall ? memory_.recall(shown) : std::nullopt;
    if (!value) value = ask(shown, prompt.shown);
    if (!value) return std::nullopt;
    if (password) {
      given_.insert_or_assign(shown, value->clone());
      answered_.push_back(shown);
    } else {
      passing_.push_back(shown);
    }
    answers.push_back(std::move(*value));
  }
  return answers;
}

void user_authenticator::forget_answers() {
  for (const auto& prompt : answered_) {
    given_.erase(prompt);
    memory_.forget(prompt);
  }
}

user_authenticator::step user_authenticator::try_keyboard_interactive(userauth& methods) {
  for (unsigned attempt = 0; attempt < options_.number_of_password_prompts; ++attempt) {
    unsigned rounds = 0;
    answered_.clear();
    kbdint_responder responder = [&](const std::string& name, const std::string& instruction,
                                     const std::vector<kbdint_prompt>& prompts) {
      const bool enough = ++rounds > max_rounds;
      return enough ? std::nullopt : answer(name, instruction, prompts, attempt == 0);
    };
    auto reply = co_await methods.keyboard_interactive(std::move(responder));
    if (!reply) co_return reply.error();
    note("keyboard-interactive", *reply);
    if (!goes_on(*reply)) co_return reply;
    if (reply->outcome == auth_reply::verdict::refused) forget_answers();
    if (reply->outcome == auth_reply::verdict::not_tried || rounds == 0) break;
  }
  co_return exhausted();
}

}  // namespace tunnel::ssh
