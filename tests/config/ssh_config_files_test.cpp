#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/errors.hpp"
#include "config/ssh_config.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string user_config = "/home/me/.ssh/config";
const std::string system_config = "/etc/ssh/ssh_config";

struct sources {
  memory_files files;
  command_line given{
      .target = {.host = "host", .user = {}, .port = {}}, .options = {}, .options_behind = {}, .file = {}};

  result<settings> load() { return load_settings(given, files.env()); }
};

TEST(SshConfigFiles, RankCommandLineOptionsTargetUserAndSystem) {
  sources from;
  from.files.add(system_config, "Port 5\nUser system\n", 0, 0644);
  EXPECT_EQ(from.load()->port, 5);
  from.files.add(user_config, "Port 4\nUser user\n");
  EXPECT_EQ(from.load()->port, 4);
  from.given.target.port = 3;
  from.given.target.user = "target";
  EXPECT_EQ(from.load()->port, 3);
  EXPECT_EQ(from.load()->user, "target");
  from.given.options_behind = {{"User", "behind"}, {"", "Port=99"}, {"BatchMode", "yes"}};
  EXPECT_EQ(from.load()->port, 3);
  EXPECT_EQ(from.load()->user, "target");
  EXPECT_TRUE(from.load()->batch_mode);
  from.given.options = {{"", "Port=2"}, {"Port", "99"}, {"User", "letter"}, {"", "User=option"}};
  EXPECT_EQ(from.load()->port, 2);
  EXPECT_EQ(from.load()->user, "letter");
}

TEST(SshConfigFiles, AddIdentitiesInOrder) {
  sources from;
  from.files.add("/i", "");
  from.given.options = {{"", "IdentityFile=/o"}, {"IdentityFile", "/i"}};
  from.files.add(user_config, "IdentityFile /u\nIdentityFile /i\n");
  from.files.add(system_config, "IdentityFile /s\n");
  EXPECT_THAT(from.load()->identity_files, ElementsAre("/o", "/i", "/u", "/s"));
}

TEST(SshConfigFiles, PassOverAKeyFileThatIsNotThereWhenALetterNamesIt) {
  sources from;
  from.given.options = {{"IdentityFile", "~/missing"}};
  EXPECT_TRUE(from.load()->default_identity_files);
  EXPECT_THAT(from.load()->warnings, ElementsAre(HasSubstr("-i: cannot find /home/me/missing: ")));
  from.given.options.push_back({"", "IdentityFile=/missing"});
  EXPECT_THAT(from.load()->identity_files, ElementsAre("/missing"));
  from.files.add("/home/me/there", "");
  from.given.options = {{"IdentityFile", "~/there"}};
  EXPECT_THAT(from.load()->identity_files, ElementsAre("/home/me/there"));
  from.given.options = {{"IdentityFile", "~nobody/there"}};
  EXPECT_FALSE(from.load());
}

TEST(SshConfigFiles, ReadOnlyTheNamedFile) {
  sources from;
  from.files.add(user_config, "Port 4\n");
  from.files.add(system_config, "Port 5\n");
  from.files.add("/my", "User named\n", 4711, 0666);
  from.given.file = "/my";
  EXPECT_EQ(from.load()->port, 22);
  EXPECT_EQ(from.load()->user, "named") << "its permissions are the user's own business, as in ssh";
  from.given.file = "none";
  EXPECT_EQ(from.load()->port, 22);
  from.given.file = "/missing";
  EXPECT_TRUE(is_absent(from.load().error()));
}

TEST(SshConfigFiles, RefuseTheUsersFileWhenOthersCouldWriteIt) {
  for (const auto& [owner, mode, fine] :
       std::initializer_list<std::tuple<uid_t, mode_t, bool>>{{1000, 0600, true},
                                                              {1000, 0644, true},
                                                              {0, 0644, true},
                                                              {1000, 0620, false},
                                                              {1000, 0602, false},
                                                              {1001, 0600, false}}) {
    sources from;
    from.files.add(user_config, "Port 1\n", owner, mode);
    const auto loaded = from.load();
    EXPECT_EQ(loaded.has_value(), fine) << owner << ' ' << mode;
    if (!fine) {
      EXPECT_EQ(loaded.error().code, errc::unsafe_permissions);
    }
  }
}

