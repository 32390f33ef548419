#include "ssh/askpass.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include "base/descriptor.hpp"
#include "ssh/answer_buffer.hpp"

namespace tunnel::ssh {
namespace {

class AskPass : public testing::Test {
 protected:
  AskPass() {
    std::string name = (std::filesystem::temp_directory_path() / "askpass_test.XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~AskPass() override { std::filesystem::remove_all(folder_); }

  std::string program(const std::string& commands) {
    const auto path = folder_ / "askpass";
    std::ofstream(path) << "#!/bin/sh\n" << commands << '\n';
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
  }

  std::string ask(const std::string& commands, const std::string& prompt = "Password: ") {
    const auto answer = ask_program(program(commands), prompt, cancel_.get());
    return answer ? "answer: " + answer->reveal() : "nothing";
  }

  std::filesystem::path folder_;
  descriptor cancel_{::eventfd(0, EFD_CLOEXEC)};
};

TEST_F(AskPass, GivesTheFirstLineWithoutItsEnd) {
  EXPECT_EQ(ask("printf 'one\\r\\ntwo\\n'"), "answer: one");
  EXPECT_EQ(ask("printf 'unended'"), "answer: unended");
  EXPECT_EQ(ask("echo"), "answer: ");
}

TEST_F(AskPass, PassesThePromptAsOneArgumentThatNoShellReads) {
  const std::string prompt = "it's \"x\"; $(touch /nowhere) `id` $HOME \\ *";
  EXPECT_EQ(ask("printf '%s %s\\n' \"$#\" \"$1\"", prompt), "answer: 1 " + prompt);
}

TEST_F(AskPass, TakesAFailureAsRefusal) {
  EXPECT_EQ(ask("echo ignored; exit 1"), "nothing");
}

TEST_F(AskPass, GivesNothingWhenTheProgramCannotBeRun) {
  EXPECT_FALSE(ask_program((folder_ / "missing").string(), "Password: ", cancel_.get()));
}

TEST_F(AskPass, RefusesAnswersThatAreTooLong) {
  EXPECT_EQ(ask("head -c " + std::to_string(max_answer + 1) + " /dev/zero | tr '\\0' x"), "nothing");
  EXPECT_EQ(ask("exec yes"), "nothing");
}

TEST_F(AskPass, GivesTheProgramAnEmptyStandardInput) {
  EXPECT_EQ(ask("wc -c"), "answer: 0");
}

TEST_F(AskPass, DoesNotWaitForWhatTheProgramLeftBehind) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(ask("sleep 30 2>/dev/null & echo at once"), "answer: at once");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

// The program says through a FIFO that it runs.
TEST_F(AskPass, EndsTheProgramWhenCancelled) {
  const auto fifo = folder_ / "running";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const char* stubborn : {"", "trap '' TERM; "}) {
    const descriptor cancel(::eventfd(0, EFD_CLOEXEC));
    const std::string path =
        program(stubborn + ("echo $$ >'" + fifo.string() + "'; exec sleep 1000 2>/dev/null"));
    auto answer = std::async(std::launch::async, ask_program, path, "Password: ", cancel.get());
    pid_t process = 0;
    std::ifstream(fifo) >> process;
    ASSERT_EQ(::eventfd_write(cancel.get(), 1), 0);
    EXPECT_FALSE(answer.get().has_value());
    EXPECT_NE(::kill(process, 0), 0);
  }
}

}  // namespace
}  // namespace tunnel::ssh
