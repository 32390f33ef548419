#include "echo_train.hpp"

#include <algorithm>

#include "pattern.hpp"
#include "protocol.hpp"
#include "run_failure.hpp"

namespace tunnel::bench {
namespace {

constexpr std::uint64_t train_seed = 104'729;

// What follows a datagram's number.
octet_view filling(std::size_t number, std::size_t size) {
  return expected_octets(train_seed, number * size).first(size - number_size);
}

}  // namespace

echo_train::echo_train(const test_bed& bed, std::size_t size)
    : path_(bed), deadline_(bed.deadline), data_(size) {}

void echo_train::send() {
  const std::size_t number = sent_.size();
  put_number(data_, number);
  std::ranges::copy(filling(number, data_.size()), data_.begin() + number_size);
  sent_.push_back({clock::now()});
  ++under_way_;
  path_.send(data_);
}

void echo_train::receive(clock::time_point until) {
  if (clock::now() >= deadline_) throw run_failure("too late: echoes of datagrams");
  path_.wait(std::min(until, deadline_));
  while (const auto came = path_.receive()) on_echo(*came, clock::now());
  give_up(clock::now() - patience);
}

void echo_train::on_echo(octet_view data, clock::time_point now) {
  if (data.size() != data_.size()) throw run_failure("an echo of another size");
  const std::uint64_t number = get_number(data);
  if (number >= sent_.size() || !std::ranges::equal(data.subspan(number_size), filling(number, data.size())))
    throw run_failure("an echo with wrong octets");
  sent& origin = sent_[number];
  if (origin.now == fate::echoed) throw run_failure("an echo that came twice");
  if (origin.now == fate::under_way) --under_way_;
  origin.now = fate::echoed;
  round_trips_.push_back(now - origin.at);
}

void echo_train::give_up(clock::time_point before) {
  for (; oldest_ < sent_.size(); ++oldest_) {
    sent& oldest = sent_[oldest_];
    if (oldest.now != fate::under_way) continue;
    if (oldest.at > before) return;
    oldest.now = fate::given_up;
    --under_way_;
  }
}

void echo_train::settle() {
  auto silent_at = clock::now() + silence;
  while (echoed() < sent_.size() && clock::now() < silent_at) {
    const std::size_t before = echoed();
    receive(silent_at);
    if (echoed() > before) silent_at = clock::now() + silence;
  }
  path_.check();
  if (echoed() == 0) throw run_failure("no datagram came back");
}

metric echo_train::loss() const {
  const auto lost = static_cast<double>(sent_.size() - echoed());
  return {"loss", "%", 100 * lost / static_cast<double>(sent_.size())};
}

}  // namespace tunnel::bench
