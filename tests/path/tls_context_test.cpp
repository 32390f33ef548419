#include "path/tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_prompter.hpp"
#include "support/temporary_folder.hpp"
#include "tls_peer.hpp"

namespace tunnel::path {
namespace {

using support::scripted_prompter;
using testing::HasSubstr;

// A certificate and its key, encrypted with "open sesame".
class TlsContext : public testing::Test {
 protected:
  result<std::shared_ptr<const tls_context>> make(scripted_prompter& user) {
    return tls_context::make({.certificate_file = certificate_, .key_file = key_}, user);
  }

  test::own_certificate own_{"client.example"};
  support::temporary_folder folder_;
  std::string certificate_ = folder_.write("certificate", own_.text());
  std::string key_ = folder_.write("key", own_.key_text("open sesame"));
};

TEST_F(TlsContext, AsksForThePassphraseOfItsKey) {
  scripted_prompter user({"open sesame"});
  EXPECT_TRUE(make(user));
  ASSERT_EQ(user.asked().size(), 1U);
  EXPECT_EQ(user.asked()[0].prompt, "Enter passphrase for key '" + key_ + "': ");
  EXPECT_EQ(user.asked()[0].shown, ssh::echo::off);
}

TEST_F(TlsContext, AsksAgainAfterAWrongPassphrase) {
  scripted_prompter user({"wrong", "open sesame"});
  EXPECT_TRUE(make(user));
  EXPECT_THAT(user.told(), testing::ElementsAre("Bad passphrase, try again."));
}

TEST_F(TlsContext, AsksThreeTimesAtMost) {
  scripted_prompter user({"wrong", "wrong", "wrong", "open sesame"});
  const auto made = make(user);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message,
            "--tls-key: " + key_ + " cannot be decrypted with any of the passphrases given");
}

TEST_F(TlsContext, SaysThatAPassphraseIsMissing) {
  scripted_prompter nobody;
  const auto made = make(nobody);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "--tls-key: " + key_ + " needs a passphrase, and none was given");
}

TEST_F(TlsContext, RefusesAPassphraseLongerThanOpenSslTakes) {
  scripted_prompter user({std::string(1025, 'x')});
  EXPECT_FALSE(make(user));
}

TEST_F(TlsContext, RefusesTheKeyOfAnotherCertificateWithoutAQuestion) {
  scripted_prompter user;
  certificate_ = folder_.write("another", test::own_certificate("client.example").text());
  key_ = certificate_;
  const auto made = make(user);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("there is no private key of that certificate to be had from"));
  EXPECT_TRUE(user.asked().empty());
}

}  // namespace
}  // namespace tunnel::path
