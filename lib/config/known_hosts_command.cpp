#include "config/known_hosts_command.hpp"

#include <utility>
#include <vector>

#include "config/arguments.hpp"
#include "config/command.hpp"
#include "config/errors.hpp"
#include "config/tokens.hpp"
#include "crypto/base64.hpp"

namespace tunnel::config {
namespace {

error failed(const std::string& why) {
  return failure(errc::command_failed, "KnownHostsCommand: " + why);
}

token_values tokens_for(const settings& options, const known_hosts_question& question) {
  static const std::string none = "NONE";
  token_values tokens = options.tokens;
  const bool shown = !question.key_blob.empty();
  tokens.emplace_back('I', question.reason);
  tokens.emplace_back('H', question.name);
  tokens.emplace_back('t', shown ? question.key_type : none);
  tokens.emplace_back('K', shown ? crypto::base64_encode(question.key_blob) : none);
  tokens.emplace_back('f', shown ? question.fingerprint : none);
  return tokens;
}

}  // namespace

result<std::string> ask_known_hosts_command(const settings& options, const known_hosts_question& question) {
  if (options.known_hosts_command.empty()) return std::string();
  auto words = split_command(options.known_hosts_command);
  if (!words) return failed(words.error().message);
  // No shell: each word is split off before anything is put into it.
  const auto tokens = tokens_for(options, question);
  for (std::string& word : *words) {
    auto expanded = expand_tokens_and_variables(word, tokens);
    if (!expanded) return failed(expanded.error().message);
    word = std::move(*expanded);
  }
  if (words->empty() || !words->front().starts_with('/'))
    return failed("the command must begin with a whole path");
  auto outcome = run_command(*words, command_output::wanted);
  if (!outcome) return failed(outcome.error().message);
  if (outcome->status != 0)
    return failed(words->front() + " ended with status " + std::to_string(outcome->status));
  return std::move(outcome->output);
}

}  // namespace tunnel::config
