#include "support.hpp"

#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "config/errors.hpp"

namespace tunnel::config {

std::optional<std::string> output_of(const std::string& command) {
  std::FILE* const pipe = ::popen(("timeout 20 " + command + " 2>/dev/null </dev/null").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  if (::pclose(pipe) != 0) return std::nullopt;
  return text;
}

void memory_files::add(const std::string& path, const std::string& text, uid_t owner, mode_t mode) {
  files[path] = {.text = text, .owner = owner, .mode = mode};
}

environment memory_files::env() {
  environment made;
  made.home = "/home/me";
  made.local_user = "me";
  made.uid = 1000;
  made.host_name = "here.example.org";
  made.variable = [this](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  made.home_of = [](const std::string& user) -> std::optional<std::string> {
    if (user == "you") return "/home/you";
    return std::nullopt;
  };
  made.read = [this](const std::string& path, std::size_t limit) -> result<file_content> {
    const auto found = files.find(path);
    if (found == files.end()) return system_failure("cannot open " + path, ENOENT);
    if (found->second.text.size() > limit) return failure(errc::too_large, path + " is too large");
    return found->second;
  };
  made.examine = [this](const std::string& path) -> result<void> {
    if (files.count(path) == 0) return system_failure("cannot find " + path, ENOENT);
    return {};
  };
  made.is_private_group = [](gid_t group) { return group == 1000; };
  made.glob = [this](const std::string& pattern) {
    std::vector<std::string> paths;
    for (const auto& [path, content] : files) {
      if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) paths.push_back(path);
    }
    return paths;
  };
  made.run = [this](const std::string& command) -> result<int> {
    commands.push_back(command);
    return command.ends_with("true") ? 0 : 1;
  };
  made.canonical_name = [this](const std::string& host, address_family) -> std::optional<std::string> {
    const auto found = names.find(host);
    if (found == names.end()) return std::nullopt;
    return found->second;
  };
  return made;
}

result<settings> settings_from(const std::string& text, const std::string& host) {
  memory_files files;
  files.add("/home/me/.ssh/config", text);
  command_line given;
  given.target.host = host;
  return load_settings(given, files.env());
}

result<settings> settings_from_options(const std::vector<std::string>& options, const std::string& host) {
  memory_files files;
  command_line given;
  given.target.host = host;
  for (const std::string& option : options) given.options.push_back({.keyword = {}, .value = option});
  return load_settings(given, files.env());
}

}  // namespace tunnel::config
