// RFC 4253 section 6.4: sequence numbers wrap around after 2^32 packets. Nobody needs so many before the
// first keys; an attack on the handshake does (draft-miller-sshm-strict-kex).

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "messages.hpp"
#include "peer_packets.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/inbound_buffer.hpp"
#include "ssh/native/core/packet_decoder.hpp"
#include "suites.hpp"

namespace tunnel::ssh::native {
namespace {

constexpr std::uint32_t last_but_one = 0xfffffffe;

// A decoder and the packets for it, both at the end of their numbers.
class SequenceNumberEnd : public testing::TestWithParam<suite> {
 protected:
  SequenceNumberEnd() { packets_.set_sequence_number(last_but_one); }

  void take_keys(bool reset) {
    const octets key(64, 1);
    const octets iv(16, 2);
    const auto sizes = sizes_of_cipher(GetParam().cipher).value();
    const auto used_key = octet_view(key).first(sizes.key);
    const auto used_iv = octet_view(iv).first(sizes.iv);
    const auto mac_key = octet_view(key).first(key_size_of_mac(GetParam().mac).value());
    packets_.take_keys(make_sealer(GetParam().cipher, GetParam().mac, used_key, used_iv, mac_key), reset);
    decoder_.take_keys(make_opener(GetParam().cipher, GetParam().mac, used_key, used_iv, mac_key), reset);
  }

  result<std::optional<packet_decoder::packet>> receive() {
    const auto packet = packets_.sealed(support::ignore("noise"));
    std::ranges::copy(packet, inbound_.room().begin());
    inbound_.add(packet.size());
    return decoder_.next(inbound_);
  }

  support::peer_packets packets_;
  inbound_buffer inbound_;
  packet_decoder decoder_{last_but_one};
};

INSTANTIATE_TEST_SUITE_P(Packets, SequenceNumberEnd, testing::ValuesIn(every_suite()), name_of);

TEST_P(SequenceNumberEnd, IsPassedUnderKeys) {
  take_keys(false);
  for (const std::uint32_t expected : {0xfffffffeU, 0xffffffffU, 0U, 1U}) {
    const auto found = receive();
    ASSERT_TRUE(found && *found) << expected;
    EXPECT_EQ((*found)->sequence_number, expected);
  }
}

TEST_P(SequenceNumberEnd, IsNotReachedWhenTheyBeginAnew) {
  take_keys(true);
  const auto found = receive();
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->sequence_number, 0U);
}

// With whatever is agreed on later.
TEST_P(SequenceNumberEnd, EndsTheConnectionBeforeThereAreKeys) {
  const auto last = receive();
  ASSERT_TRUE(last && *last);
  EXPECT_EQ((*last)->sequence_number, last_but_one);
  const auto beyond = receive();
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, errc::protocol_error);
}

}  // namespace
}  // namespace tunnel::ssh::native
