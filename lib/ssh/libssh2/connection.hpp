#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "ssh/connection.hpp"
#include "ssh/libssh2/channels.hpp"
#include "ssh/libssh2/listeners.hpp"
#include "ssh/libssh2/transport.hpp"

namespace tunnel::ssh::libssh2 {

/// An authenticated libssh2 session and its channels.
///
/// All work is done in pump(), which is posted whenever the stream has octets or somebody wants something:
/// read what has come, move the open in flight on, serve each channel, finish those that close, send.
/// libssh2 does not tell which channel a packet was for, so a pump looks at every channel once; it takes
/// up to a quarter of a mebioctet of input with it, so that this is a small part of the work.
class connection final : public ssh::connection, public std::enable_shared_from_this<connection> {
 public:
  explicit connection(std::unique_ptr<transport> link);
  ~connection() override;

  /// Begins to read. Once, after construction by make_shared.
  void start();

  asio::any_io_executor get_executor() override { return link_->stream().get_executor(); }
  [[nodiscard]] const connection_info& info() const override { return info_; }
  void observe(connection_observer* observer) override { observer_ = observer; }
  awaitable<result<std::unique_ptr<ssh::channel>>> open_direct_tcpip(
      endpoint target, endpoint originator, std::chrono::steady_clock::duration limit) override;
  awaitable<result<std::unique_ptr<ssh::channel>>> open_direct_streamlocal(
      std::string path, std::chrono::steady_clock::duration limit) override;
  awaitable<result<std::unique_ptr<ssh::channel>>> run(std::string text, command_observer& told,
                                                       std::chrono::steady_clock::duration limit) override;
  awaitable<result<std::unique_ptr<ssh::remote_listener>>> listen(
      endpoint at, std::chrono::steady_clock::duration limit) override;
  [[nodiscard]] std::size_t open_limit() const override { return 1; }
  [[nodiscard]] std::chrono::steady_clock::time_point last_heard() const override {
    return link_->last_heard();
  }
  [[nodiscard]] aio::local_end look_at_local_end() const override {
    return link_->stream().look_at_local_end();
  }
  void probe() override;
  void fail(error why) override;
  void close() override;

  // For this engine's channels.
  void schedule_pump();
  octet_span room_for(channel_state& state);
  void send(channel_state& state, std::size_t count);

 private:
  /// An open that was asked for. One at a time is in libssh2's hands.
  struct open_request {
    enum class kind { direct_tcpip, direct_streamlocal, session, probe };

    kind what = kind::direct_tcpip;
    endpoint target;
    endpoint originator;
    /// What direct-streamlocal adds to SSH_MSG_CHANNEL_OPEN.
    octets details;
    /// Cancelled when `outcome` is there. Null for a probe.
    std::shared_ptr<asio::steady_timer> done;
    std::optional<result<std::shared_ptr<channel_state>>> outcome;
    bool abandoned = false;
  };

  void pump();
  void wait_readable();
  void wait_writable();
  void schedule_flush();
  void flush();

  awaitable<result<std::unique_ptr<channel>>> opened(std::shared_ptr<open_request> request,
                                                     std::chrono::steady_clock::duration limit);
  std::shared_ptr<channel_state> adopt(LIBSSH2_CHANNEL* raw);
  void start_probe();
  void advance_open();
  void finish_open(LIBSSH2_CHANNEL* raw);
  void settle(open_request& request, result<std::shared_ptr<channel_state>> outcome);
  LIBSSH2_CHANNEL* call_open(const open_request& request);

  bool drain();
  void serve(const std::shared_ptr<channel_state>& state);
  bool serve_command(channel_state& state);
  void deliver(channel_state& state);
  void tell_end(channel_state& state);
  void push_out(channel_state& state);
  bool write_all(channel_state& state, octet_view data);
  [[nodiscard]] bool has_room(const channel_state& state) const;
  void finish_closing();
  void lose(int status);
  void end(const error& why);

  std::unique_ptr<transport> link_;
  listeners listeners_;
  connection_info info_;
  connection_observer* observer_ = nullptr;
  std::list<std::shared_ptr<channel_state>> channels_;
  std::deque<std::shared_ptr<open_request>> waiting_;
  std::shared_ptr<open_request> opening_;
  std::vector<octet> inbound_;
  std::vector<octet> outbound_;
  std::optional<error> ended_;
  /// No more opens: see finish_open().
  bool spent_ = false;
  bool pump_posted_ = false;
  bool flush_posted_ = false;
  bool readable_ = false;
  bool waiting_readable_ = false;
  bool waiting_writable_ = false;
};

}  // namespace tunnel::ssh::libssh2
