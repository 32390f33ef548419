#include "ssh/libssh2/command.hpp"

#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "ssh/errors.hpp"

namespace tunnel::ssh::libssh2 {

namespace {

constexpr std::string_view request = "exec";
// Pieces of standard error that are told before other channels get their turn.
constexpr int pieces_per_turn = 4;

bool closed_by_server(LIBSSH2_CHANNEL* raw) {
  return libssh2_channel_wait_closed(raw) == 0;
}

}  // namespace

command::command(std::string text, command_observer& told, std::shared_ptr<start> starting)
    : text_(std::move(text)), observer_(&told), starting_(std::move(starting)) {}

void command::answer(result<void> outcome) {
  if (const auto asked = std::exchange(starting_, nullptr)) asked->settle(std::move(outcome));
}

int command::advance(LIBSSH2_CHANNEL* raw) {
  if (!starting()) return 0;
  const int status = libssh2_channel_process_startup(raw, request.data(), request.size(), text_.data(),
                                                     static_cast<unsigned>(text_.size()));
  if (status == 0) {
    answer(boost::system::in_place_value);
    return 0;
  }
  const bool waits = status == LIBSSH2_ERROR_EAGAIN && !closed_by_server(raw);
  if (waits) return 0;
  if (status != LIBSSH2_ERROR_EAGAIN && status != LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED) return status;
  answer(error{errc::request_refused, "the server refused to run the command"});
  return 0;
}

int command::hear_errors(LIBSSH2_CHANNEL* raw, octet_span buffer) {
  for (int piece = 0; piece < pieces_per_turn; ++piece) {
    if (observer_ == nullptr) return 0;
    const auto count = libssh2_channel_read_ex(raw, SSH_EXTENDED_DATA_STDERR,
                                               reinterpret_cast<char*>(buffer.data()), buffer.size());
    if (count == 0 || count == LIBSSH2_ERROR_EAGAIN) return 0;
    if (count < 0) return static_cast<int>(count);
    observer_->on_standard_error(buffer.first(static_cast<std::size_t>(count)));
  }
  return 1;
}

void command::tell_exit(LIBSSH2_SESSION* session, LIBSSH2_CHANNEL* raw) {
  auto* const told = std::exchange(observer_, nullptr);
  if (told == nullptr) return;
  command_exit how;
  char* signal = nullptr;
  libssh2_channel_get_exit_signal(raw, &signal, nullptr, nullptr, nullptr, nullptr, nullptr);
  if (signal != nullptr) {
    how.signal = sanitise(signal);
    libssh2_free(session, signal);
  } else {
    how.status = static_cast<std::uint32_t>(libssh2_channel_get_exit_status(raw));
  }
  told->on_exit(how);
}

void command::end(const error& why) {
  answer(why);
}

}  // namespace tunnel::ssh::libssh2
