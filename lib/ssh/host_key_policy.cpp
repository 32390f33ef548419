#include "ssh/host_key_policy.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "config/fingerprint.hpp"
#include "config/known_hosts.hpp"
#include "config/known_hosts_command.hpp"
#include "config/randomart.hpp"
#include "config/revoked_keys.hpp"
#include "ssh/errors.hpp"
#include "ssh/host_key_texts.hpp"
#include "ssh/keys/public_key.hpp"
#include "ssh/keys/signature.hpp"

namespace tunnel::ssh {

namespace {

std::uint64_t seconds_since_1970(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds);
}

// The key by itself, out of a certificate if need be.
octets key_in(const host_key& shown) {
  if (!keys::is_certificate_algorithm(shown.type)) return shown.blob;
  auto read = keys::parse_certificate(shown.blob);
  if (!read) return shown.blob;
  return std::move(read->key_blob);
}

}  // namespace

host_key_policy::host_key_policy(const config::settings& options, prompter& questions, wall_clock now)
    : options_(options),
      questions_(questions),
      now_(std::move(now)),
      name_(options.host_key_alias.value_or(options.host_name)),
      port_(options.host_key_alias ? std::uint16_t{22} : options.port),
      files_(options.user_known_hosts_files) {
  files_.insert(files_.end(), options.global_known_hosts_files.begin(),
                options.global_known_hosts_files.end());
}

std::vector<std::string> host_key_policy::known_types() const {
  const config::known_hosts_question question{.reason = "ORDER",
                                              .name = config::known_hosts_name(name_, port_)};
  const auto further = config::ask_known_hosts_command(options_, question);
  // What cannot be read is verify()'s to report.
  if (!further) return {};
  const auto types = config::known_key_types(files_, name_, port_, *further);
  const auto certified = config::knows_authority(files_, name_, port_, *further);
  if (!types || !certified) return {};
  std::vector<std::string> names;
  if (*certified) names.assign(keys::certificate_types().begin(), keys::certificate_types().end());
  names.insert(names.end(), types->begin(), types->end());
  return names;
}

result<void> host_key_policy::verify(const host_key& key) {
  const std::lock_guard lock(mutex_);
  trusted_.clear();
  address_name_ = address_name(key);
  if (is_exempt(key)) {
    log::debug("taking any host key from {}, as NoHostAuthenticationForLocalhost says", name_);
    return boost::system::in_place_value;
  }
  const bool first = pinned_.empty();
  auto verdict = judge_shown(key);
  if (verdict && first && options_.visual_host_key) {
    const auto plain = key_in(key);
    log::info("host key fingerprint is {}\n{}", config::fingerprint(plain), config::randomart(plain));
  }
  return verdict;
}

result<void> host_key_policy::judge_shown(const host_key& key) {
  if (auto verdict = refuse_revoked(key); !verdict) return verdict;
  if (auto verdict = refuse_small(key); !verdict) return verdict;
  const config::known_hosts_question question{.reason = "HOSTNAME",
                                              .name = config::known_hosts_name(name_, port_),
                                              .key_type = key.type,
                                              .key_blob = key.blob,
                                              .fingerprint = config::fingerprint(key_in(key))};
  auto further = config::ask_known_hosts_command(options_, question);
  if (!further) return refusal("the host key cannot be checked: " + further.error().message);
  further_ = std::move(*further);
  return keys::is_certificate_algorithm(key.type) ? judge_certificate(key) : judge_key(key);
}

bool host_key_policy::is_exempt(const host_key& key) const {
  return options_.no_host_authentication_for_localhost && !options_.host_key_alias && key.address &&
         key.address->is_loopback();
}

result<void> host_key_policy::refuse_small(const host_key& key) const {
  const auto bits = keys::rsa_bits(key_in(key));
  const auto wanted = options_.required_rsa_size.value_or(0);
  if (bits == 0 || bits >= wanted) return boost::system::in_place_value;
  return refusal("the host key of " + config::known_hosts_name(name_, port_) +
                 " is not to be trusted: " + keys::too_short(bits, wanted));
}

