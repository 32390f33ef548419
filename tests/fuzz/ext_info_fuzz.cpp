// Any octets are an SSH_MSG_EXT_INFO or an error. What is read of one depends on nothing that came before,
// names are names, and nothing may follow (RFC 8308 section 2.3).

#include <cstdint>

#include "invariant.hpp"
#include "ssh/native/core/ext_info.hpp"
#include "wire/reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tunnel;
  using namespace tunnel::fuzz;
  if (size == 0) return 0;
  const octet_view payload(data, size);
  ssh::native::ext_info told;
  const auto read = ssh::native::read_ext_info(payload, told);
  if (!read) {
    require_explained(read.error());
    return 0;
  }
  std::size_t named = 0;
  if (told.server_sig_algs) {
    for (const auto& name : *told.server_sig_algs) {
      require(!name.empty() && name.size() <= wire::max_name && name.find(',') == name.npos);
      named += name.size() + 1;
    }
  }
  require(named <= size);

  octets longer(payload.begin(), payload.end());
  longer.push_back(0);
  ssh::native::ext_info other;
  require(!ssh::native::read_ext_info(longer, other));
  return 0;
}
