#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "dns/message.hpp"

namespace tunnel::dns {

/// Identifications that nobody can guess, for queries.
using id_source = std::function<std::uint16_t()>;

/// The queries that are under way on one channel, each with an identification of ours there, and whom to
/// tell. An answer is one to a query when identification and question both match (RFC 5452 section 9). No
/// I/O.
class query_table {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  /// Told the answer, with the query's own identification, or why there is none. It is called once, from
  /// within answer() or fail_all(), and not after remove().
  using handler = std::function<void(result<octets>)>;

  /// Bounds: what may be under way at once, and how much of it.
  static constexpr std::size_t max_queries = 512;
  static constexpr std::size_t max_octets = 1024 * 1024;

  explicit query_table(id_source ids) : ids_(std::move(ids)) {}

  /// Takes a query in, and gives its identification. Errors: errc::bad_query; errc::busy.
  result<std::uint16_t> add(octets query, handler done, time_point now);

  /// The query as it is to be sent.
  [[nodiscard]] octet_view query(std::uint16_t id) const { return queries_.at(id).message; }

  /// Hands an answer to whom it is for, and says whether there was somebody.
  bool answer(octets message);

  /// The asker does not wait any longer. What comes yet is nobody's.
  void remove(std::uint16_t id);

  /// Nobody will answer.
  void fail_all(const error& why);

  /// Identifications, those that wait longest first.
  [[nodiscard]] std::vector<std::uint16_t> in_order() const;
  /// Since when the oldest waits.
  [[nodiscard]] std::optional<time_point> oldest() const;
  /// They are sent once more: waiting begins now.
  void restart(time_point now);

  [[nodiscard]] std::size_t size() const { return queries_.size(); }

 private:
  struct entry {
    std::uint16_t original_id;
    raw_question asked;
    octets message;
    handler done;
    time_point since;
    std::uint64_t order;
  };

  std::uint16_t unused_id();

  id_source ids_;
  std::map<std::uint16_t, entry> queries_;
  std::size_t octets_ = 0;
  std::uint64_t next_order_ = 0;
};

}  // namespace tunnel::dns