result<void> host_key_policy::refuse_revoked(const host_key& key) const {
  if (options_.revoked_host_keys.empty()) return boost::system::in_place_value;
  config::revocable_key shown{.blob = key.blob};
  const auto certificate = keys::is_certificate_algorithm(key.type)
                               ? keys::parse_certificate(key.blob)
                               : result<keys::certificate>(refusal("no certificate"));
  if (certificate) {
    shown = {.blob = certificate->key_blob,
             .certified = {{.authority_blob = certificate->authority_blob,
                            .serial = certificate->serial,
                            .key_id = certificate->key_id}}};
  }
  const auto revoked = config::is_revoked(options_.revoked_host_keys, shown);
  if (!revoked) return refusal("the host key cannot be checked: RevokedHostKeys: " + revoked.error().message);
  if (!*revoked) return boost::system::in_place_value;
  return refusal("the host key of " + config::known_hosts_name(name_, port_) + ", " +
                 config::fingerprint(shown.blob) + ", is revoked by " + options_.revoked_host_keys);
}

result<void> host_key_policy::judge_certificate(const host_key& key) {
  const auto shown = keys::parse_certificate(key.blob);
  if (!shown) return refusal("the host key cannot be checked: " + shown.error().message);
  const auto reason = doubt(*shown);
  if (!reason) return reason.error();
  if (!*reason) {
    pinned_ = key.blob;
    return boost::system::in_place_value;
  }
  const std::string doubt = "the host certificate that came with it does not count: " + **reason;
  const host_key plain{std::string(keys::plain_algorithm(shown->type_name)), shown->key_blob};
  const auto has_its_type = [&plain](const std::string& algorithm) {
    return keys::key_type_of(algorithm) == plain.type;
  };
  if (!allows(options_.host_key_algorithms, has_its_type))
    return refusal("HostKeyAlgorithms allows no " + shown_type(plain.type) + " host key by itself, and " +
                   doubt);
  auto verdict = judge_key(plain);
  if (!verdict) return refusal(verdict.error().message + "; " + doubt);
  return verdict;
}

// Nothing: the certificate stands for the host. Else, why the key in it must be known by itself.
result<std::optional<std::string>> host_key_policy::doubt(const keys::certificate& shown) const {
  const auto answer =
      config::look_up_authority(files_, name_, port_, shown.authority_blob, shown.key_blob, further_);
  if (!answer) return refusal("the host key cannot be checked: " + answer.error().message);
  const std::string host = config::known_hosts_name(name_, port_);
  switch (answer->status) {
    case config::host_key_status::revoked:
      return refusal("the host certificate of " + host + ", by the authority " +
                     config::fingerprint(shown.authority_blob) +
                     ", is for a key or by an authority that is marked as revoked at " +
                     places_of(answer->keys));
    case config::host_key_status::unknown:
      return std::optional("no authority is marked with @cert-authority for " + host);
    case config::host_key_status::changed:
      return std::optional("it is by the authority " + config::fingerprint(shown.authority_blob) +
                           ", not by one that is marked for " + host + " at " + places_of(answer->keys));
    case config::host_key_status::match:
      break;
  }
  auto reason = doubt_terms(shown);
  if (reason) log::warn("the host certificate of {} does not count: {}", host, *reason);
  return reason;
}

std::optional<std::string> host_key_policy::doubt_terms(const keys::certificate& shown) const {
  const auto holds = keys::check_host_certificate(shown, name_, seconds_since_1970(now_()));
  if (!holds) return holds.error().message;
  const auto is_its = [&shown](const std::string& algorithm) {
    return algorithm == shown.signature_algorithm;
  };
  if (allows(options_.ca_signature_algorithms, is_its)) return std::nullopt;
  return "CASignatureAlgorithms does not allow " + sanitise(shown.signature_algorithm);
}

