#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "ssh/channel.hpp"
#include "support/pattern.hpp"

namespace tunnel::integration {

/// Uses one channel as a test says, and notes all that happens on it.
class channel_user final : public ssh::channel_handler {
 public:
  enum class event { data, eof, writable, closed };

  /// Attaches itself.
  explicit channel_user(std::unique_ptr<ssh::channel> used);

  // What is sent, as fast as there is room for it.
  void send(std::string text);
  void send_pattern(std::uint64_t seed, std::size_t count);
  /// The end, behind what was given to be sent before.
  void send_eof();
  [[nodiscard]] bool sent_all() const { return text_.empty() && pattern_left_ == 0; }
  /// As many octets as were committed.
  [[nodiscard]] std::size_t sent() const { return sent_; }

  // What comes.
  /// Octets are to be those of pattern(seed); else they are collected in received().
  void expect_pattern(std::uint64_t seed) { expected_.emplace(seed); }
  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  /// All that came was as the contract and the pattern have it.
  [[nodiscard]] bool intact() const { return intact_; }
  [[nodiscard]] bool eof() const { return eof_; }
  [[nodiscard]] unsigned closed() const { return closed_; }
  [[nodiscard]] const std::optional<error>& lost() const { return lost_; }

  /// From now on one delivery more is taken, until resume().
  void pause() { takes_more_ = false; }
  void resume();

  /// Called at the end of each callback; it may destroy the channel.
  void react(std::function<void(event)> reaction) { reaction_ = std::move(reaction); }
  /// Closes it.
  void drop() { channel_.reset(); }
  ssh::channel& channel() { return *channel_; }

 private:
  bool on_data(std::span<const octet_view> pieces) override;
  void on_eof() override;
  void on_writable() override;
  void on_closed(const error* lost) override;

  void push();
  std::size_t fill(octet_span place);
  void tell(event what);

  std::unique_ptr<ssh::channel> channel_;
  std::function<void(event)> reaction_;
  std::string text_;
  pattern source_{0};
  std::size_t pattern_left_ = 0;
  std::size_t sent_ = 0;
  bool eof_due_ = false;
  std::optional<pattern> expected_;
  std::string received_;
  std::size_t count_ = 0;
  bool intact_ = true;
  bool takes_more_ = true;
  bool stopped_ = false;
  bool eof_ = false;
  unsigned closed_ = 0;
  std::optional<error> lost_;
};

}  // namespace tunnel::integration
