#pragma once

#include <functional>
#include <optional>

#include "base/error.hpp"
#include "peer.hpp"
#include "script.hpp"
#include "ssh/native/core/transport.hpp"

namespace tunnel::fuzz {

/// A client's transport and a server of our own on one line. Both are the same for every input: random octets
/// are fixed_random.hpp's, algorithms depend on no processor, and time passes only when told to.
class conversation {
 public:
  using peer = ssh::native::support::peer;
  /// A message for the layers above, of which an error is made, or not.
  using receiver = std::function<result<void>(const ssh::native::transport::received&)>;

  static peer::options usual_server();
  static ssh::native::transport::options usual_client();

  explicit conversation(peer::options server_how = usual_server(),
                        ssh::native::transport::options client_how = usual_client());

  /// Carries octets both ways, until the first key exchange is over. Ends the run if it fails: there is
  /// nobody to make it fail.
  void establish();

  /// Carries octets to the server.
  void to_server();
  /// Carries octets to the client, in pieces, and has it make of them what it can. After an error, which has
  /// to be explained, the server is told and nothing is looked at any more.
  void to_client(const receiver& take);
  /// Both, until neither has anything more to say.
  void both_ways(const receiver& take);

  peer& server() { return server_; }
  ssh::native::transport& client() { return client_; }
  [[nodiscard]] const std::optional<error>& failure() const { return failure_; }

  /// From here on octets come to the client in pieces of up to `most`, zero for whole ones.
  void split(std::uint32_t seed, std::uint32_t most);
  /// Looks at each message that reaches the server, if it is none of a key exchange.
  std::function<void(octet_view)> watch;
  /// The client's, once the server has it.
  std::optional<peer::farewell> farewell;
  /// What the client takes for the time.
  ssh::native::time_point now{};
  /// The server's first host key, once it was proved.
  std::optional<ssh::native::transport::host_key_offered> host_key;
  /// The first key exchange is over.
  bool established = false;

  /// What the client makes of what it has.
  void go_on(const receiver& take);
  void fail(const error& why);

 private:
  result<bool> step(const receiver& take);

  peer server_;
  ssh::native::transport client_;
  std::optional<splitter> pieces_;
  std::optional<error> failure_;
};

}  // namespace tunnel::fuzz
