#include "config/forward_spec.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tunnel::config {
namespace {

struct forward_sample {
  std::string text;
  std::optional<std::string> bind_address;
  std::uint16_t port;
};

TEST(ForwardSpec, ReadsAddressesAndPorts) {
  const std::vector<forward_sample> samples = {
      {"1080", {}, 1080},
      {"0", {}, 0},
      {"65535", {}, 65535},
      {"127.0.0.1:1080", "127.0.0.1", 1080},
      {"localhost:1080", "localhost", 1080},
      {"[::1]:1080", "::1", 1080},
      {"[fe80::1%lo]:1080", "fe80::1%lo", 1080},
      {"[127.0.0.1]:1080", "127.0.0.1", 1080},
      {"*:1080", "*", 1080},
      {":1080", "", 1080},
      {"[]:1080", "", 1080},
      {"*:0", "*", 0},
      {"[1080]", {}, 1080},
      {" 1080", {}, 1080},
      {"socks", {}, 1080},
      {"localhost:socks", "localhost", 1080},
      {"fe80\\:\\:1:1080", "fe80::1", 1080},
  };
  for (const forward_sample& expected : samples) {
    const auto spec = parse_dynamic_forward(expected.text);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(*spec,
              (forward_spec{.bind_address = expected.bind_address, .port = expected.port, .socket_path = {}}))
        << expected.text;
  }
}

TEST(ForwardSpec, TellsSocketPathsByTheirSlash) {
  for (const std::string path :
       {"/run/user/1000/proxy.sock", "./1080", "dir/1080", "127.0.0.1/1080", "*/1080"}) {
    const auto spec = parse_dynamic_forward(path);
    ASSERT_TRUE(spec) << path;
    EXPECT_EQ(spec->socket_path, path);
  }
  EXPECT_EQ(parse_dynamic_forward("[/tmp/a]")->socket_path, "/tmp/a");
  EXPECT_TRUE(parse_dynamic_forward('/' + std::string(106, 'x')));
  EXPECT_FALSE(parse_dynamic_forward('/' + std::string(107, 'x')));
}

TEST(ForwardSpec, ExpandsVariables) {
  ::setenv("FORWARD_SPEC_TEST", "127.0.0.1:1080", 1);
  EXPECT_EQ(parse_dynamic_forward("${FORWARD_SPEC_TEST}")->bind_address, "127.0.0.1");
  EXPECT_EQ(parse_dynamic_forward("${FORWARD_SPEC_TEST}8")->port, 10808);
  ::setenv("FORWARD_SPEC_TEST", "/run/socket", 1);
  EXPECT_EQ(parse_dynamic_forward("${FORWARD_SPEC_TEST}/%h")->socket_path, "/run/socket/%h");
  ::unsetenv("FORWARD_SPEC_TEST");
  EXPECT_FALSE(parse_dynamic_forward("${FORWARD_SPEC_TEST}"));
}

TEST(ForwardSpec, RefusesTheRestWithASentence) {
  for (const std::string text : {"",          " ",          "x",          "-1",       "65536",       "1080 ",
                                 "host:",     "host:x",     "host:65536", "::1:1080", "::1/1080",    "[::1]",
                                 "[::1]1080", "[::1",       "a b:1",      "1:2:3",    "host:1080:x", "[::1]:",
                                 "1080\\",    "host:[1080", "/tmp/a:x",   "\x1b:1",   "a\n:1"}) {
    const auto spec = parse_dynamic_forward(text);
    ASSERT_FALSE(spec) << text;
    EXPECT_FALSE(spec.error().message.empty());
    EXPECT_EQ(spec.error().message.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace tunnel::config
