#include "config/revocation_list.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/errors.hpp"
#include "config/file.hpp"
#include "config/public_key.hpp"
#include "config/revoked_keys.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

/// Lists as ssh-keygen makes them, and what it says of the same key itself.
class RevocationList : public testing::Test {
 protected:
  RevocationList() {
    for (const char* each : {"authority", "other_authority", "host"})
      run("ssh-keygen -q -t ed25519 -N '' -C '' -f " + folder_.path(each));
    run("ssh-keygen -q -s " + folder_.path("authority") + " -h -I 'the host' -n host.test -z 70 " +
        folder_.path("host.pub"));
    host_ = blob("host.pub");
    authority_ = blob("authority.pub");
  }

  void run(const std::string& command) { ASSERT_TRUE(output_of(command)) << command; }

  octets blob(const std::string& name) {
    const auto text = read_file(folder_.path(name), 4096);
    return parse_public_key(text.value().text).value().blob;
  }

  revocable_key certificate() {
    return {.blob = host_, .certified = {{.authority_blob = authority_, .serial = 70, .key_id = "the host"}}};
  }

  // By `lines` as in ssh-keygen's section on KEY REVOCATION LISTS; `with`: further arguments.
  bool revokes(const std::string& lines, const std::string& with = "") {
    const auto list = folder_.path("list");
    run("ssh-keygen -q -k -f " + list + ' ' + with + ' ' + folder_.write("lines", lines));
    const auto revoked = is_revoked(list, certificate());
    EXPECT_TRUE(revoked) << revoked.error().message;
    const bool by_ssh_keygen = !output_of("ssh-keygen -Q -f " + list + ' ' + folder_.path("host-cert.pub"));
    EXPECT_EQ(revoked.value(), by_ssh_keygen) << lines;
    return revoked.value();
  }

  std::string of_authority() { return "-s " + folder_.path("authority.pub"); }

  support::temporary_folder folder_;
  octets host_;
  octets authority_;
};

TEST_F(RevocationList, RevokesBySerialNumber) {
  EXPECT_TRUE(revokes("serial: 70\n", of_authority()));
  EXPECT_FALSE(revokes("serial: 71\n", of_authority()));
  EXPECT_TRUE(revokes("serial: 70\n", "-s none")) << "of whatever authority";
  EXPECT_FALSE(revokes("serial: 70\n", "-s " + folder_.path("other_authority.pub")));
}

TEST_F(RevocationList, RevokesByRange) {
  EXPECT_TRUE(revokes("serial: 60-70\n", of_authority()));
  EXPECT_TRUE(revokes("serial: 70-90000\n", of_authority()));
  EXPECT_FALSE(revokes("serial: 71-90000\n", of_authority()));
}

TEST_F(RevocationList, RevokesByBitmap) {
  const auto all_but = [](int parity) {
    std::string lines;
    for (int serial = 41 + parity; serial < 400; serial += 2)
      lines += "serial: " + std::to_string(serial) + '\n';
    return lines;
  };
  EXPECT_TRUE(revokes(all_but(1), of_authority()));
  EXPECT_FALSE(revokes(all_but(0), of_authority()));
}

TEST_F(RevocationList, RevokesById) {
  EXPECT_TRUE(revokes("id: another\nid: the host\n", of_authority()));
  EXPECT_FALSE(revokes("id: the\n", of_authority()));
}

TEST_F(RevocationList, RevokesByKeyAndDigest) {
  for (const std::string form : {"key: ", "sha1: ", "sha256: "}) {
    for (const std::string name : {"host.pub", "authority.pub"})
      EXPECT_TRUE(revokes(form + read_file(folder_.path(name), 4096).value().text)) << form << name;
    EXPECT_FALSE(revokes(form + read_file(folder_.path("other_authority.pub"), 4096).value().text)) << form;
  }
}

TEST_F(RevocationList, HasNothingAgainstAnyoneWhenEmpty) {
  EXPECT_FALSE(revokes(""));
}

TEST_F(RevocationList, IsRefusedWhenCutOff) {
  run("ssh-keygen -q -k -f " + folder_.path("list") + ' ' + of_authority() + ' ' +
      folder_.write("lines", "serial: 1\nid: x\n"));
  const auto whole = read_file(folder_.path("list"), 4096).value().text;
  constexpr std::size_t header = 44;
  for (std::size_t size = 8; size < whole.size(); ++size) {
    const auto revoked = is_revoked_by_list(as_octets(whole).first(size), certificate());
    if (size == header) continue;  // A list of its own.
    ASSERT_FALSE(revoked) << size;
    EXPECT_EQ(revoked.error().code, make_error_code(errc::malformed));
  }
}

TEST_F(RevocationList, IsRefusedWhenItIsLaterOrCriticallyExtended) {
  std::string list("SSHKRL\n\0\0\0\0\2", 12);
  list.resize(44, '\0');
  EXPECT_FALSE(is_revoked_by_list(as_octets(list), certificate()));
  list[11] = 1;
  EXPECT_TRUE(is_revoked_by_list(as_octets(list), certificate()));
  const std::string extension("\xff\0\0\0\x0a\0\0\0\1x\0\0\0\0\0", 15);
  EXPECT_TRUE(is_revoked_by_list(as_octets(list + extension), certificate()));
  auto critical = extension;
  critical[10] = 1;
  EXPECT_FALSE(is_revoked_by_list(as_octets(list + critical), certificate()));
}

}  // namespace
}  // namespace tunnel::config
