#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "udp/framing/encoder.hpp"
#include "udp/script/relay_script.hpp"

namespace tunnel::relay::testing {
namespace {

using clock = std::chrono::steady_clock;

bool readable(int descriptor, clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock::now());
  pollfd wanted{descriptor, POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) > 0;
}

struct pipe_ends {
  std::array<int, 2> ends{};
  pipe_ends() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& each : texts) list.push_back(each.data());
  list.push_back(nullptr);
  return list;
}

received copy_of(const udp::framing::event& what) {
  received made;
  if (std::holds_alternative<udp::framing::greeting>(what)) made.what = received::kind::greeting;
  if (const auto* got = std::get_if<udp::framing::datagram>(&what)) {
    made = {received::kind::datagram,
            got->association,
            to_address(got->address),
            octets(got->payload.begin(), got->payload.end()),
            {}};
  } else if (const auto* over = std::get_if<udp::framing::closed>(&what)) {
    made = {received::kind::closed, over->association, {}, {}, std::string(over->reason)};
  } else if (const auto* note = std::get_if<udp::framing::notice>(&what)) {
    made = {received::kind::notice, note->association, {}, {}, std::string(note->text)};
  }
  return made;
}

}  // namespace

// --- frame_stream ------------------------------------------------------------------------------------------

frame_stream::~frame_stream() {
  if (input_ != output_) ::close(input_);
  if (output_ >= 0) ::close(output_);
}

void frame_stream::write(octet_view data) const {
  while (!data.empty()) {
    const auto count = ::write(output_, data.data(), data.size());
    if (count < 0) throw std::runtime_error("the relay does not read");
    data = data.subspan(static_cast<std::size_t>(count));
  }
}

void frame_stream::send(std::uint32_t association, const socks::address& target, octet_view payload) const {
  octets frame(udp::framing::max_frame);
  frame.resize(udp::framing::encode_datagram(frame, association, udp::framing::view_of(target), payload));
  write(frame);
}

void frame_stream::send_close(std::uint32_t association) const {
  octets frame(udp::framing::head_size);
  udp::framing::encode_close(frame, association);
  write(frame);
}

void frame_stream::end_input() {
  if (input_ == output_) {
    ::shutdown(output_, SHUT_WR);
  } else {
    ::close(std::exchange(output_, -1));
  }
}

bool frame_stream::fill(clock::time_point deadline) {
  if (!readable(input_, deadline)) throw std::runtime_error("nothing came from the relay in time");
  chunk_.resize(65536);
  const auto count = ::read(input_, chunk_.data(), chunk_.size());
  chunk_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  decoder_.feed(chunk_);
  return count > 0;
}

received frame_stream::next() {
  const auto deadline = clock::now() + patience;
  for (;;) {
    const auto event = decoder_.next();
    if (!event) throw std::runtime_error(event.error().message);
    if (!std::holds_alternative<udp::framing::need_more>(*event)) return copy_of(*event);
    if (!fill(deadline)) throw std::runtime_error("the relay has ended");
  }
}

received frame_stream::next(received::kind wanted) {
  for (;;) {
    auto got = next();
    if (got.what == wanted) return got;
  }
}

std::size_t frame_stream::count_datagrams() {
  if (!readable(input_, clock::now() + milliseconds(200))) return 0;
  fill(clock::now());
  std::size_t count = 0;
  for (;;) {
    const auto event = decoder_.next();
    if (!event || std::holds_alternative<udp::framing::need_more>(*event)) return count;
    if (std::holds_alternative<udp::framing::datagram>(*event)) ++count;
  }
}

error frame_stream::end() {
  const auto deadline = clock::now() + patience;
  for (;;) {
    const auto event = decoder_.next();
    if (!event) return event.error();
    if (std::holds_alternative<udp::framing::need_more>(*event) && !fill(deadline)) return {};
  }
}

// --- program -----------------------------------------------------------------------------------------------

program::program(const std::vector<std::string>& arguments, const std::string& folder) {
  const pipe_ends input;
  const pipe_ends output;
  const pipe_ends errors;
  auto texts = arguments;
  const auto list = pointers(texts);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    ::dup2(input.ends[0], STDIN_FILENO);
    ::dup2(output.ends[1], STDOUT_FILENO);
    ::dup2(errors.ends[1], STDERR_FILENO);
    ::signal(SIGPIPE, SIG_DFL);
    if (!folder.empty() && (::chdir(folder.c_str()) != 0 || ::setenv("HOME", folder.c_str(), 1) != 0))
      ::_exit(126);
    ::execvp(list.front(), list.data());
    ::_exit(127);
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::close(input.ends[0]);
  ::close(output.ends[1]);
  ::close(errors.ends[1]);
  errors_fd_ = errors.ends[0];
  stream_.emplace(output.ends[0], input.ends[1]);
}

program::~program() {
  if (!code_) {
    ::kill(pid_, SIGKILL);
    reap(0);
  }
  ::close(errors_fd_);
}

void program::signal(int number) const {
  ::kill(pid_, number);
}

bool program::reap(int flags) {
  int status = 0;
  if (::waitpid(pid_, &status, flags) != pid_) return false;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

int program::wait() {
  const auto deadline = clock::now() + patience;
  while (!code_ && !reap(WNOHANG)) {
    if (clock::now() > deadline) throw std::runtime_error("the program does not end");
    std::this_thread::sleep_for(milliseconds(5));
  }
  return *code_;
}

std::string program::errors() {
  std::array<char, 4096> chunk{};
  while (readable(errors_fd_, clock::now())) {
    const auto count = ::read(errors_fd_, chunk.data(), chunk.size());
    if (count <= 0) break;
    errors_.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return errors_;
}

std::string program::line_with(std::string_view text) {
  const auto deadline = clock::now() + patience;
  for (;;) {
    const auto all = errors();
    if (const auto at = all.find(text); at != std::string::npos) {
      if (const auto end = all.find('\n', at); end != std::string::npos) return all.substr(at, end - at);
    }
    if (!readable(errors_fd_, deadline))
      throw std::runtime_error("the program does not say: " + std::string(text));
    if (clock::now() > deadline || (code_ || reap(WNOHANG)))
      throw std::runtime_error("the program does not say: " + std::string(text) + ", but: " + errors());
  }
}

std::string program::status(std::string_view field) const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(std::string(field) + ":")) continue;
    const auto begin = line.find_first_not_of(" \t", field.size() + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return {};
}

// --- the relays --------------------------------------------------------------------------------------------

std::vector<std::string> command_of(kind which, std::chrono::duration<double> idle) {
  if (which == kind::cplusplus) {
    return {TUNNEL_RELAY, "--stdio", "--timeout=" + std::to_string(idle.count())};
  }
  return {"/bin/sh", "-c", udp::make_relay_script(idle).command};
}

void feed_program(kind which, const frame_stream& to) {
  if (which == kind::python) to.write(udp::make_relay_script(std::chrono::seconds(0)).program);
}

running_relay::running_relay(kind which, std::chrono::duration<double> idle)
    : program_(command_of(which, idle)) {
  feed_program(which, program_.stream());
  program_.stream().greet();
  program_.stream().next(received::kind::greeting);
}

running_relay::running_relay(const std::vector<std::string>& arguments) : program_(arguments) {
  program_.stream().greet();
  program_.stream().next(received::kind::greeting);
}

}  // namespace tunnel::relay::testing
