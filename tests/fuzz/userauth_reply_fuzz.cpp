// Any messages during authentication give events that answer the request under way, or an error. Nobody is
// let in who has only offered a key, a key that is accepted is the very one that was offered, and questions
// and banners have their limits (RFC 4252 section 5, RFC 4256 section 3).
//
// Input: an octet of flags for the server's SSH_MSG_EXT_INFO, then steps: an octet for what the client does
// first, if it may, and a string that the server sends as a message.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "conversation.hpp"
#include "invariant.hpp"
#include "messages.hpp"
#include "script.hpp"
#include "ssh/native/core/authentication_protocol.hpp"
#include "ssh/native/core/message.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::native;
using protocol = authentication_protocol;

constexpr int max_steps = 64;
constexpr octet offers_ext_info = 1;
constexpr octet offers_hostbound = 2;

const octets& user_key() {
  static const auto blob = support::repeatable_key(2)->public_blob();
  return blob;
}

enum class request { none_yet, none, offer, proof, password, interactive };

/// What the client asks for, and what may come of it.
class user {
 public:
  explicit user(transport& link) : protocol_(link, "user") {}

  void act(octet choice) {
    if (!ready_ || over_) return;
    // A question may be answered, or passed over by another request.
    if (questions_ && choice % 8 == 6) return answer();
    if (waiting_ && !questions_) return;
    switch (choice % 8) {
      case 1:
        return ask(request::none, [this] { protocol_.request_none(); });
      case 2:
        return ask(request::offer, [this] { protocol_.offer_key("ssh-ed25519", user_key()); });
      case 3:
        require(!protocol_.octets_to_sign("ssh-ed25519", user_key()).empty());
        return ask(request::proof, [this] { protocol_.prove_key("ssh-ed25519", user_key(), user_key()); });
      case 4:
        return ask(request::password, [this] { protocol_.request_password(secret(std::string("word"))); });
      case 5:
        return ask(request::interactive, [this] { protocol_.request_keyboard_interactive(); });
      default:
        return;
    }
  }

  result<void> take(const transport::received& message) {
    auto event = protocol_.on_message(message);
    if (!event) return event.error();
    if (*event) std::visit([this](const auto& told) { on(told); }, **event);
    return boost::system::in_place_value;
  }

  [[nodiscard]] bool over() const { return over_; }

 private:
  template <class Send>
  void ask(request what, const Send& send) {
    send();
    asked_ = what;
    waiting_ = true;
    questions_.reset();
    rounds_ = 0;
  }

  void answer() {
    std::vector<secret> answers;
    for (std::size_t i = 0; i < *questions_; ++i) answers.emplace_back(std::string("word"));
    protocol_.answer(answers);
    questions_.reset();
  }

  void settle() {
    require(waiting_);
    waiting_ = false;
    questions_.reset();
  }

  void on(const protocol::ready&) {
    require(!ready_);
    ready_ = true;
  }
  void on(const protocol::banner& told) {
    banner_octets_ += told.text.size();
    require(!told.text.empty() && banner_octets_ <= protocol::max_banner);
  }
  void on(const protocol::success&) {
    settle();
    require(asked_ != request::offer && asked_ != request::none_yet);
    over_ = true;
  }
  void on(const protocol::failure& told) {
    settle();
    for (const auto& method : told.methods) require(!method.empty());
  }
  void on(const protocol::key_accepted&) {
    settle();
    require(asked_ == request::offer);
  }
  void on(const protocol::password_change_wanted&) {
    settle();
    require(asked_ == request::password);
  }
  void on(const protocol::info_request& told) {
    require(waiting_ && asked_ == request::interactive);
    require(told.questions.size() <= protocol::max_questions && ++rounds_ <= protocol::max_rounds);
    questions_ = told.questions.size();
  }

  protocol protocol_;
  bool ready_ = false;
  bool over_ = false;
  request asked_ = request::none_yet;
  bool waiting_ = false;
  std::optional<std::size_t> questions_;
  std::size_t rounds_ = 0;
  std::size_t banner_octets_ = 0;
};

octets ext_info_by(octet flags) {
  if ((flags & offers_ext_info) == 0) return {};
  if ((flags & offers_hostbound) == 0) return support::ext_info({{"server-sig-algs", "ssh-ed25519"}});
  return support::ext_info({{"server-sig-algs", "ssh-ed25519"}, {"publickey-hostbound@openssh.com", "0"}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script from({data, size});
  auto how = conversation::usual_server();
  how.ext_info = ext_info_by(from.byte());
  conversation both(std::move(how));
  both.establish();
  user asking(both.client());
  const auto take = [&asking](const transport::received& message) { return asking.take(message); };
  for (int step = 0; step < max_steps && !from.at_end() && !both.failure() && !asking.over(); ++step) {
    asking.act(from.byte());
    both.to_server();
    const auto payload = from.string();
    if (payload.empty()) continue;
    both.server().send(payload);
    both.to_client(take);
  }
  both.to_server();
  return 0;
}
