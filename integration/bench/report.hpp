#pragma once

#include <string>
#include <vector>

#include "runner.hpp"

namespace tunnel::bench {

enum class report_format { text, markdown };

/// The results as a table: a row for each metric with the median of every subject (and the least and
/// the greatest of its rounds), and the ratio of the first subject's median to that of each other one.
/// Failed runs are counted in every row and explained below the table.
std::string report(const std::vector<scenario_results>& results, const std::vector<subject>& subjects,
                   report_format format);

/// Whether any run failed.
bool any_failed(const std::vector<scenario_results>& results);

}  // namespace tunnel::bench
