#include "ssh/libssh2/userauth.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "crypto/base64.hpp"
#include "ssh/errors.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::libssh2 {

namespace {

// Larger than any private key that RFC 4253's packet sizes could make use of.
constexpr std::streamsize max_key_file = 256 * 1024;

constexpr auto rsa_note =
    "libssh2 signs with RSA keys by SHA-1 only, which servers of today refuse; use an Ed25519 or ECDSA key";

std::vector<std::string> split_names(const char* list) {
  std::vector<std::string> names;
  std::string_view rest(list == nullptr ? "" : list);
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    if (comma != 0) names.push_back(sanitise(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return names;
}

auth_reply not_tried(std::string reason) {
  return {.outcome = auth_reply::verdict::not_tried, .methods = {}, .reason = std::move(reason)};
}

auth_reply refused(std::string reason = {}) {
  return {.outcome = auth_reply::verdict::refused, .methods = {}, .reason = std::move(reason)};
}

auth_reply success() {
  return {.outcome = auth_reply::verdict::success, .methods = {}, .reason = {}};
}

std::optional<secret> read_key_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content;
  content.resize(static_cast<std::size_t>(max_key_file));
  file.read(content.data(), max_key_file);
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.empty()) return std::nullopt;
  return secret(std::move(content));
}

// True when libssh2 could not use the private key, after the server had accepted the public one: the one
// case that has no status of its own.
bool key_was_unusable(const transport& link, int status) {
  if (status == LIBSSH2_ERROR_FILE || status == LIBSSH2_ERROR_METHOD_NONE || status == LIBSSH2_ERROR_PROTO)
    return true;
  char* text = nullptr;
  libssh2_session_last_error(link.session(), &text, nullptr, 0);
  return status == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED && text != nullptr &&
         std::string_view(text) == "Callback returned error";
}

// Its type is char or unsigned char, as libssh2's versions have it.
std::string text_of(const void* data, int length) {
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(std::max(length, 0))};
}

// The answers must come from the allocator that libssh2 frees them with, which is malloc.
char* duplicate(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void answer_round(const char* name, int name_length, const char* instruction, int instruction_length,
                  int count, const LIBSSH2_USERAUTH_KBDINT_PROMPT* prompts,
                  LIBSSH2_USERAUTH_KBDINT_RESPONSE* responses, void** context) {
  const auto& link = *static_cast<transport*>(*context);
  std::vector<kbdint_prompt> questions;
  questions.reserve(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; i < count; ++i) {
    questions.push_back({text_of(prompts[i].text, static_cast<int>(prompts[i].length)),
                         prompts[i].echo != 0 ? echo::on : echo::off});
  }
  const auto answers =
      (*link.responder)(text_of(name, name_length), text_of(instruction, instruction_length), questions);
  if (!answers) return;
  for (std::size_t i = 0; i < answers->size() && i < questions.size(); ++i) {
    const std::string& answer = (*answers)[i].reveal();
    responses[i].text = duplicate(answer);
    responses[i].length = static_cast<unsigned int>(responses[i].text == nullptr ? 0 : answer.size());
  }
}

}  // namespace

void userauth::agent_closer::operator()(LIBSSH2_AGENT* agent) const {
  libssh2_agent_disconnect(agent);
  libssh2_agent_free(agent);
}

userauth::userauth(transport& link, std::string user) : link_(link), user_(std::move(user)) {}

error userauth::lost(int status) const {
  return {errc::connection_lost, "connection to " + link_.stream().peer() +
                                     " ended during authentication: " + link_.describe(status)};
}

awaitable<result<auth_reply>> userauth::none() {
  const char* list = nullptr;
  const int status = co_await link_.complete([this, &list] {
    list = libssh2_userauth_list(link_.session(), user_.c_str(), static_cast<unsigned int>(user_.size()));
    if (list != nullptr || libssh2_userauth_authenticated(link_.session()) != 0) return 0;
    return libssh2_session_last_errno(link_.session());
  });
  if (status != 0 && status != LIBSSH2_ERROR_AUTHENTICATION_FAILED) co_return lost(status);
  if (libssh2_userauth_authenticated(link_.session()) != 0) co_return success();
  auto reply = refused();
  reply.methods = methods_ = split_names(list);
  co_return reply;
}

awaitable<result<auth_reply>> userauth::settle(int status, const identity* key) {
  if (status == 0) co_return success();
  if (link_.ended() || libssh2_session_last_errno(link_.session()) == LIBSSH2_ERROR_SOCKET_DISCONNECT) {
    co_return lost(status);
  }
  const std::string reason = key != nullptr && key->type == "ssh-rsa" ? rsa_note : "";
  if (status == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED) {
    const auto before = methods_;
    auto again = co_await none();
    if (!again) co_return again.error();
    if (again->outcome == auth_reply::verdict::refused && again->methods != before) {
      again->outcome = auth_reply::verdict::partial_success;
    }
    again->reason = reason;
    co_return again;
  }
  if (status == LIBSSH2_ERROR_AUTHENTICATION_FAILED) co_return refused(reason);
  if (status == LIBSSH2_ERROR_PASSWORD_EXPIRED) {
    co_return refused("the server wants a new password; change it with ssh");
  }
  co_return lost(status);
}

