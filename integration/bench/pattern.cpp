#include "pattern.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace tunnel::bench {
namespace {

// A prime, and small enough that the table stays in a second-level cache: checking must not be what is
// measured.
constexpr std::size_t period = 262'139;

octets make_table() {
  std::minstd_rand random(1);
  octets table(period + pattern_run);
  for (std::size_t i = 0; i < period; ++i) table[i] = static_cast<octet>(random() >> 8);
  std::copy_n(table.begin(), pattern_run, table.begin() + period);
  return table;
}

}  // namespace

octet_view expected_octets(std::uint64_t seed, std::uint64_t position) {
  static const octets table = make_table();
  return octet_view(table).subspan((seed % period + position % period) % period, pattern_run);
}

bool is_expected(std::uint64_t seed, std::uint64_t position, octet_view data) {
  return std::memcmp(data.data(), expected_octets(seed, position).data(), data.size()) == 0;
}

}  // namespace tunnel::bench
