#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aio/byte_stream.hpp"
#include "relay/association.hpp"
#include "relay/filter.hpp"
#include "relay/names.hpp"
#include "relay/outbox.hpp"
#include "relay/resolver.hpp"
#include "udp/framing/decoder.hpp"

namespace tunnel::relay {

/// What all clients of a relay share, and what bounds each.
struct policy {
  filter rules;
  /// An association that nothing goes through for so long is closed.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(10);
  std::size_t associations = 1024;
  std::size_t queued_octets = outbox::default_capacity;
};

/// One stream of frames and its associations (docs/udp-relay.md).
///
/// Reads, sends and forgets: nothing that the client sends waits for anything but a name. What comes back
/// waits in an outbox that drops the oldest. Thread: the stream's executor. `shared`, `by` and `room` must
/// outlive it.
class client : public std::enable_shared_from_this<client>, private downstream {
 public:
  /// Called once, from the executor. Nothing: the client has ended the stream.
  using ended_handler = std::function<void(result<void>)>;

  client(std::unique_ptr<aio::byte_stream> stream, const policy& shared, resolver& by, frame_room& room);

  void start(ended_handler ended);

  /// Ends it at once; the handler is not called. Needed before what it borrows goes. Idempotent.
  void close();

  [[nodiscard]] std::string peer() const { return stream_->peer(); }

  /// One line for the log.
  [[nodiscard]] std::string summary() const;

 private:
  struct totals {
    association::counters datagrams;
    std::uint64_t associations = 0;
    std::uint64_t denied = 0;
    std::uint64_t unresolved = 0;
  };

  // From the client.
  void wait_for_input();
  void read();
  /// False: the stream has ended.
  bool take_events();
  void on_event(const udp::framing::event& what);
  void on_datagram(const udp::framing::datagram& what);
  association* association_for(std::uint32_t number);
  void close_association(std::uint32_t number);

  // Towards the peers.
  void send_to_name(association& from, const udp::framing::datagram& what);
  void send_to_answer(std::uint32_t number, std::string_view name, const resolved& answer, std::uint16_t port,
                      octet_view payload);
  error_code send(association& from, const asio::ip::address& host, std::uint16_t port, octet_view payload);

  // To the client.
  void add(octet_view frame) override { outbox_.add(frame); }
  void flush() override;
  void notice(std::uint32_t number, association& about, const std::string& text);
  void say_closed(std::uint32_t number, std::string_view reason);

  // Time and the end.
  void watch_idle();
  void close_idle();
  void fail(error why);
  void end(result<void> outcome);

  std::unique_ptr<aio::byte_stream> stream_;
  const policy& policy_;
  frame_room& room_;
  ended_handler ended_;
  octets input_;
  udp::framing::decoder decoder_;
  outbox outbox_;
  std::map<std::uint32_t, std::shared_ptr<association>> associations_;
  names names_;
  asio::steady_timer idle_timer_;
  asio::steady_timer last_words_;
  bool writing_ = false;
  bool closed_ = false;
  /// Set while the last frame is on its way.
  std::optional<error> failure_;
  totals totals_;
};

}  // namespace tunnel::relay
