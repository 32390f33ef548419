// Any answer of an agent is keys, a signature or an error with a sentence, of no more octets than came.

#include <cstdint>

#include "invariant.hpp"
#include "ssh/keys/agent_protocol.hpp"

using namespace tunnel;
using namespace tunnel::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view message(data, size);
  if (const auto length = ssh::keys::agent_message_length(message))
    require(*length > 0 && *length <= ssh::keys::max_agent_message);

  const auto listed = ssh::keys::parse_identities_answer(message);
  if (listed) {
    require(listed->size() <= ssh::keys::max_agent_identities);
    // Each has two lengths, and there is a type and a count.
    std::size_t whole = 1 + 4;
    for (const auto& each : *listed) whole += 8 + each.public_blob.size() + each.comment.size();
    require(whole == size);
  } else {
    require(listed.error().code.failed() && !listed.error().message.empty());
  }

  const auto signature = ssh::keys::parse_sign_response(message);
  const auto done = ssh::keys::parse_success(message);
  require(done ? size == 1 : !done.error().message.empty());
  require(!(listed && signature) && !(done && (listed || signature)));
  require(signature ? signature->size() + 5 == size : !signature.error().message.empty());
  return 0;
}
