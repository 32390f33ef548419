#include "config/chosen_algorithms.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/errors.hpp"
#include "config/pattern.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

struct choice_keyword {
  std::string_view name;
  algorithm_kind kind;
  std::optional<algorithm_choice> settings::*given;
  algorithm_stock engine_algorithms::*stock;
  std::vector<std::string> chosen_algorithms::*chosen;
};

constexpr auto keywords = std::to_array<choice_keyword>({
    {"KexAlgorithms", algorithm_kind::kex, &settings::kex_algorithms, &engine_algorithms::kex,
     &chosen_algorithms::kex},
    {"HostKeyAlgorithms", algorithm_kind::key, &settings::host_key_algorithms, &engine_algorithms::host_key,
     &chosen_algorithms::host_key},
    {"Ciphers", algorithm_kind::cipher, &settings::ciphers, &engine_algorithms::cipher,
     &chosen_algorithms::cipher},
    {"MACs", algorithm_kind::mac, &settings::macs, &engine_algorithms::mac, &chosen_algorithms::mac},
    {"PubkeyAcceptedAlgorithms", algorithm_kind::key, &settings::pubkey_accepted_algorithms,
     &engine_algorithms::public_key, &chosen_algorithms::public_key},
    {"CASignatureAlgorithms", algorithm_kind::ca_signature, &settings::ca_signature_algorithms,
     &engine_algorithms::ca_signature, &chosen_algorithms::ca_signature},
});

// An exception in a list that removes matches what it excepts.
bool matches_any(std::string_view name, std::span<const std::string_view> names) {
  if (name.starts_with('!')) name.remove_prefix(1);
  return std::ranges::any_of(names, [name](std::string_view each) { return matches(each, name); });
}

void warn_of_names(const choice_keyword& about, const algorithm_choice& choice, const algorithm_stock& stock,
                   std::vector<std::string>& warnings) {
  const std::string start = std::string(about.name) + ": ";
  for (const std::string& name : choice.names) {
    if (choice.how == algorithm_choice::edit::remove) {
      if (!matches_any(name, names_of_ssh(about.kind)))
        warnings.push_back(start + in_quotes(name) +
                           " matches nothing that ssh knows, so it removes nothing");
    } else if (!matches_any(name, stock.defaults) && !matches_any(name, stock.further)) {
      warnings.push_back(start + in_quotes(name) + " is not implemented here and is left out");
    }
  }
}

}  // namespace

result<chosen_algorithms> choose_algorithms(settings& given, const engine_algorithms& has) {
  chosen_algorithms chosen;
  for (const choice_keyword& each : keywords) {
    const auto& choice = given.*each.given;
    const algorithm_stock& stock = has.*each.stock;
    if (!choice) {
      (chosen.*each.chosen).assign(stock.defaults.begin(), stock.defaults.end());
      continue;
    }
    auto list = apply_choice(*choice, stock.defaults, stock.further);
    if (!list) return failure(errc::malformed, std::string(each.name) + ": " + list.error().message);
    warn_of_names(each, *choice, stock, given.warnings);
    chosen.*each.chosen = std::move(*list);
  }
  return chosen;
}

void warn_of_unheeded_choices(settings& given) {
  const auto warn = [&given](bool set, std::string_view name) {
    if (set)
      given.warnings.push_back(std::string(name) + " is not supported by this engine and has no effect");
  };
  for (const choice_keyword& each : keywords) warn((given.*each.given).has_value(), each.name);
  warn(given.rekey_octets || given.rekey_time, "RekeyLimit");
  warn(!given.certificate_files.empty(), "CertificateFile");
}

}  // namespace tunnel::config
