#pragma once

#include <array>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ssh/connection.hpp"
#include "ssh/engine.hpp"
#include "ssh/native/channel.hpp"
#include "ssh/native/core/connection_protocol.hpp"
#include "ssh/native/forwarding.hpp"
#include "ssh/native/link.hpp"

namespace tunnel::ssh::native {

/// An authenticated connection and its channels: the connection protocol driven by the stream's events.
class connection final : public ssh::connection, public std::enable_shared_from_this<connection> {
 public:
  /// `keys` hears of the server's further host keys, and must outlive it.
  connection(std::unique_ptr<link> carrier, host_key_verifier& keys);
  ~connection() override;

  /// Begins to read. Once, after construction by make_shared.
  void start();

  asio::any_io_executor get_executor() override { return link_->stream().get_executor(); }
  [[nodiscard]] const connection_info& info() const override { return info_; }
  void observe(connection_observer* observer) override;
  awaitable<result<std::unique_ptr<ssh::channel>>> open_direct_tcpip(
      endpoint target, endpoint originator, std::chrono::steady_clock::duration limit) override;
  awaitable<result<std::unique_ptr<ssh::channel>>> open_direct_streamlocal(
      std::string path, std::chrono::steady_clock::duration limit) override;
  awaitable<result<std::unique_ptr<ssh::channel>>> run(std::string text, command_observer& told,
                                                       std::chrono::steady_clock::duration limit) override;
  awaitable<result<std::unique_ptr<ssh::remote_listener>>> listen(
      endpoint at, std::chrono::steady_clock::duration limit) override;
  [[nodiscard]] std::size_t open_limit() const override { return unlimited; }
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
  void schedule_service(channel& which);
  std::span<const octet_span> room_for(channel& which);
  void send(channel& which, std::size_t count);
  void send_eof(channel& which);
  void let_go(channel& which);

 private:
  static constexpr std::size_t places_per_read = 8;

  struct pending_open {
    pending_open(connection& opener, channel_id number, std::chrono::steady_clock::duration limit)
        : owner(opener), id(number), done(opener.get_executor(), limit) {
      owner.place_of(id).open = this;
    }
    pending_open(const pending_open&) = delete;
    pending_open& operator=(const pending_open&) = delete;
    /// Gives the open up if it has no outcome, however its coroutine ends.
    ~pending_open();

    connection& owner;
    channel_id id;
    /// Cancelled when `outcome` is there.
    asio::steady_timer done;
    std::optional<result<std::unique_ptr<channel>>> outcome;
  };
  /// What has a channel's number: an open in flight, then the channel.
  struct place {
    pending_open* open = nullptr;
    channel* owner = nullptr;
  };

  /// One message's octets, in the inbound buffer, and the next of the same channel's.
  struct piece {
    octet_view octets;
    std::uint32_t next = 0;
  };

  void wait_readable();
  void wait_writable();
  void watch_deadline();
  void on_deadline();
  void schedule_flush();

  template <class Step>
  void attempt(Step step);
  void end_later(const std::string& what);
  bool take_input();
  bool process();
  result<void> read_messages(time_point when);
  bool fall_out(const error& why);
  void handle(const connection_protocol::event& event);
  std::unique_ptr<channel> adopt(channel_id id);
  awaitable<result<std::unique_ptr<channel>>> opened(std::optional<channel_id> id,
                                                     std::chrono::steady_clock::duration limit);
  void on_opened(channel_id id);
  void on_open_failed(const connection_protocol::open_failed& told);
  void on_data(const connection_protocol::data& came);
  void on_standard_error(const connection_protocol::data& came);
  void on_exec_answered(const connection_protocol::exec_answered& told);
  void on_exited(const connection_protocol::exited& told);
  void on_host_keys(const connection_protocol::server_host_keys& told);
  void on_host_keys_proved(const connection_protocol::host_keys_proved& told);
  void deliver(channel_id id);
  void deliver_gathered();
  void on_eof(channel_id id);
  void on_closed(channel_id id);
  void on_writable(channel_id id);

  place& place_of(channel_id id) {
    if (id >= places_.size()) places_.resize(id + 1);
    return places_[id];
  }
  channel* find(channel_id id) { return place_of(id).owner; }
  void settle(channel_id id, result<std::unique_ptr<channel>> outcome);
  void serve();
  void serve(channel_id id);
  void serve_line();
  [[nodiscard]] bool has_room(const channel& which) const;
  void flush();
  void tell_of_end(channel_id id, const error& why);
  void end(const error& why);
  [[nodiscard]] error lost(const error& why) const;

  std::unique_ptr<link> link_;
  connection_protocol protocol_;
  forwarding forwarding_;
  connection_info info_;
  connection_observer* observer_ = nullptr;
  host_key_verifier& host_keys_;
  // What the server said of its host keys and has to prove.
  std::vector<octets> offered_host_keys_;
  std::vector<place> places_;
  // What the messages of one reading brought, delivered channel by channel: many small writes to one client
  // would wake it as often.
  std::vector<piece> pieces_;
  std::vector<channel_id> gathered_;
  // What prepare() gives: as many packets as one read of a client may fill.
  std::array<octet_span, places_per_read> room_;
  // Channels with something to deliver, and channels that wait for room in the queue, in turn.
  std::vector<channel_id> to_serve_;
  std::deque<channel_id> line_;
  std::optional<error> ended_;
  asio::steady_timer deadline_timer_;
  bool serve_posted_ = false;
  bool flush_posted_ = false;
  bool waiting_writable_ = false;
};

// Runs a step that an event or a channel asks for. What throws is libcrypto or memory that ran out: this
// connection cannot go on then, but others can.
template <class Step>
void connection::attempt(Step step) {
  try {
    step();
  } catch (const std::exception& failure) {
    end_later(failure.what());
  }
}

}  // namespace tunnel::ssh::native
