#include "config/known_hosts_update.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "config/address.hpp"
#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/known_hosts_line.hpp"
#include "config/public_key.hpp"
#include "config/replace_file.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// A line that holds a key. The place of each of the host's names that it stands for is set.
struct key_line {
  known_hosts_line split;
  octets blob;
  std::vector<bool> is_for;

  [[nodiscard]] bool is_the_hosts() const { return std::ranges::count(is_for, true) != 0; }
};

bool contains(const std::vector<octets>& keys, const octets& blob) {
  return std::ranges::find(keys, blob) != keys.end();
}

std::optional<key_line> read_line(std::string_view text, std::span<const std::string> names) {
  if (text.size() > max_known_hosts_line) return std::nullopt;
  const auto split = split_known_hosts_line(text);
  if (!split) return std::nullopt;
  auto key = parse_public_key(split->key);
  if (!key || !is_key_type(key->type)) return std::nullopt;
  key_line line{.split = *split, .blob = std::move(key->blob), .is_for = {}};
  for (const auto& name : names) line.is_for.push_back(names_match(split->names, name));
  return line;
}

// Calls `each` with the text of every line, with its end.
template <class Function>
void for_each_line(std::string_view rest, Function each) {
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::size_t size = end == std::string_view::npos ? rest.size() : end + 1;
    each(rest.substr(0, size));
    rest.remove_prefix(size);
  }
}

std::string_view without_end(std::string_view line) {
  return line.ends_with('\n') ? line.substr(0, line.size() - 1) : line;
}

bool is_address(std::string_view name) {
  if (name.starts_with('[')) name = name.substr(1, name.find(']') - 1);
  return is_address_literal(name);
}

// Whether somebody wrote more there than a host and its address.
bool is_arranged(std::string_view names) {
  if (names.find_first_of("*?!") != std::string_view::npos) return true;
  const auto comma = names.find(',');
  if (comma == std::string_view::npos) return false;
  const auto second = names.substr(comma + 1);
  if (second.find(',') != std::string_view::npos) return true;
  return !is_address(names.substr(0, comma)) && !is_address(second);
}

/// What the files say of the host's names and the offered keys.
class survey {
 public:
  survey(std::span<const std::string> names, const offered_keys& offered)
      : names_(names), offered_(offered), has_name_(offered.wanted.size(), std::vector<bool>(names.size())) {}

  result<void> read(std::span<const std::string> files) {
    for (const auto& file : files) {
      const auto content = read_file(file, max_known_hosts_file);
      if (!content && (is_absent(content.error()) || is_folder(content.error()))) continue;
      if (!content) return content.error();
      for_each_line(content->text, [this](std::string_view text) {
        if (auto line = read_line(without_end(text), names_)) take(std::move(*line));
      });
    }
    return {};
  }

  [[nodiscard]] host_key_changes changes() const {
    host_key_changes found{.known = {}, .added = {}, .removed = removed_, .obstacle = obstacle_};
    for (std::size_t i = 0; i < has_name_.size(); ++i) {
      const auto count = std::ranges::count(has_name_[i], true);
      if (has_name_[i].front()) found.known.push_back(offered_.wanted[i]);
      if (count == 0) found.added.push_back(offered_.wanted[i]);
      if (count != 0 && count != std::ranges::ssize(has_name_[i])) found.incomplete = true;
    }
    const auto is_elsewhere = [this](const octets& blob) { return contains(elsewhere_, blob); };
    if (found.obstacle.empty() && std::ranges::any_of(removed_, is_elsewhere))
      found.obstacle = "a key that it no longer has is known for other names too";
    return found;
  }

  // The names that a wanted key lacks.
  [[nodiscard]] std::vector<std::string> lacking(std::size_t key) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (!has_name_[key][i]) names.push_back(names_[i]);
    return names;
  }

 private:
  void take(key_line line) {
    const bool offered = contains(offered_.wanted, line.blob) || contains(offered_.others, line.blob);
    if (!line.is_the_hosts()) {
      if (contains(offered_.wanted, line.blob)) hinder("one of its keys is known for other names too");
      elsewhere_.push_back(std::move(line.blob));
      return;
    }
    if (line.split.marker != host_marker::none) return hinder("a line for it has a marker");
    if (is_arranged(line.split.names)) hinder("a line for it has a pattern or a list of names");
    for (std::size_t i = 0; i < offered_.wanted.size(); ++i) {
      if (offered_.wanted[i] != line.blob) continue;
      for (std::size_t name = 0; name < names_.size(); ++name)
        if (line.is_for[name]) has_name_[i][name] = true;
    }
    if (!offered && !contains(removed_, line.blob)) removed_.push_back(std::move(line.blob));
  }
  void hinder(const char* why) {
    if (obstacle_.empty()) obstacle_ = why;
  }

  std::span<const std::string> names_;
  const offered_keys& offered_;
  // For each wanted key, which names it stands under.
  std::vector<std::vector<bool>> has_name_;
  std::vector<octets> removed_;
  std::vector<octets> elsewhere_;
  std::string obstacle_;
};

std::string without_old_keys(const std::string& text, std::span<const std::string> names,
                             const offered_keys& offered) {
  std::string kept;
  for_each_line(text, [&](std::string_view each) {
    const auto line = read_line(without_end(each), names);
    const bool goes = line && line->is_the_hosts() && line->split.marker == host_marker::none &&
                      !contains(offered.wanted, line->blob) && !contains(offered.others, line->blob);
    if (!goes) kept += each;
  });
  return kept;
}

}  // namespace

result<host_key_changes> compare_host_keys(std::span<const std::string> files,
                                           std::span<const std::string> names, const offered_keys& offered) {
  survey all(names, offered);
  if (const auto fine = all.read(files); !fine) return fine.error();
  return all.changes();
}

result<void> update_host_keys(std::span<const std::string> files, std::span<const std::string> names,
                              const offered_keys& offered, host_name_form form) {
  std::string lines;
  survey all(names, offered);
  if (const auto fine = all.read(files); !fine) return fine.error();
  for (std::size_t i = 0; i < offered.wanted.size(); ++i) {
    auto line = known_hosts_lines(all.lacking(i), offered.wanted[i], form);
    if (!line) return line.error();
    lines += *line;
  }
  for (const auto& file : files) {
    // Added to the first, and never to another.
    const auto more = std::exchange(lines, {});
    const auto done = replace_file(file, max_known_hosts_file, [&](const std::string& text) {
      auto kept = without_old_keys(text, names, offered);
      if (!more.empty() && !kept.empty() && !kept.ends_with('\n')) kept += '\n';
      return kept + more;
    });
    if (!done) return done.error();
  }
  return {};
}

}  // namespace tunnel::config
