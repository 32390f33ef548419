#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "dns/message.hpp"

/// DNS messages made octet by octet, apart from the library that the project makes and reads them with.
namespace tunnel::dns::testing_support {

inline void append_u16(octets& out, unsigned value) {
  out.push_back(static_cast<octet>(value >> 8));
  out.push_back(static_cast<octet>(value & 0xff));
}

inline octets wire_name(std::string_view text) {
  octets out;
  while (!text.empty()) {
    const auto label = text.substr(0, text.find('.'));
    out.push_back(static_cast<octet>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    text.remove_prefix(std::min(label.size() + 1, text.size()));
  }
  out.push_back(0);
  return out;
}

struct record {
  std::string owner;
  unsigned type;
  std::uint32_t ttl;
  octets data;
};

inline record a_record(std::string owner, std::uint32_t ttl, octets address) {
  return {std::move(owner), 1, ttl, std::move(address)};
}
inline record cname(std::string owner, std::uint32_t ttl, std::string_view target) {
  return {std::move(owner), 5, ttl, wire_name(target)};
}
inline record soa(std::string owner, std::uint32_t ttl, std::uint32_t minimum) {
  octets data = wire_name("ns.test");
  const auto mail = wire_name("mail.test");
  data.insert(data.end(), mail.begin(), mail.end());
  for (const std::uint32_t field : {1U, 2U, 3U, 4U, minimum}) {
    append_u16(data, field >> 16);
    append_u16(data, field & 0xffff);
  }
  return {std::move(owner), 6, ttl, std::move(data)};
}

struct response {
  std::uint16_t id = 0;
  unsigned rcode = 0;
  std::string name;
  unsigned type = 1;
  std::vector<record> answers = {};
  std::vector<record> authority = {};
  unsigned flags = 0x8180;
};

inline void append(octets& out, const record& each) {
  const auto owner = wire_name(each.owner);
  out.insert(out.end(), owner.begin(), owner.end());
  append_u16(out, each.type);
  append_u16(out, 1);
  append_u16(out, each.ttl >> 16);
  append_u16(out, each.ttl & 0xffff);
  append_u16(out, static_cast<unsigned>(each.data.size()));
  out.insert(out.end(), each.data.begin(), each.data.end());
}

inline octets build(const response& from) {
  octets out;
  append_u16(out, from.id);
  append_u16(out, from.flags | from.rcode);
  append_u16(out, 1);
  append_u16(out, static_cast<unsigned>(from.answers.size()));
  append_u16(out, static_cast<unsigned>(from.authority.size()));
  append_u16(out, 0);
  const auto name = wire_name(from.name);
  out.insert(out.end(), name.begin(), name.end());
  append_u16(out, from.type);
  append_u16(out, 1);
  for (const auto& each : from.answers) append(out, each);
  for (const auto& each : from.authority) append(out, each);
  return out;
}

/// A query as a client makes it, without EDNS.
inline octets plain_query(std::uint16_t id, std::string_view name, unsigned type = 1) {
  return build({.id = id, .name = std::string(name), .type = type, .flags = 0x0100});
}

/// The answer to a query that we made, with one address.
inline octets answer_to(octet_view query, std::string name, octets address, std::uint32_t ttl = 60) {
  return build(
      {.id = identification(query), .name = name, .answers = {a_record(name, ttl, std::move(address))}});
}

}  // namespace tunnel::dns::testing_support
