#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/octets.hpp"
#include "socks/address.hpp"

/// DNS messages (RFC 1035 section 4), built and parsed by ldns: message.cpp is its only user. No I/O.
namespace tunnel::dns {

/// The longest message: its length has two octets (RFC 1035 section 4.2.2).
inline constexpr std::size_t max_message = 65535;
inline constexpr std::size_t header_size = 12;
/// What a UDP answer may have when the query says nothing (RFC 1035 section 4.2.1), and the least that EDNS
/// can say (RFC 6891 section 6.2.3).
inline constexpr std::size_t min_udp_size = 512;
/// CNAME records that are followed in one answer. Real chains have up to five.
inline constexpr std::size_t max_chain = 16;
/// Beyond which nothing is kept, whatever the records say: a day, and an hour for "no such name" (RFC 2308
/// section 5 finds one to three hours sensible).
inline constexpr auto max_ttl = std::chrono::hours(24);
inline constexpr auto max_negative_ttl = std::chrono::hours(1);

/// TYPE, with the values of RFC 1035 section 3.2.2 and RFC 3596.
enum class record_type : std::uint16_t { a = 1, ptr = 12, aaaa = 28 };

using ip_address = std::variant<socks::ipv4, socks::ipv6>;

/// "192.0.2.1" or "2001:db8::1".
std::string to_string(const ip_address& address);
/// The address that a text spells, if it does.
std::optional<ip_address> parse_ip_address(std::string_view text);

/// What we ask for. The name may end in a dot; letters' case makes no difference.
struct question {
  std::string name;
  record_type type = record_type::a;

  friend auto operator<=>(const question&, const question&) = default;
};

/// The same name in the one spelling that names are compared and kept in: lower case, no dot at its end.
std::string canonical_name(std::string_view name);

/// The name whose PTR record names the host (RFC 1035 section 3.5, RFC 3596 section 2.5).
std::string reverse_name(const ip_address& address);

/// Of an answer's records no more than these are taken: connections are tried to few of them.
inline constexpr std::size_t max_records = 16;

/// What an answer says of a question.
struct answer {
  enum class finding { records, no_records, no_name };

  finding found = finding::records;
  /// Of A and AAAA records, in the server's order.
  std::vector<ip_address> addresses;
  /// Of PTR records.
  std::vector<std::string> names;
  /// How long it holds; zero: for this once.
  std::chrono::seconds ttl{};
};

/// A query for `asked` with recursion desired and EDNS(0), identification 0. Errors: errc::bad_query for what
/// cannot be a name.
result<octets> make_query(const question& asked);

/// Reads the answer to `asked`, following CNAME records.
///
/// Errors: errc::malformed_answer when it is none, answers something else, or goes in circles;
///   errc::server_failure for every RCODE but NOERROR and NXDOMAIN.
result<answer> read_answer(octet_view message, const question& asked);

/// The question of a query or an answer as it travels, its letters in lower case: two are the same question
/// when all is equal.
struct raw_question {
  octets name;
  std::uint16_t type = 0;
  std::uint16_t qclass = 0;
  /// Where it ends in the message.
  std::size_t end = 0;

  friend bool operator==(const raw_question&, const raw_question&) = default;
};

/// The one question of a message; nothing when it has none or several, or its name is compressed. What
/// follows it is not looked at.
std::optional<raw_question> read_question(octet_view message);

// --- the header, of a message that has at least header_size octets ---

std::uint16_t identification(octet_view message);
void set_identification(octet_span message, std::uint16_t id);
/// QR: an answer, not a query.
bool is_response(octet_view message);
unsigned rcode(octet_view message);
std::uint16_t number_of_questions(octet_view message);

/// RCODE (RFC 1035 section 4.1.1), those that we give or look for.
enum class response_code : unsigned {
  format_error = 1,
  server_failure = 2,
  not_implemented = 4,
  refused = 5
};

/// An answer to `query` without records that has the given RCODE: its header and, where it can be read, its
/// question. Nothing for what has no header or is an answer itself.
std::optional<octets> refuse_query(octet_view query, response_code code);

/// An answer as it is sent by UDP: where it is longer than the client takes (what its query's EDNS says, 512
/// without), the same without records, marked truncated (TC), so that the client asks again by TCP (RFC 2181
/// section 9).
octets for_udp(octets answer, octet_view query);

}  // namespace tunnel::dns
