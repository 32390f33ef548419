#include "ssh/terminal_prompter.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "pseudo_terminal.hpp"
#include "ssh/answer_buffer.hpp"

namespace tunnel::ssh {
namespace {

using test::pseudo_terminal;

std::string spoken(const std::optional<secret>& answer) {
  return answer ? "answer: " + answer->reveal() : "nothing";
}

std::string asked(echo shown) {
  terminal_prompter questions(prompt_settings{});
  return spoken(questions.ask("Question? ", shown));
}

std::string asked_in_the_dark(int /*go*/) {
  return asked(echo::off);
}
std::string asked_in_the_open(int /*go*/) {
  return asked(echo::on);
}

// Asks on one thread, and cancels on another once something can be read from `event`.
std::string cancelled_on(int event) {
  terminal_prompter questions(prompt_settings{});
  std::string outcome;
  std::thread asking([&] { outcome = spoken(questions.ask("Question? ", echo::off)); });
  char octet = 0;
  while (::read(event, &octet, 1) < 0) {
  }
  questions.cancel();
  asking.join();
  return outcome + ", then " + spoken(questions.ask("Again? ", echo::off));
}

TEST(TerminalPrompter, ReadsALineWithoutShowingIt) {
  pseudo_terminal person(asked_in_the_dark);
  ASSERT_TRUE(person.shows("Question? "));
  EXPECT_FALSE(person.echoes());
  person.type("open sesame\n");
  EXPECT_EQ(person.result(), "answer: open sesame");
  EXPECT_TRUE(person.echoes());
  EXPECT_TRUE(person.shows("\n"));
  EXPECT_EQ(person.screen_text().find("sesame"), std::string::npos);
}

TEST(TerminalPrompter, ShowsWhatMayBeSeen) {
  pseudo_terminal person(asked_in_the_open);
  ASSERT_TRUE(person.shows("Question? "));
  person.type("yes\n");
  EXPECT_TRUE(person.shows("yes"));
  EXPECT_EQ(person.result(), "answer: yes");
}

TEST(TerminalPrompter, TakesAnEmptyLineAsAnAnswer) {
  pseudo_terminal person(asked_in_the_dark);
  ASSERT_TRUE(person.shows("Question? "));
  person.type("\n");
  EXPECT_EQ(person.result(), "answer: ");
}

TEST(TerminalPrompter, TakesEndOfInputAsRefusal) {
  pseudo_terminal person(asked_in_the_dark);
  ASSERT_TRUE(person.shows("Question? "));
  person.type("\x04");
  EXPECT_EQ(person.result(), "nothing");
  EXPECT_TRUE(person.echoes());
}

TEST(TerminalPrompter, RefusesALineThatIsTooLong) {
  pseudo_terminal person(asked_in_the_dark);
  ASSERT_TRUE(person.shows("Question? "));
  person.type(std::string(max_answer + 1, 'x') + "\n");
  EXPECT_EQ(person.result(), "nothing");
  EXPECT_TRUE(person.shows("too long"));
  EXPECT_TRUE(person.echoes());
}

TEST(TerminalPrompter, TakesTheLongestLine) {
  pseudo_terminal person(asked_in_the_dark);
  ASSERT_TRUE(person.shows("Question? "));
  const std::string longest(max_answer - 1, 'x');
  person.type(longest + "\n");
  EXPECT_EQ(person.result(), "answer: " + longest);
}

TEST(TerminalPrompter, IgnoresWhatWasTypedBeforeTheQuestion) {
  pseudo_terminal person([](int go) {
    char octet = 0;
    return ::read(go, &octet, 1) == 1 ? asked(echo::off) : "";
  });
  person.type("early\n");
  // Its echo: the line is in the terminal's queue.
  ASSERT_TRUE(person.shows("early"));
  person.go();
  ASSERT_TRUE(person.shows("Question? "));
  person.type("late\n");
  EXPECT_EQ(person.result(), "answer: late");
}

TEST(TerminalPrompter, RestoresTheEchoWhenCancelledAndAsksNoMore) {
  pseudo_terminal person(cancelled_on);
  ASSERT_TRUE(person.shows("Question? "));
  EXPECT_FALSE(person.echoes());
  person.go();
  EXPECT_EQ(person.result(), "nothing, then nothing");
  EXPECT_TRUE(person.echoes());
  EXPECT_EQ(person.screen_text().find("Again?"), std::string::npos);
}

// What becomes of a program that asks in the background of a job-control shell.
std::string asked_in_the_background(bool keeps_going) {
  const pid_t job = ::fork();
  if (job == 0) {
    ::signal(SIGTTOU, SIG_DFL);
    ::setpgid(0, 0);
    terminal_prompter questions(prompt_settings{});
    if (keeps_going) questions.keep_going();
    ::_exit(questions.ask("Question? ", echo::off) ? 1 : 0);
  }
  int status = 0;
  ::waitpid(job, &status, WUNTRACED);
  if (!WIFSTOPPED(status)) return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "nothing" : "trouble";
  ::kill(job, SIGKILL);
  ::waitpid(job, nullptr, 0);
  return "stopped";
}

TEST(TerminalPrompter, StopsInTheBackgroundForAQuestion) {
  pseudo_terminal person([](int /*go*/) { return asked_in_the_background(false); });
  EXPECT_EQ(person.result(), "stopped");
}

TEST(TerminalPrompter, AsksNobodyInTheBackgroundWhereItIsToKeepGoing) {
  pseudo_terminal person([](int /*go*/) { return asked_in_the_background(true); });
  EXPECT_EQ(person.result(), "nothing");
}

int interrupts = -1;

TEST(TerminalPrompter, LetsCtrlCReachTheProgram) {
  pseudo_terminal person([](int /*go*/) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return std::string();
    interrupts = ends[1];
    ::signal(SIGINT, [](int) { static_cast<void>(!::write(interrupts, "i", 1)); });
    return cancelled_on(ends[0]);
  });
  ASSERT_TRUE(person.shows("Question? "));
  person.type("\x03");
  EXPECT_EQ(person.result(), "nothing, then nothing");
  EXPECT_TRUE(person.echoes());
}

class DeadlySignal : public testing::TestWithParam<int> {};

TEST_P(DeadlySignal, EndsTheProgramWithTheEchoRestored) {
  pseudo_terminal person([](int go) {
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    return asked_in_the_dark(go);
  });
  ASSERT_TRUE(person.shows("Question? "));
  EXPECT_FALSE(person.echoes());
  person.signal(GetParam());
  EXPECT_EQ(person.ended_by(), GetParam());
  EXPECT_TRUE(person.echoes());
}

INSTANTIATE_TEST_SUITE_P(Table, DeadlySignal,
                         testing::Values(SIGHUP, SIGINT, SIGQUIT, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2),
                         [](const auto& each) { return "SIG" + std::string(::sigabbrev_np(each.param)); });

TEST(TerminalPrompter, LeavesCtrlBackslashIgnoredWhereItIs) {
  pseudo_terminal person([](int go) {
    ::signal(SIGQUIT, SIG_IGN);
    return asked_in_the_dark(go);
  });
  ASSERT_TRUE(person.shows("Question? "));
  person.type("\x1c");
  person.type("open sesame\n");
  EXPECT_EQ(person.result(), "answer: open sesame");
}

TEST(TerminalPrompter, TellsOnTheTerminal) {
  pseudo_terminal person([](int /*go*/) {
    terminal_prompter(prompt_settings{}).tell("Welcome.");
    return std::string("told");
  });
  EXPECT_EQ(person.result(), "told");
  EXPECT_TRUE(person.shows("Welcome.\r\n"));
}

TEST(TerminalPrompter, AnswersNothingAtOnceWithoutTerminalAndAskpass) {
  pseudo_terminal nobody(asked_in_the_dark, pseudo_terminal::presence::none);
  EXPECT_EQ(nobody.result(), "nothing");
}

TEST(TerminalPrompter, AsksTheProgramForWantOfATerminal) {
  const auto ask = [](int /*go*/) {
    terminal_prompter questions({.batch = false, .askpass = "echo", .first = ask_through::terminal});
    return spoken(questions.ask("Question?", echo::off));
  };
  pseudo_terminal nobody(ask, pseudo_terminal::presence::none);
  EXPECT_EQ(nobody.result(), "answer: Question?");
  pseudo_terminal person(ask);
  ASSERT_TRUE(person.shows("Question?"));
  person.type("typed\n");
  EXPECT_EQ(person.result(), "answer: typed");
}

TEST(TerminalPrompter, AsksTheProgramBesideATerminalWhenItIsPreferred) {
  pseudo_terminal person([](int /*go*/) {
    terminal_prompter questions({.batch = false, .askpass = "echo", .first = ask_through::askpass});
    return spoken(questions.ask("Question?", echo::off));
  });
  EXPECT_EQ(person.result(), "answer: Question?");
}

TEST(TerminalPrompter, NeverAsksInBatchMode) {
  pseudo_terminal person([](int /*go*/) {
    terminal_prompter questions({.batch = true, .askpass = "echo", .first = ask_through::askpass});
    return spoken(questions.ask("Question?", echo::off));
  });
  EXPECT_EQ(person.result(), "nothing");
}

struct environment_case {
  const char* required;
  const char* display;
  const char* askpass;
  ask_through first;
};

void set_or_clear(const char* name, const char* value) {
  if (value != nullptr) {
    ::setenv(name, value, 1);
  } else {
    ::unsetenv(name);
  }
}

class PromptSettings : public testing::TestWithParam<environment_case> {};

TEST_P(PromptSettings, FollowTheEnvironmentAsSshDoes) {
  const auto& [required, display, askpass, first] = GetParam();
  set_or_clear("SSH_ASKPASS_REQUIRE", required);
  set_or_clear("DISPLAY", display);
  set_or_clear("WAYLAND_DISPLAY", nullptr);
  set_or_clear("SSH_ASKPASS", "/opt/ask");
  const prompt_settings settings = prompt_settings_from_environment(false);
  EXPECT_EQ(settings.askpass, askpass);
  EXPECT_EQ(settings.first, first);
}

INSTANTIATE_TEST_SUITE_P(Table, PromptSettings,
                         testing::Values(environment_case{nullptr, nullptr, "", ask_through::terminal},
                                         environment_case{nullptr, ":0", "/opt/ask", ask_through::terminal},
                                         environment_case{"never", ":0", "", ask_through::terminal},
                                         environment_case{"prefer", ":0", "/opt/ask", ask_through::askpass},
                                         environment_case{"prefer", nullptr, "", ask_through::terminal},
                                         environment_case{"force", nullptr, "/opt/ask", ask_through::askpass},
                                         environment_case{"FORCE", ":0", "/opt/ask", ask_through::askpass}));

TEST(PromptSettings, FallBackOnTheSystemsAskpass) {
  ::setenv("WAYLAND_DISPLAY", "wayland-0", 1);
  ::unsetenv("SSH_ASKPASS");
  ::unsetenv("SSH_ASKPASS_REQUIRE");
  EXPECT_EQ(prompt_settings_from_environment(true).askpass, "/usr/bin/ssh-askpass");
  EXPECT_TRUE(prompt_settings_from_environment(true).batch);
}

}  // namespace
}  // namespace tunnel::ssh
