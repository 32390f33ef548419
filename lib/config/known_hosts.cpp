#include "config/known_hosts.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/destination.hpp"
#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/known_hosts_line.hpp"
#include "config/public_key.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

struct found_key {
  host_marker marker = host_marker::none;
  known_key place;
  octets blob;
};

void find_in_line(std::string_view text, std::string_view name, known_key place,
                  std::vector<found_key>& found) {
  if (text.size() > max_known_hosts_line) return;
  const auto line = split_known_hosts_line(text);
  if (!line || !names_match(line->names, name)) return;
  auto key = parse_public_key(line->key);
  if (!key || !is_key_type(key->type)) return;
  place.key_type = std::move(key->type);
  found.push_back({.marker = line->marker, .place = std::move(place), .blob = std::move(key->blob)});
}

void find_in_text(std::string_view rest, const std::string& file, std::string_view name,
                  std::vector<found_key>& found) {
  for (std::size_t line = 1; !rest.empty(); ++line) {
    find_in_line(take_line(rest), name, {.file = file, .line = line, .key_type = {}}, found);
  }
}

result<void> find_in_file(const std::string& file, std::string_view name, std::vector<found_key>& found) {
  const auto content = read_file(file, max_known_hosts_file);
  if (!content && (is_absent(content.error()) || is_folder(content.error()))) return {};
  if (!content) return content.error();
  find_in_text(content->text, file, name, found);
  return {};
}

result<std::vector<found_key>> find_keys(std::span<const std::string> files, std::string_view name,
                                         std::string_view further) {
  std::vector<found_key> found;
  for (const std::string& file : files) {
    const auto fine = find_in_file(file, name, found);
    if (!fine) return fine.error();
  }
  find_in_text(further, std::string(known_hosts_command_name), name, found);
  return found;
}

// What a server came with.
struct shown_key {
  // The lines that may speak for it.
  host_marker marker = host_marker::none;
  // The server's key, or that of the authority which certified it.
  octet_view blob;
  octet_view certified;
};

host_key_answer judge(const std::vector<found_key>& found, const shown_key& shown) {
  std::vector<known_key> others;
  const found_key* match = nullptr;
  for (const found_key& key : found) {
    const bool same = std::ranges::equal(key.blob, shown.blob);
    if (key.marker == host_marker::revoked && (same || std::ranges::equal(key.blob, shown.certified)))
      return {host_key_status::revoked, {key.place}};
    if (key.marker != shown.marker) continue;
    if (same && match == nullptr) match = &key;
    others.push_back(key.place);
  }
  if (match != nullptr) return {host_key_status::match, {match->place}};
  if (others.empty()) return {host_key_status::unknown, {}};
  return {host_key_status::changed, std::move(others)};
}

bool is_settled(host_key_status status, host_marker marker) {
  // Hosts have one key, but many authorities: that there is another one does not settle anything.
  if (status == host_key_status::changed) return marker == host_marker::none;
  return status != host_key_status::unknown;
}

result<host_key_answer> look_up(std::span<const std::string> files, std::string_view host, std::uint16_t port,
                                const shown_key& shown, std::string_view further) {
  const auto found = find_keys(files, known_hosts_name(host, port), further);
  if (!found) return found.error();
  host_key_answer answer = judge(*found, shown);
  if (is_settled(answer.status, shown.marker) || port == default_port) return answer;

  const auto without_port = find_keys(files, known_hosts_name(host, default_port), further);
  if (!without_port) return without_port.error();
  host_key_answer other = judge(*without_port, shown);
  // The daemon at another port may well be another one: a differing key says nothing about it.
  const bool counts = other.status == host_key_status::match || other.status == host_key_status::revoked;
  return counts ? other : answer;
}

}  // namespace

std::string known_hosts_name(std::string_view host, std::uint16_t port) {
  std::string name = lower_case(host);
  return port == default_port ? name : '[' + name + "]:" + std::to_string(port);
}

result<host_key_answer> look_up_host_key(std::span<const std::string> files, std::string_view host,
                                         std::uint16_t port, octet_view key_blob, std::string_view further) {
  return look_up(files, host, port, {.marker = host_marker::none, .blob = key_blob, .certified = key_blob},
                 further);
}

result<host_key_answer> look_up_authority(std::span<const std::string> files, std::string_view host,
                                          std::uint16_t port, octet_view authority_blob,
                                          octet_view certified_blob, std::string_view further) {
  return look_up(files, host, port,
                 {.marker = host_marker::cert_authority, .blob = authority_blob, .certified = certified_blob},
                 further);
}

result<bool> knows_authority(std::span<const std::string> files, std::string_view host, std::uint16_t port,
                             std::string_view further) {
  const auto found = find_keys(files, known_hosts_name(host, port), further);
  if (!found) return found.error();
  return std::ranges::count(*found, host_marker::cert_authority, &found_key::marker) != 0;
}

result<std::vector<std::string>> known_key_types(std::span<const std::string> files, std::string_view host,
                                                 std::uint16_t port, std::string_view further) {
  const auto found = find_keys(files, known_hosts_name(host, port), further);
  if (!found) return found.error();
  std::vector<std::string> types;
  for (const found_key& key : *found) {
    if (key.marker == host_marker::none && std::ranges::count(types, key.place.key_type) == 0)
      types.push_back(key.place.key_type);
  }
  return types;
}

}  // namespace tunnel::config
