#include "udp/client/command_watch.hpp"

#include "base/log.hpp"
#include "base/text.hpp"

namespace tunnel::udp {

namespace {

// Of a line. What is beyond it is left out.
constexpr std::size_t max_line = 512;

}  // namespace

std::string command_watch::ending() const {
  std::string text = "ended";
  if (exit_ && exit_->status) text += " with status " + std::to_string(*exit_->status);
  if (exit_ && !exit_->status) text += " by signal " + exit_->signal;
  const auto& last = line_.empty() ? last_line_ : line_;
  if (!last.empty()) text += ": " + sanitise(last);
  return text;
}

void command_watch::on_standard_error(octet_view data) {
  for (const char each : as_text(data)) {
    if (each == '\n') {
      end_line();
    } else if (line_.size() < max_line && each != '\r') {
      line_ += each;
    }
  }
}

void command_watch::on_exit(const ssh::command_exit& how) {
  end_line();
  exit_ = how;
}

void command_watch::end_line() {
  if (line_.empty()) return;
  log::debug("UDP relay: {}", sanitise(line_));
  last_line_ = std::move(line_);
  line_.clear();
}

}  // namespace tunnel::udp
