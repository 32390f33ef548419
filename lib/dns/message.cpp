#include "dns/message.hpp"

#include <arpa/inet.h>
#include <ldns/ldns.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <ranges>

#include "base/text.hpp"
#include "dns/errors.hpp"

namespace tunnel::dns {

namespace {

// What we tell servers that we take: by TCP it limits nothing, but it says that we know EDNS (RFC 6891).
constexpr std::uint16_t our_udp_size = 1232;

// Beyond it a TTL counts as zero (RFC 2181 section 8).
constexpr std::uint32_t max_valid_ttl = 0x7fffffff;

constexpr octet qr_bit = 0x80;
constexpr octet opcode_and_rd = 0x79;
constexpr octet tc_bit = 0x02;
constexpr octet rcode_mask = 0x0f;

constexpr unsigned no_error = 0;
constexpr unsigned name_error = 3;

struct deleter {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  void operator()(ldns_rdf* data) const { ldns_rdf_deep_free(data); }
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using owned = std::unique_ptr<T, deleter>;

error malformed(std::string what) {
  return {errc::malformed_answer, "the name server's answer " + std::move(what)};
}

// A host's name as SOCKS and people write it has none of the escapes that ldns reads.
bool is_plain(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](char each) {
    const auto value = static_cast<octet>(each);
    return value <= ' ' || value == 0x7f || each == '\\' || each == '"';
  });
}

owned<ldns_rdf> parse_name(const std::string& name) {
  if (!is_plain(name)) return nullptr;
  return owned<ldns_rdf>(ldns_dname_new_frm_str(name.c_str()));
}

owned<ldns_pkt> parse(octet_view message) {
  ldns_pkt* parsed = nullptr;
  if (ldns_wire2pkt(&parsed, message.data(), message.size()) != LDNS_STATUS_OK) return nullptr;
  return owned<ldns_pkt>(parsed);
}

bool same_name(const ldns_rdf* one, const ldns_rdf* other) {
  return one != nullptr && other != nullptr && ldns_dname_compare(one, other) == 0;
}

std::chrono::seconds ttl_of(const ldns_rr* record) {
  const auto ttl = ldns_rr_ttl(record);
  return std::chrono::seconds(ttl > max_valid_ttl ? 0 : ttl);
}

template <class Address>
bool add_address(answer& to, const ldns_rdf* data) {
  Address address{};
  if (ldns_rdf_size(data) != address.size()) return false;
  std::memcpy(address.data(), ldns_rdf_data(data), address.size());
  to.addresses.emplace_back(address);
  return true;
}

bool add_name(answer& to, const ldns_rdf* data) {
  const owned<char> text(ldns_rdf2str(data));
  if (!text) return false;
  const auto name = canonical_name(text.get());
  // The root, or what no host is called.
  if (!is_plain(name) || name.size() > socks::max_host) return false;
  to.names.push_back(name);
  return true;
}

bool add(answer& to, const ldns_rr* record, record_type type) {
  const ldns_rdf* data = ldns_rr_rdf(record, 0);
  if (data == nullptr) return false;
  switch (type) {
    case record_type::a:
      return add_address<socks::ipv4>(to, data);
    case record_type::aaaa:
      return add_address<socks::ipv6>(to, data);
    case record_type::ptr:
      return add_name(to, data);
  }
  return false;
}

// RFC 2308 section 5: the SOA's own TTL or its MINIMUM, whichever is less; nothing is kept without one.
std::chrono::seconds negative_ttl(const ldns_pkt& packet) {
  const ldns_rr_list* authority = ldns_pkt_authority(&packet);
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(authority); ++i) {
    const ldns_rr* record = ldns_rr_list_rr(authority, i);
    constexpr std::size_t minimum_field = 6;
    if (ldns_rr_get_type(record) != LDNS_RR_TYPE_SOA || ldns_rr_rd_count(record) <= minimum_field) continue;
    const std::chrono::seconds minimum(ldns_rdf2native_int32(ldns_rr_rdf(record, minimum_field)));
    return std::min({ttl_of(record), minimum, std::chrono::seconds(max_negative_ttl)});
  }
  return std::chrono::seconds(0);
}

/// The way from the asked name through CNAME records to records of the wanted type.
class chain {
 public:
  chain(const ldns_rr_list* records, const ldns_rdf* name, record_type type)
      : records_(records), name_(name), type_(type) {}

  result<answer> follow() {
    for (std::size_t steps = 0; steps <= max_chain; ++steps) {
      collect();
      if (size() != 0) return std::move(found_);
      const ldns_rr* alias = find_alias();
      if (alias == nullptr) {
        found_.found = answer::finding::no_records;
        return std::move(found_);
      }
      found_.ttl = std::min(found_.ttl, ttl_of(alias));
      name_ = ldns_rr_rdf(alias, 0);
    }
    return malformed("has a chain of more than " + std::to_string(max_chain) + " aliases");
  }

