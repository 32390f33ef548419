#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "pool/backoff.hpp"
#include "ssh/connection.hpp"

namespace tunnel::pool {

/// Makes one authenticated connection on the executor that it runs on. `may_ask`: whether the user may be
/// asked for secrets and confirmations.
using connector = std::function<awaitable<result<std::shared_ptr<ssh::connection>>>(bool may_ask)>;

/// ServerAliveInterval (zero: never) and ServerAliveCountMax.
struct keepalive_policy {
  std::chrono::steady_clock::duration interval = std::chrono::seconds(15);
  unsigned count_max = 3;
};

struct limits {
  /// Descriptors that a connection with its thread takes here.
  static constexpr std::size_t descriptors_each = 5;

  /// Connections that are kept whether or not there is work for them, each on a thread of its own: the first,
  /// and the others behind it as soon as it is ready. 0 counts as 1.
  std::size_t base_connections = 1;
  /// Connections at once, for an engine whose connections take only so many opens at a time...
  std::size_t connections = 8;
  /// ...not counting those whose opens have gone without an answer for so long...
  std::chrono::steady_clock::duration unanswered = std::chrono::milliseconds(500);
  /// ...up to this many in all: each costs the server a process, and this one descriptors_each.
  std::size_t connections_in_all = 32;
  /// How long a request waits for a lost connection to come back.
  std::chrono::steady_clock::duration reconnection = std::chrono::seconds(10);
  /// How long a request waits for its turn when every connection is busy opening.
  std::chrono::steady_clock::duration turn = std::chrono::seconds(30);
  /// How long all connections must be busy before another is made: a burst of quick opens makes none.
  std::chrono::steady_clock::duration growth_delay = std::chrono::milliseconds(50);
  /// How long an extra connection stays without flows.
  std::chrono::steady_clock::duration idle = std::chrono::seconds(60);
};

class slot;
class pool;

/// A place on a connection of the pool: the right to one open there at a time, or one remote listener, and to
/// what came of it. Moved to that connection's thread and used there; given back by its destructor, on any
/// thread, after its channels.
class lease {
 public:
  lease(lease&& other) noexcept;
  lease& operator=(lease&& other) noexcept;
  ~lease();

  /// That of the connection, where the flow lives from now on.
  asio::any_io_executor executor() const;

  /// Tells connections apart: no two of a pool ever have the same.
  [[nodiscard]] unsigned connection_number() const { return number_; }

  /// ssh::connection's. On executor() only.
  const ssh::connection_info& info() const;
  awaitable<result<std::unique_ptr<ssh::channel>>> open_direct_tcpip(
      ssh::endpoint target, ssh::endpoint originator, std::chrono::steady_clock::duration limit);
  awaitable<result<std::unique_ptr<ssh::channel>>> run(std::string command, ssh::command_observer& told,
                                                       std::chrono::steady_clock::duration limit);
  awaitable<result<std::unique_ptr<ssh::remote_listener>>> listen(ssh::endpoint at,
                                                                  std::chrono::steady_clock::duration limit);

  // A lease begins with the right to one open, which ends with that. A further open counts too, but may then
  // have to wait for others on its connection.

  /// The right to another open, behind those that there are.
  void keep_open_right();
  /// No open is to come for now: others get their turn.
  void yield_open_rights();

 private:
  friend class pool;
  void use_open_right();
  lease(pool& owner, slot& held, unsigned number) : owner_(&owner), held_(&held), number_(number) {}

  pool* owner_;
  slot* held_;
  // The slot's, which is gone before the lease when the pool was closed.
  unsigned number_;
  unsigned open_rights_ = 1;
};

/// What there is to say of a connection.
struct connection_status {
  enum class state { connecting, ready, ending };

