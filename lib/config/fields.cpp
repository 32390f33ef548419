#include "config/fields.hpp"

#include <algorithm>

namespace tunnel::config {
namespace {

constexpr std::string_view between_fields = " \t";

void skip_to_field(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(between_fields), rest.size()));
}

}  // namespace

std::string_view next_field(std::string_view& rest) {
  skip_to_field(rest);
  const std::string_view field = rest.substr(0, rest.find_first_of(between_fields));
  rest.remove_prefix(field.size());
  skip_to_field(rest);
  return field;
}

}  // namespace tunnel::config
