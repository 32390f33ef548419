#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "config/known_hosts.hpp"
#include "config/public_key.hpp"
#include "ssh/host_key_policy.hpp"
#include "ssh/host_key_texts.hpp"
#include "ssh/keys/signature.hpp"

namespace tunnel::ssh {

// --- CheckHostIP -------------------------------------------------------------------------------------------

// Empty: the address is not looked at. As ssh: not that of this machine, nor where there was no other name.
std::string host_key_policy::address_name(const host_key& key) const {
  if (!options_.check_host_ip || !key.address || key.address->is_loopback()) return {};
  std::string name = config::known_hosts_name(key.address->to_string(), options_.port);
  return name == config::known_hosts_name(name_, port_) ? std::string() : name;
}

// The key is the name's, or the name is new and the key accepted.
result<void> host_key_policy::judge_address(const host_key& key, config::host_key_status of_name) {
  if (address_name_.empty()) return boost::system::in_place_value;
  const std::string address = key.address->to_string();
  const auto answer = config::look_up_host_key(files_, address, options_.port, key.blob, further_);
  if (!answer) return refusal("the host key cannot be checked: " + answer.error().message);
  switch (answer->status) {
    case config::host_key_status::match:
      return boost::system::in_place_value;
    case config::host_key_status::revoked:
      return refusal("the host key of " + address_name_ + " is marked as revoked at " +
                     places_of(answer->keys));
    case config::host_key_status::unknown:
      if (of_name == config::host_key_status::match) remember_address(key);
      return boost::system::in_place_value;
    case config::host_key_status::changed:
      break;
  }
  const std::string warning = "the " + shown_type(key.type) + " host key of " +
                              config::known_hosts_name(name_, port_) +
                              " differs from the key for its address " + address_name_ + ", which is at " +
                              places_of(answer->keys) + " (CheckHostIP)";
  if (options_.strict_host_key_checking == config::host_key_checking::no) {
    log::warn("{}", warning);
    return boost::system::in_place_value;
  }
  const bool ask = options_.strict_host_key_checking == config::host_key_checking::ask;
  if (ask && user_goes_on(warning)) return boost::system::in_place_value;
  return refusal(warning + advice_for(answer->keys, address_name_));
}

bool host_key_policy::user_goes_on(const std::string& warning) {
  return says_yes("Warning: " + warning + ".\nAre you sure you want to continue connecting (yes/no)? ");
}

void host_key_policy::remember_address(const host_key& key) const {
  if (options_.user_known_hosts_files.empty()) return;
  const auto& file = options_.user_known_hosts_files.front();
  const std::vector<std::string> names = {address_name_};
  if (const auto added = config::append_host_key(file, names, key.blob, name_form()); !added)
    return log::warn("could not add the host key of {}: {}", address_name_, added.error().message);
  log::warn("permanently added the {} host key for the address '{}' to the list of known hosts, {}",
            shown_type(key.type), address_name_, file);
}

// --- writing it down ---------------------------------------------------------------------------------------

config::host_name_form host_key_policy::name_form() const {
  return options_.hash_known_hosts ? config::host_name_form::hashed : config::host_name_form::plain;
}

std::vector<std::string> host_key_policy::names() const {
  std::vector<std::string> all = {config::known_hosts_name(name_, port_)};
  if (!address_name_.empty()) all.push_back(address_name_);
  return all;
}

void host_key_policy::remember(const host_key& key) {
  if (options_.user_known_hosts_files.empty()) return;
  const auto& file = options_.user_known_hosts_files.front();
  const std::string host = config::known_hosts_name(name_, port_);
  if (const auto added = config::append_host_key(file, names(), key.blob, name_form()); !added) {
    return log::warn("could not add the host key of {} to the known hosts: {}", host, added.error().message);
  }
  log::warn("permanently added '{}' ({}) to the list of known hosts, {}", host, shown_type(key.type), file);
}

// --- UpdateHostKeys ----------------------------------------------------------------------------------------

// Nothing: what is offered is no list to go by.
std::optional<config::offered_keys> host_key_policy::sort(std::span<const octets> offered) const {
  config::offered_keys sorted;
  for (const auto& blob : offered) {
    if (std::ranges::count(offered, blob) != 1) return std::nullopt;
    const auto type = config::type_of_blob(blob).value_or("");
    const auto makes_it = [&type](std::string_view algorithm) {
      return keys::key_type_of(algorithm) == type;
    };
    const bool known = !keys::is_certificate_algorithm(type) && config::is_key_type(type) &&
                       std::ranges::any_of(keys::signature_algorithms(), makes_it);
    const bool wanted = known && allows(options_.host_key_algorithms, makes_it);
    (wanted ? sorted.wanted : sorted.others).push_back(blob);
  }
  const bool has_trusted = std::ranges::count(offered, trusted_) != 0;
  return has_trusted ? std::optional(std::move(sorted)) : std::nullopt;
}

std::optional<config::host_key_changes> host_key_policy::due_changes(const config::offered_keys& keys) const {
  const auto changes = config::compare_host_keys(options_.user_known_hosts_files, names(), keys);
  if (!changes) {
    log::warn("UpdateHostKeys: {}", changes.error().message);
    return std::nullopt;
  }
  // The file of all users, or a command, may know more than those of the user.
  if (!changes->any() || std::ranges::count(changes->known, trusted_) == 0) return std::nullopt;
  if (!changes->obstacle.empty()) {
    log::debug("UpdateHostKeys: the known hosts are left as they are: {}", changes->obstacle);
    return std::nullopt;
  }
  return *changes;
}

std::optional<std::vector<octets>> host_key_policy::unproved(std::span<const octets> offered) {
  const std::lock_guard lock(mutex_);
  if (options_.update_host_keys == config::consent::no || trusted_.empty() || declined_) return std::nullopt;
  const auto keys = sort(offered);
  if (!keys) return std::nullopt;
  const auto changes = due_changes(*keys);
  if (!changes) return std::nullopt;
  return changes->added;
}

void host_key_policy::update(std::span<const octets> offered) {
  const std::lock_guard lock(mutex_);
  const auto keys = sort(offered);
  if (!keys) return;
  const auto changes = due_changes(*keys);
  if (!changes) return;
  if (options_.update_host_keys == config::consent::yes) {
    write_changes(*keys, *changes, names());
  } else if (!asking_.exchange(true)) {
    asker_ = std::jthread([this, keys = *keys, changes = *changes, all = names()] {
      if (says_yes(question_about(changes)))
        write_changes(keys, changes, all);
      else
        declined_ = true;
      asking_ = false;
    });
  }
}

std::string host_key_policy::question_about(const config::host_key_changes& changes) const {
  std::string text =
      "The server has updated its host keys.\n"
      "These changes were verified by the server's existing trusted key.\n";
  for (const auto& key : changes.added) text += "Learned new hostkey: " + shown_key(key) + '\n';
  for (const auto& key : changes.removed) text += "Deprecating obsolete hostkey: " + shown_key(key) + '\n';
  return text + "Accept updated hostkeys? (yes/no): ";
}

void host_key_policy::write_changes(const config::offered_keys& keys, const config::host_key_changes& changes,
                                    const std::vector<std::string>& names) const {
  const auto done = config::update_host_keys(options_.user_known_hosts_files, names, keys, name_form());
  if (!done) return log::warn("UpdateHostKeys: {}", done.error().message);
  for (const auto& key : changes.added)
    log::info("learned another host key of {}: {}", names.front(), shown_key(key));
  for (const auto& key : changes.removed)
    log::info("{} no longer has the host key {}: removed from the known hosts", names.front(),
              shown_key(key));
}

}  // namespace tunnel::ssh
