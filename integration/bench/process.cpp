#include "process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>

namespace tunnel::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Runs in the child between fork and exec: system calls only.
[[noreturn]] void become(char* const* words, const char* log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) {
    _exit(127);
  }
  execvp(words[0], words);
  constexpr std::string_view complaint = "the program cannot be run\n";
  const ssize_t written = write(STDERR_FILENO, complaint.data(), complaint.size());
  _exit(written < 0 ? 126 : 127);
}

struct usage {
  pid_t parent = 0;
  long ticks = 0;
};

std::optional<usage> read_usage(const fs::path& folder) {
  std::ifstream file(folder / "stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  // The second field is the program's name in parentheses and may hold anything.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string ignored;
  usage found;
  fields >> ignored >> found.parent;
  // Fields 14 to 17 of proc(5): utime, stime, cutime, cstime.
  for (int field = 5; field < 14; ++field) fields >> ignored;
  for (int field = 14; field <= 17; ++field) {
    long ticks = 0;
    fields >> ticks;
    found.ticks += ticks;
  }
  return found;
}

std::map<pid_t, usage> all_processes() {
  std::map<pid_t, usage> found;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (const auto one = read_usage(entry.path())) found.emplace(std::stoi(name), *one);
  }
  return found;
}

bool descends(const std::map<pid_t, usage>& all, pid_t id, pid_t ancestor) {
  while (id != ancestor) {
    const auto at = all.find(id);
    if (at == all.end()) return false;
    id = at->second.parent;
  }
  return true;
}

}  // namespace

process::process(const std::vector<std::string>& command, const fs::path& log) {
  std::vector<std::string> words = command;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  id_ = fork();
  if (id_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (id_ == 0) become(pointers.data(), log.c_str(), parent);
}

bool process::is_running() {
  if (!reaped_ && waitpid(id_, &status_, WNOHANG) == id_) reaped_ = true;
  return !reaped_;
}

int process::wait() {
  while (!reaped_) {
    if (waitpid(id_, &status_, 0) == id_) reaped_ = true;
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

void process::stop() noexcept {
  if (!is_running()) return;
  kill(id_, SIGTERM);
  const auto until = std::chrono::steady_clock::now() + 3s;
  while (is_running() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(5ms);
  if (!is_running()) return;
  kill(id_, SIGKILL);
  wait();
}

seconds processor_time(pid_t id) {
  const auto all = all_processes();
  long ticks = 0;
  for (const auto& [number, one] : all) {
    if (descends(all, number, id)) ticks += one.ticks;
  }
  return seconds(static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

std::uint64_t resident_octets(pid_t id) {
  std::ifstream file("/proc/" + std::to_string(id) + "/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

bool has_children(pid_t id) {
  for (const auto& [number, one] : all_processes()) {
    if (one.parent == id) return true;
  }
  return false;
}

std::string last_line(const fs::path& log) {
  std::ifstream file(log);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    while (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) last = line;
  }
  return last;
}

temporary_folder::temporary_folder() {
  std::string name = fs::temp_directory_path() / "tunnel-bench-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace tunnel::bench
