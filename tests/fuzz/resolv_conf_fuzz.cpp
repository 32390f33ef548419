// Any text says which servers there are, at least one, and how short names become long ones, within bounds.

#include <cstdint>

#include "dns/message.hpp"
#include "dns/resolv_conf.hpp"
#include "dns/server_spec.hpp"
#include "invariant.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tunnel;
  using fuzz::require;
  const std::string_view text = as_text({data, size});
  const auto read = dns::parse_resolv_conf(text);
  require(!read.servers.empty() && read.servers.size() <= dns::resolv_conf::max_servers);
  for (const auto& each : read.servers) {
    require(dns::parse_ip_address(each.substr(0, each.find('%'))).has_value());
    require(each.find_first_of(" \t\r\n") == std::string::npos);
  }
  require(read.search.size() <= dns::resolv_conf::max_search && read.ndots <= dns::resolv_conf::max_ndots);
  for (const std::string_view name : {"www", "www.example", "www.", "a.b.c.d"}) {
    const auto names = dns::candidates(name, read);
    require(!names.empty() && names.size() <= read.search.size() + 1);
    for (const auto& each : names) {
      require(each.starts_with(name) && each.size() <= 253);
      // What DNS cannot hold is refused, with a reason.
      const auto query = dns::make_query({each, dns::record_type::a});
      if (!query) fuzz::require_explained(query.error());
    }
  }
  if (const auto server = dns::parse_server(text); !server) fuzz::require_explained(server.error());
  return 0;
}
