#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>

/// docs/troubleshooting.md, so that what it has and what the program prints cannot drift apart.
namespace tunnel::integration {

/// Whether a line of `log` has what the document's row `id` says is printed. Its `<words>` stand for one
/// character or more.
testing::AssertionResult explained(const std::string& log, const std::string& id);

/// The ids of the document's rows. Throws std::runtime_error for a row that has an empty cell.
std::set<std::string> explained_failures();

/// The ids that scenarios give to explained(), as their sources have them.
std::set<std::string> provoked_failures();

}  // namespace tunnel::integration
