// record_corpus <corpus> <name> <port> <user> [<kex> [<cipher>]]: connects to the SSH server at that port of
// 127.0.0.1, which lets the user in with the key that `record_corpus --key` prints, and writes what the
// server said as seeds of the fuzz targets: <corpus>/<target>/<name>. scripts/record-corpus starts the
// servers.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include "crypto/base64.hpp"
#include "kex_methods.hpp"
#include "packet_suites.hpp"
#include "recorded_user.hpp"
#include "repeatable.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::native;

constexpr int patience_ms = 20000;
// Seeds are to be small: a fuzzer does not need long messages.
constexpr std::size_t max_seed_message = 4096;

// --- the line ----------------------------------------------------------------------------------------------

int connect_to(std::uint32_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as sockets want it.
  if (descriptor < 0 || ::connect(descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    throw std::runtime_error("cannot connect to 127.0.0.1:" + std::to_string(port));
  return descriptor;
}

void send_pending(int descriptor, transport& link) {
  while (!link.pending().empty()) {
    const auto count = ::send(descriptor, link.pending().data(), link.pending().size(), MSG_NOSIGNAL);
    if (count <= 0) throw std::runtime_error("the server takes no more");
    link.sent(static_cast<std::size_t>(count));
  }
}

// What the server sends next; nothing: it has closed.
octets receive_some(int descriptor) {
  pollfd wait{.fd = descriptor, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, patience_ms) != 1) throw std::runtime_error("the server says nothing more");
  octets data(65536);
  const auto count = ::recv(descriptor, data.data(), data.size(), 0);
  data.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return data;
}

// --- seeds -------------------------------------------------------------------------------------------------

class seeds {
 public:
  seeds(std::filesystem::path corpus, std::string name)
      : corpus_(std::move(corpus)), name_(std::move(name)) {}

  void write(const std::string& target, octet_view content, const std::string& more = "") const {
    std::filesystem::create_directories(corpus_ / target);
    std::ofstream file(corpus_ / target / (name_ + more), std::ios::binary);
    file << as_text(content);
    if (!file) throw std::runtime_error("cannot write a seed of " + target);
  }

 private:
  std::filesystem::path corpus_;
  std::string name_;
};

// As script::string() reads it.
void append_string(octets& to, octet_view data) {
  to.push_back(static_cast<octet>(data.size() >> 8U));
  to.push_back(static_cast<octet>(data.size()));
  to.insert(to.end(), data.begin(), data.end());
}

/// The scripts that come to be while a connection goes on.
struct scripts {
  octets userauth{0};
  octets connection{0};
  // Turns in which nobody does anything, until the user is authenticated.
  octets core{0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2};
  std::vector<octets> payloads;

  recorded_user::observer observer() {
    return {.on_request = [this](octet action) { action_ = action; },
            .on_action = [this](octet choice, octet place) { add_action(choice, place); },
            .on_payload = [this](octet_view payload) { add_payload(payload); }};
  }

 private:
  static constexpr octet acts = 0x80;
  static constexpr octet sends_wrongly = 0x85;

  void add_action(octet choice, octet place) {
    for (auto* to : {&connection, &core}) {
      to->insert(to->end(), {acts, choice});
      // What act() reads behind it: a port, or a channel's place and an amount.
      if (choice % 8 == 2) to->push_back(0);
      if (choice % 8 > 4) to->insert(to->end(), {place, 0, 0});
    }
  }

  void add_payload(octet_view payload) {
    if (payload.size() > max_seed_message) return;
    payloads.emplace_back(payload.begin(), payload.end());
    if (payload.front() < message::global_request) {
      userauth.push_back(std::exchange(action_, octet{0}));
      append_string(userauth, payload);
      return;
    }
    connection.push_back(0);
    append_string(connection, payload);
    core.insert(core.end(), {0, sends_wrongly});
    append_string(core, payload);
  }

  octet action_ = 0;
};

/// What comes before encryption: the identification string and packets.
class plain_part {
 public:
  explicit plain_part(octet_view stream) {
    const auto end = static_cast<std::size_t>(std::ranges::find(stream, '\n') - stream.begin());
    identification_.assign(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(end + 1));
    stream = stream.subspan(end + 1);
    while (packets_.empty() || packets_.back().front() != message::newkeys) {
      const auto length = wire::reader(stream).uint32().value();
      const std::size_t padding = stream[4];
      const auto payload = stream.subspan(5, length - padding - 1);
      packets_.emplace_back(payload.begin(), payload.end());
      stream = stream.subspan(4 + length);
    }
  }

  [[nodiscard]] const octets& identification() const { return identification_; }
  [[nodiscard]] const octets& kexinit() const { return packets_.front(); }
  /// The messages of the method.
  [[nodiscard]] std::span<const octets> replies() const {
    return std::span(packets_).subspan(1, packets_.size() - 2);
  }

 private:
  octets identification_;
  std::vector<octets> packets_;
};

octets kex_seed(std::string_view method, const plain_part& plain) {
  const auto row = std::ranges::find(kex_methods, method, &kex_method::name);
  octets seed{static_cast<octet>(row - kex_methods.begin())};
  for (const auto& reply : plain.replies()) append_string(seed, reply);
  return seed;
}

// What was understood of it, written again: the message itself is the transport's own.
octets ext_info_seed(const ext_info& told) {
  octets seed{message::ext_info};
  wire::writer to(seed);
  to.uint32((told.server_sig_algs ? 1U : 0U) + (told.hostbound ? 1U : 0U) + (told.ping ? 1U : 0U));
  if (told.server_sig_algs) {
    std::string list;
    for (const auto& name : *told.server_sig_algs) list += (list.empty() ? "" : ",") + name;
    to.text("server-sig-algs").text(list);
  }
  if (told.hostbound) to.text("publickey-hostbound@openssh.com").text("0");
  if (told.ping) to.text("ping@openssh.com").text("0");
  return seed;
}

// The payloads as packets under a suite, for packet_decoder_fuzz.cpp to seal.
octets packets_seed(std::size_t suite, const std::vector<octets>& payloads) {
  constexpr octet sealed_form = 0x80;
  constexpr std::size_t enough = 8;
  const auto layout = packet_suites[suite].sealer()->layout();
  octets seed{static_cast<octet>(sealed_form | suite)};
  for (const auto& payload : std::span(payloads).first(std::min(payloads.size(), enough))) {
    const std::size_t counted = 1 + payload.size() + (layout.length_aligned ? 4 : 0);
    std::size_t padding = 4;
    while ((counted + padding) % layout.alignment != 0 || counted + padding < layout.head_size) ++padding;
    octets body{static_cast<octet>(padding)};
    body.insert(body.end(), payload.begin(), payload.end());
    body.resize(body.size() + padding);
    seed.push_back(0);
    append_string(seed, body);
  }
  return seed;
}

// --- a recording -------------------------------------------------------------------------------------------

struct recording {
  octets stream;
  scripts made;
  agreement common;
  ext_info told;
};

recording record(std::uint32_t port, const recorded_user::options& how) {
  recording made;
  recorded_user user(how, made.made.observer());
  const int line = connect_to(port);
  bool connected_back = false;
  while (!user.finished()) {
    send_pending(line, user.link());
    const auto data = receive_some(line);
    if (data.empty()) throw std::runtime_error("the server has closed the connection");
    made.stream.insert(made.stream.end(), data.begin(), data.end());
    user.receive(data);
    if (user.failure()) throw std::runtime_error(user.failure()->message);
    if (user.listening_port() && !std::exchange(connected_back, true))
      ::close(connect_to(*user.listening_port()));
  }
  ::close(line);
  made.common = user.link().algorithms();
  made.told = user.link().server_extensions();
  return made;
}

// Of a kex or a cipher that was asked for, only what differs from what was recorded anyway.
void write_kex_seeds(const seeds& to, const recording& made) {
  to.write("kex_reply", kex_seed(made.common.kex, plain_part(made.stream)));
}

void write_seeds(const seeds& to, const recording& made) {
  const plain_part plain(made.stream);
  to.write("identification", plain.identification());
  to.write("kexinit", plain.kexinit());
  to.write("kex_reply", kex_seed(made.common.kex, plain));
  to.write("ext_info", ext_info_seed(made.told));
  to.write("userauth_reply", made.made.userauth);
  to.write("connection_messages", made.made.connection);
  to.write("client_core", made.made.core);
  octets transcript{0, 0};
  transcript.insert(transcript.end(), made.stream.begin(), made.stream.end());
  to.write("transcript", transcript);
}

void write_packet_seeds(const seeds& to, const recording& made) {
  for (std::size_t suite = 0; suite < packet_suites.size(); ++suite)
    to.write("packet_decoder", packets_seed(suite, made.made.payloads), "-" + std::to_string(suite));
}

void print_key() {
  std::cout << "ssh-ed25519 " << crypto::base64_encode(support::repeatable_key(2)->public_blob())
            << " fuzzing\n";
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && arguments[0] == "--key") {
    print_key();
    return EXIT_SUCCESS;
  }
  if (arguments.size() < 4) throw std::runtime_error("CORPUS NAME PORT USER [KEX | packets]");
  auto how = recorded_user::usual();
  const auto port = std::stoul(arguments[2]);
  how.user = arguments[3];
  how.target = static_cast<std::uint16_t>(port);
  const std::string special = arguments.size() > 4 ? arguments[4] : "";
  const bool by_kex = !special.empty() && special != "packets";
  if (by_kex) how.kex = {special};
  const seeds to(arguments[0], arguments[1]);
  const auto made = record(static_cast<std::uint32_t>(port), how);
  if (by_kex) {
    write_kex_seeds(to, made);
  } else {
    write_seeds(to, made);
  }
  if (special == "packets") write_packet_seeds(to, made);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run({arguments + 1, arguments + count});
  } catch (const std::exception& failure) {
    std::cerr << "record_corpus: " << failure.what() << '\n';
    return EXIT_FAILURE;
  }
}
