#include "flows.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "pattern.hpp"
#include "run_failure.hpp"

namespace tunnel::bench {
namespace {

std::string after(std::uint64_t octets) {
  return " after " + std::to_string(octets) + " octets";
}

}  // namespace

download_flow::download_flow(std::uint16_t socks_port, std::uint16_t target_port, std::uint64_t seed,
                             std::uint64_t length)
    : flow(socks_port, target_port), request_{work::download, seed, length} {}

void download_flow::on_open() {
  send_small(request_.encode());
}

void download_flow::on_readable() {
  if (!reading_) return;
  static thread_local std::array<octet, pattern_run> buffer;
  const received got = receive(buffer);
  if (got.is_end) {
    if (octets_ != request_.length) throw run_failure("download ended" + after(octets_));
    complete(last_octet_);
    close();
    return;
  }
  if (got.data.size() > request_.length - octets_) throw run_failure("download brought octets too many");
  if (!is_expected(request_.seed, octets_, got.data)) throw run_failure("download wrong" + after(octets_));
  octets_ += got.data.size();
  if (octets_ == request_.length) last_octet_ = clock::now();
}

stalled_flow::stalled_flow(std::uint16_t socks_port, std::uint16_t target_port, std::uint64_t seed)
    : download_flow(socks_port, target_port, seed, endless) {
  const int room = 64 * 1024;
  setsockopt(number(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
}

void stalled_flow::on_open() {
  download_flow::on_open();
  pause();
}

upload_flow::upload_flow(std::uint16_t socks_port, std::uint16_t target_port, std::uint64_t seed,
                         std::uint64_t length)
    : flow(socks_port, target_port), request_{work::upload, seed, length} {}

void upload_flow::on_open() {
  send_small(request_.encode());
  writing_ = true;
}

void upload_flow::on_writable() {
  const std::uint64_t left = request_.length - octets_;
  const auto run = expected_octets(request_.seed, octets_);
  octets_ += send_some(run.first(std::min<std::uint64_t>(left, run.size())));
  if (octets_ == request_.length) finish();
}

void upload_flow::finish() {
  if (stage_now() != stage::open) throw run_failure("upload ended" + after(octets_));
  request_.length = octets_;
  writing_ = false;
  end_own_half();
}

void upload_flow::on_readable() {
  const received got = receive(octet_span(verdict_).subspan(verdict_size_));
  if (got.is_end) throw run_failure("upload cut off" + after(octets_));
  verdict_size_ += got.data.size();
  if (verdict_size_ < verdict_.size()) return;
  const std::uint64_t right = get_number(verdict_);
  if (writing_ || right != octets_) throw run_failure("upload wrong" + after(right));
  complete(clock::now());
  close();
}

echo_flow::echo_flow(std::uint16_t socks_port, std::uint16_t target_port, std::uint64_t seed)
    : flow(socks_port, target_port), seed_(seed) {}

void echo_flow::on_open() {
  send_small(request{work::echo, seed_, 0}.encode());
  ping();
}

void echo_flow::ping() {
  std::array<octet, number_size> data;
  put_number(data, seed_ + next_number_ + sent_.size());
  send_small(data);
  sent_.push_back(clock::now());
}

void echo_flow::on_readable() {
  const received got = receive(octet_span(answer_).subspan(answer_size_));
  if (got.is_end) throw run_failure("echo ended after " + std::to_string(next_number_) + " answers");
  answer_size_ += got.data.size();
  if (answer_size_ < answer_.size()) return;
  if (sent_.empty() || get_number(answer_) != seed_ + next_number_) throw run_failure("echo wrong");
  const auto now = clock::now();
  if (next_number_ == 0) {
    complete(now);
  } else {
    round_trips_.push_back(now - sent_.front());
  }
  sent_.pop_front();
  ++next_number_;
  answer_size_ = 0;
}

association_flow::association_flow(std::uint16_t socks_port, std::uint16_t client_port)
    : flow(socks_port, client_port, socks_command::udp_associate) {}

void association_flow::on_readable() {
  std::array<octet, 1> unasked;
  throw run_failure(receive(unasked).is_end ? "the association ended" : "octets in an association's flow");
}

void unanswered_flow::on_readable() {
  std::array<octet, 64> ignored;
  if (receive(ignored).is_end) close();
}

}  // namespace tunnel::bench
