#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/asio.hpp"
#include "dns/exchange.hpp"
#include "dns/name_server.hpp"
#include "dns/resolv_conf.hpp"
#include "pool/pool.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::dns {

/// The name servers that are asked through the SSH connections: those that were named, or those that the SSH
/// server itself asks, which its /etc/resolv.conf says (read by running cat there, when it is first needed).
///
/// Each query has as many tries as there are servers, at least two, of try_limit each; the server that
/// answered last is asked first.
///
/// Thread: that of `home`, which is the pool's. It must go before the pool.
class upstream final : public exchanger, public std::enable_shared_from_this<upstream> {
 public:
  /// The fewest tries.
  static constexpr std::size_t min_tries = 2;
  /// For reading the server's file.
  static constexpr auto read_limit = std::chrono::seconds(10);
  /// After nothing answered, or the file could not be read, it is read again, but not more often than this.
  static constexpr auto read_again = std::chrono::seconds(30);

  /// `servers` empty: as the SSH server's own resolv.conf says.
  upstream(asio::any_io_executor home, pool::pool& connections, std::vector<ssh::endpoint> servers,
           id_source ids);

  asio::any_io_executor get_executor() override { return home_; }
  awaitable<result<octets>> exchange(octets query) override;

  /// How short names become long ones. Errors: when the server's file cannot be read.
  awaitable<result<resolv_conf>> search_rules();

  /// Ends what is under way; nothing more is asked.
  void close();

 private:
  using clock = std::chrono::steady_clock;
  struct reading;

  awaitable<result<void>> prepare();
  static awaitable<void> read(std::shared_ptr<upstream> self, std::shared_ptr<reading> into);
  void use_file(std::string_view text);
  void use(const std::vector<ssh::endpoint>& servers);
  [[nodiscard]] bool is_stale() const;

  asio::any_io_executor home_;
  pool::pool& connections_;
  id_source ids_;
  // Whether the SSH server's file says what follows.
  bool automatic_;
  resolv_conf rules_;
  std::vector<std::shared_ptr<name_server>> servers_;
  std::size_t first_ = 0;
  std::shared_ptr<reading> reading_;
  std::optional<clock::time_point> read_at_;
  // Why it could not be read then.
  std::optional<error> failure_;
  bool all_failed_ = false;
  bool ending_ = false;
};

/// Random identifications from the system.
id_source random_ids();

}  // namespace tunnel::dns
