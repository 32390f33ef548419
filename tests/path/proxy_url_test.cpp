#include "path/proxy_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace tunnel::path {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

proxy_settings parsed(std::string_view url) {
  auto made = parse_proxy(url);
  EXPECT_TRUE(made) << url << ": " << made.error().message;
  return made ? std::move(*made) : proxy_settings{};
}

std::string refused(std::string_view url) {
  const auto made = parse_proxy(url);
  return made ? "accepted" : made.error().message;
}

TEST(ProxyUrl, NamesProtocolHostAndPort) {
  EXPECT_EQ(parsed("http://proxy.example").at.text(), "proxy.example:80");
  EXPECT_EQ(parsed("https://proxy.example/").at.text(), "proxy.example:443");
  EXPECT_EQ(parsed("SOCKS5h://192.0.2.1:9050").at.text(), "192.0.2.1:9050");
  EXPECT_EQ(parsed("socks4://[::1]").at.text(), "[::1]:1080");
  EXPECT_EQ(parsed("socks4a://x").protocol, proxy_protocol::socks4a);
  EXPECT_EQ(parsed("socks5://x").protocol, proxy_protocol::socks5);
  EXPECT_EQ(parsed("socks5h://x").protocol, proxy_protocol::socks5h);
}

TEST(ProxyUrl, MayNameAUser) {
  EXPECT_EQ(parsed("http://user@proxy:3128").user, "user");
  EXPECT_EQ(parsed("http://DOMAIN%5cuser%40example@proxy").user, "DOMAIN\\user@example");
  EXPECT_EQ(parsed("http://proxy").user, std::nullopt);
}

TEST(ProxyUrl, WithAPasswordIsRefusedAndNotRepeated) {
  for (const auto* url : {"http://user:hunter2@proxy", "user:hunter2@proxy", "ftp://user:hunter2@proxy:x"})
    EXPECT_THAT(refused(url), AllOf(HasSubstr("takes no password"), Not(HasSubstr("hunter2"))));
}

TEST(ProxyUrl, ThatMakesNoSenseIsRefused) {
  EXPECT_THAT(refused("proxy:3128"), HasSubstr("begins with http://"));
  EXPECT_THAT(refused("ftp://proxy"), HasSubstr("begins with http://"));
  EXPECT_THAT(refused("http://"), HasSubstr("empty"));
  EXPECT_THAT(refused("http://proxy:0"), HasSubstr("port"));
  EXPECT_THAT(refused("http://proxy:http"), HasSubstr("port"));
  EXPECT_THAT(refused("http://::1"), HasSubstr("brackets"));
  EXPECT_THAT(refused("http://[x]:1"), HasSubstr("no address"));
  EXPECT_THAT(refused("http://a b"), HasSubstr("host"));
  EXPECT_THAT(refused("http://proxy/path"), HasSubstr("nothing behind"));
  EXPECT_THAT(refused("http://%zz@proxy"), HasSubstr("hexadecimal"));
  EXPECT_THAT(refused("http://a%0ab@proxy"), HasSubstr("control"));
  EXPECT_THAT(refused("http://a%3ab@proxy"), Not(HasSubstr("accepted"))) << "a colon ends the user";
}

TEST(ProxyCredentials, AreTheFirstLineOfAFile) {
  const support::temporary_folder folder;
  const auto known = read_credentials(folder.write("file", "user:pass:word \nmore\n"));
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ(known->user, "user");
  EXPECT_EQ(known->password.reveal(), "pass:word ");
}

TEST(ProxyCredentials, ThatOthersMayReadAreRefused) {
  const support::temporary_folder folder;
  for (const unsigned mode : {0640U, 0604U, 0644U}) {
    const auto known = read_credentials(folder.write("file", "user:password", mode));
    ASSERT_FALSE(known);
    EXPECT_THAT(known.error().message, AllOf(HasSubstr("chmod 600"), Not(HasSubstr("password:"))));
  }
}

TEST(ProxyCredentials, ThatAreNoneAreRefused) {
  const support::temporary_folder folder;
  EXPECT_FALSE(read_credentials(folder.path("missing")));
  EXPECT_FALSE(read_credentials(folder.write("empty", "")));
  EXPECT_FALSE(read_credentials(folder.write("no-colon", "user\n")));
  EXPECT_FALSE(read_credentials(folder.write("no-user", ":password\n")));
  EXPECT_FALSE(read_credentials(folder.write("long", "user:" + std::string(256, 'x'))));
  EXPECT_FALSE(read_credentials(folder.write("control", "user:a\tb")));
}

}  // namespace
}  // namespace tunnel::path
