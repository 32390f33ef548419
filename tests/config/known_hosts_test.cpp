#include "config/known_hosts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "config/errors.hpp"
#include "config/fingerprint.hpp"
#include "config/known_hosts_line.hpp"
#include "config/public_key.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Three keys made for these tests with ssh-keygen; nobody has the private parts.
const std::string ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJSDRJ8fo+pI6Ddmub7LiXQLTwEzjfbGYxcxIKLhio30";
const std::string other_ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEx84yv7pxJc++WscdoZ/s2GOhRKFnPlARsXdb0DVqb1";
const std::string ecdsa =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMLSCzMqj9e5APpK0XUwvyRtfaJavMMGBbwFLNWtT/"
    "BWxFZ9DrD4fEp1YfgD7qJz0LmGVZsrCdt6aRMs+LbRvz8=";

octets blob_of(const std::string& line) {
  return parse_public_key(line).value().blob;
}

class KnownHosts : public testing::Test {
 protected:
  host_key_answer look_up(const std::string& text, const std::string& host, std::uint16_t port = 22,
                          const std::string& key = ed25519) {
    files_ = {folder_.write("known_hosts", text)};
    return look_up_host_key(files_, host, port, blob_of(key)).value();
  }

  host_key_status status(const std::string& text, const std::string& host, std::uint16_t port = 22,
                         const std::string& key = ed25519) {
    return look_up(text, host, port, key).status;
  }

  support::temporary_folder folder_;
  std::vector<std::string> files_;
};

using enum host_key_status;

TEST_F(KnownHosts, MatchesPlainNames) {
  EXPECT_EQ(status("host " + ed25519 + "\n", "host"), match);
  EXPECT_EQ(status("host " + ed25519 + " a comment", "HOST"), match);
  EXPECT_EQ(status("HOST " + ed25519 + "\r\n", "host"), match);
  EXPECT_EQ(status("a,host,192.0.2.1 " + ed25519, "192.0.2.1"), match);
  EXPECT_EQ(status("\t host \t" + ed25519, "host"), match);
  EXPECT_EQ(status("other " + ed25519, "host"), unknown);
  EXPECT_EQ(status("", "host"), unknown);
}

TEST_F(KnownHosts, MatchesPatternsAndTheirNegation) {
  EXPECT_EQ(status("*.example " + ed25519, "a.example"), match);
  EXPECT_EQ(status("a?.example " + ed25519, "ab.example"), match);
  EXPECT_EQ(status("*.example,!bad.example " + ed25519, "bad.example"), unknown);
  EXPECT_EQ(status("!bad.example,*.example " + ed25519, "good.example"), match);
}

TEST_F(KnownHosts, TellsPortsApart) {
  const std::string text = "[host]:2222 " + ed25519 + "\nhost " + other_ed25519 + "\n";
  EXPECT_EQ(status(text, "host", 2222), match);
  EXPECT_EQ(status(text, "host", 22), changed);
  EXPECT_EQ(status(text, "host", 22, other_ed25519), match);
  EXPECT_EQ(status(text, "host", 2222, other_ed25519), changed);
  EXPECT_EQ(status(text, "host", 2223), unknown)
      << "a differing key without port says nothing about other ports";
  EXPECT_EQ(status(text, "host", 2223, other_ed25519), match) << "but the same key does, as in ssh";
  EXPECT_EQ(status("[::1]:2222 " + ed25519, "::1", 2222), match);
}

TEST_F(KnownHosts, MatchesHashedNames) {
  const octets salt(20, 7);
  const auto line = [&](const std::string& name) { return hashed_name(name, salt) + ' ' + ed25519 + '\n'; };
  EXPECT_EQ(status(line("host"), "host"), match);
  EXPECT_EQ(status(line("host"), "Host"), match);
  EXPECT_EQ(status(line("[host]:2222"), "host", 2222), match);
  EXPECT_EQ(status(line("host"), "other"), unknown);
  EXPECT_EQ(status("|1|AAAA|AAAA " + ed25519, "host"), unknown);
  EXPECT_EQ(status("|1|" + ed25519, "host"), unknown);
  EXPECT_EQ(status("|2|* " + ed25519, "|2|x"), unknown);
  EXPECT_EQ(status("|* " + ed25519, "|x"), unknown) << "an unknown hash is no pattern";
}

TEST_F(KnownHosts, NamesEveryLineWithADifferentKey) {
  const auto answer = look_up("# first\nhost " + other_ed25519 + "\nhost " + ecdsa + "\n", "host");
  EXPECT_EQ(answer.status, changed);
  EXPECT_THAT(answer.keys, ElementsAre(known_key{files_[0], 2, "ssh-ed25519"},
                                       known_key{files_[0], 3, "ecdsa-sha2-nistp256"}));
}

TEST_F(KnownHosts, TakesAnotherTypeAloneForAChangeAsSshDoes) {
  EXPECT_EQ(status("host " + ecdsa + "\n", "host"), changed);
}

TEST_F(KnownHosts, MatchesIfAnyLineDoes) {
  const auto answer = look_up("host " + other_ed25519 + "\nhost " + ed25519 + "\n", "host");
  EXPECT_EQ(answer.status, match);
  EXPECT_THAT(answer.keys, ElementsAre(known_key{files_[0], 2, "ssh-ed25519"}));
}

