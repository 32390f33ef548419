#include "proxy/reply.hpp"

#include <gtest/gtest.h>

#include "ssh/errors.hpp"

namespace tunnel::proxy {
namespace {

using socks::reply_code;
using ssh::errc;

struct row {
  errc code;
  const char* message;
  reply_code reply;
};

TEST(Reply, TellsWhatHappenedByTheTable) {
  const row table[] = {
      {errc::administratively_prohibited, "open failed", reply_code::not_allowed_by_ruleset},
      {errc::administratively_prohibited, "Connection refused", reply_code::not_allowed_by_ruleset},
      {errc::connect_failed, "Connection refused", reply_code::connection_refused},
      {errc::connect_failed, "Network is unreachable", reply_code::network_unreachable},
      {errc::connect_failed, "Network unreachable", reply_code::network_unreachable},
      {errc::connect_failed, "No route to host", reply_code::host_unreachable},
      {errc::connect_failed, "Host is unreachable", reply_code::host_unreachable},
      {errc::connect_failed, "Host is down", reply_code::host_unreachable},
      {errc::connect_failed, "Name or service not known", reply_code::host_unreachable},
      {errc::connect_failed, "Temporary failure in name resolution", reply_code::host_unreachable},
      {errc::connect_failed, "No address associated with hostname", reply_code::host_unreachable},
      {errc::connect_failed, "nodename nor servname provided, or not known", reply_code::host_unreachable},
      {errc::connect_failed, "Name does not resolve", reply_code::host_unreachable},
      {errc::connect_failed, "unknown host (Name or service not known)", reply_code::host_unreachable},
      {errc::connect_failed, "Connection timed out", reply_code::ttl_expired},
      {errc::connect_failed, "Operation timed out", reply_code::ttl_expired},
      {errc::connect_failed, "connect failed: CONNECTION REFUSED", reply_code::connection_refused},
      {errc::connect_failed, "Operation prohibited", reply_code::not_allowed_by_ruleset},
      {errc::connect_failed, "", reply_code::connection_refused},
      {errc::connect_failed, "something that nobody has worded before", reply_code::connection_refused},
      {errc::unknown_channel_type, "", reply_code::general_failure},
      {errc::resource_shortage, "", reply_code::general_failure},
      {errc::open_failed, "", reply_code::general_failure},
      {errc::open_timeout, "", reply_code::ttl_expired},
      {errc::request_refused, "", reply_code::not_allowed_by_ruleset},
      {errc::unsupported_by_engine, "", reply_code::general_failure},
      {errc::connection_lost, "connection to 192.0.2.1 lost: Connection timed out",
       reply_code::general_failure},
  };
  for (const auto& [code, message, reply] : table) {
    EXPECT_EQ(reply_for({code, message}), reply) << static_cast<int>(code) << ": " << message;
  }
}

TEST(Reply, TakesAnErrorOfAnotherLayerForAGeneralFailure) {
  EXPECT_EQ(reply_for({make_error_code(boost::system::errc::connection_refused), "Connection refused"}),
            reply_code::general_failure);
}

}  // namespace
}  // namespace tunnel::proxy
