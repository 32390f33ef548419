#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/pattern.hpp"
#include "support/scenario.hpp"
#include "support/transfer.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr seconds limit{30};
constexpr int could_not_connect = 255;

/// What a server allows, one algorithm of a kind alone, and who can use it.
struct algorithm {
  /// "aes128-ctr_hmac-sha2-256".
  std::string name;
  /// As the log names what was agreed on.
  std::vector<std::string> agreed;
  server_settings server;
  bool libssh2_knows = true;
  /// One of what libssh2 offers instead, for the sentence that says so.
  std::string libssh2_offers = {};
  server_kind kind = server_kind::openssh;
};

struct algorithm_with_engine {
  std::string engine;
  algorithm only;
};

std::ostream& operator<<(std::ostream& out, const algorithm_with_engine& shown) {
  return out << shown.engine << '_' << name_of(shown.only.kind) << '_' << shown.only.name;
}

/// GoogleTest allows letters, digits and underscores.
std::string name_of_algorithm_test(const testing::TestParamInfo<algorithm_with_engine>& info) {
  auto name = testing::PrintToString(info.param);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

std::vector<algorithm_with_engine> with_every_engine(const std::vector<algorithm>& algorithms) {
  std::vector<algorithm_with_engine> all;
  for (const auto& engine : engines())
    for (const auto& each : algorithms) all.push_back({engine, each});
  return all;
}

std::vector<algorithm_with_engine> key_exchanges() {
  std::vector<algorithm> all;
  for (const std::string name :
       {"curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp521", "diffie-hellman-group14-sha256", "diffie-hellman-group16-sha512",
        "diffie-hellman-group18-sha512", "diffie-hellman-group-exchange-sha256"})
    all.push_back({.name = name, .agreed = {name}, .server = {.config = {"KexAlgorithms " + name}}});
#ifdef TUNNEL_TEST_ML_KEM
  // Where OpenSSL has ML-KEM, the system's OpenSSH does too: from 9.9 on.
  const std::string hybrid = "mlkem768x25519-sha256";
  all.push_back({.name = hybrid,
                 .agreed = {hybrid},
                 .server = {.config = {"KexAlgorithms " + hybrid}},
                 .libssh2_knows = false,
                 .libssh2_offers = "curve25519-sha256"});
#endif
  return with_every_engine(all);
}

// libssh2 has AES in counter mode and MACs over the plain packet, nothing else that is still sound.
std::vector<algorithm_with_engine> ciphers() {
  std::vector<algorithm> all;
  for (const std::string name :
       {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"})
    all.push_back({.name = name,
                   .agreed = {name},
                   .server = {.config = {"Ciphers " + name}},
                   .libssh2_knows = false,
                   .libssh2_offers = "aes128-ctr"});
  for (const std::string cipher : {"aes128-ctr", "aes192-ctr", "aes256-ctr"})
    for (const std::string mac :
         {"hmac-sha2-256", "hmac-sha2-512", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"})
      all.push_back({.name = cipher + '_' + mac,
                     .agreed = {cipher, mac},
                     .server = {.config = {"Ciphers " + cipher, "MACs " + mac}},
                     .libssh2_knows = mac.find("-etm") == std::string::npos,
                     .libssh2_offers = "hmac-sha2-256"});
  return with_every_engine(all);
}

std::vector<algorithm_with_engine> host_keys() {
  struct host_key {
    std::string algorithm;
    std::string type;
    bool libssh2_knows;
  };
  std::vector<algorithm> all;
  for (const auto& [name, type, libssh2_knows] :
       {host_key{"ssh-ed25519", "ed25519", true}, host_key{"ecdsa-sha2-nistp256", "ecdsa:256", true},
        host_key{"ecdsa-sha2-nistp384", "ecdsa:384", true},
        host_key{"ecdsa-sha2-nistp521", "ecdsa:521", true}, host_key{"rsa-sha2-512", "rsa:3072", false},
        host_key{"rsa-sha2-256", "rsa:3072", false}})
    all.push_back({.name = name,
                   .agreed = {name},
                   .server = {.host_key_type = type, .config = {"HostKeyAlgorithms " + name}},
                   .libssh2_knows = libssh2_knows,
                   .libssh2_offers = "ssh-ed25519"});
  return with_every_engine(all);
}

// The same ciphers from another hand.
std::vector<algorithm_with_engine> ciphers_of_asyncssh() {
  std::vector<algorithm> all;
  for (const std::string name :
       {"chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com", "aes256-gcm@openssh.com"})
    all.push_back({.name = name,
                   .agreed = {name},
                   .server = {.config = {"encryption_algs=" + name}},
                   .libssh2_knows = false,
                   .libssh2_offers = "aes128-ctr",
                   .kind = server_kind::asyncssh});
  for (const std::string mac : {"hmac-sha2-256-etm@openssh.com", "hmac-sha2-512"})
    all.push_back({.name = "aes256-ctr_" + mac,
                   .agreed = {"aes256-ctr", mac},
                   .server = {.config = {"encryption_algs=aes256-ctr", "mac_algs=" + mac}},
                   .libssh2_knows = mac == "hmac-sha2-512",
                   .libssh2_offers = "hmac-sha2-256",
                   .kind = server_kind::asyncssh});
  return with_every_engine(all);
}

std::vector<algorithm_with_engine> key_exchanges_of_asyncssh() {
  std::vector<algorithm> all;
  for (const std::string name : {"curve25519-sha256", "ecdh-sha2-nistp521", "diffie-hellman-group16-sha512",
                                 "diffie-hellman-group-exchange-sha256"})
    all.push_back({.name = name,
                   .agreed = {name},
                   .server = {.config = {"kex_algs=" + name}},
                   .kind = server_kind::asyncssh});
  return with_every_engine(all);
}

/// A server that allows nothing else: used for data that all arrive, or declined in words.
class Algorithm : public stage, public testing::WithParamInterface<algorithm_with_engine> {
 protected:
  Algorithm() : stage({GetParam().engine, GetParam().only.kind}) {}

  static const algorithm& only() { return GetParam().only; }

  void expect_use() {
    tunnel().wait_until_ready();
    for (const auto& name : only().agreed)
      EXPECT_THAT(tunnel().log(), testing::ContainsRegex("connected to [^\n]*[ (]" + name + "[,)]"));
    EXPECT_EQ(exchange_patterns(port(), 8 * mebibyte, limit), "");
    EXPECT_EQ(ask(port(), socks_version::v5, {"127.0.0.1", free_port()}).code,
              expected_reply(engine(), failure::refused));
  }

  void expect_refusal() {
    EXPECT_EQ(tunnel().wait(), could_not_connect);
    EXPECT_THAT(tunnel().log(), AllOf(HasSubstr("key exchange with 127.0.0.1"), HasSubstr("offers"),
                                      HasSubstr(only().libssh2_offers)));
  }
};

TEST_P(Algorithm, OfAServerThatAllowsNoOther) {
  start_server(only().server);
  launch_tunnel();
  if (engine() == "libssh2" && !only().libssh2_knows)
    expect_refusal();
  else
    expect_use();
}

INSTANTIATE_TEST_SUITE_P(KeyExchange, Algorithm, testing::ValuesIn(key_exchanges()), name_of_algorithm_test);
INSTANTIATE_TEST_SUITE_P(Cipher, Algorithm, testing::ValuesIn(ciphers()), name_of_algorithm_test);
INSTANTIATE_TEST_SUITE_P(HostKey, Algorithm, testing::ValuesIn(host_keys()), name_of_algorithm_test);
INSTANTIATE_TEST_SUITE_P(CipherOfAsyncssh, Algorithm, testing::ValuesIn(ciphers_of_asyncssh()),
                         name_of_algorithm_test);
INSTANTIATE_TEST_SUITE_P(KeyExchangeOfAsyncssh, Algorithm, testing::ValuesIn(key_exchanges_of_asyncssh()),
                         name_of_algorithm_test);

class NoCommonAlgorithm : public scenario {};

TEST_P(NoCommonAlgorithm, IsSaidWithBothOffers) {
  start_server({.config = {"Ciphers aes128-cbc"}});
  launch_tunnel();
  EXPECT_EQ(tunnel().wait(), could_not_connect);
  EXPECT_THAT(tunnel().log(), HasSubstr("aes128-ctr"));
  // libssh2 does not give the server's offer away.
  if (engine() == "libssh2") return;
  EXPECT_TRUE(explained(tunnel().log(), "no-common-algorithm"));
  EXPECT_THAT(tunnel().log(), HasSubstr("The server offers aes128-cbc; "));
}

TUNNEL_RUN_SCENARIO(NoCommonAlgorithm, openssh_only);

}  // namespace
}  // namespace tunnel::integration