 private:
  [[nodiscard]] std::size_t size() const { return found_.addresses.size() + found_.names.size(); }

  [[nodiscard]] bool concerns(const ldns_rr* record, ldns_rr_type type) const {
    return ldns_rr_get_type(record) == type && ldns_rr_get_class(record) == LDNS_RR_CLASS_IN &&
           same_name(ldns_rr_owner(record), name_);
  }

  void collect() {
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(records_) && size() < max_records; ++i) {
      const ldns_rr* record = ldns_rr_list_rr(records_, i);
      if (!concerns(record, static_cast<ldns_rr_type>(type_)) || !add(found_, record, type_)) continue;
      found_.ttl = std::min(found_.ttl, ttl_of(record));
    }
  }

  [[nodiscard]] const ldns_rr* find_alias() const {
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(records_); ++i) {
      const ldns_rr* record = ldns_rr_list_rr(records_, i);
      if (concerns(record, LDNS_RR_TYPE_CNAME) && ldns_rr_rd_count(record) == 1) return record;
    }
    return nullptr;
  }

  const ldns_rr_list* records_;
  const ldns_rdf* name_;
  record_type type_;
  answer found_{.found = answer::finding::records, .addresses = {}, .names = {}, .ttl = max_ttl};
};

bool answers(const ldns_pkt& packet, const ldns_rdf* name, record_type type) {
  const ldns_rr_list* questions = ldns_pkt_question(&packet);
  if (!ldns_pkt_qr(&packet) || ldns_rr_list_rr_count(questions) != 1) return false;
  const ldns_rr* asked = ldns_rr_list_rr(questions, 0);
  return ldns_rr_get_type(asked) == static_cast<ldns_rr_type>(type) &&
         ldns_rr_get_class(asked) == LDNS_RR_CLASS_IN && same_name(ldns_rr_owner(asked), name);
}

std::string rcode_text(unsigned code) {
  switch (code) {
    case 1:
      return "FORMERR";
    case 2:
      return "SERVFAIL";
    case 4:
      return "NOTIMP";
    case 5:
      return "REFUSED";
    default:
      return "RCODE " + std::to_string(code);
  }
}

std::uint16_t number_at(octet_view message, std::size_t at) {
  return static_cast<std::uint16_t>(message[at] << 8 | message[at + 1]);
}

void clear_counts(octets& message, std::uint16_t questions) {
  std::fill(message.begin() + 4, message.begin() + header_size, octet{0});
  message[5] = static_cast<octet>(questions);
}

// An OPT record (RFC 6891 section 6.1.2): an answer to a query that has one has one too.
void append_opt(octets& message) {
  constexpr std::array<octet, 11> opt{0, 0, 41, our_udp_size >> 8, our_udp_size & 0xff, 0, 0, 0, 0, 0, 0};
  message.insert(message.end(), opt.begin(), opt.end());
  message[header_size - 1] = 1;
}

}  // namespace

std::string to_string(const ip_address& address) {
  return std::visit([](const auto& host) { return socks::address{host, 0}.host_text(); }, address);
}

std::optional<ip_address> parse_ip_address(std::string_view text) {
  const std::string terminated(text);
  socks::ipv4 four{};
  if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return four;
  socks::ipv6 six{};
  if (inet_pton(AF_INET6, terminated.c_str(), six.data()) == 1) return six;
  return std::nullopt;
}

std::string canonical_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string canonical(name);
  std::transform(canonical.begin(), canonical.end(), canonical.begin(),
                 [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each; });
  return canonical;
}

std::string reverse_name(const ip_address& address) {
  const auto* six = std::get_if<socks::ipv6>(&address);
  std::string name;
  if (six == nullptr) {
    const auto& four = std::get<socks::ipv4>(address);
    for (const auto each : std::views::reverse(four)) name += std::to_string(each) + '.';
    return name + "in-addr.arpa";
  }
  constexpr std::string_view digits = "0123456789abcdef";
  for (const auto each : std::views::reverse(*six)) {
    name += {digits[each & 0xf], '.', digits[each >> 4], '.'};
  }
  return name + "ip6.arpa";
}

