#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>

#include "support/temp_directory.hpp"

// glibc 2.36's header forgets C++.
extern "C" {
#include <sys/pidfd.h>
}

extern char** environ;

namespace tunnel::integration {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

descriptor memory_file(const char* name) {
  descriptor file(::memfd_create(name, MFD_CLOEXEC));
  if (file.get() < 0) fail("memfd_create");
  return file;
}

std::string content_of(const descriptor& file) {
  std::string content;
  std::array<char, 65536> part;
  ssize_t count = 0;
  while ((count = ::pread(file.get(), part.data(), part.size(), static_cast<off_t>(content.size()))) > 0)
    content.append(part.data(), static_cast<std::size_t>(count));
  return content;
}

std::vector<std::string> environment_for(const command& what) {
  static constexpr std::array removed{
      "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY",   "http_proxy", "https_proxy",
      "HTTP_PROXY",    "HTTPS_PROXY", "ALL_PROXY",           "all_proxy", "NO_PROXY",   "no_proxy"};
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (equals == std::string::npos || std::ranges::find(removed, name) != removed.end()) continue;
    all[name] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : what.environment) all[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(name + '=' + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// All that the child needs, laid out before fork(): it may not allocate afterwards.
struct child_plan {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<char*> argument_pointers;
  std::vector<char*> environment_pointers;
  std::vector<std::pair<std::string, std::string>> mounts;
  std::string identity_map;
  std::string terminal;
  std::optional<unsigned> descriptor_limit;
  int input = -1;
  int output = -1;
  int errors = -1;

  explicit child_plan(const command& what)
      : arguments(what.arguments),
        environment(environment_for(what)),
        argument_pointers(pointers(arguments)),
        environment_pointers(pointers(environment)),
        terminal(what.terminal.string()),
        descriptor_limit(what.descriptor_limit) {
    for (const auto& [target, source] : what.replaced_paths) mounts.emplace_back(source, target);
    const auto id = std::to_string(::geteuid());
    identity_map = id + ' ' + id + " 1";
  }
};

void write_all(const char* path, const std::string& content) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || ::write(file, content.data(), content.size()) < 0) ::_exit(126);
  ::close(file);
}

void replace_paths(const child_plan& plan) {
  // Others than root need a user namespace, in which they stay who they are, to be allowed to mount.
  const bool privileged = ::geteuid() == 0;
  if (::unshare(privileged ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(126);
  if (!privileged) write_all("/proc/self/uid_map", plan.identity_map);
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(126);
  for (const auto& [source, target] : plan.mounts)
    if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) ::_exit(126);
}

[[noreturn]] void become(const child_plan& plan) {
  ::setsid();
  // A session's first process to open a terminal makes it the session's own.
  if (!plan.terminal.empty() && ::open(plan.terminal.c_str(), O_RDWR | O_CLOEXEC) < 0) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(plan.input, STDIN_FILENO);
  ::dup2(plan.output, STDOUT_FILENO);
  ::dup2(plan.errors, STDERR_FILENO);
  if (plan.descriptor_limit) {
    const rlimit limit{*plan.descriptor_limit, *plan.descriptor_limit};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::_exit(126);
  }
  if (!plan.mounts.empty()) replace_paths(plan);
  // Tests ignore SIGPIPE; an ignored signal would be inherited.
  ::signal(SIGPIPE, SIG_DFL);
  ::execvpe(plan.argument_pointers[0], plan.argument_pointers.data(), plan.environment_pointers.data());
  ::_exit(127);
}

/// The fields of /proc/PID/stat from the third on (STATE, PARENT, ...); none when there is no such process.
std::istringstream stat_fields(pid_t pid) {
  // "PID (NAME) STATE PARENT ...": the name may hold anything, the last ')' ends it.
  const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto end = stat.rfind(')');
  return std::istringstream(end == std::string::npos ? std::string() : stat.substr(end + 1));
}

/// The parent's id of every process there is.
std::map<pid_t, pid_t> parents() {
  std::map<pid_t, pid_t> result;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto pid = static_cast<pid_t>(std::stol(name));
    std::string state;
    pid_t parent = 0;
    if (stat_fields(pid) >> state >> parent) result[pid] = parent;
  }
  return result;
}

}  // namespace

process::process(const command& what) : output_(memory_file("stdout")), errors_(memory_file("stderr")) {
  const descriptor input = memory_file("stdin");
  if (::pwrite(input.get(), what.input.data(), what.input.size(), 0) < 0) fail("standard input");
  child_plan plan(what);
  plan.input = input.get();
  plan.output = output_.get();
  plan.errors = errors_.get();
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) become(plan);
  handle_ = descriptor(::pidfd_open(pid_, 0));
  if (handle_.get() < 0) fail("pidfd_open");
}

process::~process() {
  kill();
}

bool process::running() {
  return !wait(milliseconds(0));
}

void process::signal(int number) const {
  if (!exit_code_) ::kill(pid_, number);
}

std::optional<int> process::wait(milliseconds limit) {
  if (exit_code_) return exit_code_;
  const deadline end(limit);
  pollfd ended{handle_.get(), POLLIN, 0};
  if (::poll(&ended, 1, end.left_in_milliseconds()) != 1) return {};
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) fail("waitpid");
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return exit_code_;
}

void process::kill() {
  signal(SIGKILL);
  wait();
}

std::string process::output() const {
  return content_of(output_);
}
std::string process::errors() const {
  return content_of(errors_);
}

finished run(const command& what, milliseconds limit) {
  process started(what);
  const auto code = started.wait(limit);
  if (!code) throw timed_out(what.arguments[0] + "\n" + started.output() + started.errors());
  return {*code, started.output(), started.errors()};
}

std::vector<pid_t> process_tree(pid_t root) {
  const auto all = parents();
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i)
    for (const auto& [child, parent] : all)
      if (parent == tree[i]) tree.push_back(child);
  return tree;
}

std::vector<pid_t> child_processes(pid_t wanted) {
  std::vector<pid_t> children;
  for (const auto& [child, parent] : parents())
    if (parent == wanted) children.push_back(child);
  return children;
}

std::size_t open_descriptors(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t resident_memory(pid_t pid) {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::istringstream(read_file("/proc/" + std::to_string(pid) + "/statm")) >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

milliseconds processor_time(pid_t pid) {
  auto fields = stat_fields(pid);
  // utime and stime are the 14th and 15th field of stat, the 12th and 13th of these (proc(5)).
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0;
  long kernel = 0;
  fields >> user >> kernel;
  return milliseconds((user + kernel) * 1000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace tunnel::integration
