#include "proxy/named_flow.hpp"

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>

#include "dns/errors.hpp"
#include "proxy/address_race.hpp"
#include "proxy/front_end.hpp"
#include "socks_octets.hpp"
#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/fake_channel.hpp"
#include "support/fake_server.hpp"
#include "support/far_end.hpp"

namespace tunnel::proxy {
namespace {

using namespace std::string_view_literals;
using support::channel_peer;
using support::far_end;
using open_outcome = support::fake_connection::open_outcome;

/// Knows host.test by the addresses that the test gives it, and its name by 192.0.2.1. It writes its answers
/// with the question as it came, and records behind.
class known_host final : public dns::exchanger {
 public:
  explicit known_host(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  asio::any_io_executor get_executor() override { return executor_; }

  awaitable<result<octets>> exchange(octets query) override {
    const auto asked = dns::read_question(query);
    if (broken) co_return error{dns::errc::no_answer, "nobody"};
    octets answer(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(asked->end));
    answer[2] = 0x81;
    answer[3] = 0x80;
    answer[11] = 0;
    const auto& records = data[asked->type];
    answer[7] = static_cast<octet>(records.size());
    if (records.empty() && !exists) answer[3] |= 3;
    for (const auto& each : records) {
      const octets head{0xc0, 12, 0, static_cast<octet>(asked->type), 0, 1, 0, 0,
                        0,    60, 0, static_cast<octet>(each.size())};
      answer.insert(answer.end(), head.begin(), head.end());
      answer.insert(answer.end(), each.begin(), each.end());
    }
    co_return answer;
  }

  std::map<unsigned, std::vector<octets>> data;
  bool exists = true;
  bool broken = false;

 private:
  asio::any_io_executor executor_;
};

constexpr unsigned type_a = 1;
constexpr unsigned type_ptr = 12;
constexpr unsigned type_aaaa = 28;
const octets four{192, 0, 2, 1};
const octets six{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

class NamedFlow : public testing::Test {
 protected:
  NamedFlow() {
    pool_ = std::make_unique<pool::pool>(context_.get_executor(), "fake", server_.connector(), pool::limits{},
                                         pool::keepalive_policy{.interval = {}}, [](const error&) {});
    server_.serve_with([this](support::fake_connection& on, const ssh::endpoint& target) {
      const std::lock_guard lock(guard_);
      asked_for_.push_back(target.text());
      if (dead_.contains(target.host)) return std::optional<open_outcome>();
      if (const auto why = refused_.find(target.host); why != refused_.end())
        return std::optional<open_outcome>(error{ssh::errc::connect_failed, why->second});
      target_ = std::make_shared<channel_peer>(on.get_executor());
      return std::optional<open_outcome>(target_->open());
    });
    support::started connecting(context_, pool_->connect());
    EXPECT_TRUE(connecting.wait());
    auto rules = []() -> awaitable<result<dns::resolv_conf>> { co_return dns::resolv_conf{}; };
    services_.emplace(*pool_, bind_settings{}, nullptr,
                      std::make_shared<dns::resolver>(names_, std::move(rules)), true);
  }
  ~NamedFlow() override {
    pool_->close();
    services_.reset();
  }

  far_end serve(std::string_view request) {
    auto pair = support::connect_pair(context_);
    client accepted(std::move(pair.accepted), clients_);
    served_.emplace_back(context_, support::ended(serve_client(std::move(accepted), waiting_, *services_)));
    far_end program(std::move(pair.connected));
    program.send(request);
    return program;
  }

  far_end connect_to(std::string name = "host.test") {
    return serve(std::string(greeting) + std::string("\x05\x01\x00\x03"sv) + static_cast<char>(name.size()) +
                 name + std::string("\x00\x50"sv));
  }

  static std::string reply(socks::reply_code code, const socks::address& bound = {}) {
    return std::string(greeting_answer) +
           std::string(as_text(socks::encode_reply(socks::version::socks5, code, bound)));
  }

  bool gets(far_end& program, const std::string& expected) {
    return support::run_until(context_, [&] { return program.received() == expected; });
  }

  std::vector<std::string> asked_for() {
    const std::lock_guard lock(guard_);
    return asked_for_;
  }

  support::fake_server server_{1000};
  half_open waiting_{10};
  client::counter clients_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::unique_ptr<pool::pool> pool_;
  std::optional<services> services_;
  // Used on the connection's thread, and here.
  std::mutex guard_;
  std::vector<std::string> asked_for_;
  std::set<std::string> dead_;
  std::map<std::string, std::string> refused_;
  std::shared_ptr<channel_peer> target_;
  asio::io_context context_;
  std::shared_ptr<known_host> names_ = std::make_shared<known_host>(context_.get_executor());
  std::vector<support::started<bool>> served_;
};

TEST_F(NamedFlow, OpensByAddressIpv6First) {
  names_->data = {{type_a, {four}}, {type_aaaa, {six}}};
  auto program = connect_to();
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded)));
  EXPECT_EQ(asked_for(), std::vector<std::string>{"[2001:db8::1]:80"});
  bool taken = false;
  const auto deliver = [&](support::fake_connection&) {
    if (target_->attached()) taken = target_->deliver("answer");
  };
  EXPECT_TRUE(support::run_until(context_, [&] {
    server_.with(0, deliver);
    return taken;
  }));
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded) + "answer"));
  program.reset();
  EXPECT_TRUE(support::run_until(context_, [&] { return pool_->flows() == 0 && *clients_ == 0; }));
}

