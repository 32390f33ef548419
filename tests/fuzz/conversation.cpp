#include "conversation.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "fixed_random.hpp"
#include "invariant.hpp"

namespace tunnel::fuzz {

namespace {

using namespace tunnel::ssh::native;

// Answers to answers end: key exchanges take a few turns, and nobody begins them again and again.
constexpr int max_turns = 64;
// The most that the client may owe a server that does not read (RFC 4253 has no limit), beside the packets
// that its user has put there.
constexpr std::size_t max_pending = std::size_t{8} * 1024 * 1024;

algorithm_preferences fixed_preferences() {
  return {.kex = {"curve25519-sha256", "ecdh-sha2-nistp256"},
          .host_key = {"ssh-ed25519"},
          .cipher = {"aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr", "aes128-ctr"},
          .mac = {"hmac-sha2-256-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"}};
}

transport::options restarted(transport::options how) {
  restart_fixed_random();
  return how;
}

}  // namespace

conversation::peer::options conversation::usual_server() {
  static const auto key = support::repeatable_key();
  static const auto preferences = fixed_preferences();
  peer::options how;
  how.host_key = key;
  how.offer = offer(preferences, std::array<octet, 16>{}, false);
  return how;
}

transport::options conversation::usual_client() {
  return {.software = "Client", .preferences = fixed_preferences(), .limits = {}};
}

conversation::conversation(peer::options server_how, transport::options client_how)
    : server_(std::move(server_how)), client_(restarted(std::move(client_how)), fill_fixed, now) {}

void conversation::split(std::uint32_t seed, std::uint32_t most) {
  pieces_.reset();
  if (most != 0) pieces_.emplace(seed, most);
}

void conversation::establish() {
  server_.go_on();
  both_ways([](const transport::received&) -> result<void> { return boost::system::in_place_value; });
  require(established && !failure_ && !server_.client_fault());
}

void conversation::to_server() {
  const auto pending = client_.pending();
  require(pending.size() <= max_pending);
  if (pending.empty()) return;
  const octets carried(pending.begin(), pending.end());
  client_.sent(carried.size());
  server_.receive(carried);
  for (const auto& each : server_.messages())
    if (watch) watch(each.payload);
  if (!farewell) farewell = server_.client_farewell();
  server_.forget_messages();
}

void conversation::to_client(const receiver& take) {
  const octets carried(server_.pending().begin(), server_.pending().end());
  server_.sent(carried.size());
  octet_view left(carried);
  while (!left.empty() && !failure_) {
    const auto room = client_.inbound().room();
    // Never full while the packets are taken out.
    require(!room.empty());
    const auto piece = left.first(std::min(room.size(), pieces_ ? pieces_->next(left.size()) : left.size()));
    std::ranges::copy(piece, room.begin());
    client_.inbound().add(piece.size());
    left = left.subspan(piece.size());
    go_on(take);
  }
}

void conversation::both_ways(const receiver& take) {
  for (int turn = 0; turn < max_turns; ++turn) {
    if (client_.pending().empty() && server_.pending().empty()) return;
    to_server();
    to_client(take);
  }
  require(false);
}

void conversation::go_on(const receiver& take) {
  while (!failure_) {
    const auto more = step(take);
    if (!more) return fail(more.error());
    if (!*more) return;
  }
}

void conversation::fail(const error& why) {
  require_explained(why);
  failure_ = why;
  client_.goodbye(why);
}

// False: nothing more can be made of what has come.
result<bool> conversation::step(const receiver& take) {
  auto next = client_.next(now);
  if (!next) return next.error();
  if (!*next) return false;
  if (auto* offered = std::get_if<transport::host_key_offered>(&**next)) {
    // Once: in a key re-exchange it is the transport that compares.
    require(!host_key && !established);
    host_key = std::move(*offered);
    client_.accept_host_key(now);
  } else if (const auto* message = std::get_if<transport::received>(&**next)) {
    require(established && !message->payload.empty());
    const auto taken = take(*message);
    if (!taken) return taken.error();
  } else {
    require(!established && host_key);
    established = true;
  }
  return true;
}

}  // namespace tunnel::fuzz
