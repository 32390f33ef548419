#include "config/canonical_name.hpp"

#include <gtest/gtest.h>

#include "config/errors.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

class CanonicalName : public testing::Test {
 protected:
  CanonicalName() {
    values.canonicalize_hostname = canonicalization_mode::yes;
    values.canonical_domains = std::vector<std::string>{"a.example", "b.example"};
  }

  [[nodiscard]] result<std::string> of(const std::string& host) {
    return canonicalize_host(host, values, files.env());
  }

  memory_files files;
  collected values;
};

TEST_F(CanonicalName, IsTheFirstThatTheDomainsHave) {
  files.names = {{"host.a.example.", ""}, {"host.b.example.", ""}, {"other.b.example.", ""}};
  EXPECT_EQ(of("host").value(), "host.a.example");
  EXPECT_EQ(of("other").value(), "other.b.example");
  EXPECT_EQ(of("third").value(), "third") << "the system's own search may know it";
}

TEST_F(CanonicalName, IsNotLookedForUnlessAsked) {
  files.names = {{"host.a.example.", ""}};
  values.canonicalize_hostname.reset();
  EXPECT_EQ(of("host").value(), "host");
  values.canonicalize_hostname = canonicalization_mode::no;
  EXPECT_EQ(of("host").value(), "host");
}

TEST_F(CanonicalName, IsNotLookedForWithManyDots) {
  files.names = {{"x.y.a.example.", ""}, {"x.y.z.a.example.", ""}};
  EXPECT_EQ(of("x.y").value(), "x.y.a.example");
  EXPECT_EQ(of("x.y.z").value(), "x.y.z");
  values.canonicalize_max_dots = 0;
  EXPECT_EQ(of("x.y").value(), "x.y");
}

TEST_F(CanonicalName, OfAFullNameIsWithoutItsDot) {
  files.names = {{"host.elsewhere.", ""}};
  EXPECT_EQ(of("host.elsewhere.").value(), "host.elsewhere");
}

TEST_F(CanonicalName, OfAnAddressIsTheAddress) {
  files.names = {{"127.0.0.1", "x"}, {"::1", "x"}};
  values.canonicalize_permitted_cnames = std::vector<cname_rule>{{.sources = "*", .targets = "*"}};
  EXPECT_EQ(of("127.0.0.1").value(), "127.0.0.1");
  EXPECT_EQ(of("::1").value(), "::1");
}

TEST_F(CanonicalName, BehindAProxyIsTheProxysUnlessAlways) {
  files.names = {{"host.a.example.", ""}};
  values.proxy_command = "nc %h %p";
  EXPECT_EQ(of("host").value(), "host");
  values.canonicalize_hostname = canonicalization_mode::always;
  EXPECT_EQ(of("host").value(), "host.a.example");
  values.canonicalize_hostname = canonicalization_mode::yes;
  values.proxy_command = "none";
  EXPECT_EQ(of("host").value(), "host.a.example");
  values.proxy_jump = std::vector<destination>{{.host = "jump", .user = {}, .port = {}}};
  EXPECT_EQ(of("host").value(), "host");
}

TEST_F(CanonicalName, ThatIsNotFoundMayBeAnError) {
  values.canonicalize_fallback_local = false;
  for (const std::string host : {"host", "host.elsewhere."}) {
    const auto name = of(host);
    ASSERT_FALSE(name);
    EXPECT_EQ(name.error().code, make_error_code(errc::unknown_host));
    EXPECT_NE(name.error().message.find(host), std::string::npos);
  }
  EXPECT_EQ(of("x.y.z").value(), "x.y.z") << "it was not looked for";
}

TEST_F(CanonicalName, FollowsCnamesAsFarAsPermitted) {
  files.names = {{"host.a.example.", "Real.b.example"}, {"other.a.example.", "real.evil.example"}};
  EXPECT_EQ(of("host").value(), "host.a.example");
  values.canonicalize_permitted_cnames = std::vector<cname_rule>{
      {.sources = "*.c.example", .targets = "*"}, {.sources = "*.a.example", .targets = "*.b.example"}};
  EXPECT_EQ(of("host").value(), "real.b.example");
  EXPECT_EQ(of("other").value(), "other.a.example");
}

TEST_F(CanonicalName, IsNotWhatNoHostIsCalled) {
  files.names = {{"host.a.example.", "a;b"}};
  values.canonicalize_permitted_cnames = std::vector<cname_rule>{{.sources = "*", .targets = "*"}};
  EXPECT_EQ(of("host").value(), "host.a.example");
}

TEST_F(CanonicalName, FollowsCnamesOfNamesThatNoDomainHas) {
  files.names = {{"host", "host.b.example"}};
  EXPECT_EQ(of("host").value(), "host");
  values.canonicalize_permitted_cnames = std::vector<cname_rule>{{.sources = "host", .targets = "*.example"}};
  EXPECT_EQ(of("host").value(), "host.b.example");
  EXPECT_FALSE(of("unknown"));
  values.canonicalize_hostname = canonicalization_mode::always;
  values.proxy_command = "nc %h %p";
  EXPECT_EQ(of("unknown").value(), "unknown") << "the proxy may know it";
}

}  // namespace
}  // namespace tunnel::config
