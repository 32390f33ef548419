#include "ssh/identity_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificate_parts.hpp"
#include "crypto/base64.hpp"
#include "key_tools.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::ssh {
namespace {

using keys::certificate_parts;
using keys::ed25519_key;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using origin = identity::origin;

octets key_of(octet tag) {
  return ed25519_key(tag).public_blob();
}

octets certificate_of(octet tag, std::uint32_t use = 1) {
  certificate_parts parts;
  parts.key = keys::fields_of(key_of(tag));
  parts.use = use;
  return parts.blob();
}

identity held(const std::string& label, const octets& blob, const std::string& type = "ssh-ed25519") {
  return {.source = origin::agent, .label = label, .path = {}, .type = type, .public_blob = blob};
}

constexpr auto certificate_type = "ssh-ed25519-cert-v01@openssh.com";

class IdentityPlan : public testing::Test {
 protected:
  std::string public_file(const std::string& name, const octets& blob,
                          const std::string& type = "ssh-ed25519") {
    return folder_.write(name, type + ' ' + crypto::base64_encode(blob) + " comment\n");
  }

  std::string certificate_file(const std::string& name, octet tag) {
    return public_file(name, certificate_of(tag), certificate_type);
  }

  // A private key's file, which nobody reads, and what is public of it.
  std::string key_file(const std::string& name, octet tag, unsigned mode = 0600) {
    static_cast<void>(public_file(name + ".pub", key_of(tag)));
    return folder_.write(name, "-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n", mode);
  }

