#include "dns/server_spec.hpp"

#include <gtest/gtest.h>

namespace tunnel::dns {
namespace {

std::string parsed(std::string_view text) {
  const auto server = parse_server(text);
  return server ? server->text() : "refused";
}

TEST(DnsServerSpec, TakesAddressesWithAndWithoutPort) {
  EXPECT_EQ(parsed("192.0.2.53"), "192.0.2.53:53");
  EXPECT_EQ(parsed("192.0.2.53:5353"), "192.0.2.53:5353");
  EXPECT_EQ(parsed("2001:db8::53"), "[2001:db8::53]:53");
  EXPECT_EQ(parsed("[2001:db8::53]"), "[2001:db8::53]:53");
  EXPECT_EQ(parsed("[2001:db8::53]:5353"), "[2001:db8::53]:5353");
}

TEST(DnsServerSpec, RefusesWhatIsNone) {
  for (const auto* text : {"", "dns.example", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536",
                           "192.0.2.53:x", "192.0.2", "[192.0.2.53", "[::1]x", "[::1]:", "[]:53"}) {
    EXPECT_EQ(parsed(text), "refused") << text;
  }
}

}  // namespace
}  // namespace tunnel::dns