TEST_F(NamedFlow, GoesOnWithTheOtherFamilyAtOnceWhenOneIsRefused) {
  names_->data = {{type_a, {four}}, {type_aaaa, {six}}};
  refused_["2001:db8::1"] = "Network is unreachable";
  auto program = connect_to();
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded)));
  EXPECT_EQ(asked_for(), (std::vector<std::string>{"[2001:db8::1]:80", "192.0.2.1:80"}));
}

TEST_F(NamedFlow, DoesNotWaitForAnAddressThatDoesNotAnswer) {
  names_->data = {{type_a, {four}}, {type_aaaa, {six}}};
  dead_.insert("2001:db8::1");
  const auto begun = std::chrono::steady_clock::now();
  auto program = connect_to();
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded)));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, address_race::attempt_delay);
  program.reset();
  // The other open is given up with it.
  EXPECT_TRUE(support::run_until(context_, [&] { return pool_->flows() == 0; }));
}

TEST_F(NamedFlow, SaysWhyNoAddressCouldBeReached) {
  names_->data = {{type_a, {four}}, {type_aaaa, {six}}};
  refused_["2001:db8::1"] = "Network is unreachable";
  refused_["192.0.2.1"] = "Connection refused";
  auto program = connect_to();
  EXPECT_TRUE(gets(program, reply(socks::reply_code::connection_refused)));
  EXPECT_TRUE(support::run_until(context_, [&] { return program.saw_fin(); }));
}

TEST_F(NamedFlow, SaysHostUnreachableForANameThatCannotBeFound) {
  names_->exists = false;
  auto none = connect_to();
  EXPECT_TRUE(gets(none, reply(socks::reply_code::host_unreachable)));
  names_->exists = true;
  auto empty = connect_to("empty.test");
  EXPECT_TRUE(gets(empty, reply(socks::reply_code::host_unreachable)));
  names_->broken = true;
  auto broken = connect_to("broken.test");
  EXPECT_TRUE(gets(broken, reply(socks::reply_code::host_unreachable)));
  EXPECT_TRUE(asked_for().empty());
}

TEST_F(NamedFlow, OpensTextualAddressesAsTheyAre) {
  auto program = connect_to("192.0.2.7");
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded)));
  EXPECT_EQ(asked_for(), std::vector<std::string>{"192.0.2.7:80"});
}

TEST_F(NamedFlow, GivesAllBackWhenTheClientLeaves) {
  names_->data = {{type_a, {four}}, {type_aaaa, {six}}};
  dead_ = {"2001:db8::1", "192.0.2.1"};
  auto program = connect_to();
  EXPECT_TRUE(support::run_until(context_, [&] { return asked_for().size() == 2; }));
  program.close();
  EXPECT_TRUE(support::run_until(context_, [&] { return pool_->flows() == 0 && *clients_ == 0; }));
}

TEST_F(NamedFlow, LeavesNamesToTheServerWithoutTheOption) {
  services_->resolves_names = false;
  auto program = connect_to();
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded)));
  EXPECT_EQ(asked_for(), std::vector<std::string>{"host.test:80"});
}

// --- RESOLVE and RESOLVE_PTR -------------------------------------------------------------------------------

constexpr auto resolve = "\x05\xf0\x00\x03\x09host.test\x00\x00"sv;

TEST_F(NamedFlow, ResolvesANameToItsIpv4Address) {
  names_->data = {{type_a, {four}}, {type_aaaa, {six}}};
  auto program = serve(std::string(greeting) + std::string(resolve));
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded, {socks::ipv4{192, 0, 2, 1}, 0})));
  EXPECT_TRUE(support::run_until(context_, [&] { return program.saw_fin(); }));
}

TEST_F(NamedFlow, ResolvesANameThatHasIpv6Alone) {
  names_->data = {{type_aaaa, {six}}};
  auto program = serve(std::string(greeting) + std::string(resolve));
  socks::address bound;
  std::visit([&](const auto& host) { bound.host = host; }, *dns::parse_ip_address("2001:db8::1"));
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded, bound)));
  // SOCKS4a has no room for it.
  auto four_a = serve("\x04\xf0\x00\x00\x00\x00\x00\x01\x00host.test\x00"sv);
  EXPECT_TRUE(gets(four_a, std::string(as_text(socks::encode_reply(socks::version::socks4,
                                                                   socks::reply_code::host_unreachable)))));
}

TEST_F(NamedFlow, ResolvesForSocks4a) {
  names_->data = {{type_a, {four}}};
  auto program = serve("\x04\xf0\x00\x00\x00\x00\x00\x01\x00host.test\x00"sv);
  EXPECT_TRUE(gets(program, std::string("\x00\x5a\x00\x00\xc0\x00\x02\x01"sv)));
}

TEST_F(NamedFlow, ResolvesAnAddressToItsName) {
  names_->data = {{type_ptr, {{4, 'h', 'o', 's', 't', 4, 't', 'e', 's', 't', 0}}}};
  auto program = serve(std::string(greeting) + std::string("\x05\xf1\x00\x01\xc0\x00\x02\x01\x00\x00"sv));
  EXPECT_TRUE(gets(program, reply(socks::reply_code::succeeded, {std::string("host.test"), 0})));
}

TEST_F(NamedFlow, RefusesToNameANameAndWhatHasNone) {
  auto name = serve(std::string(greeting) + std::string("\x05\xf1\x00\x03\x09host.test\x00\x00"sv));
  EXPECT_TRUE(gets(name, reply(socks::reply_code::address_type_not_supported)));
  auto unknown = serve(std::string(greeting) + std::string("\x05\xf1\x00\x01\xc0\x00\x02\x02\x00\x00"sv));
  EXPECT_TRUE(gets(unknown, reply(socks::reply_code::host_unreachable)));
}

}  // namespace
}  // namespace tunnel::proxy