TEST_F(KnownHosts, LetsRevocationWin) {
  EXPECT_EQ(status("host " + ed25519 + "\n@revoked host " + ed25519 + "\n", "host"), revoked);
  EXPECT_EQ(status("@revoked * " + ed25519 + "\nhost " + ed25519 + "\n", "host"), revoked);
  EXPECT_EQ(status("@revoked other " + ed25519 + "\n", "host"), unknown);
  EXPECT_EQ(status("@revoked host " + other_ed25519 + "\n", "host"), unknown);
  EXPECT_EQ(status("@revoked host " + ed25519 + "\n", "host", 2222), revoked) << "also without a port";
  EXPECT_EQ(look_up("\n@revoked * " + ed25519 + "\n", "host").keys,
            (std::vector{known_key{files_[0], 2, "ssh-ed25519"}}));
}

TEST_F(KnownHosts, PassesOverAuthoritiesAndWhatItCannotRead) {
  for (const std::string& line : std::vector<std::string>{
           "@cert-authority host " + ed25519, "@bananas host " + ed25519, "@revoked",
           "@revoked @revoked host " + ed25519, std::string("host"), std::string("host ssh-ed25519"),
           std::string("host ssh-ed25519 AAAA"), "host ssh-rsa " + ed25519.substr(12),
           "host " + ed25519 + "=", std::string("# host ") + ed25519, std::string("host # ") + ed25519,
           std::string("host 2048 65537 1234"), std::string("\x00\xff host", 8),
           std::string("host ssh-new@example.com AAAAE3NzaC1uZXdAZXhhbXBsZS5jb20="),
           std::string(max_known_hosts_line, 'x') + " " + ed25519}) {
    EXPECT_EQ(status(line + "\n", "host"), unknown) << line.substr(0, 80);
    EXPECT_EQ(status(line + "\nhost " + ed25519, "host"), match) << line.substr(0, 80);
  }
}

TEST_F(KnownHosts, ReadsSeveralFilesAndPassesOverMissingOnes) {
  const std::vector<std::string> files = {folder_.path("missing"),
                                          folder_.write("one", "host " + other_ed25519),
                                          folder_.write("two", "host " + ed25519), folder_.path("none/such")};
  EXPECT_EQ(look_up_host_key(files, "host", 22, blob_of(ed25519))->status, match);
  EXPECT_EQ(look_up_host_key(files, "host", 22, blob_of(ecdsa))->keys.size(), 2U);
}

TEST_F(KnownHosts, PassesOverFoldersAsSshDoes) {
  const std::vector<std::string> files = {folder_.path(""), folder_.write("one", "host " + ed25519)};
  EXPECT_EQ(look_up_host_key(files, "host", 22, blob_of(ed25519))->status, match);
  EXPECT_TRUE(known_key_types(files, "host", 22));
}

TEST_F(KnownHosts, FailsWhenAFileCannotBeRead) {
  std::filesystem::create_symlink("loop", folder_.path("loop"));
  const std::vector<std::string> files = {folder_.write("one", "host " + ed25519), folder_.path("loop")};
  const auto answer = look_up_host_key(files, "host", 22, blob_of(ed25519));
  ASSERT_FALSE(answer) << "a link to itself is unreadable even for root";
  EXPECT_FALSE(is_absent(answer.error()));
  EXPECT_FALSE(known_key_types(files, "host", 22));
}

TEST_F(KnownHosts, RefusesHugeFiles) {
  const std::vector<std::string> files = {"/dev/zero"};
  EXPECT_EQ(look_up_host_key(files, "host", 22, blob_of(ed25519)).error().code, errc::too_large);
}

TEST_F(KnownHosts, ListsKnownTypes) {
  const std::vector<std::string> files = {
      folder_.write("k", "host " + ecdsa + "\nhost " + ed25519 + "\nhost " + other_ed25519 + "\n@revoked * " +
                             ed25519 + "\n[host]:2222 " + ed25519 + "\n")};
  EXPECT_THAT(known_key_types(files, "host", 22).value(), ElementsAre("ecdsa-sha2-nistp256", "ssh-ed25519"));
  EXPECT_THAT(known_key_types(files, "host", 2222).value(), ElementsAre("ssh-ed25519"));
  EXPECT_THAT(known_key_types(files, "other", 22).value(), IsEmpty());
}

TEST_F(KnownHosts, AgreesWithSshKeygenOnHashes) {
  const std::string file = folder_.write("k", "host " + ed25519 + "\n[host]:2222 " + ecdsa + "\n");
  ASSERT_TRUE(output_of("ssh-keygen -H -f " + file));
  EXPECT_EQ(support::content_of(file).find("host"), std::string::npos);
  const std::vector<std::string> files = {file};
  EXPECT_EQ(look_up_host_key(files, "host", 22, blob_of(ed25519))->status, match);
  EXPECT_EQ(look_up_host_key(files, "host", 2222, blob_of(ecdsa))->status, match);
  EXPECT_EQ(look_up_host_key(files, "other", 22, blob_of(ed25519))->status, unknown);
}

TEST_F(KnownHosts, AgreesWithSshKeygenOnFingerprints) {
  for (const std::string& key : {ed25519, ecdsa}) {
    const auto listed = output_of("ssh-keygen -l -f " + folder_.write("key.pub", key + "\n"));
    ASSERT_TRUE(listed);
    EXPECT_NE(listed->find(' ' + fingerprint(blob_of(key)) + ' '), std::string::npos) << *listed;
  }
}

}  // namespace
}  // namespace tunnel::config
