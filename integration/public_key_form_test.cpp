#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/agent.hpp"
#include "support/askpass.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

constexpr int could_not_authenticate = 255;
constexpr const char* passphrase = "open sesame";

/// How a private key comes.
enum class form { openssh, encrypted_openssh, pem, encrypted_pem, pkcs8, encrypted_pkcs8, in_agent };

const std::map<form, std::string> form_names{
    {form::openssh, "openssh"},  {form::encrypted_openssh, "encrypted_openssh"},
    {form::pem, "pem"},          {form::encrypted_pem, "encrypted_pem"},
    {form::pkcs8, "pkcs8"},      {form::encrypted_pkcs8, "encrypted_pkcs8"},
    {form::in_agent, "in_agent"}};

struct user_key {
  std::string engine;
  std::string type;
  form shape;
};

std::ostream& operator<<(std::ostream& out, const user_key& shown) {
  return out << shown.engine << '_' << shown.type << '_' << form_names.at(shown.shape);
}

std::string name_of_key_test(const testing::TestParamInfo<user_key>& info) {
  auto name = testing::PrintToString(info.param);
  std::replace(name.begin(), name.end(), ':', '_');
  return name;
}

std::vector<user_key> every_key() {
  std::vector<user_key> all;
  for (const auto& engine : engines())
    for (const std::string type : {"ed25519", "ecdsa:256", "ecdsa:384", "ecdsa:521", "rsa:3072"})
      for (const auto& [shape, name] : form_names) {
        // The older forms have none for it: ssh-keygen -m writes OpenSSH's instead.
        const bool has_older_forms = type != "ed25519";
        if (has_older_forms || shape == form::openssh || shape == form::encrypted_openssh ||
            shape == form::in_agent)
          all.push_back({engine, type, shape});
      }
  return all;
}

bool is_encrypted(form shape) {
  return shape == form::encrypted_openssh || shape == form::encrypted_pem || shape == form::encrypted_pkcs8;
}

/// Rewrites the private key in this form.
void reshape(const ssh_key& key, form shape) {
  std::vector<std::string> arguments{"ssh-keygen", "-q", "-p", "-P", "", "-f", key.private_file.string()};
  arguments.insert(arguments.end(), {"-N", is_encrypted(shape) ? passphrase : ""});
  if (shape == form::pem || shape == form::encrypted_pem) arguments.insert(arguments.end(), {"-m", "PEM"});
  if (shape == form::pkcs8 || shape == form::encrypted_pkcs8)
    arguments.insert(arguments.end(), {"-m", "PKCS8"});
  const auto changed = run({.arguments = arguments});
  if (changed.exit_code != 0) throw std::runtime_error("ssh-keygen: " + changed.errors);
}

/// The line that a file of this form begins with.
std::string first_line(const user_key& key) {
  const std::string older = key.type.starts_with("rsa") ? "RSA" : "EC";
  switch (key.shape) {
    case form::openssh:
    case form::encrypted_openssh:
    case form::in_agent:
      return "-----BEGIN OPENSSH PRIVATE KEY-----\n";
    case form::pem:
      return "-----BEGIN " + older + " PRIVATE KEY-----\n";
    case form::encrypted_pem:
      return "-----BEGIN " + older + " PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n";
    case form::pkcs8:
      return "-----BEGIN PRIVATE KEY-----\n";
    case form::encrypted_pkcs8:
      return "-----BEGIN ENCRYPTED PRIVATE KEY-----\n";
  }
  throw std::logic_error("unknown form");
}

class PublicKeyForm : public stage, public testing::WithParamInterface<user_key> {
 protected:
  PublicKeyForm() : stage({GetParam().engine, server_kind::openssh}) {}

  /// A server that lets in with this key alone.
  void start_server_for(const ssh_key& key) {
    const auto allowed = files() / "allowed";
    write_file(allowed, key.public_line() + '\n');
    start_server({.config = {"AuthorizedKeysFile " + allowed.string()}});
  }

  /// libssh2 1.10 signs with RSA keys by SHA-1 alone, which sshd does not take unasked.
  bool engine_can_sign() { return engine() != "libssh2" || !GetParam().type.starts_with("rsa"); }

  /// Whether the type can be told without having decrypted anything, so that the refusal can be explained.
  static bool type_is_plain_to_see() {
    return GetParam().shape == form::openssh || GetParam().shape == form::encrypted_openssh ||
           GetParam().shape == form::in_agent;
  }

  void expect_refusal() {
    EXPECT_EQ(tunnel().wait(), could_not_authenticate);
    EXPECT_THAT(tunnel().log(), HasSubstr((files() / "key").string() + " refused"));
    if (type_is_plain_to_see()) {
      EXPECT_THAT(tunnel().log(), HasSubstr("SHA-1"));
    }
  }

  void expect_outcome() {
    if (!engine_can_sign()) return expect_refusal();
    tunnel().wait_until_ready();
    const origin target(echo());
    EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "logged in"));
    EXPECT_THAT(tunnel().log(), testing::Not(HasSubstr(passphrase)));
  }

  /// The private key lies there without its public half, as one copied from elsewhere does.
  void log_in_from_a_file(const ssh_key& key) {
    ASSERT_THAT(read_file(key.private_file), testing::StartsWith(first_line(GetParam())));
    std::filesystem::remove(key.private_file.string() + ".pub");
    tunnel_settings settings{.identity = key.private_file};
    if (is_encrypted(GetParam().shape)) {
      settings.batch = false;
      settings.environment = answering(files(), passphrase);
    }
    launch_tunnel(settings);
    expect_outcome();
  }

  void log_in_from_an_agent(const ssh_key& key) {
    const agent keys;
    keys.add(key);
    launch_tunnel({.identity = "", .environment = keys.environment()});
    expect_outcome();
  }
};

TEST_P(PublicKeyForm, LogsIn) {
  const auto key = make_key(files() / "key", GetParam().type);
  reshape(key, GetParam().shape);
  start_server_for(key);
  if (GetParam().shape == form::in_agent)
    log_in_from_an_agent(key);
  else
    log_in_from_a_file(key);
}

INSTANTIATE_TEST_SUITE_P(, PublicKeyForm, testing::ValuesIn(every_key()), name_of_key_test);

}  // namespace
}  // namespace tunnel::integration
