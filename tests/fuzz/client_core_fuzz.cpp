// The whole client core, from the identification string to the channels, against a server that does what the
// input says (scripted_server.hpp), and for a user who does (connection_user.hpp).
//
// A server that does nothing wrong is never parted with, whoever exchanges keys again and when, however its
// octets are split and whatever the user does: what it sends arrives in order and whole, and what it is sent
// is right. Whatever it does wrong, there is no event that does not fit what came before, and a failure is
// explained, to the server too. Octets to be sent and octets delivered are bounded.
//
// Input: four octets of choices and a string of lines before the identification string; then steps: an octet
// of flags, two octets of seconds that pass if it asks for that, and what the user or the server does next.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "connection_user.hpp"
#include "conversation.hpp"
#include "invariant.hpp"
#include "messages.hpp"
#include "script.hpp"
#include "scripted_server.hpp"
#include "ssh/native/core/authentication_protocol.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/message.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::native;

constexpr int max_steps = 256;
constexpr int max_attempts = 4;
// Answers to what was held back, and answers to these.
constexpr int last_turns = 3;

// Flags of a step.
constexpr octet user_acts = 0x80;
constexpr octet keeps_from_server = 0x40;
constexpr octet keeps_from_client = 0x20;
constexpr octet time_passes = 0x10;

/// What a script chooses before anything is said.
class choices {
 public:
  explicit choices(script& from)
      : server_(from.byte()), algorithms_(from.byte()), client_(from.byte()), pieces_(from.byte()) {
    const auto lines = from.string();
    preamble_.assign(lines.begin(), lines.end());
  }

  [[nodiscard]] conversation::peer::options server() const {
    constexpr std::array kex{"curve25519-sha256", "ecdh-sha2-nistp256"};
    constexpr std::array ciphers{"aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr",
                                 "aes128-ctr"};
    constexpr std::array macs{"hmac-sha2-256-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512",
                              "hmac-sha2-256"};
    auto how = conversation::usual_server();
    // ChaCha20-Poly1305 is refused without it.
    how.strict = (server_ & 1U) == 0 || algorithms_ / 4 % 4 == 1;
    if ((server_ & 2U) != 0) how.ext_info = support::ext_info({{"ping@openssh.com", "0"}});
    how.offer.kex = {kex[algorithms_ % 2]};
    how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {ciphers[algorithms_ / 4 % 4]};
    how.offer.mac_client_to_server = how.offer.mac_server_to_client = {macs[algorithms_ / 16 % 4]};
    how.offer.first_kex_packet_follows = (server_ & 8U) != 0;
    return how;
  }
  /// It says that a packet of its guess follows, which is not what is agreed on (RFC 4253 section 7).
  [[nodiscard]] bool guesses_wrongly() const { return (server_ & 8U) != 0 && algorithms_ % 2 == 1; }
  [[nodiscard]] bool grants_user() const { return (server_ & 4U) == 0; }

  [[nodiscard]] transport::options client() const {
    constexpr std::array<std::uint64_t, 4> octets{std::uint64_t{1} << 30U, 8192, 65536, 1 << 20U};
    constexpr std::array<std::uint64_t, 4> packets{std::uint64_t{1} << 31U, 64, 16, 1024};
    auto how = conversation::usual_client();
    how.limits.octets = octets[client_ % 4];
    how.limits.packets = packets[client_ / 4 % 4];
    return how;
  }
  [[nodiscard]] bool reads_at_once() const { return (client_ & 16U) == 0; }

  [[nodiscard]] std::uint32_t largest_piece() const { return pieces_ % 4 == 0 ? 0 : 1U << (pieces_ % 16); }
  [[nodiscard]] const octets& preamble() const { return preamble_; }

 private:
  octet server_;
  octet algorithms_;
  octet client_;
  octet pieces_;
  octets preamble_;
};

/// The layers above the transport, as the engine's driver uses them.
class layers {
 public:
  layers(conversation& both, bool reads_at_once) : both_(both), reads_at_once_(reads_at_once) {}

