#include "ssh/libssh2/transport.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "aio/deadline.hpp"
#include "base/text.hpp"

namespace tunnel::ssh::libssh2 {

namespace {

transport& self_of(void** context) {
  return *static_cast<transport*>(*context);
}

// libssh2 wants a negative errno for a failure.
ssize_t status_of(ssize_t count) {
  return count < 0 ? -errno : count;
}

int open_placeholder() {
  const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return descriptor;
}

// libssh2 takes callbacks of every type as one; its 1.11.1 changed which.
template <class Callback>
void set_callback(LIBSSH2_SESSION* session, int type, Callback* callback) {
#if LIBSSH2_VERSION_NUM >= 0x010b01
  libssh2_session_callback_set2(session, type, reinterpret_cast<libssh2_cb_generic*>(callback));
#else
  libssh2_session_callback_set(session, type, reinterpret_cast<void*>(callback));
#endif
}

}  // namespace

transport::transport(std::unique_ptr<aio::byte_stream> stream)
    : stream_(std::move(stream)),
      placeholder_(open_placeholder()),
      session_(libssh2_session_init_ex(nullptr, nullptr, nullptr, this)) {
  if (session_ == nullptr) {
    ::close(placeholder_);
    throw std::bad_alloc();
  }
  libssh2_session_set_blocking(session_, 0);
  set_callback(session_, LIBSSH2_CALLBACK_RECV, &transport::receive);
  set_callback(session_, LIBSSH2_CALLBACK_SEND, &transport::send);
  set_callback(session_, LIBSSH2_CALLBACK_DISCONNECT, &transport::disconnected);
}

transport::~transport() {
  // With the stream closed every wait inside libssh2 ends at once, so this cannot return EAGAIN.
  stream_->close();
  input_allowed_ = unlimited_input;
  libssh2_session_free(session_);
  ::close(placeholder_);
}

void transport::allow_input(std::size_t limit) {
  input_allowed_ = limit;
  input_asked_ = false;
  input_exhausted_ = false;
}

ssize_t transport::receive(int socket, void* data, std::size_t size, int flags, void** context) {
  auto& self = self_of(context);
  if (socket != self.placeholder_) return status_of(::recv(socket, data, size, flags));
  return self.fill({static_cast<octet*>(data), size});
}

ssize_t transport::fill(octet_span data) {
  if (input_allowed_ == 0) return -EAGAIN;
  input_asked_ = true;
  const auto taken = stream_->read_some(data.first(std::min(data.size(), input_allowed_)));
  if (!taken) {
    if (taken.error() == asio::error::would_block) {
      input_exhausted_ = true;
      return -EAGAIN;
    }
    if (end_reason_.empty()) end_reason_ = taken.error().message();
    return -EIO;
  }
  if (*taken == 0 && end_reason_.empty()) end_reason_ = "the server closed it";
  if (*taken != 0) last_heard_ = std::chrono::steady_clock::now();
  input_allowed_ -= *taken;
  return static_cast<ssize_t>(*taken);
}

ssize_t transport::send(int socket, const void* data, std::size_t size, int flags, void** context) {
  auto& self = self_of(context);
  if (socket != self.placeholder_) return status_of(::send(socket, data, size, flags | MSG_NOSIGNAL));
  const auto* first = static_cast<const octet*>(data);
  self.output_.insert(self.output_.end(), first, first + size);
  return static_cast<ssize_t>(size);
}

void transport::disconnected(LIBSSH2_SESSION*, int, const char* message, int message_length, const char*, int,
                             void** context) {
  const std::string_view text(message == nullptr ? "" : message,
                              static_cast<std::size_t>(std::max(message_length, 0)));
  self_of(context).end_reason_ = "the server disconnected: " + sanitise(text);
}

bool transport::flush() {
  while (queued() != 0) {
    const auto sent = stream_->write_some(octet_view(output_).subspan(output_sent_));
    if (!sent) {
      if (sent.error() == asio::error::would_block) {
        drop_sent();
        return true;
      }
      if (end_reason_.empty()) end_reason_ = sent.error().message();
      return false;
    }
    output_sent_ += *sent;
  }
  output_.clear();
  output_sent_ = 0;
  return true;
}

// A queue that never quite empties would otherwise keep all that it ever sent.
void transport::drop_sent() {
  if (output_sent_ < output_.size() / 2) return;
  output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(output_sent_));
  output_sent_ = 0;
}

awaitable<int> transport::progress() {
  while (queued() != 0) {
    auto writable = aio::wait_for(*stream_, aio::direction::write);
    const auto failed = co_await aio::within<boost::system::error_code>(patience, std::move(writable));
    if (!failed) co_return LIBSSH2_ERROR_TIMEOUT;
    if (*failed || !flush()) co_return LIBSSH2_ERROR_SOCKET_SEND;
  }
  auto readable = aio::wait_for(*stream_, aio::direction::read);
  const auto failed = co_await aio::within<boost::system::error_code>(patience, std::move(readable));
  if (!failed) co_return LIBSSH2_ERROR_TIMEOUT;
  co_return *failed ? LIBSSH2_ERROR_SOCKET_RECV : 0;
}

std::string transport::describe(int status) const {
  if (!end_reason_.empty()) return end_reason_;
  if (status == LIBSSH2_ERROR_TIMEOUT) return "the server did not answer";
  char* text = nullptr;
  libssh2_session_last_error(session_, &text, nullptr, 0);
  const std::string said = text == nullptr ? "" : sanitise(text);
  return said.empty() ? "libssh2 error " + std::to_string(status) : said;
}

}  // namespace tunnel::ssh::libssh2