TEST(SshConfigFiles, MayBeWritableByTheUsersOwnGroup) {
  for (const auto& [group, mode, fine] : std::initializer_list<std::tuple<gid_t, mode_t, bool>>{
           {1000, 0660, true}, {1000, 0662, false}, {100, 0660, false}}) {
    sources from;
    from.files.files[user_config] = {.text = "Port 1\n", .owner = 1000, .group = group, .mode = mode};
    EXPECT_EQ(from.load().has_value(), fine) << group << ' ' << mode;
  }
}

TEST(SystemEnvironment, TellsAPrivateGroup) {
  // Debian's base-passwd: "nogroup" is that of another user, and nobody is in "utmp".
  EXPECT_FALSE(system_environment().value().is_private_group(65534));
  EXPECT_FALSE(system_environment().value().is_private_group(43));
  EXPECT_FALSE(system_environment().value().is_private_group(4294967294));
}

TEST(SshConfigFiles, MentionAFileThatCannotBeOpened) {
  sources from;
  environment env = from.files.env();
  env.read = [](const std::string& path, std::size_t) -> result<file_content> {
    return system_failure("cannot open " + path, EACCES);
  };
  const auto loaded = load_settings(from.given, env);
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->warnings, ElementsAre(HasSubstr(user_config), HasSubstr(system_config)));
}

TEST(SshConfigFiles, IncludeRelativeToTheOwnersFolder) {
  sources from;
  from.files.add(user_config, "Include conf.d/* /abs ~/tilde none-such\n");
  from.files.add("/home/me/.ssh/conf.d/10", "Port 10\n");
  from.files.add("/home/me/.ssh/conf.d/20", "Port 20\nUser twenty\n");
  from.files.add("/abs", "User abs\nBatchMode yes\n");
  from.files.add("/home/me/tilde", "HostKeyAlias tilde\n");
  from.files.add(system_config, "Include more\n", 0, 0644);
  from.files.add("/etc/ssh/more", "ServerAliveCountMax 8\n", 0, 0644);
  const settings s = from.load().value();
  EXPECT_EQ(s.port, 10);
  EXPECT_EQ(s.user, "twenty");
  EXPECT_TRUE(s.batch_mode);
  EXPECT_EQ(s.host_key_alias, "tilde");
  EXPECT_EQ(s.server_alive_count_max, 8U);
  from.files.add(system_config, "Include ~/x\n", 0, 0644);
  EXPECT_THAT(from.load().error().message, HasSubstr("/etc/ssh/ssh_config:1: "));
}

TEST(SshConfigFiles, IncludeFromTheHomeThatTheEnvironmentNames) {
  sources from;
  from.files.variables = {{"HOME", "/elsewhere"}};
  from.files.add(user_config, "Include ~/tilde relative ~nobody/x\nIdentityFile ~/key\n");
  from.files.add("/elsewhere/tilde", "Port 23\n");
  from.files.add("/elsewhere/.ssh/relative", "User x\n");
  EXPECT_EQ(from.load()->port, 23);
  EXPECT_EQ(from.load()->user, "x");
  EXPECT_THAT(from.load()->identity_files, ElementsAre("/home/me/key")) << "nothing else asks for it";
}

TEST(SshConfigFiles, KeepBlocksWithinTheirFile) {
  sources from;
  from.files.add("/home/me/.ssh/inc", "Host other\n  Port 1\nHost *\n  User inner\n");
  from.files.add(user_config, "Include inc\nPort 2\n");
  EXPECT_EQ(from.load()->port, 2) << "the block of the included file has ended";
  EXPECT_EQ(from.load()->user, "inner");
  from.files.add(user_config, "Host other\n  Include inc\n  Port 3\nHost *\n  Port 4\n");
  EXPECT_EQ(from.load()->port, 4);
  EXPECT_EQ(from.load()->user, "me") << "a Host line in there does not wake an inactive block";
  from.files.add("/home/me/.ssh/inc", "Bananas 1\n");
  EXPECT_THAT(from.load().error().message, HasSubstr("/home/me/.ssh/inc:1: ")) << "but it is checked";
}

