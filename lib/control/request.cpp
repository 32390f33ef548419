#include "control/request.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tunnel::control {

namespace {

constexpr std::array<std::pair<request, std::string_view>, 5> names{{{request::check, "check"},
                                                                     {request::status, "status"},
                                                                     {request::stop, "stop"},
                                                                     {request::exit, "exit"},
                                                                     {request::reconnect, "reconnect"}}};

}  // namespace

std::string_view name_of(request what) {
  return std::ranges::find(names, what, &std::pair<request, std::string_view>::first)->second;
}

std::optional<request> parse_request(std::string_view name) {
  const auto* const found = std::ranges::find(names, name, &std::pair<request, std::string_view>::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

}  // namespace tunnel::control
