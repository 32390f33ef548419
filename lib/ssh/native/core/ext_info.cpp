#include "ssh/native/core/ext_info.hpp"

#include "ssh/native/core/errors.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::native {

result<void> read_ext_info(octet_view payload, ext_info& into) {
  const auto malformed = violation("the server's SSH_MSG_EXT_INFO is malformed");
  wire::reader from(payload.subspan(1));
  const auto count = from.uint32();
  if (!count) return malformed;
  // Every turn takes octets away or fails, so the count needs no limit of its own.
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto name = from.text();
    auto list = from;
    const auto value = from.string();
    if (!name || !value) return malformed;
    if (*name == "server-sig-algs") {
      const auto names = list.name_list();
      if (!names) return malformed;
      into.server_sig_algs.emplace(names->begin(), names->end());
    } else if (*name == "publickey-hostbound@openssh.com") {
      into.hostbound = as_text(*value) == "0";
    } else if (*name == "ping@openssh.com") {
      into.ping = as_text(*value) == "0";
    }
  }
  if (!from.at_end()) return malformed;
  return boost::system::in_place_value;
}

}  // namespace tunnel::ssh::native
