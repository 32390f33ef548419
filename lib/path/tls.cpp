#include "path/tls.hpp"

#include <string>
#include <utility>

#include "aio/deadline.hpp"
#include "path/errors.hpp"
#include "path/tls_stream.hpp"

namespace tunnel::path {

tls::tls(std::unique_ptr<dialler> before, std::shared_ptr<const tls_context> context,
         std::chrono::steady_clock::duration timeout)
    : before_(std::move(before)), context_(std::move(context)), timeout_(timeout) {}

awaitable<stream_result> tls::dial(ssh::endpoint target, bool may_ask) {
  std::string host = target.host;
  auto reaching = before_->dial(std::move(target), may_ask);
  auto carrier = co_await std::move(reaching);
  if (!carrier) co_return carrier;
  const std::string peer = (*carrier)->peer();
  auto stream = std::make_unique<tls_stream>(context_, std::move(host), std::move(*carrier));
  auto agreeing = stream->handshake();
  const auto agreed = co_await aio::within<result<void>>(timeout_, std::move(agreeing));
  if (!agreed) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout_).count();
    co_return error{errc::timed_out,
                    "no TLS handshake with " + peer + " within " + std::to_string(seconds) + " s"};
  }
  if (!*agreed) co_return agreed->error();
  co_return stream;
}

}  // namespace tunnel::path
