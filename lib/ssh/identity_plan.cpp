#include "ssh/identity_plan.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/errors.hpp"
#include "config/key_file.hpp"
#include "ssh/keys/certificate.hpp"
#include "ssh/keys/public_key.hpp"
#include "ssh/keys/signature.hpp"

namespace tunnel::ssh {

namespace {

struct candidate {
  identity key;
  // The key in a certificate; nothing for a key by itself.
  octets certified = {};
  // Why its private part in a file must not be used.
  std::string refusal = {};
};

class planner {
 public:
  planner(const config::settings& options, std::vector<identity> held, bool certificates)
      : options_(options), held_(std::move(held)), certificates_(certificates) {}

  identity_plan plan() {
    for (const auto& path : options_.identity_files) add_file(path);
    if (certificates_) {
      for (const auto& path : options_.certificate_files) add_certificate(all_, path, {});
    }
    add_held();
    std::ranges::move(files_, std::back_inserter(all_));
    for (auto& each : all_) find_signer(each);
    std::erase_if(all_, [this](const candidate& each) { return !can_sign(each) || is_too_small(each); });
    for (auto& each : all_) made_.keys.push_back(std::move(each.key));
    return std::move(made_);
  }

 private:
  void leave_out(const std::string& label, const std::string& why) {
    made_.left_out.push_back(label + " not tried (" + why + ")");
  }

  void add_file(const std::string& path) {
    auto loaded = config::load_identity(path);
    if (!loaded) {
      const bool expected = options_.default_identity_files && config::is_absent(loaded.error());
      if (!expected) leave_out(path, loaded.error().message);
      return;
    }
    candidate found;
    found.key.label = path;
    found.refusal = std::move(loaded->refusal);
    // Without a private part it only names a key of the agent's, and so it does when that part is not to be
    // used.
    const bool usable = loaded->secret_part != config::private_part::absent && found.refusal.empty();
    if (usable) found.key.path = path;
    if (loaded->key) {
      found.key.type = std::move(loaded->key->type);
      found.key.public_blob = std::move(loaded->key->blob);
    }
    if (keys::is_certificate_algorithm(found.key.type)) {
      add_certificate(files_, path, {});
      return;
    }
    files_.push_back(std::move(found));
    const std::string beside = path + "-cert.pub";
    if (certificates_ && options_.certificate_files.empty() && config::read_public_key(beside))
      add_certificate(files_, beside, usable ? path : "");
  }

  // `private_file`: where its private key is, if that cannot be told from the keys.
  void add_certificate(std::vector<candidate>& to, const std::string& path, const std::string& private_file) {
    auto found = config::read_public_key(path);
    if (!found || !keys::is_certificate_algorithm(found->type)) {
      leave_out(path, "there is no certificate in it");
      return;
    }
    auto read = keys::parse_certificate(found->blob);
    if (!read) return leave_out(path, read.error().message);
    if (read->use != keys::certificate::purpose::user) return leave_out(path, "it is a host's certificate");
    to.push_back({.key = {.label = path,
                          .path = private_file,
                          .type = std::move(found->type),
                          .public_blob = std::move(found->blob)},
                  .certified = std::move(read->key_blob)});
  }

  void add_held() {
    std::vector<candidate> others;
    for (const auto& key : held_) {
      candidate found{.key = key, .certified = key_in(key)};
      const auto named = std::ranges::find_if(
          files_, [&](const candidate& file) { return file.key.public_blob == key.public_blob; });
      if (named != files_.end()) {
        files_.erase(named);
        all_.push_back(std::move(found));
      } else if (!options_.identities_only) {
        others.push_back(std::move(found));
      }
    }
    std::ranges::move(others, std::back_inserter(all_));
  }

  static octets key_in(const identity& key) {
    if (!keys::is_certificate_algorithm(key.type)) return {};
    auto read = keys::parse_certificate(key.public_blob);
    return read ? std::move(read->key_blob) : octets();
  }

  // For a certificate from a file: who has its private key.
  void find_signer(candidate& certificate) {
    auto& key = certificate.key;
    if (certificate.certified.empty() || key.source == identity::origin::agent) return;
    const auto signer = std::ranges::find_if(all_, [&](const candidate& each) {
      return each.certified.empty() && each.key.public_blob == certificate.certified;
    });
    if (signer == all_.end()) {
      if (std::ranges::any_of(held_,
                              [&](const identity& each) { return each.public_blob == key.public_blob; }))
        key.source = identity::origin::agent;
      return;
    }
    key.source = signer->key.source;
    key.path = signer->key.path;
    if (key.source == identity::origin::agent) key.agent_blob = certificate.certified;
  }

  bool can_sign(const candidate& each) {
    if (each.key.source == identity::origin::agent || !each.key.path.empty()) return true;
    if (!each.refusal.empty()) leave_out(each.key.label, each.refusal);
    if (!each.certified.empty())
      leave_out(each.key.label, "its private key is neither in a file that was named nor in the agent");
    return false;
  }

  bool is_too_small(const candidate& each) {
    const auto bits = keys::rsa_bits(each.certified.empty() ? each.key.public_blob : each.certified);
    const auto wanted = options_.required_rsa_size.value_or(0);
    if (bits == 0 || bits >= wanted) return false;
    leave_out(each.key.label, keys::too_short(bits, wanted));
    return true;
  }

  const config::settings& options_;
  std::vector<identity> held_;
  bool certificates_;
  std::vector<candidate> files_;
  std::vector<candidate> all_;
  identity_plan made_;
};

}  // namespace

identity_plan plan_identities(const config::settings& options, std::vector<identity> held,
                              bool certificates) {
  return planner(options, std::move(held), certificates).plan();
}

}  // namespace tunnel::ssh
