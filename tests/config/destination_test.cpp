#include "config/destination.hpp"

#include <gtest/gtest.h>

#include "config/address.hpp"

namespace tunnel::config {
namespace {

struct named_server {
  std::string text;
  std::string host;
  std::optional<std::string> user;
  std::optional<std::uint16_t> port;
};

TEST(Destination, ReadsHostsUsersAndUris) {
  const std::vector<named_server> samples = {
      {"host", "host", {}, {}},
      {"user@host", "host", "user", {}},
      {"user@corp@host", "host", "user@corp", {}},
      {"::1", "::1", {}, {}},
      {"[::1]", "::1", {}, {}},
      {"me@fe80::1%lo", "fe80::1%lo", "me", {}},
      {"192.0.2.1", "192.0.2.1", {}, {}},
      {"DOMAIN\\me@host", "host", "DOMAIN\\me", {}},
      {"First Last@host", "host", "First Last", {}},
      {"HOST$@host", "host", "HOST$", {}},
      {"ssh://host", "host", {}, {}},
      {"ssh://host/", "host", {}, {}},
      {"ssh://host:2222", "host", {}, 2222},
      {"ssh://host:2222/", "host", {}, 2222},
      {"ssh://host:", "host", {}, {}},
      {"ssh://user@host:22", "host", "user", 22},
      {"ssh://us%65r%40corp@host", "host", "user@corp", {}},
      {"ssh://user;x=y@host", "host", "user", {}},
      {"ssh://[::1]", "::1", {}, {}},
      {"ssh://[host]:22", "host", {}, 22},
      {"ssh://host:https", "host", {}, 443},
      {"[host]", "[host]", {}, {}},
      {"ssh://[::1]:22", "::1", {}, 22},
      {"ssh://me@[fe80::1%25eth9]:22", "fe80::1%eth9", "me", 22},
      {"ssh://h%6Fst", "host", {}, {}},
  };
  for (const named_server& expected : samples) {
    const auto parsed = parse_destination(expected.text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, (destination{.host = expected.host, .user = expected.user, .port = expected.port}))
        << expected.text;
  }
}

TEST(Destination, RefusesWhatNoHostOrUserIsCalled) {
  const std::vector<std::string> refused = {"",
                                            "@host",
                                            "user@",
                                            "-host",
                                            "user@-host",
                                            "-oProxyCommand=x@host",
                                            "-u@host",
                                            "ho st",
                                            "host\n",
                                            "host\t",
                                            std::string("ho\0st", 5),
                                            "host`id`",
                                            "host$(id)",
                                            "host;id",
                                            "host|id",
                                            "host&",
                                            "host>x",
                                            "host<x",
                                            "ho'st",
                                            "ho\"st",
                                            "host\\",
                                            "ho{a,b}",
                                            "ho,st",
                                            "host(x)",
                                            "us;er@host",
                                            "us`er@host",
                                            "us|er@host",
                                            "us&er@host",
                                            "us'er@host",
                                            "us\"er@host",
                                            "us(er)@host",
                                            "us{er}@host",
                                            "us<er>@host",
                                            "user -x@host",
                                            "user\\@host",
                                            "us\ner@host",
                                            "us\x7f"
                                            "er@host",
                                            std::string("us\0er@host", 10),
                                            "ssh://",
                                            "ssh:///",
                                            "ssh://@host",
                                            "ssh://user@",
                                            "ssh://host:0",
                                            "ssh://host:65536",
                                            "ssh://host:x",
                                            "ssh://host/path",
                                            "ssh://::1",
                                            "ssh://::1:22",
                                            "ssh://ho%st",
                                            "ssh://ho%2",
                                            "ssh://us%zz@host",
                                            "ssh://-host",
                                            "ssh://%2dhost",
                                            "ssh://a%00b@host",
                                            "ssh://ho%0ast",
                                            "ssh://ho%20st",
                                            "ssh://%24%28id%29",
                                            "ssh://-u@host",
                                            std::string(1025, 'a')};
  for (const std::string& text : refused) {
    const auto parsed = parse_destination(text);
    ASSERT_FALSE(parsed) << text;
    for (const char c : parsed.error().message) EXPECT_GE(static_cast<unsigned char>(c), ' ') << text;
  }
}

TEST(Destination, BringsAddressesToOneForm) {
  EXPECT_EQ(canonical_host("Host.Example"), "host.example");
  EXPECT_EQ(canonical_host("0:0::1"), "::1");
  EXPECT_EQ(canonical_host("2001:DB8::0001"), "2001:db8::1");
  EXPECT_EQ(canonical_host("127.1"), "127.0.0.1");
  EXPECT_EQ(canonical_host("fe80::1%NOSUCH"), "fe80::1%nosuch");
  EXPECT_TRUE(is_address_literal("fe80::1%nosuch0"));
  EXPECT_FALSE(is_address_literal("host"));
  EXPECT_FALSE(is_address_literal(""));
  EXPECT_FALSE(is_address_literal("1.2.3.4.5"));
}

}  // namespace
}  // namespace tunnel::config
