#include "support/troubleshooting.hpp"

#include <filesystem>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "support/temp_directory.hpp"

namespace tunnel::integration {
namespace {

struct row {
  std::string id;
  std::string printed;
};

std::vector<row> rows() {
  // | <a id="ID"></a>`PRINTED` | MEANING | WHAT TO DO |
  static const std::regex form(R"re(\| <a id="([a-z0-9-]+)"></a>`([^`|]+)` \| [^|]+ \| [^|]+ \|)re");
  std::vector<row> all;
  std::istringstream lines(read_file(TUNNEL_DOCUMENTS "/troubleshooting.md"));
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, form))
      all.push_back({match[1], match[2]});
    else if (line.find("<a id=") != std::string::npos)
      throw std::runtime_error("a row that is not complete: " + line);
  }
  return all;
}

// What stands before, between and behind the placeholders.
std::vector<std::string> literal_parts(std::string_view printed) {
  std::vector<std::string> parts;
  for (;;) {
    const auto begin = printed.find('<');
    parts.emplace_back(printed.substr(0, begin));
    if (begin == std::string_view::npos) return parts;
    printed.remove_prefix(printed.find('>', begin) + 1);
  }
}

bool has(const std::string& line, const std::vector<std::string>& parts) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    at = line.find(parts[i], i == 0 ? 0 : at + 1);
    if (at == std::string::npos) return false;
    at += parts[i].size();
  }
  return true;
}

}  // namespace

testing::AssertionResult explained(const std::string& log, const std::string& id) {
  for (const auto& each : rows()) {
    if (each.id != id) continue;
    const auto parts = literal_parts(each.printed);
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);)
      if (has(line, parts)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "no line is like '" << each.printed << "' in:\n" << log;
  }
  return testing::AssertionFailure() << "docs/troubleshooting.md has no row " << id;
}

std::set<std::string> explained_failures() {
  std::set<std::string> ids;
  for (const auto& each : rows()) ids.insert(each.id);
  return ids;
}

std::set<std::string> provoked_failures() {
  static const std::regex call(R"re(explained\([^;]*?, "([a-z0-9-]+)"\))re");
  std::set<std::string> ids;
  for (const auto& file : std::filesystem::directory_iterator(TUNNEL_INTEGRATION)) {
    const auto name = file.path().filename().string();
    if (!name.ends_with("_test.cpp") || name == "troubleshooting_test.cpp") continue;
    const auto text = read_file(file.path());
    for (std::sregex_iterator match(text.begin(), text.end(), call), end; match != end; ++match)
      ids.insert((*match)[1]);
  }
  return ids;
}

}  // namespace tunnel::integration
