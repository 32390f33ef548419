#include "engine_choice.hpp"

#include <utility>

#include "ssh/libssh2/engine.hpp"
#include "ssh/native/engine.hpp"

namespace tunnel {

namespace {

namespace native = ssh::native;

// What adds or removes leaves the order to what is known of the host.
bool orders(const config::algorithm_choice& choice) {
  using edit = config::algorithm_choice::edit;
  return choice.how == edit::replace || choice.how == edit::prefer;
}

result<config::chosen_algorithms> choose_native(config::settings& settings) {
  const config::engine_algorithms has{.kex = {native::kex_algorithms()},
                                      .host_key = {native::host_key_algorithms()},
                                      .cipher = {native::cipher_algorithms()},
                                      .mac = {native::mac_algorithms()},
                                      .public_key = {native::user_key_algorithms()},
                                      .ca_signature = {native::authority_algorithms()}};
  return config::choose_algorithms(settings, has);
}

result<std::unique_ptr<ssh::engine>> make_native(config::settings& settings) {
  auto chosen = choose_native(settings);
  if (!chosen) return chosen.error();
  native::engine::options how;
  how.preferences = {.kex = std::move(chosen->kex),
                     .host_key = std::move(chosen->host_key),
                     .cipher = std::move(chosen->cipher),
                     .mac = std::move(chosen->mac)};
  how.host_keys_ordered = settings.host_key_algorithms && orders(*settings.host_key_algorithms);
  how.user_key_algorithms = std::move(chosen->public_key);
  how.required_rsa_bits = settings.required_rsa_size.value_or(0);
  if (settings.rekey_octets) how.limits.octets = *settings.rekey_octets;
  if (settings.rekey_time) how.limits.age = *settings.rekey_time;
  how.software = "tunnel_" TUNNEL_VERSION;
  return std::make_unique<native::engine>(std::move(how));
}

}  // namespace

result<config::chosen_algorithms> algorithms_of(const std::string& name, config::settings& settings) {
  if (name == "native") return choose_native(settings);
  config::warn_of_unheeded_choices(settings);
  return config::chosen_algorithms{};
}

result<std::unique_ptr<ssh::engine>> make_engine(const std::string& name, config::settings& settings) {
  if (name == "native") return make_native(settings);
  config::warn_of_unheeded_choices(settings);
  return std::make_unique<ssh::libssh2::engine>();
}

}  // namespace tunnel
