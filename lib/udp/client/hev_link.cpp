#include "udp/client/hev_link.hpp"

#include <array>
#include <utility>

#include "aio/rethrow.hpp"
#include "udp/client/errors.hpp"
#include "udp/client/frame_sender.hpp"
#include "udp/client/frame_splitter.hpp"
#include "udp/client/hev.hpp"

namespace tunnel::udp {

namespace {

using clock = std::chrono::steady_clock;

// There is one association per stream, so frames need no tags.
constexpr frame_queue::tag the_one = 0;

constexpr auto answer_limit = std::chrono::seconds(10);

// A stream that was idle for less is not closed for that: the server went away.
constexpr auto least_idle_time = std::chrono::seconds(20);

}  // namespace

/// The channel of one association, made anew when the server closed it for being idle.
class hev_link::stream final : public ssh::channel_handler, public std::enable_shared_from_this<stream> {
 public:
  stream(ssh::endpoint server, std::shared_ptr<access> by, association_handler& told)
      : server_(std::move(server)), by_(std::move(by)), told_(&told), settled_(by_->executor()) {}

  /// Opens a channel and has the server agree to UDP in it.
  awaitable<result<void>> establish();

  void send(const socks::address& target, octet_view data);

  /// The association is over at this side.
  void leave();

  [[nodiscard]] const drop_counts& dropped() const { return dropped_; }

 private:
  //  closed ──> opening ──> shaking ──> open
  //    ^───────────┴───────────┴─────────┘
  enum class state { closed, opening, shaking, open };

  bool on_data(std::span<const octet_view> pieces) override;
  void on_eof() override { on_closed(nullptr); }
  void on_writable() override;
  void on_closed(const error* lost) override;

  bool take(octet_view data);
  void reopen();
  void close();
  void lose(const error& why);

  ssh::endpoint server_;
  std::shared_ptr<access> by_;
  // Null once nobody is to be told.
  association_handler* told_;
  state state_ = state::closed;
  std::unique_ptr<ssh::channel> channel_;
  hev::handshake handshake_;
  frame_sender greeter_{[](frame_queue::tag) {}};
  frame_sender sender_{[this](frame_queue::tag) { ++dropped_.no_room; }};
  frame_splitter<hev::frame_size> splitter_;
  hev::datagram came_;
  // Ends with the handshake.
  asio::steady_timer settled_;
  std::optional<error> refusal_;
  clock::time_point last_used_ = clock::now();
  drop_counts dropped_;
};

awaitable<result<void>> hev_link::stream::establish() {
  const auto self = shared_from_this();
  state_ = state::opening;
  auto opening = by_->open_direct_tcpip(server_);
  auto opened = co_await std::move(opening);
  if (!opened || told_ == nullptr) {
    state_ = state::closed;
    co_return opened ? error{errc::relay_ended, "the client left"} : opened.error();
  }
  state_ = state::shaking;
  channel_ = std::move(*opened);
  channel_->expedite();
  handshake_ = hev::handshake();
  splitter_ = {};
  refusal_.reset();
  settled_.expires_after(answer_limit);
  channel_->attach(*this);
  greeter_.send(the_one, hev::opening, {});
  greeter_.use(channel_.get());
  co_await settled_.async_wait(as_tuple);
  if (state_ == state::open) co_return boost::system::in_place_value;
  close();
  co_return refusal_.value_or(error{errc::not_a_relay, "the UDP gateway did not answer in time"});
}

void hev_link::stream::send(const socks::address& target, octet_view data) {
  std::array<octet, hev::max_header> head{};
  const auto size = hev::write_header(head, target, data.size());
  if (size == 0) {
    ++dropped_.too_large;
    return;
  }
  last_used_ = clock::now();
  sender_.send(the_one, octet_view(head).first(size), data);
  if (state_ == state::closed) reopen();
}

void hev_link::stream::reopen() {
  auto reopening = [self = shared_from_this()]() -> awaitable<void> {
    auto establishing = self->establish();
    const auto done = co_await std::move(establishing);
    if (!done) self->lose(done.error());
  };
  asio::co_spawn(by_->executor(), std::move(reopening), aio::rethrow);
}

bool hev_link::stream::on_data(std::span<const octet_view> pieces) {
  const auto self = shared_from_this();
  for (const auto piece : pieces) {
    if (!channel_ || !take(piece)) break;
  }
  return true;
}

bool hev_link::stream::take(octet_view data) {
  if (state_ == state::shaking) {
    const auto answer = handshake_.feed(data);
    if (answer == hev::handshake::state::incomplete) return true;
    if (answer == hev::handshake::state::failed) {
      refusal_ = error{errc::not_a_relay, "the UDP gateway is of no use: " + handshake_.reason()};
      settled_.cancel();
      return false;
    }
    state_ = state::open;
    greeter_.use(nullptr);
    sender_.use(channel_.get());
    settled_.cancel();
  }
  splitter_.feed(data, [this](octet_view frame) {
    const bool sensible = hev::parse(frame, came_) && !std::holds_alternative<std::string>(came_.peer.host);
    if (!sensible) {
      lose({errc::not_a_relay, "the UDP gateway sent what makes no sense"});
      return false;
    }
    last_used_ = clock::now();
    if (told_ != nullptr) told_->on_datagram(came_.peer, came_.data);
    return channel_ != nullptr;
  });
  return channel_ != nullptr;
}

void hev_link::stream::on_writable() {
  greeter_.flush();
  sender_.flush();
}

void hev_link::stream::on_closed(const error* lost) {
  const auto self = shared_from_this();
  if (state_ == state::shaking) {
    refusal_ = lost != nullptr ? *lost : error{errc::not_a_relay, "the UDP gateway closed the connection"};
    settled_.cancel();
    return close();
  }
  const bool idle = clock::now() - last_used_ >= least_idle_time;
  close();
  if (lost != nullptr) return lose(*lost);
  if (!idle) lose({errc::relay_ended, "the UDP gateway closed its connection"});
}

void hev_link::stream::close() {
  state_ = state::closed;
  greeter_.use(nullptr);
  sender_.use(nullptr);
  channel_.reset();
}

void hev_link::stream::lose(const error& why) {
  close();
  if (auto* told = std::exchange(told_, nullptr)) told->on_lost(why);
}

void hev_link::stream::leave() {
  told_ = nullptr;
  settled_.cancel();
  close();
}

/// An association's own end of its stream.
class hev_link::member final : public association {
 public:
  member(std::shared_ptr<hev_link> link, std::shared_ptr<stream> own)
      : link_(std::move(link)), own_(std::move(own)) {
    ++link_->members_;
  }
  ~member() override {
    own_->leave();
    --link_->members_;
    link_->idle_since_ = clock::now();
  }

  void send(const socks::address& target, octet_view data) override { own_->send(target, data); }
  [[nodiscard]] const drop_counts& dropped() const override { return own_->dropped(); }

 private:
  std::shared_ptr<hev_link> link_;
  std::shared_ptr<stream> own_;
};

awaitable<result<std::unique_ptr<association>>> hev_link::open(std::shared_ptr<access> by,
                                                               association_handler& told) {
  const auto self = shared_from_this();
  const auto own = std::make_shared<stream>(server_, std::move(by), told);
  auto opened = std::make_unique<member>(self, own);
  auto establishing = own->establish();
  const auto done = co_await std::move(establishing);
  if (!done) co_return done.error();
  co_return std::unique_ptr<association>(std::move(opened));
}

std::optional<clock::time_point> hev_link::idle_since() const {
  if (members_ != 0) return std::nullopt;
  return idle_since_;
}

}  // namespace tunnel::udp
