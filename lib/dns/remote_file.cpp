#include "dns/remote_file.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "aio/call_at.hpp"
#include "aio/deadline.hpp"
#include "base/text.hpp"
#include "ssh/errors.hpp"

namespace tunnel::dns {

namespace {

constexpr std::size_t max_complaint = 200;

/// Collects what a command says, on its connection's thread.
class listener final : public ssh::channel_handler, public ssh::command_observer {
 public:
  listener(const asio::any_io_executor& executor, std::size_t max_size)
      : max_size_(max_size), over_(executor, asio::steady_timer::time_point::max()) {}

  awaitable<result<std::string>> collect(std::unique_ptr<ssh::channel> from) {
    from->attach(*this);
    from->send_eof();
    if (!ended_) co_await over_.async_wait(as_tuple);
    from.reset();
    if (failure_) co_return *failure_;
    if (exit_ && exit_->status != 0U) {
      co_return error{ssh::errc::request_refused,
                      complaint_.empty() ? "cat failed there" : sanitise(complaint_, max_complaint)};
    }
    co_return std::move(text_);
  }

 private:
  bool on_data(std::span<const octet_view> pieces) override {
    for (const auto& piece : pieces) text_ += as_text(piece);
    if (text_.size() <= max_size_) return true;
    failure_ = error{ssh::errc::request_refused,
                     "it has more than " + human_octets(static_cast<unsigned long long>(max_size_))};
    end();
    return false;
  }

  void on_eof() override {}
  void on_writable() override {}

  void on_closed(const error* lost) override {
    if (lost != nullptr && !failure_) failure_ = *lost;
    end();
  }

  void on_standard_error(octet_view data) override {
    const auto room = max_complaint - complaint_.size();
    complaint_ += as_text(data.first(std::min(room, data.size())));
    while (complaint_.ends_with('\n')) complaint_.pop_back();
  }

  void on_exit(const ssh::command_exit& how) override { exit_ = how; }

  void end() {
    ended_ = true;
    over_.cancel();
  }

  std::size_t max_size_;
  asio::steady_timer over_;
  std::string text_;
  std::string complaint_;
  std::optional<ssh::command_exit> exit_;
  std::optional<error> failure_;
  bool ended_ = false;
};

using outcome = result<std::string>;

awaitable<outcome> run(std::shared_ptr<pool::lease> held, std::string command, std::size_t max_size,
                       std::chrono::steady_clock::duration limit) {
  listener told(held->executor(), max_size);
  auto running = held->run(std::move(command), told, limit);
  auto begun = co_await std::move(running);
  if (!begun) co_return begun.error();
  auto collecting = told.collect(std::move(*begun));
  co_return co_await std::move(collecting);
}

// The lease is given back on its own thread, as everything of it.
awaitable<outcome> run_in_time(std::shared_ptr<pool::lease> held, std::string command, std::size_t max_size,
                               std::chrono::steady_clock::duration limit) {
  auto running = run(std::move(held), std::move(command), max_size, limit);
  auto finished = co_await aio::within<outcome>(limit, std::move(running));
  if (!finished) co_return error{ssh::errc::open_timeout, "the SSH server did not answer in time"};
  co_return std::move(*finished);
}

}  // namespace

awaitable<outcome> read_remote_file(pool::pool& connections, std::string path, std::size_t max_size,
                                    std::chrono::steady_clock::duration limit) {
  auto acquiring = connections.acquire();
  auto acquired = co_await std::move(acquiring);
  if (!acquired) co_return acquired.error();
  const auto held = std::make_shared<pool::lease>(std::move(*acquired));
  const auto executor = held->executor();
  std::function<awaitable<outcome>()> work = [held, command = "cat " + path, max_size, limit] {
    return run_in_time(held, command, max_size, limit);
  };
  auto calling = aio::call_at<outcome>(executor, std::move(work));
  auto read = co_await std::move(calling);
  if (!read) co_return error{ssh::errc::open_timeout, "it was given up"};
  co_return std::move(*read);
}

}  // namespace tunnel::dns
