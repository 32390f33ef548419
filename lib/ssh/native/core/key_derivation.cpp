#include "ssh/native/core/key_derivation.hpp"

#include <algorithm>
#include <utility>

#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

crypto::secret_octets hash_of(const exchange_outcome& from, octet_view more) {
  octets input;
  input.reserve(from.shared_secret.view().size() + from.exchange_hash.size() + more.size());
  wire::writer(input).raw(from.shared_secret.view()).raw(from.exchange_hash).raw(more);
  const crypto::secret_octets whole(std::move(input));
  return crypto::secret_octets(crypto::digest(from.hash, whole.view()));
}

}  // namespace

crypto::secret_octets derive_key(const exchange_outcome& from, octet_view session_identifier, char letter,
                                 std::size_t size) {
  crypto::secret_octets key(size);
  octets first;
  wire::writer(first).byte(static_cast<octet>(letter)).raw(session_identifier);
  std::size_t done = 0;
  while (done < size) {
    // K1 hashes the letter and the session identifier; each further part, what is there of the key.
    const auto part = hash_of(from, done == 0 ? octet_view(first) : key.view().first(done));
    const auto count = std::min(part.view().size(), size - done);
    std::ranges::copy(part.view().first(count), key.span().subspan(done).begin());
    done += count;
  }
  return key;
}

}  // namespace tunnel::ssh::native
