#include "dns/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/errors.hpp"
#include "message_builder.hpp"

namespace tunnel::dns {
namespace {

using namespace testing_support;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const question asked{"www.test", record_type::a};

error failure_of(const octets& message, const question& what = asked) {
  const auto read = read_answer(message, what);
  return read ? error{} : read.error();
}

TEST(DnsMessage, MakesAQueryWithEdns) {
  const auto query = make_query(asked);
  ASSERT_TRUE(query);
  auto expected = plain_query(0, "www.test");
  expected[11] = 1;
  // OPT (RFC 6891 section 6.1.2): root, type 41, 1232 octets by UDP, no flags, no options.
  const octets opt{0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};
  expected.insert(expected.end(), opt.begin(), opt.end());
  EXPECT_EQ(*query, expected);
}

TEST(DnsMessage, RefusesToAskForWhatIsNoName) {
  const std::string too_long(64, 'a');
  for (const auto& name : {std::string(), std::string("a..b"), std::string(".a"), too_long + ".test",
                           std::string("a b"), std::string("a\\046b"), std::string("a\"b")}) {
    EXPECT_FALSE(make_query({name, record_type::a})) << name;
  }
}

TEST(DnsMessage, ReadsTheAddresses) {
  const auto read = read_answer(build({.name = "www.test",
                                       .answers = {a_record("www.test", 300, {192, 0, 2, 1}),
                                                   a_record("WWW.test", 60, {192, 0, 2, 2})}}),
                                asked);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->found, answer::finding::records);
  EXPECT_THAT(read->addresses, ElementsAre(ip_address(socks::ipv4{192, 0, 2, 1}), socks::ipv4{192, 0, 2, 2}));
  EXPECT_EQ(read->ttl, 60s);
}

TEST(DnsMessage, FollowsAliasesInAnyOrder) {
  const auto read =
      read_answer(build({.name = "www.test",
                         .answers = {a_record("c.test", 300, {192, 0, 2, 1}), cname("b.test", 20, "c.test"),
                                     cname("www.test", 30, "b.test")}}),
                  asked);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->addresses.size(), 1U);
  EXPECT_EQ(read->ttl, 20s);
}

TEST(DnsMessage, TakesNoAddressesOfOtherNames) {
  const auto read = read_answer(
      build({.name = "www.test", .answers = {a_record("evil.test", 300, {192, 0, 2, 66})}}), asked);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->found, answer::finding::no_records);
  EXPECT_TRUE(read->addresses.empty());
}

TEST(DnsMessage, RefusesAliasesInACircle) {
  EXPECT_THAT(
      failure_of(build({.name = "www.test",
                        .answers = {cname("www.test", 30, "b.test"), cname("b.test", 30, "www.test")}}))
          .message,
      HasSubstr("aliases"));
}

TEST(DnsMessage, BoundsTheChainOfAliases) {
  response long_one{.name = "www.test"};
  std::string from = "www.test";
  for (std::size_t i = 0; i <= max_chain; ++i) {
    const auto to = "n" + std::to_string(i) + ".test";
    long_one.answers.push_back(cname(from, 30, to));
    if (i + 1 == max_chain) {
      auto as_long_as_can_be = long_one;
      as_long_as_can_be.answers.push_back(a_record(to, 30, {192, 0, 2, 1}));
      EXPECT_TRUE(read_answer(build(as_long_as_can_be), asked));
    }
    from = to;
  }
  long_one.answers.push_back(a_record(from, 30, {192, 0, 2, 1}));
  EXPECT_EQ(failure_of(build(long_one)).code, errc::malformed_answer);
}

TEST(DnsMessage, KeepsANegativeAnswerAsLongAsTheSoaSays) {
  const auto no_name =
      read_answer(build({.rcode = 3, .name = "www.test", .authority = {soa("test", 900, 120)}}), asked);
  ASSERT_TRUE(no_name);
  EXPECT_EQ(no_name->found, answer::finding::no_name);
  EXPECT_EQ(no_name->ttl, 120s);
  const auto no_records =
      read_answer(build({.name = "www.test", .authority = {soa("test", 60, 120)}}), asked);
  ASSERT_TRUE(no_records);
  EXPECT_EQ(no_records->found, answer::finding::no_records);
  EXPECT_EQ(no_records->ttl, 60s);
  const auto no_soa = read_answer(build({.rcode = 3, .name = "www.test"}), asked);
  ASSERT_TRUE(no_soa);
  EXPECT_EQ(no_soa->ttl, 0s);
}

TEST(DnsMessage, BoundsHowLongAnswersAreKept) {
  const auto read_ttl = [](std::uint32_t ttl) {
    return read_answer(build({.name = "www.test", .answers = {a_record("www.test", ttl, {192, 0, 2, 1})}}),
                       asked)
        ->ttl;
  };
  EXPECT_EQ(read_ttl(0x7fffffff), max_ttl);
  EXPECT_EQ(read_ttl(0x80000000), 0s);
  const auto negative =
      read_answer(build({.rcode = 3, .name = "www.test", .authority = {soa("test", 90000, 90000)}}), asked);
  EXPECT_EQ(negative->ttl, max_negative_ttl);
}

