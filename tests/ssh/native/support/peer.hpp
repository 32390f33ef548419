#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "peer_exchange.hpp"
#include "peer_packets.hpp"
#include "repeatable.hpp"
#include "ssh/keys/private_key.hpp"
#include "ssh/native/core/identification.hpp"
#include "ssh/native/core/kexinit.hpp"
#include "ssh/native/core/packet_decoder.hpp"

namespace tunnel::ssh::native::support {

/// The server of a connection, as right or as wrong as a test wants it. Sans-I/O: receive() takes what the
/// client sent, pending() is for the client.
///
/// By itself it identifies itself and answers key exchanges. What is to come before a step of these, or in
/// its place, is sent after hold(). Everything else that the client says is in messages(), and answered by
/// the test, or by the script that is set.
class peer {
 public:
  struct options {
    std::string identification = "SSH-2.0-Peer";
    /// The lists of its SSH_MSG_KEXINIT. The flag for strict key exchange is put there if `strict`.
    kexinit offer = usual_offer();
    bool strict = true;
    std::shared_ptr<const keys::private_key> host_key = repeatable_key();
    /// K_S, if it is another than the key's own.
    octets host_certificate = {};
    /// What it signs by, if it is not what was agreed on.
    std::string signature_algorithm = {};
    std::function<void(kex_reply&)> alter_reply = nullptr;
    /// Sent behind the first SSH_MSG_NEWKEYS, if there is any.
    octets ext_info = {};
  };

  enum class stage { identification, kexinit, reply, newkeys, none };

  struct client_message {
    octets payload;
    std::uint32_t sequence_number = 0;
    [[nodiscard]] octet number() const { return payload.front(); }
  };
  /// SSH_MSG_DISCONNECT.
  struct farewell {
    std::uint32_t reason = 0;
    std::string description;
  };
  using script = std::function<void(peer&, octet_view)>;

  peer() : peer(options{}) {}
  explicit peer(options how) : how_(std::move(how)) {}

  /// Everything that peer_exchange and the core know, the quickest key exchange first.
  static kexinit usual_offer();

  // --- the line ---

  void receive(octet_view data);
  [[nodiscard]] octet_view pending() const { return outbound_; }
  void sent(std::size_t count);
  /// Does what is due and not held. receive() does it too.
  void go_on();

  // --- what the test has it do ---

  /// From here on, nothing of `from` and of the stages after it is done by itself.
  void hold(stage from) { held_ = from; }
  void release() {
    held_ = stage::none;
    go_on();
  }
  /// Called with each message of messages() as soon as it may be answered: not between the peer's
  /// SSH_MSG_KEXINIT and its SSH_MSG_NEWKEYS.
  void set_script(script answers) { script_ = std::move(answers); }
  /// For the key exchanges that are to come.
  options& how() { return how_; }

  /// A packet.
  void send(octet_view payload) { raw(packets_.sealed(payload)); }
  /// Octets as they are.
  void raw(octet_view data);
  /// For packets that are wrong in themselves: what these make goes out by raw(), or never.
  peer_packets& packets() { return packets_; }

  // The steps of a key exchange, for when they are held.
  void send_identification();
  /// Begins an exchange, or joins the client's.
  void send_kexinit();
  void send_reply();
  /// And takes the new keys in that direction.
  void send_newkeys();

  // --- what the client did ---

  [[nodiscard]] const std::string& client_identification() const { return context_.client_identification; }
  /// Its latest.
  [[nodiscard]] const std::optional<kexinit>& client_kexinit() const { return latest_client_kexinit_; }
  /// All but the messages of key exchanges.
  [[nodiscard]] const std::vector<client_message>& messages() const { return messages_; }
  /// How many of them have this number.
  [[nodiscard]] std::size_t count(octet number) const;
  /// The last of that number, nothing: there was none.
  [[nodiscard]] std::optional<client_message> last(octet number) const;
  void forget_messages() { messages_.clear(); }
  [[nodiscard]] std::optional<farewell> client_farewell() const;
  /// What was wrong with what the client sent. Never anything.
  [[nodiscard]] const std::optional<std::string>& client_fault() const { return fault_; }

  [[nodiscard]] const agreement& algorithms() const { return agreed_; }
  /// Both sides are not done with a key exchange that this side has begun or joined.
  [[nodiscard]] bool has_exchange() const { return own_kexinit_.has_value(); }
  /// Such an exchange is where nothing else may be sent (RFC 4253 section 7.1).
  [[nodiscard]] bool exchanging() const { return has_exchange() && !newkeys_sent_; }
  /// Key exchanges that both sides are done with.
  [[nodiscard]] std::size_t exchanges() const { return exchanges_; }
  [[nodiscard]] octet_view session_identifier() const { return session_identifier_; }

 private:
  [[nodiscard]] bool may(stage what) const { return what < held_; }
  void receive_packets();
  void on_packet(const packet_decoder::packet& packet);
  void on_kexinit(octet_view payload);
  void on_kex_message(octet_view payload);
  void on_newkeys();
  void begin_method();
  void finish_exchange_if_over();
  void run_script();
  [[nodiscard]] host_proof proof() const;

  options how_;
  stage held_ = stage::none;
  script script_;

  inbound_buffer inbound_;
  identification_reader identification_;
  packet_decoder decoder_;
  peer_packets packets_;
  octets outbound_;

  bool identified_ = false;
  exchange_context context_;
  // The exchange under way.
  std::optional<kexinit> own_kexinit_;
  std::optional<kexinit> client_kexinit_;
  std::optional<kexinit> latest_client_kexinit_;
  std::unique_ptr<peer_exchange> method_;
  std::vector<octets> replies_;
  bool newkeys_sent_ = false;
  bool newkeys_received_ = false;

  agreement agreed_;
  bool strict_ = false;
  octets session_identifier_;
  std::size_t exchanges_ = 0;
  std::vector<client_message> messages_;
  std::deque<octets> unanswered_;
  std::optional<std::string> fault_;
};

}  // namespace tunnel::ssh::native::support