  result<void> take(const transport::received& message) {
    if (user_) return user_->take(message, both_.now);
    begin();
    auto event = authentication_->on_message(message);
    if (!event) return event.error();
    if (*event) on(**event);
    return boost::system::in_place_value;
  }

  void begin() {
    if (both_.established && !authentication_) authentication_.emplace(both_.client(), "user");
  }

  connection_user* user() { return user_ ? &*user_ : nullptr; }

 private:
  void on(const authentication_protocol::event& told) {
    if (std::holds_alternative<authentication_protocol::success>(told)) {
      user_.emplace(both_.client());
      user_->expect_pattern(true);
      if (reads_at_once_) user_->read_at_once();
    } else if (!std::holds_alternative<authentication_protocol::banner>(told) && attempts_++ < max_attempts) {
      authentication_->request_none();
    }
  }

  conversation& both_;
  bool reads_at_once_;
  std::optional<authentication_protocol> authentication_;
  std::optional<connection_user> user_;
  int attempts_ = 0;
};

class run {
 public:
  explicit run(script& from)
      : chosen_(from),
        both_(chosen_.server(), chosen_.client()),
        server_(both_.server()),
        layers_(both_, chosen_.reads_at_once()) {
    both_.split(1, chosen_.largest_piece());
    if (chosen_.grants_user()) server_.grant_user();
    both_.watch = [this](octet_view payload) {
      if (layers_.user() != nullptr) layers_.user()->on_sent(payload);
    };
  }

  void play(script& from) {
    both_.server().raw(chosen_.preamble());
    both_.server().go_on();
    if (chosen_.guesses_wrongly()) both_.server().send(octets{message::kex_ecdh_reply, 0});
    both_.server().how().offer.first_kex_packet_follows = false;
    carry(0);
    for (int step = 0; step < max_steps && !from.at_end() && !both_.failure(); ++step) play_step(from);
    finish();
  }

 private:
  void play_step(script& from) {
    const octet flags = from.byte();
    const auto before = both_.now;
    const bool exchanging = both_.client().exchanging();
    if ((flags & time_passes) != 0) both_.now += std::chrono::seconds(from.uint16());
    if ((flags & user_acts) == 0) {
      server_.act(from);
    } else if (layers_.user() != nullptr) {
      layers_.user()->act(from, both_.now);
    }
    if (both_.now != before) server_.pass_time(exchanging);
    if (layers_.user() != nullptr) layers_.user()->expect_pattern(server_.is_right());
    both_.go_on(taker());
    carry(flags);
  }

  conversation::receiver taker() {
    return [this](const transport::received& message) { return layers_.take(message); };
  }

  void carry(octet flags) {
    layers_.begin();
    if ((flags & keeps_from_server) == 0) both_.to_server();
    if ((flags & keeps_from_client) == 0) both_.to_client(taker());
    layers_.begin();
  }

  void finish() {
    for (int turn = 0; turn < last_turns && !both_.failure(); ++turn) {
      server_.settle();
      both_.both_ways(taker());
      layers_.begin();
    }
    both_.to_server();
    if (both_.failure()) check_farewell(*both_.failure());
    if (!server_.is_right()) return;
    // Lines before the identification string may be too long, or be one themselves.
    if (!chosen_.preamble().empty() && !both_.established) return;
    require(!both_.failure() && !both_.server().client_fault());
    check_delivered();
  }

  // RFC 4253 section 11.1: the server is told which rule it broke.
  void check_farewell(const error& why) {
    if (!both_.farewell) return;
    require(why.code != errc::disconnected &&
            both_.farewell->reason == static_cast<unsigned>(why.code.value()));
  }

  void check_delivered() {
    if (layers_.user() == nullptr) return;
    for (const auto& each : server_.amounts()) {
      const auto delivered = layers_.user()->delivered(each.recipient);
      require(!delivered || *delivered == each.sent);
    }
  }

  choices chosen_;
  conversation both_;
  scripted_server server_;
  layers layers_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script from({data, size});
  run(from).play(from);
  return 0;
}
