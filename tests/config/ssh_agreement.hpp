#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "config/chosen_algorithms.hpp"
#include "support.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {

/// The values that a listing has for each keyword (in lower case), in order.
using keyword_values = std::map<std::string, std::vector<std::string>>;
keyword_values keywords_in(const std::string& listing);

/// An engine with ssh's own lists, as the installed ssh has them, but for a few algorithms of each kind: as
/// many as make a list that differs from all that ssh has.
class engine_like_ssh {
 public:
  engine_like_ssh();

  [[nodiscard]] engine_algorithms algorithms() const;

  /// ssh's list as it would be had it no more than this engine.
  [[nodiscard]] static std::string filtered(const std::string& list);

 private:
  struct kind {
    std::vector<std::string> defaults;
    std::vector<std::string> further;
  };

  [[nodiscard]] algorithm_stock stock(const std::string& keyword) const;

  std::map<std::string, kind> kinds_;
};

/// Compares with the installed ssh: `ssh -G` prints what it makes of a configuration, without connecting.
class SshAgreement : public testing::Test {
 protected:
  void SetUp() override;

  /// Both refuse the file for that host, or both print the same for every keyword that both print.
  void compare(const std::string& text, const std::string& host = "host") const;

  /// Where a file of that name will be.
  [[nodiscard]] std::string path(const std::string& name) const;
  void write(const std::string& name, const std::string& text) const;

 private:
  support::temporary_folder folder_;
  engine_like_ssh engine_;
};

}  // namespace tunnel::config