awaitable<result<auth_reply>> userauth::publickey(identity key, passphrase_source passphrase) {
  if (key.source == identity::origin::agent) co_return co_await with_agent(key);
  co_return co_await with_file(std::move(key), std::move(passphrase));
}

awaitable<result<auth_reply>> userauth::with_agent(const identity& key) {
  libssh2_agent_publickey* found = nullptr;
  libssh2_agent_publickey* previous = nullptr;
  while (agent_ && libssh2_agent_get_identity(agent_.get(), &found, previous) == 0) {
    if (std::equal(key.public_blob.begin(), key.public_blob.end(), found->blob,
                   found->blob + found->blob_len))
      break;
    previous = found;
    found = nullptr;
  }
  if (found == nullptr) co_return not_tried("the agent no longer has it");

  const int status = co_await link_.complete(
      [this, found] { return libssh2_agent_userauth(agent_.get(), user_.c_str(), found); });
  if (!link_.ended() && key_was_unusable(link_, status))
    co_return not_tried("the agent refused to sign with it");
  co_return co_await settle(status, &key);
}

awaitable<int> userauth::offer_file(const identity& key, const secret& content, const secret& passphrase) {
  const std::string public_line =
      key.public_blob.empty() ? "" : key.type + ' ' + crypto::base64_encode(key.public_blob);
  co_return co_await link_.complete([this, &content, &passphrase, &public_line] {
    // Never a null passphrase: libssh2 measures it unasked.
    return libssh2_userauth_publickey_frommemory(
        link_.session(), user_.c_str(), user_.size(), public_line.empty() ? nullptr : public_line.c_str(),
        public_line.size(), content.reveal().data(), content.reveal().size(), passphrase.reveal().c_str());
  });
}

awaitable<result<auth_reply>> userauth::with_file(identity key, passphrase_source passphrase) {
  const auto content = read_key_file(key.path);
  if (!content) co_return not_tried("it cannot be read");

  int status = co_await offer_file(key, *content, secret());
  for (bool wrong = false; !link_.ended() && key_was_unusable(link_, status); wrong = true) {
    const auto answer = passphrase(wrong);
    if (!answer)
      co_return not_tried(wrong ? "the passphrase is wrong, or libssh2 cannot read it"
                                : "it needs a passphrase, and none was given; ssh-add takes it once for all");
    status = co_await offer_file(key, *content, *answer);
  }
  co_return co_await settle(status, &key);
}

awaitable<result<auth_reply>> userauth::password(secret value) {
  const int status = co_await link_.complete([this, &value] {
    return libssh2_userauth_password_ex(link_.session(), user_.c_str(),
                                        static_cast<unsigned int>(user_.size()), value.reveal().c_str(),
                                        static_cast<unsigned int>(value.reveal().size()), nullptr);
  });
  co_return co_await settle(status, nullptr);
}

awaitable<result<auth_reply>> userauth::keyboard_interactive(kbdint_responder responder) {
  bool declined = false;
  const kbdint_responder noting = [&](const std::string& name, const std::string& instruction,
                                      const std::vector<kbdint_prompt>& prompts) {
    auto answers = responder(name, instruction, prompts);
    declined = declined || !answers;
    return answers;
  };
  link_.responder = &noting;
  const int status = co_await link_.complete([this] {
    return libssh2_userauth_keyboard_interactive_ex(link_.session(), user_.c_str(),
                                                    static_cast<unsigned int>(user_.size()), &answer_round);
  });
  link_.responder = nullptr;
  if (status != 0 && declined && !link_.ended())
    co_return not_tried("there was nobody to answer its questions");
  co_return co_await settle(status, nullptr);
}

awaitable<std::vector<identity>> userauth::agent_identities(std::string socket_path) {
  std::vector<identity> keys;
  agent_.reset(libssh2_agent_init(link_.session()));
  if (!agent_) co_return keys;
  libssh2_agent_set_identity_path(agent_.get(), socket_path.c_str());
  if (libssh2_agent_connect(agent_.get()) != 0) {
    log::info("agent: cannot reach an agent at {}", socket_path);
    agent_.reset();
    co_return keys;
  }
  if (libssh2_agent_list_identities(agent_.get()) != 0) {
    agent_.reset();
    co_return keys;
  }
  libssh2_agent_publickey* found = nullptr;
  libssh2_agent_publickey* previous = nullptr;
  while (libssh2_agent_get_identity(agent_.get(), &found, previous) == 0) {
    identity key;
    key.source = identity::origin::agent;
    key.label = sanitise(found->comment == nullptr ? "" : found->comment);
    key.public_blob.assign(found->blob, found->blob + found->blob_len);
    key.type = wire::reader(key.public_blob).text().value_or("");
    keys.push_back(std::move(key));
    previous = found;
  }
  co_return keys;
}

}  // namespace tunnel::ssh::libssh2