  // The labels of what is offered, after the name of the file or "agent" that signs.
  std::vector<std::string> offered() {
    auto plan = plan_identities(options_, held_, certificates_);
    left_out_ = std::move(plan.left_out);
    std::vector<std::string> lines;
    for (const auto& key : plan.keys) {
      const auto signer = key.source == origin::agent ? "agent" : name_of(key.path);
      lines.push_back(signer + ": " + name_of(key.label));
      last_ = key;
    }
    return lines;
  }

  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  support::temporary_folder folder_;
  config::settings options_;
  std::vector<identity> held_;
  bool certificates_ = true;
  std::vector<std::string> left_out_;
  identity last_;
};

// --- order -------------------------------------------------------------------------------------------------

TEST_F(IdentityPlan, OffersNamedKeysOfTheAgentInTheAgentsOrderThenItsOthersThenFiles) {
  held_ = {held("other", key_of(4)), held("two", key_of(2)), held("one", key_of(1))};
  options_.identity_files = {key_file("one", 1), key_file("three", 3), key_file("two", 2)};
  EXPECT_THAT(offered(), ElementsAre("agent: two", "agent: one", "agent: other", "three: three"));
  options_.identities_only = true;
  EXPECT_THAT(offered(), ElementsAre("agent: two", "agent: one", "three: three"));
  EXPECT_THAT(left_out_, IsEmpty());
}

TEST_F(IdentityPlan, OffersNamedCertificatesBeforeAllKeys) {
  held_ = {held("other", key_of(4)), held("two", key_of(2))};
  options_.identity_files = {key_file("one", 1), key_file("two", 2)};
  options_.certificate_files = {certificate_file("certificate", 1)};
  EXPECT_THAT(offered(), ElementsAre("one: certificate", "agent: two", "agent: other", "one: one"));
}

TEST_F(IdentityPlan, OffersACertificateBehindTheKeyThatItLiesBeside) {
  options_.identity_files = {key_file("one", 1), key_file("two", 2)};
  certificate_file("one-cert.pub", 1);
  EXPECT_THAT(offered(), ElementsAre("one: one", "one: one-cert.pub", "two: two"));
  options_.certificate_files = {certificate_file("another", 2)};
  EXPECT_THAT(offered(), ElementsAre("two: another", "one: one", "two: two"));
}

TEST_F(IdentityPlan, OffersNoCertificateInAFileThatTheEngineDoesNotTake) {
  certificates_ = false;
  options_.identity_files = {key_file("one", 1)};
  options_.certificate_files = {certificate_file("one-cert.pub", 1)};
  EXPECT_THAT(offered(), ElementsAre("one: one"));
}

// --- who signs ---------------------------------------------------------------------------------------------

TEST_F(IdentityPlan, LetsTheAgentSignForACertificateOfAKeyThatItHolds) {
  held_ = {held("two", key_of(2)), held("one", key_of(1))};
  options_.identities_only = true;
  options_.identity_files = {public_file("one.pub", key_of(1))};
  options_.certificate_files = {certificate_file("certificate", 1)};
  EXPECT_THAT(offered(), ElementsAre("agent: certificate", "agent: one"));
  options_.identity_files = {key_file("one", 1)};
  EXPECT_THAT(offered(), ElementsAre("agent: certificate", "agent: one"));
}

TEST_F(IdentityPlan, LetsTheAgentSignForACertificateBesideAKeyOfWhichOnlyThePublicPartIsThere) {
  held_ = {held("one", key_of(1))};
  options_.identity_files = {folder_.path("id")};
  public_file("id.pub", key_of(1));
  certificate_file("id-cert.pub", 1);
  EXPECT_THAT(offered(), ElementsAre("agent: one", "agent: id-cert.pub"));
  EXPECT_EQ(last_.public_blob, certificate_of(1));
  EXPECT_EQ(last_.agent_blob, key_of(1));
}

TEST_F(IdentityPlan, TakesACertificateAsAnIdentity) {
  options_.identity_files = {certificate_file("certificate", 1), key_file("one", 1)};
  EXPECT_THAT(offered(), ElementsAre("one: certificate", "one: one"));
}

TEST_F(IdentityPlan, LetsTheAgentSignWithACertificateThatItHoldsItself) {
  held_ = {held("certified", certificate_of(1), certificate_type)};
  options_.identities_only = true;
  options_.identity_files = {key_file("one", 1), certificate_file("certificate", 1)};
  EXPECT_THAT(offered(), ElementsAre("agent: certified", "one: one"));
  EXPECT_EQ(last_.agent_blob, octets());
}

TEST_F(IdentityPlan, LeavesOutACertificateWhoseKeyIsNowhere) {
  options_.identity_files = {key_file("one", 1)};
  options_.certificate_files = {certificate_file("certificate", 2)};
  EXPECT_THAT(offered(), ElementsAre("one: one"));
  EXPECT_THAT(left_out_, ElementsAre(options_.certificate_files[0] +
                                     " not tried (its private key is neither in a file that was named nor in "
                                     "the agent)"));
}

TEST_F(IdentityPlan, LeavesOutWhatIsNoCertificateOfAUser) {
  options_.certificate_files = {public_file("key", key_of(1)), folder_.path("missing"),
                                public_file("host", certificate_of(1, 2), certificate_type)};
  EXPECT_THAT(offered(), IsEmpty());
  EXPECT_THAT(left_out_, ElementsAre(HasSubstr("there is no certificate in it"),
                                     HasSubstr("there is no certificate in it"),
                                     HasSubstr("it is a host's certificate")));
}

// --- what is left out --------------------------------------------------------------------------------------

TEST_F(IdentityPlan, UsesTheAgentsCopyOfAKeyWhoseFileOthersMayRead) {
  options_.identity_files = {key_file("one", 1, 0644)};
  EXPECT_THAT(offered(), IsEmpty());
  EXPECT_THAT(left_out_, ElementsAre(HasSubstr("has permissions 0644")));
  held_ = {held("one", key_of(1))};
  options_.identities_only = true;
  EXPECT_THAT(offered(), ElementsAre("agent: one"));
  EXPECT_THAT(left_out_, IsEmpty());
}

TEST_F(IdentityPlan, LeavesOutRsaKeysThatAreTooSmall) {
  const auto file = keys::make_key(folder_.path("rsa"), {"-t", "rsa", "-b", "2048"});
  held_ = {held("held", keys::public_half(file), "ssh-rsa"), held("one", key_of(1))};
  options_.required_rsa_size = 2048;
  EXPECT_THAT(offered(), ElementsAre("agent: held", "agent: one"));
  options_.required_rsa_size = 2049;
  EXPECT_THAT(offered(), ElementsAre("agent: one"));
  options_.identity_files = {file};
  held_.clear();
  EXPECT_THAT(offered(), IsEmpty());
  EXPECT_THAT(left_out_, ElementsAre(file + " not tried (it has 2048 bits, and RequiredRSASize wants 2049)"));
}

}  // namespace
}  // namespace tunnel::ssh
