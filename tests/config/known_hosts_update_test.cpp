#include "config/known_hosts_update.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/public_key.hpp"
#include "crypto/base64.hpp"
#include "support.hpp"
#include "wire/writer.hpp"

namespace tunnel::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

octets sample_key(octet tag) {
  octets blob;
  wire::writer(blob).text("ssh-ed25519").string(octets(32, tag));
  return blob;
}

std::string text(octet tag) {
  return "ssh-ed25519 " + crypto::base64_encode(sample_key(tag));
}

class KnownHostsUpdate : public testing::Test {
 protected:
  void write(const std::string& content) { static_cast<void>(folder_.write("known_hosts", content)); }
  std::string content() const { return support::content_of(files_.front()); }

  host_key_changes compare(const offered_keys& offered) {
    return compare_host_keys(files_, names_, offered).value();
  }
  void update(const offered_keys& offered, host_name_form form = host_name_form::plain) {
    const auto done = update_host_keys(files_, names_, offered, form);
    EXPECT_TRUE(done) << done.error().message;
  }
  std::string obstacle(const std::string& content) {
    write(content);
    return compare({{sample_key(1), sample_key(2)}}).obstacle;
  }

  support::temporary_folder folder_;
  std::vector<std::string> files_ = {folder_.path("known_hosts"), folder_.path("known_hosts2")};
  std::vector<std::string> names_ = {"host"};
};

TEST_F(KnownHostsUpdate, TellsNewKeysFromThoseThatTheServerNoLongerHas) {
  write("host " + text(1) + "\nhost " + text(9) + "\nother " + text(5) + "\n");
  const auto changes = compare({{sample_key(1), sample_key(2)}});
  EXPECT_TRUE(changes.any());
  EXPECT_THAT(changes.known, ElementsAre(sample_key(1)));
  EXPECT_THAT(changes.added, ElementsAre(sample_key(2)));
  EXPECT_THAT(changes.removed, ElementsAre(sample_key(9)));
  EXPECT_EQ(changes.obstacle, "");
}

TEST_F(KnownHostsUpdate, FindsNothingToDoWhereAllIsKnown) {
  write("host " + text(1) + "\nhost " + text(2) + "\n");
  EXPECT_FALSE(compare({{sample_key(1), sample_key(2)}}).any());
  EXPECT_FALSE(compare({{sample_key(1)}, {sample_key(2)}}).any())
      << "one that is offered and not wanted is not removed";
  EXPECT_FALSE(compare({{sample_key(1), sample_key(2)}, {sample_key(3)}}).any()) << "nor added";
}

TEST_F(KnownHostsUpdate, AddsAndRemovesAndLeavesTheRestAsItIs) {
  const std::string before = "# mine\n\nother,10.0.0.1 " + text(5) + " comment\nnonsense\n";
  write(before + "host " + text(9) + "\n" + "host " + text(1) + " my note\nlast " + text(6));
  update({{sample_key(1), sample_key(2)}});
  EXPECT_EQ(content(), before + "host " + text(1) + " my note\nlast " + text(6) + "\nhost " + text(2) + "\n");
}

TEST_F(KnownHostsUpdate, RemovesFromEachFileAndAddsToTheFirst) {
  write("");
  const auto second = folder_.write("known_hosts2", "host " + text(1) + "\nhost " + text(9) + "\n");
  update({{sample_key(1), sample_key(2)}});
  EXPECT_EQ(content(), "host " + text(2) + "\n");
  EXPECT_EQ(support::content_of(second), "host " + text(1) + "\n");
}

TEST_F(KnownHostsUpdate, HashesNamesAsItIsAskedTo) {
  names_ = {"[host]:2222"};
  write("[host]:2222 " + text(1) + "\n");
  update({{sample_key(1), sample_key(2), sample_key(3)}}, host_name_form::hashed);
  EXPECT_EQ(content().find("host", 20), std::string::npos);
  for (const octet each : {octet{1}, octet{2}, octet{3}})
    EXPECT_EQ(look_up_host_key(files_, "host", 2222, sample_key(each))->status, host_key_status::match);
  // And finds them again.
  EXPECT_FALSE(compare({{sample_key(1), sample_key(2), sample_key(3)}}).any());
  update({{sample_key(3)}});
  EXPECT_EQ(look_up_host_key(files_, "host", 2222, sample_key(2))->status, host_key_status::changed);
  EXPECT_EQ(look_up_host_key(files_, "host", 2222, sample_key(3))->status, host_key_status::match);
}

TEST_F(KnownHostsUpdate, GivesAKeyTheNameThatItLacks) {
  names_ = {"host", "10.0.0.1"};
  write("host " + text(1) + "\n");
  const auto changes = compare({{sample_key(1)}});
  EXPECT_TRUE(changes.incomplete);
  EXPECT_THAT(changes.added, IsEmpty());
  update({{sample_key(1), sample_key(2)}});
  EXPECT_EQ(content(), "host " + text(1) + "\n10.0.0.1 " + text(1) + "\nhost,10.0.0.1 " + text(2) + "\n");
  EXPECT_FALSE(compare({{sample_key(1), sample_key(2)}}).any());
}

TEST_F(KnownHostsUpdate, LeavesAloneWhatSomebodyArranged) {
  EXPECT_EQ(obstacle("host " + text(1) + "\n"), "");
  EXPECT_EQ(obstacle("host,10.0.0.1 " + text(1) + "\n"), "");
  EXPECT_EQ(obstacle("@revoked other " + text(7) + "\nhost " + text(1) + "\n"), "");
  EXPECT_NE(obstacle("@cert-authority host " + text(7) + "\nhost " + text(1) + "\n"), "");
  EXPECT_NE(obstacle("@revoked host " + text(7) + "\nhost " + text(1) + "\n"), "");
  EXPECT_NE(obstacle("ho* " + text(1) + "\n"), "");
  EXPECT_NE(obstacle("host,alias " + text(1) + "\n"), "");
  EXPECT_NE(obstacle("host,10.0.0.1,10.0.0.2 " + text(1) + "\n"), "");
  EXPECT_NE(obstacle("host " + text(1) + "\nalias " + text(2) + "\n"), "") << "a new key has another name";
  EXPECT_NE(obstacle("host " + text(1) + "\nhost " + text(9) + "\nalias " + text(9) + "\n"), "")
      << "an old key has another name";
}

TEST_F(KnownHostsUpdate, NeverTouchesALineWithAMarker) {
  const std::string marked = "@revoked host " + text(9) + "\n";
  write(marked + "host " + text(8) + "\n");
  update({{sample_key(1)}});
  EXPECT_EQ(content(), marked + "host " + text(1) + "\n");
}

}  // namespace
}  // namespace tunnel::config
