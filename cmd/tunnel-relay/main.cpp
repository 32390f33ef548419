#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <variant>

#include "base/log.hpp"
#include "relay/privileges.hpp"
#include "relay/stdio_stream.hpp"
#include "tunnel-relay/options.hpp"

namespace {

using namespace tunnel;

constexpr int stopped_status = 0;
constexpr int failed_status = 1;
constexpr int usage_status = 2;

void set_up_logging(const relay::options& given) {
  auto logger =
      std::make_shared<spdlog::logger>("tunnel-relay", std::make_shared<spdlog::sinks::stderr_sink_st>());
  // Beside tunnel's own lines on the client's side it speaks when something is wrong.
  const auto usual = given.listen ? log::level::info : log::level::warn;
  const auto loud = given.verbosity > 1 ? log::level::trace : log::level::debug;
  logger->set_level(given.quiet ? log::level::err : given.verbosity > 0 ? loud : usual);
  logger->flush_on(log::level::trace);
  const bool dated = given.listen && ::isatty(STDERR_FILENO) == 0;
  logger->set_pattern(dated ? "%Y-%m-%d %H:%M:%S.%e %l: %v" : "tunnel-relay: %v");
  spdlog::set_default_logger(std::move(logger));
}

// Two sockets for each association take more than the usual 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(const error& why, int status) {
  log::error("{}", why.message);
  return status;
}

int serve_stdio(asio::io_context& context, const relay::options& given) {
  if (const auto dropped = relay::drop_privileges(given.user); !dropped) {
    if (given.user) return complain(dropped.error(), usage_status);
    // Whoever runs it here could do anything else as well; in some containers root can become nobody else.
    log::warn("{}", dropped.error().message);
  }
  int status = stopped_status;
  relay::resolver resolver(context.get_executor());
  const auto room = std::make_unique<relay::frame_room>();
  const auto client = std::make_shared<relay::client>(
      std::make_unique<relay::stdio_stream>(context.get_executor(), STDIN_FILENO, STDOUT_FILENO),
      given.shared, resolver, *room);
  client->start([&](const result<void>& outcome) {
    log::debug("the client is gone: {}", client->summary());
    if (!outcome) status = complain(outcome.error(), failed_status);
    context.stop();
  });
  context.run();
  client->close();
  return status;
}

int serve_listener(asio::io_context& context, const relay::options& given) {
  relay::server server(context.get_executor(), given.shared, given.clients);
  if (const auto listening = server.listen(*given.listen); !listening)
    return complain(listening.error(), usage_status);
  if (const auto dropped = relay::drop_privileges(given.user); !dropped)
    return complain(dropped.error(), usage_status);
  log::info("listening on {}", server.address());
  context.run();
  return stopped_status;
}

int run(const relay::options& given) {
  set_up_logging(given);
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  asio::io_context context(1);
  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](error_code failure, int) {
    if (!failure) context.stop();
  });
  return given.listen ? serve_listener(context, given) : serve_stdio(context, given);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto parsed = relay::parse_options(argc, argv, "tunnel-relay " TUNNEL_VERSION);
    if (const auto* text = std::get_if<relay::message>(&parsed)) {
      std::fputs(text->text.c_str(), text->status == 0 ? stdout : stderr);
      return text->status;
    }
    return run(std::get<relay::options>(parsed));
  } catch (const std::exception& failure) {
    // A bug, or the machine is out of memory or threads.
    std::fprintf(stderr, "tunnel-relay: cannot go on: %s\n", failure.what());
    return failed_status;
  }
}
