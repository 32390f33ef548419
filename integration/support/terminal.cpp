#include "support/terminal.hpp"

#include <fcntl.h>

#include <array>
#include <cstdlib>
#include <system_error>

namespace tunnel::integration {

terminal::terminal() : user_side_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
  std::array<char, 64> name;
  if (::grantpt(user_side_.get()) != 0 || ::unlockpt(user_side_.get()) != 0 ||
      ::ptsname_r(user_side_.get(), name.data(), name.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "pseudo-terminal");
  device_ = name.data();
  program_side_ = descriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
}

const std::string& terminal::screen() {
  std::array<char, 4096> part;
  ssize_t count = 0;
  while ((count = ::read(user_side_.get(), part.data(), part.size())) > 0)
    screen_.append(part.data(), static_cast<std::size_t>(count));
  return screen_;
}

void terminal::wait_for(std::string_view text, milliseconds limit) {
  if (!eventually([&] { return screen().find(text) != std::string::npos; }, limit))
    throw timed_out("'" + std::string(text) + "' on the terminal, which shows: " + screen_);
}

void terminal::type(const std::string& line) const {
  const std::string keys = line + '\n';
  if (::write(user_side_.get(), keys.data(), keys.size()) < 0)
    throw std::system_error(errno, std::generic_category(), "typing");
}

}  // namespace tunnel::integration
