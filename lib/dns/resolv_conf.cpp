#include "dns/resolv_conf.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "dns/message.hpp"

namespace tunnel::dns {

namespace {

constexpr std::string_view blanks = " \t\r\f\v";
// What DNS can hold, written with dots and without the last (RFC 1035 section 2.3.4).
constexpr std::size_t max_name = 253;

// Takes the next word off `line`; empty at its end.
std::string_view next_word(std::string_view& line) {
  const auto begin = std::min(line.find_first_not_of(blanks), line.size());
  line.remove_prefix(begin);
  const auto word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

bool is_server(std::string_view word) {
  const auto address = parse_ip_address(word.substr(0, word.find('%')));
  // What follows a % goes to the SSH server as part of the address.
  const auto printable = [](char each) { return each > ' ' && each < 0x7f; };
  return address && std::all_of(word.begin(), word.end(), printable);
}

std::string domain(std::string_view word) {
  if (word.starts_with('.')) word.remove_prefix(1);
  if (word.ends_with('.')) word.remove_suffix(1);
  return std::string(word);
}

void read_search(std::string_view line, std::size_t limit, resolv_conf& into) {
  // Of several lines the last one counts.
  into.search.clear();
  for (auto word = next_word(line); !word.empty() && into.search.size() < limit; word = next_word(line)) {
    auto name = domain(word);
    if (!name.empty() && name.size() < max_name) into.search.push_back(std::move(name));
  }
}

void read_options(std::string_view line, resolv_conf& into) {
  constexpr std::string_view ndots = "ndots:";
  for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
    if (!word.starts_with(ndots)) continue;
    word.remove_prefix(ndots.size());
    unsigned value = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failure == std::errc() && end == word.data() + word.size()) {
      into.ndots = std::min(value, resolv_conf::max_ndots);
    }
  }
}

void read_line(std::string_view line, resolv_conf& into) {
  const auto keyword = next_word(line);
  if (keyword == "nameserver") {
    const auto server = next_word(line);
    if (into.servers.size() < resolv_conf::max_servers && is_server(server))
      into.servers.emplace_back(server);
  } else if (keyword == "search") {
    read_search(line, resolv_conf::max_search, into);
  } else if (keyword == "domain") {
    read_search(line, 1, into);
  } else if (keyword == "options") {
    read_options(line, into);
  }
}

}  // namespace

resolv_conf parse_resolv_conf(std::string_view text) {
  resolv_conf parsed;
  while (!text.empty()) {
    const auto line = take_line(text);
    // A comment is one only at the beginning of a line.
    if (!line.starts_with('#') && !line.starts_with(';')) read_line(line, parsed);
  }
  if (parsed.servers.empty()) parsed.servers.emplace_back("127.0.0.1");
  return parsed;
}

std::vector<std::string> candidates(std::string_view name, const resolv_conf& by) {
  if (name.ends_with('.')) return {std::string(name)};
  std::vector<std::string> names;
  for (const auto& each : by.search) {
    auto longer = std::string(name) + '.' + each;
    if (longer.size() <= max_name) names.push_back(std::move(longer));
  }
  const auto dots = static_cast<std::size_t>(std::count(name.begin(), name.end(), '.'));
  const auto place = dots >= by.ndots ? names.begin() : names.end();
  names.emplace(place, name);
  return names;
}

}  // namespace tunnel::dns
