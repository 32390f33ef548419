#include "conversation.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include "messages.hpp"
#include "peer_stream.hpp"
#include "ssh/errors.hpp"
#include "ssh/native/core/message.hpp"
#include "ssh/native/engine.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

constexpr std::size_t text_size = 60'000;
// Twice or three times on the way, one side or the other.
constexpr std::uint64_t octets_per_key = 40'000;
constexpr support::window small_window{.initial_size = 10'000, .max_packet = 4'000};
constexpr std::uint32_t listening_port = 8022;
constexpr std::chrono::minutes limit{1};

// --- the stream --------------------------------------------------------------------------------------------

/// Fails at times. What the far end does for itself never does.
class failing_stream final : public aio::byte_stream {
 public:
  explicit failing_stream(std::unique_ptr<aio::byte_stream> carrier) : carrier_(std::move(carrier)) {}
  ~failing_stream() override { close(); }

  asio::any_io_executor get_executor() override { return carrier_->get_executor(); }

  io_result read_some(octet_span data) override {
    if (reads().now()) return boost::system::error_code(asio::error::connection_reset);
    const exempt own;
    return carrier_->read_some(data.first(std::min<std::size_t>(data.size(), 3'000)));
  }
  io_result write_some(octet_view data) override {
    if (writes().now()) return boost::system::error_code(asio::error::broken_pipe);
    const exempt own;
    return carrier_->write_some(data.first(std::min<std::size_t>(data.size(), 3'000)));
  }
  void async_wait(aio::direction way, wait_handler handler) override {
    const exempt own;
    carrier_->async_wait(way, std::move(handler));
  }
  void close() noexcept override {
    const exempt own;
    carrier_->close();
  }
  [[nodiscard]] std::string peer() const override { return carrier_->peer(); }

 private:
  std::unique_ptr<aio::byte_stream> carrier_;
};

// --- the server --------------------------------------------------------------------------------------------

void answer_user(support::peer& server, server_kind kind, std::string_view method) {
  const bool right = method == "password" && kind != server_kind::refusing;
  server.send(right ? support::userauth_success() : support::userauth_failure({"password"}));
}

// Sends back what comes, and closes when the client has sent its last.
void echo(support::peer& server, octet_view message) {
  wire::reader from(message.subspan(1));
  const std::uint32_t recipient = from.uint32().value() - support::granted_sender(0);
  if (message.front() == message::channel_data) {
    const auto data = from.string().value();
    server.send(support::channel_data(recipient, data));
    server.send(support::channel_window_adjust(recipient, static_cast<std::uint32_t>(data.size())));
  } else if (message.front() == message::channel_eof) {
    server.send(support::channel_eof(recipient));
    server.send(support::channel_close(recipient));
  }
}

// Listens where it is asked to, and has a caller there at once.
void answer_global(support::peer& server, std::string_view name) {
  if (name != "tcpip-forward") return server.send(support::request_failure());
  octets port;
  wire::writer(port).uint32(listening_port);
  server.send(support::request_success(port));
  server.send(support::channel_open("forwarded-tcpip", 7,
                                    support::forwarded_details("localhost", listening_port), small_window));
}

void serve(support::peer& server, server_kind kind, octet_view message) {
  wire::reader from(message.subspan(1));
  switch (message.front()) {
    case message::userauth_request: {
      static_cast<void>(from.text());
      static_cast<void>(from.text());
      return answer_user(server, kind, from.text().value());
    }
    case message::channel_open: {
      static_cast<void>(from.text());
      const auto sender = from.uint32().value();
      return server.send(
          support::channel_open_confirmation(sender, support::granted_sender(sender), small_window));
    }
    case message::channel_data:
    case message::channel_eof:
      return echo(server, message);
    case message::global_request:
      return answer_global(server, from.text().value());
    default:
      return support::grant_everything(server, message);
  }
}

std::shared_ptr<support::peer_line> make_server(server_kind kind) {
  auto far = std::make_shared<support::peer_line>();
  if (kind == server_kind::impostor)
    far->server.how().alter_reply = [](support::kex_reply& reply) { reply.signature.back() ^= 1; };
  far->server.set_script([kind](support::peer& server, octet_view message) { serve(server, kind, message); });
  return far;
}

// --- the client --------------------------------------------------------------------------------------------

class checking final : public host_key_verifier {
 public:
  checking(server_kind kind, outcome& told) : kind_(kind), told_(told) {}

  result<void> verify(const host_key& /*key*/) override {
    told_.host_key_proved = true;
    if (kind_ == server_kind::unknown) return error{make_error_code(ssh::errc::host_key_refused), "unknown"};
    return boost::system::in_place_value;
  }
  [[nodiscard]] std::vector<std::string> known_types() const override { return {"ssh-ed25519"}; }

 private:
  server_kind kind_;
  outcome& told_;
};

class with_password final : public authenticator {
 public:
  awaitable<result<void>> authenticate(ssh::userauth& methods) override {
    const auto none = co_await methods.none();
    if (!none) co_return none.error();
    const auto password = co_await methods.password(secret(std::string("a password")));
    if (!password) co_return password.error();
    if (password->outcome == auth_reply::verdict::success) co_return boost::system::in_place_value;
    co_return error{make_error_code(ssh::errc::authentication_failed), "refused"};
  }
};

/// Sends the text and gathers what comes back. Now and then it has had enough for a while.
class talker final : public channel_handler {
 public:
  talker(outcome& told, std::unique_ptr<ssh::channel> over, asio::any_io_executor executor)
      : told_(told), over_(std::move(over)), executor_(std::move(executor)) {}

  void begin() {
    over_->attach(*this);
    send();
  }
  [[nodiscard]] bool over() const { return over_ == nullptr; }

  bool on_data(std::span<const octet_view> pieces) override {
    for (const auto& piece : pieces) told_.received += as_text(piece);
    if (++deliveries_ % 3 != 0) return true;
    asio::post(executor_, [this] {
      if (over_) over_->resume();
    });
    return false;
  }
  void on_eof() override { eof_ = true; }
  void on_writable() override { send(); }
  void on_closed(const error* lost) override {
    if (lost != nullptr) {
      told_.failure = lost->message;
    } else {
      told_.complete = eof_;
    }
    over_.reset();
  }

 private:
  void send() {
    while (left_ != 0) {
      const auto room = over_->prepare();
      if (room.empty()) return;
      const auto piece = room.front().first(std::min(room.front().size(), left_));
      std::ranges::copy(as_octets(sent_text()).subspan(text_size - left_, piece.size()), piece.begin());
      left_ -= piece.size();
      over_->commit(piece.size());
    }
    if (!std::exchange(eof_sent_, true)) over_->send_eof();
  }

  outcome& told_;
  std::unique_ptr<ssh::channel> over_;
  asio::any_io_executor executor_;
  std::size_t left_ = text_size;
  std::size_t deliveries_ = 0;
  bool eof_sent_ = false;
  bool eof_ = false;
};

/// Lets one caller in, and no more.
class doorman final : public remote_listener_handler {
 public:
  explicit doorman(outcome& told) : told_(told) {}

  void open(std::unique_ptr<ssh::remote_listener> at) {
    at_ = std::move(at);
    at_->attach(*this);
  }

  void on_connection(std::unique_ptr<ssh::channel> /*opened*/,
                     std::optional<ssh::endpoint> /*who*/) override {
    told_.visited = true;
    at_.reset();
  }
  void on_closed(const error& /*lost*/) override {}

 private:
  outcome& told_;
  std::unique_ptr<ssh::remote_listener> at_;
};

class client {
 public:
  client(server_kind kind, std::shared_ptr<support::peer_line> far, outcome& told)
      : told_(told), keys_(kind, told), subject_(how()), doorman_(told) {
    auto carrier = std::make_unique<support::peer_stream>(context_.get_executor(), std::move(far));
    stream_ = std::make_unique<failing_stream>(std::move(carrier));
  }

  void run() {
    asio::co_spawn(context_, connect(), [this](const std::exception_ptr& thrown) { take(thrown); });
    turn();
    told_.stuck = !is_over();
    talker_.reset();
    if (connection_) connection_->close();
    turn();
  }

 private:
  static engine::options how() {
    engine::options chosen;
    chosen.software = "Client";
    chosen.limits.octets = octets_per_key;
    return chosen;
  }

  // Nothing here waits for the world: when nothing is ready, nothing will be.
  void turn() {
    for (;;) {
      try {
        context_.restart();
        if (context_.poll() == 0) return;
      } catch (const std::exception& thrown) {
        told_.escaped = thrown.what();
      }
    }
  }

  [[nodiscard]] bool is_over() const { return told_.failure || told_.complete; }

  void take(const std::exception_ptr& thrown) {
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& failure) {
      told_.failure = failure.what();
    }
  }

  awaitable<void> connect() {
    auto made = co_await subject_.connect(std::move(stream_), "user", limit, keys_, methods_);
    if (!made) {
      told_.failure = made.error().message;
      co_return;
    }
    told_.connected = true;
    connection_ = std::move(*made);
    ssh::endpoint door{"localhost", 0};
    auto listening = co_await connection_->listen(std::move(door), limit);
    if (!listening) {
      told_.failure = listening.error().message;
      co_return;
    }
    doorman_.open(std::move(*listening));
    ssh::endpoint target{"target.example", 80};
    ssh::endpoint originator{"127.0.0.1", 50000};
    auto opened = co_await connection_->open_direct_tcpip(std::move(target), std::move(originator), limit);
    if (!opened) {
      told_.failure = opened.error().message;
      co_return;
    }
    talker_ = std::make_unique<talker>(told_, std::move(*opened), context_.get_executor());
    talker_->begin();
  }

  outcome& told_;
  asio::io_context context_;
  checking keys_;
  with_password methods_;
  engine subject_;
  std::unique_ptr<aio::byte_stream> stream_;
  std::shared_ptr<ssh::connection> connection_;
  doorman doorman_;
  std::unique_ptr<talker> talker_;
};

}  // namespace

fail_nth& reads() {
  static fail_nth instance;
  return instance;
}

fail_nth& writes() {
  static fail_nth instance;
  return instance;
}

const std::string& sent_text() {
  static const std::string text = [] {
    std::string made(text_size, '\0');
    std::uint32_t state = 1;
    for (char& each : made) {
      state = state * 1664525U + 1013904223U;
      each = static_cast<char>(state >> 24U);
    }
    return made;
  }();
  return text;
}

outcome converse(server_kind with) {
  outcome told;
  std::shared_ptr<support::peer_line> far;
  std::optional<client> subject;
  {
    const exempt own;
    static_cast<void>(sent_text());
    told.received.reserve(text_size);
    far = make_server(with);
    subject.emplace(with, far, told);
  }
  try {
    subject->run();
  } catch (const std::exception& thrown) {
    told.failure = thrown.what();
  }
  const exempt own;
  subject.reset();
  told.password_sent = far->server.count(message::userauth_request) > 1;
  told.stream_closed = far->closed;
  return told;
}

}  // namespace tunnel::ssh::native
