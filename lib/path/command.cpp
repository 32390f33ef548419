#include "path/command.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/text.hpp"
#include "path/child_process.hpp"
#include "path/command_stream.hpp"
#include "path/errors.hpp"

namespace tunnel::path {

namespace {

error refuse(std::string why) {
  return {errc::malformed, "ProxyCommand: " + std::move(why)};
}

bool means_something_to_a_shell(char each) {
  const bool control = static_cast<unsigned char>(each) <= 0x20 || each == 0x7f;
  return control || std::string_view("'\"`$\\;&<>|(){}[]*?!#~^").find(each) != std::string_view::npos;
}

result<std::string> checked(char token, const std::string& value) {
  const bool bad =
      value.starts_with('-') || std::any_of(value.begin(), value.end(), means_something_to_a_shell);
  if (!bad) return value;
  return refuse(std::string("what %") + token + " stands for, '" + sanitise(value) +
                "', must not be given to a shell");
}

result<std::string> value_of(char token, const command_tokens& values) {
  switch (token) {
    case '%':
      return std::string("%");
    case 'h':
      return checked(token, values.host);
    case 'n':
      return checked(token, values.original_host);
    case 'p':
      return std::to_string(values.port);
    case 'r':
      return checked(token, values.user);
    default:
      return refuse(std::string("'%") + sanitise({&token, 1}) +
                    "' means nothing here; a '%' itself is written '%%'");
  }
}

std::string shell() {
  const char* chosen = std::getenv("SHELL");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/bin/sh";
}

}  // namespace

result<std::string> expand_command(std::string_view command, const command_tokens& values) {
  std::string expanded;
  while (!command.empty()) {
    const auto plain = std::min(command.find('%'), command.size());
    expanded += command.substr(0, plain);
    command.remove_prefix(plain);
    if (command.empty()) break;
    if (command.size() == 1) return refuse("a '%' at the end must be doubled");
    const auto value = value_of(command[1], values);
    if (!value) return value.error();
    expanded += *value;
    command.remove_prefix(2);
  }
  return expanded;
}

awaitable<stream_result> command::dial(ssh::endpoint target, bool /*may_ask*/) {
  const auto executor = co_await asio::this_coro::executor;
  log::debug("running the ProxyCommand: {}", sanitise(text_));
  auto child = child_process::start(executor, {shell(), "-c", "exec " + text_});
  if (!child) co_return error{child.error().code, "ProxyCommand: " + child.error().message};
  std::string peer = target.host + " port " + std::to_string(target.port) + " (through the ProxyCommand)";
  co_return std::make_unique<command_stream>(std::move(*child), std::move(peer));
}

}  // namespace tunnel::path