TEST(DnsMessage, ReadsTheNameOfAnAddress) {
  const ip_address address = socks::ipv4{192, 0, 2, 1};
  const question reverse{reverse_name(address), record_type::ptr};
  EXPECT_EQ(reverse.name, "1.2.0.192.in-addr.arpa");
  const auto read = read_answer(
      build({.name = reverse.name, .type = 12, .answers = {{reverse.name, 12, 60, wire_name("Host.Test")}}}),
      reverse);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->names, ElementsAre("host.test"));
  EXPECT_EQ(reverse_name(*parse_ip_address("2001:db8::1")),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST(DnsMessage, TellsAFailedServerFromOneThatKnows) {
  EXPECT_EQ(failure_of(build({.rcode = 2, .name = "www.test"})).code, errc::server_failure);
  EXPECT_THAT(failure_of(build({.rcode = 5, .name = "www.test"})).message, HasSubstr("REFUSED"));
}

TEST(DnsMessage, RefusesAnAnswerToSomethingElse) {
  const octets address{192, 0, 2, 1};
  EXPECT_EQ(failure_of(build({.name = "other.test", .answers = {a_record("www.test", 1, address)}})).code,
            errc::malformed_answer);
  EXPECT_EQ(failure_of(build({.name = "www.test", .type = 28})).code, errc::malformed_answer);
  EXPECT_EQ(failure_of(plain_query(0, "www.test")).code, errc::malformed_answer);
  // TC: half a list is worth no trust.
  EXPECT_EQ(failure_of(build({.name = "www.test", .flags = 0x8380})).code, errc::malformed_answer);
}

TEST(DnsMessage, RefusesAnAnswerThatIsCutAnywhere) {
  const auto whole =
      build({.name = "www.test",
             .answers = {cname("www.test", 30, "b.test"), a_record("b.test", 60, {192, 0, 2, 1})}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(failure_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).code,
              errc::malformed_answer)
        << size;
  }
}

TEST(DnsMessage, ComparesQuestionsWithoutCase) {
  const auto one = read_question(plain_query(1, "www.test"));
  ASSERT_TRUE(one);
  EXPECT_EQ(one, read_question(plain_query(2, "WwW.tEsT")));
  EXPECT_NE(one, read_question(plain_query(1, "www.tess")));
  EXPECT_NE(one, read_question(plain_query(1, "www.test", 28)));
  EXPECT_FALSE(read_question(octets(12, 0)));
  EXPECT_FALSE(read_question(octets(11, 1)));
  // A name that is a pointer to what follows the question.
  auto pointing = plain_query(1, "");
  pointing.erase(pointing.begin() + header_size);
  pointing.insert(pointing.begin() + header_size, {0xc0, header_size + 6});
  pointing.insert(pointing.end(), {3, 'w', 'w', 'w', 0});
  EXPECT_FALSE(read_question(pointing));
}

TEST(DnsMessage, CutsAnAnswerThatAClientDoesNotTakeByUdp) {
  std::vector<record> many(40, a_record("www.test", 1, {192, 0, 2, 1}));
  const auto whole = build({.id = 7, .name = "www.test", .answers = many});
  ASSERT_GT(whole.size(), 512U);
  ASSERT_LT(whole.size(), 1232U);
  const auto cut = for_udp(whole, plain_query(7, "www.test"));
  EXPECT_EQ(cut, build({.id = 7, .name = "www.test", .flags = 0x8380}));
  EXPECT_EQ(for_udp(whole, octets(12, 0xff)), cut) << "nobody knows what that one takes";
  EXPECT_EQ(for_udp(whole, *make_query(asked)), whole) << "it takes 1,232";

  many.insert(many.end(), 40, many.front());
  const auto longer = build({.id = 7, .name = "www.test", .answers = many});
  EXPECT_EQ(for_udp(longer, *make_query(asked)).size(), cut.size() + 11) << "EDNS is answered with EDNS";
}

TEST(DnsMessage, TakesNoMoreThanSomeRecords) {
  const std::vector<record> many(100, a_record("www.test", 1, {192, 0, 2, 1}));
  const auto found = read_answer(build({.name = "www.test", .answers = many}), asked);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->addresses.size(), max_records);
}

TEST(DnsMessage, RefusesAQueryInItsOwnWords) {
  const auto refusal = refuse_query(plain_query(7, "www.test"), response_code::server_failure);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(*refusal, build({.id = 7, .rcode = 2, .name = "www.test"}));
  EXPECT_FALSE(refuse_query(build({.name = "www.test"}), response_code::server_failure));
  EXPECT_FALSE(refuse_query(octets(5, 0), response_code::server_failure));
}

}  // namespace
}  // namespace tunnel::dns
