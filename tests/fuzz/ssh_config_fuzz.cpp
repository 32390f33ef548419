// Any text is a configuration or an error with a sentence, whatever is included from where.

#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include "base/octets.hpp"
#include "config/errors.hpp"
#include "config/ssh_config.hpp"

namespace {

using namespace tunnel;

// Every file that is included has the same text: loops and wide trees come for free.
config::environment environment_with(const std::string& text) {
  config::environment env;
  env.home = "/home/me";
  env.local_user = "me";
  env.uid = 1000;
  env.host_name = "here.example.org";
  env.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SET") return "value";
    return std::nullopt;
  };
  env.home_of = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  env.examine = [](const std::string&) { return result<void>(); };
  env.read = [&text](const std::string& path, std::size_t) -> result<config::file_content> {
    if (path.ends_with("/missing")) return config::system_failure("cannot open " + path, ENOENT);
    return config::file_content{.text = text, .owner = 1000, .mode = 0600};
  };
  env.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  env.run = [](const std::string& command) -> result<int> { return command.size() % 2 == 0 ? 0 : 1; };
  env.canonical_name = [](const std::string& host, config::address_family) -> std::optional<std::string> {
    if (host.size() % 2 == 0) return std::nullopt;
    return "canonical." + host;
  };
  return env;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(as_text({data, size}));
  const std::string first_line = text.substr(0, text.find('\n'));
  config::command_line given;
  given.target.host = "host";
  given.options = {{.keyword = {}, .value = first_line}, {.keyword = "IdentityFile", .value = first_line}};
  const config::environment env = environment_with(text);
  const auto with_option = config::load_settings(given, env);
  given.options.clear();
  const auto loaded = config::load_settings(given, env);
  for (const auto* outcome : {&with_option, &loaded}) {
    if (!*outcome && outcome->error().message.empty()) std::abort();
    if (*outcome &&
        (!config::check_host((*outcome)->host_name) || !config::check_user_of_file((*outcome)->user)))
      std::abort();
  }
  if (const auto target = config::parse_destination(first_line); target && !config::check_host(target->host))
    std::abort();
  return 0;
}
