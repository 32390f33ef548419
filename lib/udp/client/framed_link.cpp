#include "udp/client/framed_link.hpp"

#include <array>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "udp/client/errors.hpp"
#include "udp/framing/encoder.hpp"

namespace tunnel::udp {

namespace {

constexpr std::size_t max_datagram_head = framing::head_size + framing::max_address_size;

}  // namespace

framed_link::framed_link(std::unique_ptr<ssh::channel> channel, std::unique_ptr<command_watch> watch,
                         const asio::any_io_executor& executor)
    : stream_link(std::move(channel), std::move(watch)),
      decoder_(commanded() ? framing::before_greeting::noise : framing::before_greeting::nothing),
      settled_(executor, greeting_limit) {}

awaitable<result<std::shared_ptr<link>>> framed_link::greet(std::unique_ptr<ssh::channel> channel,
                                                            std::unique_ptr<command_watch> watch,
                                                            octet_view first) {
  const auto executor = co_await asio::this_coro::executor;
  const auto made = std::make_shared<framed_link>(std::move(channel), std::move(watch), executor);
  made->begin();
  if (!first.empty()) made->sender().send(frame_queue::nobody, first, {});
  made->sender().send(frame_queue::nobody, framing::greeting_octets, {});
  auto waiting = made->wait_for_greeting();
  const auto greeted = co_await std::move(waiting);
  if (!greeted) co_return greeted.error();
  co_return std::shared_ptr<link>(made);
}

awaitable<result<void>> framed_link::wait_for_greeting() {
  if (!lost() && !decoder_.has_greeted()) co_await settled_.async_wait(as_tuple);
  if (!lost() && !decoder_.has_greeted()) {
    lose({errc::not_a_relay, "no UDP relay greeted within " + std::to_string(greeting_limit.count()) + " s"});
  }
  if (loss() && !decoder_.noise().empty()) {
    // As where logins are not allowed.
    co_return error{loss()->code, loss()->message + "; it said: " + sanitise(decoder_.noise())};
  }
  if (loss()) co_return *loss();
  co_return boost::system::in_place_value;
}

bool framed_link::take(octet_view data) {
  decoder_.feed(data);
  for (;;) {
    const auto next = decoder_.next();
    if (!next) {
      lose(next.error());
      return false;
    }
    if (std::holds_alternative<framing::need_more>(*next)) return true;
    if (!handle(*next)) return false;
  }
}

bool framed_link::handle(const framing::event& what) {
  if (const auto* came = std::get_if<framing::datagram>(&what)) {
    if (came->address.type == socks::address_type::domain_name) {
      lose({framing::errc::malformed, "the UDP relay sent a datagram from a name"});
      return false;
    }
    source_ = framing::to_address(came->address);
    // That it is over may have been dropped for want of room.
    if (!deliver(came->association, source_, came->payload) && sender().is_idle())
      on_association_ended(came->association);
  } else if (const auto* over = std::get_if<framing::closed>(&what)) {
    const auto reason = over->reason.empty() ? "" : ": " + sanitise(over->reason);
    end_association(over->association,
                    {errc::association_ended, "the UDP relay ended the association" + reason});
  } else if (const auto* said = std::get_if<framing::notice>(&what)) {
    log::debug("UDP relay: {}", sanitise(said->text));
  } else {
    settled_.cancel();
  }
  return !lost();
}

void framed_link::send(number from, const socks::address& target, octet_view data, drop_counts& dropped) {
  if (data.size() > framing::max_payload) {
    ++dropped.too_large;
    return;
  }
  std::array<octet, max_datagram_head> head{};
  const auto address_size =
      framing::encode_address(octet_span(head).subspan(framing::head_size), framing::view_of(target));
  framing::encode_head(head, framing::message_type::datagram, from, address_size + data.size());
  sender().gather(from, octet_view(head).first(framing::head_size + address_size), data);
}

void framed_link::on_association_ended(number which) {
  std::array<octet, framing::head_size> frame{};
  const auto size = framing::encode_close(frame, which);
  sender().send(frame_queue::nobody, octet_view(frame).first(size), {});
}

}  // namespace tunnel::udp
