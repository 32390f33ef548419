#include "base/spawn.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <csignal>

namespace tunnel {
namespace {

std::vector<std::string> script(const std::string& text) {
  return {"/bin/sh", "-c", text};
}

std::string read_all(const descriptor& from) {
  std::string text;
  std::array<char, 256> chunk{};
  for (;;) {
    const auto count = ::read(from.get(), chunk.data(), chunk.size());
    if (count <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

int status_of(pid_t process) {
  int status = 0;
  EXPECT_EQ(::waitpid(process, &status, 0), process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// What the command writes; it reads nothing.
std::string output_of(const std::vector<std::string>& words) {
  auto ends = make_pipe().value();
  process_beginning beginning;
  beginning.give_nothing(standard_stream::input);
  beginning.give(standard_stream::output, ends.write);
  const auto process = beginning.start(words).value();
  ends.write.reset();
  auto text = read_all(ends.read);
  EXPECT_EQ(status_of(process), 0);
  return text;
}

TEST(ProcessBeginning, GivesTheStreamsThatItWasGiven) {
  auto input = make_pipe().value();
  auto output = make_pipe().value();
  auto errors = make_pipe().value();
  process_beginning beginning;
  beginning.give(standard_stream::input, input.read);
  beginning.give(standard_stream::output, output.write);
  beginning.give(standard_stream::errors, errors.write);
  const auto process = beginning.start(script("read word; echo got $word; echo alas >&2; exit 7")).value();
  output.write.reset();
  errors.write.reset();
  ASSERT_EQ(::write(input.write.get(), "it\n", 3), 3);
  EXPECT_EQ(read_all(output.read), "got it\n");
  EXPECT_EQ(read_all(errors.read), "alas\n");
  EXPECT_EQ(status_of(process), 7);
}

TEST(ProcessBeginning, GivesNothingToReadAndSwallowsWhatIsWritten) {
  EXPECT_EQ(output_of({"/bin/cat"}), "");
  process_beginning beginning;
  beginning.give_nothing(standard_stream::input);
  beginning.give_nothing(standard_stream::output);
  EXPECT_EQ(status_of(beginning.start(script("echo unseen && exit 4")).value()), 4);
}

TEST(ProcessBeginning, GivesNoOtherDescriptor) {
  // Without O_CLOEXEC, as a library might open it.
  const descriptor ours(::open("/dev/null", O_RDONLY));  // NOLINT(android-cloexec-open)
  ASSERT_TRUE(ours.valid());
  // The listing's own descriptor is the fourth.
  EXPECT_EQ(output_of({"/bin/ls", "/proc/self/fd"}), "0\n1\n2\n3\n");
}

TEST(ProcessBeginning, LeavesSignalsAsAProgramUsuallyFindsThem) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigset_t former;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &former);
  process_beginning beginning;
  const auto terminated = beginning.start(script("kill -TERM $$; exit 0")).value();
  const auto piped = beginning.start(script("kill -PIPE $$; exit 0")).value();
  ::pthread_sigmask(SIG_SETMASK, &former, nullptr);
  std::signal(SIGPIPE, before);
  EXPECT_EQ(status_of(terminated), -SIGTERM);
  EXPECT_EQ(status_of(piped), -SIGPIPE);
}

TEST(ProcessBeginning, FindsANameInPathAndPassesArgumentsAsTheyAre) {
  EXPECT_EQ(output_of({"printf", "%s|", "a b", "", "$HOME"}), "a b||$HOME|");
}

TEST(ProcessBeginning, SaysWhatCannotBeRun) {
  const auto process = process_beginning().start({"/nonexistent/program"});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().code, boost::system::errc::no_such_file_or_directory);
  EXPECT_EQ(process.error().message, "cannot run /nonexistent/program: No such file or directory");
}

TEST(Descriptor, IsClosedOnceAndMoves) {
  auto ends = make_pipe().value();
  {
    const descriptor moved(std::move(ends.write));
    EXPECT_FALSE(ends.write.valid());
    EXPECT_TRUE(moved.valid());
  }
  EXPECT_EQ(read_all(ends.read), "");
}

}  // namespace
}  // namespace tunnel
