#include "path/command_stream.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"

namespace tunnel::path {

namespace {

// How long a command that was hung up may go on before it is killed.
constexpr auto patience = std::chrono::seconds(2);
constexpr auto moment = std::chrono::milliseconds(50);
// Of 1 KiB each, of what a command said before it was hung up. It may never stop.
constexpr unsigned max_last_reads = 64;

aio::byte_stream::io_result to_result(boost::system::error_code failure, std::size_t count) {
  if (failure == asio::error::eof) return std::size_t{0};
  if (failure) return failure;
  return count;
}

}  // namespace

// Has the command to itself, with what it says on standard error: alive by its waiting handlers until the
// command has ended, which it must soon once it was hung up.
class command_stream::attendant final : public std::enable_shared_from_this<attendant> {
 public:
  explicit attendant(std::unique_ptr<child_process> child)
      : child_(std::move(child)), limit_(child_->errors().get_executor()) {}

  child_process& child() { return *child_; }

  void read() {
    child_->errors().async_read_some(
        asio::buffer(space_),
        [self = shared_from_this()](auto failure, std::size_t count) { self->on_read(failure, count); });
  }

  void hang_up() {
    read_last_words();
    hung_up_ = true;
    child_->hang_up();
    if (over_) return;
    limit_.expires_after(patience);
    limit_.async_wait([self = shared_from_this()](boost::system::error_code failure) {
      if (!failure) self->child_->kill();
    });
  }

 private:
  // What it said just now is perhaps the reason for the end.
  void read_last_words() {
    boost::system::error_code failure;
    for (unsigned count = 0; count < max_last_reads && !failure; ++count)
      take({space_.data(), child_->errors().read_some(asio::buffer(space_), failure)});
    if (failure != asio::error::eof) return;
    tell();
    // Its end follows that of its streams at once, and whoever hangs up may be about to end this program.
    if (child_->ends_within(moment)) on_end();
  }

  void on_read(boost::system::error_code failure, std::size_t count) {
    take({space_.data(), count});
    if (!failure) return read();
    tell();
    child_->end().async_wait(asio::posix::stream_descriptor::wait_read,
                             [self = shared_from_this()](boost::system::error_code) { self->on_end(); });
  }

  void take(std::string_view text) {
    for (const char each : text) {
      // A line without an end is cut rather than kept.
      if (each == '\n' || line_.size() == max_remote_text) tell();
      if (each != '\n' && each != '\r') line_ += each;
    }
  }

  void tell() {
    if (!line_.empty()) log::info("ProxyCommand: {}", sanitise(line_));
    line_.clear();
  }

  void on_end() {
    if (std::exchange(over_, true)) return;
    const auto how = child_->ending();
    if (how) log::log(hung_up_ ? log::level::debug : log::level::info, "the ProxyCommand {}", *how);
    limit_.cancel();
  }

  std::unique_ptr<child_process> child_;
  asio::steady_timer limit_;
  std::array<char, 1024> space_{};
  std::string line_;
  bool hung_up_ = false;
  bool over_ = false;
};

command_stream::command_stream(std::unique_ptr<child_process> child, std::string peer)
    : executor_(child->output().get_executor()),
      peer_(std::move(peer)),
      command_(std::make_shared<attendant>(std::move(child))) {
  command_->read();
}

command_stream::~command_stream() {
  close();
}

command_stream::io_result command_stream::read_some(octet_span data) {
  if (!command_) return boost::system::error_code(asio::error::operation_aborted);
  boost::system::error_code failure;
  const auto count = command_->child().output().read_some(asio::buffer(data.data(), data.size()), failure);
  return to_result(failure, count);
}

command_stream::io_result command_stream::write_some(octet_view data) {
  if (!command_) return boost::system::error_code(asio::error::operation_aborted);
  boost::system::error_code failure;
  const auto count = command_->child().input().write_some(asio::buffer(data.data(), data.size()), failure);
  return to_result(failure, count);
}

void command_stream::async_wait(aio::direction way, wait_handler handler) {
  if (!command_) {
    asio::post(executor_, [handler = std::move(handler)] { handler(asio::error::operation_aborted); });
    return;
  }
  using descriptor = asio::posix::stream_descriptor;
  if (way == aio::direction::read)
    return command_->child().output().async_wait(descriptor::wait_read, std::move(handler));
  command_->child().input().async_wait(descriptor::wait_write, std::move(handler));
}

void command_stream::close() noexcept {
  if (!command_) return;
  command_->hang_up();
  command_.reset();
}

}  // namespace tunnel::path
