#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dns/message_splitter.hpp"
#include "message_builder.hpp"
#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_channel.hpp"
#include "support/fake_server.hpp"

namespace tunnel::dns::testing_support {

/// Name servers behind a connection to nowhere. What is theirs is used on the connection's thread.
class name_servers : public testing::Test {
 protected:
  name_servers() {
    pool_ = std::make_unique<pool::pool>(context_.get_executor(), "fake", server_.connector(), pool::limits{},
                                         pool::keepalive_policy{.interval = {}}, [](const error&) {});
    server_.serve_with([this](support::fake_connection& on, const ssh::endpoint& target) {
      asked_for_.push_back(target.text());
      if (target.text() == refused_)
        return std::optional<support::fake_connection::open_outcome>(
            error{ssh::errc::connect_failed, "Connection refused"});
      channels_.push_back(std::make_shared<support::channel_peer>(on.get_executor()));
      return std::optional<support::fake_connection::open_outcome>(channels_.back()->open());
    });
    support::started connecting(context_, pool_->connect());
    EXPECT_TRUE(connecting.wait());
  }

  void on_server(const std::function<void()>& action) {
    server_.with(0, [&](support::fake_connection&) { action(); });
  }

  // The queries that have come on a channel, without their lengths.
  std::vector<octets> queries(std::size_t channel) {
    std::vector<octets> found;
    on_server([&] {
      if (channel >= channels_.size()) return;
      message_splitter splitter;
      splitter.feed(as_octets(channels_[channel]->received()), found);
    });
    return found;
  }

  bool comes(std::size_t channel, std::size_t count) {
    return support::run_until(context_, [&] { return queries(channel).size() == count; });
  }

  // Answers the query of that place on a channel.
  void answer(std::size_t channel, std::size_t place, const std::string& name, unsigned rcode = 0) {
    const auto id = identification(queries(channel).at(place));
    octets framed;
    append_framed(framed, build({.id = id, .rcode = rcode, .name = name}));
    // The last delivery has been dealt with.
    ASSERT_TRUE(support::run_until(context_, [&] {
      bool ready = false;
      on_server([&] { ready = channels_[channel]->attached() && !channels_[channel]->paused(); });
      return ready;
    }));
    on_server([&] { static_cast<void>(channels_[channel]->deliver(as_text(framed))); });
  }

  support::fake_server server_{1000};
  std::unique_ptr<pool::pool> pool_;
  std::string refused_;
  std::vector<std::shared_ptr<support::channel_peer>> channels_;
  std::vector<std::string> asked_for_;
  std::uint16_t next_id_ = 1000;
  // It goes before the pool, with what the pool has on it.
  asio::io_context context_;
};

}  // namespace tunnel::dns::testing_support
