#include "config/randomart.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/text.hpp"
#include "config/public_key.hpp"
#include "crypto/digest.hpp"
#include "wire/reader.hpp"

namespace tunnel::config {
namespace {

constexpr std::size_t width = 17;
constexpr std::size_t height = 9;
// What a place looks like that was visited so often.
constexpr std::string_view marks = " .o+=*BOX@%&#/^";
constexpr char start_mark = 'S';
constexpr char end_mark = 'E';

struct place {
  std::size_t x = width / 2;
  std::size_t y = height / 2;

  friend bool operator==(const place&, const place&) = default;
};

// Two bits say where to step, always diagonally; a wall lets none through but along it.
place step(place from, unsigned bits) {
  const bool right = (bits & 1U) != 0;
  const bool down = (bits & 2U) != 0;
  return {.x = right ? std::min(from.x + 1, width - 1) : from.x - (from.x == 0 ? 0 : 1),
          .y = down ? std::min(from.y + 1, height - 1) : from.y - (from.y == 0 ? 0 : 1)};
}

class board {
 public:
  void walk(octet_view digest) {
    for (octet each : digest) {
      for (int turn = 0; turn < 4; ++turn) {
        at_ = step(at_, each);
        std::size_t& visits = visits_[at_.y][at_.x];
        visits = std::min(visits + 1, marks.size() - 1);
        each = static_cast<octet>(each >> 2U);
      }
    }
  }

  [[nodiscard]] std::string row(std::size_t y) const {
    std::string text;
    for (std::size_t x = 0; x < width; ++x) {
      const place here{.x = x, .y = y};
      if (here == at_)
        text += end_mark;
      else
        text += here == place() ? start_mark : marks[visits_[y][x]];
    }
    return text;
  }

 private:
  std::array<std::array<std::size_t, width>, height> visits_{};
  place at_;
};

std::optional<std::size_t> bits_of_rsa(octet_view blob) {
  wire::reader from(blob);
  if (!from.text() || !from.mpint()) return std::nullopt;
  const auto modulus = from.mpint();
  if (!modulus || modulus->empty()) return std::nullopt;
  return 8 * (modulus->size() - 1) + std::bit_width(modulus->front());
}

// As ssh names it: "ED25519 256".
std::string title_of(octet_view blob) {
  const std::string type = type_of_blob(blob).value_or("");
  if (type == "ssh-rsa") {
    const auto bits = bits_of_rsa(blob);
    return bits ? "RSA " + std::to_string(*bits) : "RSA";
  }
  if (type == "ssh-ed25519") return "ED25519 256";
  if (type == "sk-ssh-ed25519@openssh.com") return "ED25519-SK 256";
  if (type == "sk-ecdsa-sha2-nistp256@openssh.com") return "ECDSA-SK 256";
  constexpr std::string_view ecdsa = "ecdsa-sha2-nistp";
  if (type.starts_with(ecdsa)) return "ECDSA " + sanitise(type.substr(ecdsa.size()), 3);
  return "KEY";
}

std::string border(const std::string& title) {
  const std::string label = '[' + title + ']';
  const std::size_t left = (width - std::min(label.size(), width)) / 2;
  std::string line = '+' + std::string(left, '-') + label;
  line.append(width - std::min(left + label.size(), width), '-');
  return line + '+';
}

}  // namespace

std::string randomart(octet_view key_blob) {
  board drawn;
  drawn.walk(crypto::sha256(key_blob));
  std::string picture = border(title_of(key_blob)) + '\n';
  for (std::size_t y = 0; y < height; ++y) picture += '|' + drawn.row(y) + "|\n";
  return picture + border("SHA256");
}

}  // namespace tunnel::config
