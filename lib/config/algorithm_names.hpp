#pragma once

#include <span>
#include <string_view>

namespace tunnel::config {

/// What the algorithms of one keyword are for: KexAlgorithms, Ciphers, MACs, HostKeyAlgorithms together with
/// PubkeyAcceptedAlgorithms, CASignatureAlgorithms.
enum class algorithm_kind { kex, cipher, mac, key, ca_signature };

/// Every name of that kind that ssh takes, whether or not anything here implements it: what tells an
/// algorithm that cannot be had here from a typing mistake.
std::span<const std::string_view> names_of_ssh(algorithm_kind kind);

}  // namespace tunnel::config
