#include "udp/client/stream_link.hpp"

#include <utility>

#include "udp/client/errors.hpp"

namespace tunnel::udp {

class stream_link::member final : public association {
 public:
  member(std::shared_ptr<stream_link> through, number own, association_handler& told)
      : told_(told), through_(std::move(through)), number_(own) {}
  ~member() override { through_->forget(number_); }

  void send(const socks::address& target, octet_view data) override {
    if (!through_->lost()) through_->send(number_, target, data, dropped_);
  }

  void flush() override { through_->sender_.flush(); }

  [[nodiscard]] const drop_counts& dropped() const override { return dropped_; }

 private:
  friend class stream_link;

  association_handler& told_;
  std::shared_ptr<stream_link> through_;
  number number_;
  drop_counts dropped_;
};

stream_link::stream_link(std::unique_ptr<ssh::channel> channel, std::unique_ptr<command_watch> watch)
    : watch_(std::move(watch)),
      channel_(std::move(channel)),
      sender_([this](number whose) { count(whose, &drop_counts::no_room); }) {}

void stream_link::begin() {
  // Datagrams are late behind what others upload.
  channel_->expedite();
  channel_->attach(*this);
  sender_.use(channel_.get());
}

awaitable<result<std::unique_ptr<association>>> stream_link::open(std::shared_ptr<access> /*by*/,
                                                                  association_handler& told) {
  if (loss_) co_return *loss_;
  const auto own = next_++;
  auto opened = std::make_unique<member>(shared_from_this(), own, told);
  members_.emplace(own, opened.get());
  co_return std::unique_ptr<association>(std::move(opened));
}

std::optional<std::chrono::steady_clock::time_point> stream_link::idle_since() const {
  if (!members_.empty()) return std::nullopt;
  return idle_since_;
}

void stream_link::forget(number which) {
  if (members_.erase(which) == 0) return;
  idle_since_ = std::chrono::steady_clock::now();
  if (!loss_) on_association_ended(which);
}

void stream_link::count(number whose, std::uint64_t drop_counts::*reason) {
  const auto found = members_.find(whose);
  if (found != members_.end()) ++(found->second->dropped_.*reason);
}

bool stream_link::deliver(number to, const socks::address& source, octet_view data) {
  const auto found = members_.find(to);
  if (found == members_.end()) return false;
  found->second->told_.on_datagram(source, data);
  return true;
}

void stream_link::end_association(number which, const error& why) {
  const auto found = members_.find(which);
  if (found == members_.end()) return;
  auto& told = found->second->told_;
  members_.erase(found);
  told.on_lost(why);
}

void stream_link::lose(const error& why) {
  if (loss_) return;
  const auto self = shared_from_this();
  loss_ = why;
  sender_.use(nullptr);
  channel_.reset();
  on_link_lost();
  // Each may end others, too.
  while (!members_.empty()) end_association(members_.begin()->first, *loss_);
}

// Datagrams never stop the stream: whoever cannot take them loses them.
bool stream_link::on_data(std::span<const octet_view> pieces) {
  const auto self = shared_from_this();
  for (const auto piece : pieces) {
    if (loss_ || !take(piece)) break;
  }
  return true;
}

void stream_link::on_eof() {
  // A command says more about its end behind this.
  if (!watch_) lose({errc::relay_ended, "the UDP relay closed its connection"});
}

void stream_link::on_closed(const error* lost) {
  if (lost != nullptr) return lose(*lost);
  const auto how = watch_ ? watch_->ending() : std::string("closed its connection");
  lose({errc::relay_ended, "the UDP relay " + how});
}

}  // namespace tunnel::udp
