#pragma once

#include <string>
#include <string_view>

#include "aio/asio.hpp"

namespace tunnel::support {

/// Two ends of a TCP connection over loopback.
struct loopback_pair {
  tcp::socket accepted;
  tcp::socket connected;
};

/// `small`: both ends' buffers are as small as the system lets them be, so that a reader that does not read
/// is soon felt.
loopback_pair connect_pair(asio::io_context& context, bool small = false);

/// The program at the other end of a client's socket, in a test's hands. Nothing blocks.
class far_end {
 public:
  explicit far_end(tcp::socket socket);

  /// Hands over as much as the system takes, and says how much that was.
  std::size_t send(std::string_view data);
  /// Says that no more will be sent (FIN).
  void shutdown();
  /// Ends the connection abortively (RST).
  void reset();
  void close() { socket_.close(); }

  /// Everything that has come so far.
  const std::string& received();
  /// The other side sent its last: FIN.
  bool saw_fin();
  bool saw_reset();

  [[nodiscard]] tcp::endpoint address() const { return socket_.local_endpoint(); }

 private:
  void take();

  tcp::socket socket_;
  std::string received_;
  boost::system::error_code end_;
};

}  // namespace tunnel::support