  /// As lease::connection_number().
  unsigned number = 0;
  state now = state::connecting;
  std::size_t flows = 0;
  /// What it speaks with the server; empty while it is connecting.
  std::string protocol;
};

/// That there is no connection, and why.
struct outage {
  /// Why the last connection ended, or the last attempt failed. Empty: nothing has gone wrong yet.
  std::string why;
  /// Until the next attempt; nothing while one is under way.
  std::optional<std::chrono::steady_clock::duration> pause;
};

/// Keeps SSH connections to one server alive and shares them out.
///
/// There are the base connections, of which one is all that is needed; each flow goes to that with the
/// fewest. When each is busy with as many opens as it can take, another is made, and extra ones without flows
/// go again. One that is lost ends its own flows only, and a base connection is replaced while the others
/// serve. When the last one is lost it is made anew, with growing pauses, and at once when a client comes
/// after a quiet time or the network has changed.
///
/// Thread: that of `home`, for every member. It must outlive its leases.
class pool {
 public:
  /// Told that reconnecting is of no use any more, with the reason.
  using failure_handler = std::function<void(const error& why)>;

  /// `destination` is what log lines call the server.
  pool(asio::any_io_executor home, std::string destination, connector make, limits bounds,
       keepalive_policy keepalives, failure_handler failed_for_good);
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool();

  /// Makes the first connection, once. Errors: as the connector's; nothing is tried again.
  awaitable<result<void>> connect();

  /// A connection to open a channel on, as soon as there is one.
  /// Errors: ssh::errc::connection_lost when none came in time; ssh::errc::open_timeout when all stayed busy.
  /// Cancellation: leaves the queue.
  awaitable<result<lease>> acquire();

  /// Looks at once whether the connections still work, or tries at once to have one.
  void check_now();

  /// Ends every connection, with the flows on them, and makes new ones.
  void renew();

  /// Gives up the attempts to connect that are under way, which may hang since the network is another, and
  /// begins anew. Not for an attempt that asks a person: what is answered would be lost.
  void restart_attempts();

  /// Gives them up for good. Whether all have ended before `limit` was over: the system's name look-up cannot
  /// be interrupted, and close() would wait for it. Nothing but close() may follow.
  bool end_attempts(std::chrono::steady_clock::duration limit);

  /// The connections, the oldest first.
  [[nodiscard]] std::vector<connection_status> connections() const;

  /// Nothing while there is a connection.
  [[nodiscard]] std::optional<outage> current_outage() const;

  /// Leases that are held.
  [[nodiscard]] std::size_t flows() const { return flows_; }

  /// Ends every connection and their threads, and lets go of `home`. Nothing else may follow but
  /// destruction, of leases too: `home` runs no more. Idempotent.
  void close();

 private:
  friend class lease;
  struct waiter;
  struct book;

  slot* find(unsigned number);
  slot* free_slot();
  std::size_t count_of(bool ready) const;
  [[nodiscard]] bool may_grow() const;
  lease take(slot& chosen);
  void release(unsigned number, unsigned open_rights);
  void serve_waiters();
  void arrange_growth();
  [[nodiscard]] bool lacks_base() const;
  void complete_base();
  void complete_base_later();
  void on_extra_failed(const error& why);
  void open_slot(bool may_ask);
  void remove(slot& ended);
  void reconnect_later();
  void reconnect_in(std::chrono::steady_clock::duration pause);
  void hasten_reconnection(bool at_once);
  void reconnect_now();
  void sweep_idle();

  void on_connected(unsigned number, const result<ssh::connection_info>& outcome, std::size_t open_limit);
  void on_attempt_failed(const error& why);
  void on_abandoned(unsigned number);
  void on_lost(unsigned number, const error& why);
  void on_open_settled(unsigned number);
  void on_open_expected(unsigned number);

  asio::any_io_executor home_;
  std::string destination_;
  connector make_;
  limits bounds_;
  keepalive_policy keepalives_;
  failure_handler failed_for_good_;
  backoff backoff_;
  // For the base connections other than the last.
  backoff base_backoff_;
  std::list<waiter*> waiters_;
  // The outcome of connect(), for the coroutine that waits for it.
  waiter* first_ = nullptr;
  std::size_t flows_ = 0;
  unsigned next_number_ = 1;
  unsigned refusals_ = 0;
  unsigned base_refusals_ = 0;
  bool base_waits_ = false;
  bool sweeping_ = false;
  bool growing_ = false;
  bool closing_ = false;
  std::chrono::steady_clock::time_point last_request_{};
  std::chrono::steady_clock::time_point growth_allowed_{};
  std::optional<error> last_failure_;
  std::unique_ptr<book> book_;
};

}  // namespace tunnel::pool
