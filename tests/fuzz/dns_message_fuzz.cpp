// Any octets are an answer to a question, or a reason why not: what is found is bounded, in pieces as at
// once, and what is made of a query is an answer to it.

#include <cstdint>

#include "dns/message.hpp"
#include "dns/message_splitter.hpp"
#include "dns/query_table.hpp"
#include "invariant.hpp"

namespace {

using namespace tunnel;
using fuzz::require;

void check_answer(octet_view message, dns::record_type type) {
  const auto read = dns::read_answer(message, {"www.example.org", type});
  if (!read) return fuzz::require_explained(read.error());
  require(read->ttl.count() >= 0 && read->ttl <= dns::max_ttl);
  const bool has_any = !read->addresses.empty() || !read->names.empty();
  require(has_any == (read->found == dns::answer::finding::records));
  require(has_any || read->ttl <= dns::max_negative_ttl);
  for (const auto& name : read->names) require(!name.empty() && name.size() <= socks::max_host);
}

void check_query(octet_view query) {
  const auto refusal = dns::refuse_query(query, dns::response_code::server_failure);
  if (!refusal) return;
  require(dns::is_response(*refusal) && dns::identification(*refusal) == dns::identification(query));
  require(dns::read_question(*refusal) == dns::read_question(query));
  require(refusal->size() <= dns::min_udp_size);
  require(dns::for_udp(*refusal, query) == *refusal);
}

// An answer is taken only to the question that was asked.
void check_match(octet_view message) {
  dns::query_table table([] { return std::uint16_t{0x1234}; });
  const auto query = dns::make_query({"www.example.org", dns::record_type::a});
  bool told = false;
  require(bool(table.add(*query, [&](const result<octets>&) { told = true; }, {})));
  require(table.answer({message.begin(), message.end()}) == told);
  const auto asked = dns::read_question(message);
  require(!told || !asked || asked == dns::read_question(*query));
}

std::vector<octets> split(octet_view stream, std::size_t piece) {
  dns::message_splitter splitter;
  std::vector<octets> messages;
  while (!stream.empty()) {
    const auto taken = stream.first(std::min(piece, stream.size()));
    splitter.feed(taken, messages);
    stream = stream.subspan(taken.size());
  }
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view input(data, size);
  for (const auto type : {dns::record_type::a, dns::record_type::aaaa, dns::record_type::ptr}) {
    check_answer(input, type);
  }
  check_query(input);
  check_match(input);
  require(split(input, 3) == split(input, size + 1));
  return 0;
}
