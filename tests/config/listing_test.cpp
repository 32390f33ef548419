#include "config/listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"

namespace tunnel::config {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string listing_from(const std::string& text, const chosen_algorithms& chosen = {}) {
  memory_files files;
  files.add("/home/me/.ssh/config", text);
  command_line given;
  given.target.host = "Host";
  const auto read = load_configuration(given, files.env());
  return read ? list_configuration(*read, chosen) : "error: " + read.error().message;
}

TEST(Listing, BeginsWithTheServer) {
  EXPECT_THAT(listing_from("HostName %h.org\nPort 23"),
              StartsWith("host Host\nuser me\nhostname host.org\nport 23\n"));
}

TEST(Listing, HasThisProgramsDefaults) {
  const std::string listing = listing_from("");
  EXPECT_THAT(listing, HasSubstr("\nserveraliveinterval 15\n"));
  EXPECT_THAT(listing, HasSubstr("\nidentityfile ~/.ssh/id_ed25519\n"));
  EXPECT_THAT(listing, Not(HasSubstr("id_dsa")));
}

TEST(Listing, ShowsTheEnginesAlgorithms) {
  chosen_algorithms chosen;
  chosen.cipher = {"aes256-ctr", "aes128-ctr"};
  EXPECT_THAT(listing_from("", chosen), HasSubstr("\nciphers aes256-ctr,aes128-ctr\n"));
  EXPECT_THAT(listing_from("Ciphers aes128-ctr"), Not(HasSubstr("ciphers")));
}

TEST(Listing, ShowsWhatCouldNotBeUsed) {
  EXPECT_THAT(
      listing_from("IdentityFile ${UNSET}/x\nRevokedHostKeys ~nobody/y"),
      testing::AllOf(HasSubstr("\nidentityfile ${UNSET}/x\n"), HasSubstr("\nrevokedhostkeys ~nobody/y\n")));
}

TEST(Listing, ShowsWhatTheInstalledSshMayNotKnow) {
  EXPECT_THAT(listing_from("Tag work"), HasSubstr("\ntag work\n"));
}

}  // namespace
}  // namespace tunnel::config
