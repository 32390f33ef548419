#include "config/canonical_name.hpp"

#include <algorithm>
#include <optional>

#include "config/address.hpp"
#include "config/errors.hpp"
#include "config/pattern.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

constexpr std::uint32_t default_max_dots = 1;

error unresolved(const std::string& host) {
  return failure(errc::unknown_host, "could not resolve hostname " + in_quotes(host));
}

class canonicalization {
 public:
  canonicalization(const collected& values, const environment& env)
      : values_(values), env_(env), mode_(values.canonicalize_hostname.value_or(canonicalization_mode::no)) {}

  [[nodiscard]] bool applies_to(const std::string& host) const {
    if (mode_ == canonicalization_mode::no || is_address_literal(host)) return false;
    // Else the name is the proxy's to understand.
    return mode_ == canonicalization_mode::always || !has_proxy();
  }

  [[nodiscard]] result<std::string> name_of(const std::string& host) const {
    auto found = in_domains(host);
    if (!found) return found.error();
    if (*found) return **found;
    // Not found in any domain, or not looked for: the CNAMEs of the name as it is are followed all the same.
    if (!has_cname_rules()) return host;
    const auto cname = look_up(host);
    if (cname) return followed(host, *cname);
    if (has_proxy()) return host;
    return unresolved(host);
  }

 private:
  // Nothing: no domain has it, or it is a full name already.
  [[nodiscard]] result<std::optional<std::string>> in_domains(const std::string& host) const {
    if (host.ends_with('.')) {
      if (const auto cname = look_up(host)) return std::optional(followed(without_dot(host), *cname));
      return not_found(host);
    }
    const auto dots = static_cast<std::uint32_t>(std::ranges::count(host, '.'));
    if (dots > values_.canonicalize_max_dots.value_or(default_max_dots)) return std::optional<std::string>();
    for (const std::string& domain : values_.canonical_domains.value_or(std::vector<std::string>())) {
      std::string full = host;
      full.append(1, '.').append(domain).append(1, '.');
      if (const auto cname = look_up(full)) return std::optional(followed(without_dot(full), *cname));
    }
    return not_found(host);
  }

  [[nodiscard]] result<std::optional<std::string>> not_found(const std::string& host) const {
    if (values_.canonicalize_fallback_local.value_or(true)) return std::optional<std::string>();
    return unresolved(host);
  }

  [[nodiscard]] std::optional<std::string> look_up(const std::string& name) const {
    return env_.canonical_name(name, values_.address_family.value_or(address_family::any));
  }

  [[nodiscard]] std::string followed(const std::string& name, const std::string& cname) const {
    const auto permits = [&](const cname_rule& rule) {
      return match_host_list(name, rule.sources) == list_match::positive &&
             match_host_list(cname, rule.targets) == list_match::positive;
    };
    // What the DNS says is outside text.
    if (cname.empty() || !has_cname_rules() || !check_host(cname)) return name;
    return std::ranges::any_of(*values_.canonicalize_permitted_cnames, permits) ? lower_case(cname) : name;
  }

  [[nodiscard]] bool has_cname_rules() const {
    return values_.canonicalize_permitted_cnames && !values_.canonicalize_permitted_cnames->empty();
  }

  [[nodiscard]] bool has_proxy() const {
    const bool jumps = values_.proxy_jump && !values_.proxy_jump->empty();
    return jumps || (values_.proxy_command && !is_no_command(*values_.proxy_command));
  }

  static std::string without_dot(const std::string& name) { return name.substr(0, name.size() - 1); }

  const collected& values_;
  const environment& env_;
  canonicalization_mode mode_;
};

}  // namespace

result<std::string> canonicalize_host(const std::string& host, const collected& values,
                                      const environment& env) {
  const canonicalization how(values, env);
  if (!how.applies_to(host)) return host;
  return how.name_of(host);
}

}  // namespace tunnel::config
