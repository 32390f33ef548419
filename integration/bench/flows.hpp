#pragma once

#include <deque>
#include <vector>

#include "flow.hpp"

/// The kinds of flow that scenarios are made of. Every octet that comes back is checked.
namespace tunnel::bench {

/// Fetches `length` octets and the end of the stream. An endless one is closed by its owner.
class download_flow : public flow {
 public:
  download_flow(std::uint16_t socks_port, std::uint16_t target_port, std::uint64_t seed,
                std::uint64_t length);

  [[nodiscard]] std::uint64_t octets() const { return octets_; }

  /// Stops taking octets from the socket, and takes them again. Once open.
  void pause() { reading_ = false; }
  void resume() { reading_ = true; }

 protected:
  void on_open() override;
  void on_readable() override;

 private:
  request request_;
  std::uint64_t octets_ = 0;
  clock::time_point last_octet_;
};

/// A download whose reader takes nothing until told to resume(), and keeps little room for it.
class stalled_flow : public download_flow {
 public:
  stalled_flow(std::uint16_t socks_port, std::uint16_t target_port, std::uint64_t seed);

 protected:
  void on_open() override;
};

/// Sends `length` octets, ends its half and awaits the origin's verdict. An endless one goes on until
/// finish().
class upload_flow : public flow {
 public:
  upload_flow(std::uint16_t socks_port, std::uint16_t target_port, std::uint64_t seed, std::uint64_t length);

  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  void finish();

 protected:
  void on_open() override;
  void on_readable() override;
  void on_writable() override;

 private:
  request request_;
  std::uint64_t octets_ = 0;
  std::array<octet, number_size> verdict_{};
  std::size_t verdict_size_ = 0;
};

/// Sends 8 octets as soon as it is open and is complete when they are back. More pings may follow, at
/// any time, answered or not.
class echo_flow : public flow {
 public:
  echo_flow(std::uint16_t socks_port, std::uint16_t target_port, std::uint64_t seed);

  void ping();
  [[nodiscard]] std::size_t unanswered() const { return sent_.size(); }
  /// How long each ping took that has been answered, the one at the opening not counted.
  [[nodiscard]] const std::vector<clock::duration>& round_trips() const { return round_trips_; }

 protected:
  void on_open() override;
  void on_readable() override;

 private:
  std::uint64_t seed_;
  std::uint64_t next_number_ = 0;
  std::deque<clock::time_point> sent_;
  std::array<octet, number_size> answer_{};
  std::size_t answer_size_ = 0;
  std::vector<clock::duration> round_trips_;
};

/// Asks for a UDP association for datagrams from `client_port` of 127.0.0.1, which lasts as long as the
/// flow. Complete when it has one.
class association_flow : public flow {
 public:
  association_flow(std::uint16_t socks_port, std::uint16_t client_port);

  /// Where on loopback the datagrams go. Once complete.
  [[nodiscard]] std::uint16_t relay_port() const { return bound_port(); }

 protected:
  void on_open() override { complete(clock::now()); }
  void on_readable() override;
};

/// Asks for a target that never answers. What becomes of it is its own affair: some programs say at once
/// that it is open, others refuse it after a while.
class unanswered_flow : public flow {
 public:
  using flow::flow;

 protected:
  void on_open() override {}
  void on_readable() override;
  void on_failure(const std::string&) override {}
};

}  // namespace tunnel::bench
