// Any text is a list of keys with some lines passed over. A key that no line holds never matches.

#include <cstdint>
#include <cstdlib>

#include "config/known_hosts_line.hpp"
#include "config/public_key.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tunnel;
  const std::string_view text = as_text({data, size});
  const auto line = config::split_known_hosts_line(text);
  if (!line) return 0;
  static_cast<void>(config::names_match(line->names, "host.example"));
  static_cast<void>(config::names_match(line->names, "[::1]:2222"));
  const auto key = config::parse_public_key(line->key);
  // What was read says the same of itself in both places.
  if (key && config::type_of_blob(key->blob) != key->type) std::abort();
  return 0;
}