result<octets> make_query(const question& asked) {
  auto name = parse_name(asked.name);
  if (!name) return error{errc::bad_query, "'" + sanitise(asked.name) + "' is no name that DNS could hold"};
  // The packet owns the name from here on.
  const owned<ldns_pkt> packet(
      ldns_pkt_query_new(name.get(), static_cast<ldns_rr_type>(asked.type), LDNS_RR_CLASS_IN, LDNS_RD));
  if (!packet) throw std::bad_alloc();
  static_cast<void>(name.release());
  ldns_pkt_set_edns_udp_size(packet.get(), our_udp_size);
  ldns_pkt_set_id(packet.get(), 0);
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  const auto status = ldns_pkt2wire(&wire, packet.get(), &size);
  const owned<std::uint8_t> freed(wire);
  if (status != LDNS_STATUS_OK || wire == nullptr) throw std::bad_alloc();
  return octets(wire, wire + size);
}

result<answer> read_answer(octet_view message, const question& asked) {
  const auto name = parse_name(asked.name);
  if (!name) return error{errc::bad_query, "'" + sanitise(asked.name) + "' is no name that DNS could hold"};
  const auto packet = parse(message);
  if (!packet) return malformed("cannot be parsed");
  if (!answers(*packet, name.get(), asked.type)) return malformed("is to another question");
  const unsigned code = ldns_pkt_get_rcode(packet.get());
  if (code != no_error && code != name_error) {
    return error{errc::server_failure, "the name server answered " + rcode_text(code)};
  }
  // By TCP there is no reason for it, and half a list of addresses is worth no trust.
  if (ldns_pkt_tc(packet.get())) return malformed("is truncated");
  auto found = chain(ldns_pkt_answer(packet.get()), name.get(), asked.type).follow();
  if (!found || found->found == answer::finding::records) return found;
  if (code == name_error) found->found = answer::finding::no_name;
  found->ttl = std::min(found->ttl, negative_ttl(*packet));
  return found;
}

std::optional<raw_question> read_question(octet_view message) {
  if (message.size() < header_size || number_at(message, 4) != 1) return std::nullopt;
  ldns_rr* parsed = nullptr;
  std::size_t end = header_size;
  if (ldns_wire2rr(&parsed, message.data(), message.size(), &end, LDNS_SECTION_QUESTION) != LDNS_STATUS_OK) {
    return std::nullopt;
  }
  const owned<ldns_rr> record(parsed);
  const ldns_rdf* owner = ldns_rr_owner(record.get());
  const octet_view name(ldns_rdf_data(owner), ldns_rdf_size(owner));
  // The first name in a message has nothing before it to point to, and one that points behind itself would
  // mean something else without what follows.
  constexpr std::size_t type_and_class = 4;
  if (end != header_size + name.size() + type_and_class) return std::nullopt;
  raw_question question{{name.begin(), name.end()},
                        static_cast<std::uint16_t>(ldns_rr_get_type(record.get())),
                        static_cast<std::uint16_t>(ldns_rr_get_class(record.get())),
                        end};
  // Lengths of labels are below 64 and so no letters.
  for (octet& each : question.name) {
    if (each >= 'A' && each <= 'Z') each = static_cast<octet>(each + 32);
  }
  return question;
}

std::uint16_t identification(octet_view message) {
  return number_at(message, 0);
}

void set_identification(octet_span message, std::uint16_t id) {
  message[0] = static_cast<octet>(id >> 8);
  message[1] = static_cast<octet>(id & 0xff);
}

bool is_response(octet_view message) {
  return (message[2] & qr_bit) != 0;
}

unsigned rcode(octet_view message) {
  return message[3] & rcode_mask;
}

std::uint16_t number_of_questions(octet_view message) {
  return number_at(message, 4);
}

std::optional<octets> refuse_query(octet_view query, response_code code) {
  if (query.size() < header_size || is_response(query)) return std::nullopt;
  const auto asked = read_question(query);
  const auto kept = query.first(asked ? asked->end : header_size);
  octets refusal(kept.begin(), kept.end());
  constexpr octet recursion_available = 0x80;
  refusal[2] = static_cast<octet>((query[2] & opcode_and_rd) | qr_bit);
  refusal[3] = static_cast<octet>(recursion_available | static_cast<octet>(code));
  clear_counts(refusal, asked ? 1 : 0);
  const auto packet = parse(query);
  if (packet && ldns_pkt_edns(packet.get())) append_opt(refusal);
  return refusal;
}

octets for_udp(octets answer, octet_view query) {
  const auto packet = parse(query);
  const bool has_edns = packet && ldns_pkt_edns(packet.get());
  const std::size_t room = has_edns ? ldns_pkt_edns_udp_size(packet.get()) : 0;
  if (answer.size() <= std::max(room, min_udp_size)) return answer;
  const auto asked = read_question(answer);
  answer.resize(asked ? asked->end : header_size);
  answer[2] |= tc_bit;
  clear_counts(answer, asked ? 1 : 0);
  if (has_edns) append_opt(answer);
  return answer;
}

}  // namespace tunnel::dns