TEST(SshConfigFiles, CheckThePermissionsOfIncludedFiles) {
  sources from;
  from.files.add(user_config, "Include inc\n");
  from.files.add("/home/me/.ssh/inc", "Port 1\n", 1000, 0666);
  EXPECT_EQ(from.load().error().code, errc::unsafe_permissions);
}

TEST(SshConfigFiles, SayWhereAnIncludedFileCannotBeRead) {
  sources from;
  from.files.add(user_config, "\nInclude x\nPort 23\n");
  environment env = from.files.env();
  env.glob = [](const std::string&) { return std::vector<std::string>{"/x"}; };
  const auto load_where_it = [&](int problem) {
    env.read = [problem, read = from.files.env().read](const std::string& path, std::size_t limit) {
      return path == "/x" ? result<file_content>(system_failure("cannot open " + path, problem))
                          : read(path, limit);
    };
    return load_settings(from.given, env);
  };
  const auto loaded = load_where_it(EACCES);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, errc::unreadable);
  EXPECT_THAT(loaded.error().message, HasSubstr("config:2: "));
  EXPECT_EQ(load_where_it(ENOENT)->port, 23) << "a link to nothing";
  EXPECT_EQ(load_where_it(EISDIR)->port, 23);
}

TEST(SshConfigFiles, EndLoopsOfIncludes) {
  sources from;
  from.files.add(user_config, "Include config\n");
  EXPECT_EQ(from.load().error().code, errc::malformed);
  from.files.add(user_config, "Include config config\nPort 1\n");
  EXPECT_FALSE(from.load());
  // Fifteen deep is fine, and a wide tree is cut off by the number of files.
  sources wide;
  wide.files.add(user_config, "Include a0*\n");
  for (int depth = 0; depth < 8; ++depth)
    for (const char twin : {'x', 'y', 'z'})
      wide.files.add("/home/me/.ssh/a" + std::to_string(depth) + twin,
                     "Include a" + std::to_string(depth + 1) + "*\n");
  EXPECT_EQ(wide.load().error().code, errc::too_large);
}

TEST(SshConfigFiles, RefuseHugeFiles) {
  sources from;
  from.files.add(user_config, std::string(1024 * 1024, '\n'));
  EXPECT_TRUE(from.load());
  from.files.add(user_config, std::string(1024 * 1024 + 1, '\n'));
  EXPECT_EQ(from.load().error().code, errc::too_large);
}

TEST(SshConfigFiles, RefuseFilesOnlyKeywordsAsOptions) {
  for (const std::string option :
       {"Host=x", "Match=all", "Include=x", "", "# x", "Port", "Port=", "Bananas=1"}) {
    sources from;
    from.given.options = {{"", option}};
    const auto loaded = from.load();
    ASSERT_FALSE(loaded) << option;
    EXPECT_THAT(loaded.error().message, testing::StartsWith("command-line: "));
  }
}

TEST(SshConfigFiles, AreReadFromTheRealFileSystem) {
  const support::temporary_folder folder;
  folder.write("b.conf", "Port 2222\n");
  folder.write("a.conf", "User first\r\nUser second\r\n");
  auto env = system_environment();
  ASSERT_TRUE(env) << env.error().message;
  command_line given;
  given.target.host = "host";
  given.file = folder.write("config", "Include " + folder.path("*.conf"));
  const auto loaded = load_settings(given, *env);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->user, "first");
  EXPECT_EQ(loaded->port, 2222);
  given.file = folder.path("");
  EXPECT_FALSE(load_settings(given, *env)) << "a folder is no file";
}

}  // namespace
}  // namespace tunnel::config
