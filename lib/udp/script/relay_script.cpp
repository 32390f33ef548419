#include "udp/script/relay_script.hpp"

#include "udp/script/relay_text.hpp"

namespace tunnel::udp {

// Isolated from the user's environment and folder (-I), without site packages (-S), which take their time,
// and without writing compiled modules (-B). What stands in the single quotes has no octet that any of the
// shells takes for its own there: no backslash (fish), no exclamation mark or newline (csh), no single quote.
relay_script make_relay_script(std::chrono::duration<double> idle_limit) {
  const auto size = std::to_string(relay_text.size());
  return {"exec python3 -BIS -c 'import os;p=b\"\";exec(\"while len(p)<" + size + ":p+=os.read(0," + size +
              "-len(p))or os._exit(1)\");exec(p)' " + std::to_string(idle_limit.count()),
          as_octets(relay_text)};
}

}  // namespace tunnel::udp