result<void> host_key_policy::judge_key(const host_key& key) {
  if (auto verdict = judge(key); !verdict) return verdict;
  pinned_ = key.blob;
  return boost::system::in_place_value;
}

result<void> host_key_policy::judge(const host_key& key) {
  const auto answer = config::look_up_host_key(files_, name_, port_, key.blob, further_);
  if (!answer) return refusal("the host key cannot be checked: " + answer.error().message);
  const std::string host = config::known_hosts_name(name_, port_);
  switch (answer->status) {
    case config::host_key_status::match:
      trusted_ = key.blob;
      return judge_address(key, answer->status);
    case config::host_key_status::revoked:
      return refusal("the host key of " + host + " is marked as revoked at " + places_of(answer->keys));
    case config::host_key_status::changed:
      return refusal(
          "REMOTE HOST IDENTIFICATION HAS CHANGED! Someone could be eavesdropping on you right now "
          "(man-in-the-middle attack), or the host key has just been changed. The " +
          shown_type(key.type) + " key sent by " + host + " is " + config::fingerprint(key.blob) +
          "; the known one is at " + places_of(answer->keys) + advice_for(answer->keys, host));
    case config::host_key_status::unknown:
      break;
  }
  return judge_unknown(key);
}

result<void> host_key_policy::judge_unknown(const host_key& key) {
  const std::string host = config::known_hosts_name(name_, port_);
  if (!pinned_.empty()) {
    if (pinned_ == key.blob) return boost::system::in_place_value;
    return refusal("the host key of " + host + " is not the one that was accepted when this program started");
  }
  const std::string unknown = "no " + shown_type(key.type) + " host key is known for " + host +
                              " (its fingerprint is " + config::fingerprint(key.blob) + ")";
  switch (options_.strict_host_key_checking) {
    case config::host_key_checking::yes:
      return refusal(unknown + " and StrictHostKeyChecking is on; add it to " +
                     (files_.empty() ? "a known_hosts file" : files_.front()) + " first");
    case config::host_key_checking::ask:
      if (!user_accepts(key))
        return refusal(
            "host key verification failed: " + unknown +
            " and nobody confirmed it; connect once without BatchMode, on a terminal, and compare the "
            "fingerprint");
      trusted_ = key.blob;
      break;
    case config::host_key_checking::no:
    case config::host_key_checking::accept_new:
      break;
  }
  if (auto fine = judge_address(key, config::host_key_status::unknown); !fine) return fine;
  remember(key);
  return boost::system::in_place_value;
}

bool host_key_policy::user_accepts(const host_key& key) {
  const std::string fingerprint = config::fingerprint(key.blob);
  const std::string question = "The authenticity of host '" + config::known_hosts_name(name_, port_) +
                               "' can't be established.\n" + shown_type(key.type) + " key fingerprint is " +
                               fingerprint + ".\n" +
                               (options_.visual_host_key ? config::randomart(key.blob) + '\n' : "") +
                               other_names(config::names_of_host_key(files_, key.blob)) +
                               "Are you sure you want to continue connecting (yes/no/[fingerprint])? ";
  return says_yes(question, fingerprint);
}

// `also`: what counts as a yes too; empty: nothing.
bool host_key_policy::says_yes(std::string question, const std::string& also) {
  for (;;) {
    const auto answer = questions_.ask(question, echo::on);
    if (!answer) return false;
    std::string text = answer->reveal();
    text.erase(0, text.find_first_not_of(" \t"));
    text.erase(text.find_last_not_of(" \t") + 1);
    if (!also.empty() && text == also) return true;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
    if (text == "yes") return true;
    if (text == "no") return false;
    question = also.empty() ? "Please type 'yes' or 'no': " : "Please type 'yes', 'no' or the fingerprint: ";
  }
}

}  // namespace tunnel::ssh
