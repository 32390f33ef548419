#include "report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "statistics.hpp"

namespace tunnel::bench {
namespace {

using row = std::vector<std::string>;
using subject_runs = std::vector<run_result>;

// Three significant digits, and all digits before the point.
std::string number(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

bool succeeded(const run_result& run) {
  return run.failure.empty();
}

std::vector<double> values(const subject_runs& runs, std::size_t index) {
  std::vector<double> found;
  for (const run_result& run : runs) {
    if (succeeded(run)) found.push_back(run.found[index].value);
  }
  return found;
}

std::string cell(const std::vector<double>& found) {
  if (found.empty()) return "-";
  std::string text = number(median(found));
  if (found.size() == 1) return text;
  const auto [least, greatest] = std::ranges::minmax(found);
  return text + " (" + number(least) + " to " + number(greatest) + ")";
}

std::string ratio(const std::vector<double>& first, const std::vector<double>& other) {
  if (first.empty() || other.empty() || median(other) == 0) return "-";
  return number(median(first) / median(other));
}

std::string failures(const scenario_results& scenario) {
  std::string text;
  for (const subject_runs& runs : scenario.runs) {
    const auto failed = runs.size() - static_cast<std::size_t>(std::ranges::count_if(runs, succeeded));
    text += (text.empty() ? "" : ", ") + std::to_string(failed) + "/" + std::to_string(runs.size());
  }
  return text;
}

// Any run that succeeded, for the names of its metrics.
const run_result* example(const scenario_results& scenario) {
  for (const subject_runs& runs : scenario.runs) {
    const auto at = std::ranges::find_if(runs, succeeded);
    if (at != runs.end()) return &*at;
  }
  return nullptr;
}

row heading(const std::vector<subject>& subjects) {
  row cells{"scenario", "metric"};
  for (const subject& one : subjects) cells.push_back(one.name);
  for (std::size_t i = 1; i < subjects.size(); ++i) {
    cells.push_back(subjects.front().name + " / " + subjects[i].name);
  }
  cells.emplace_back("failed runs");
  return cells;
}

row metric_row(const scenario_results& scenario, const metric& named, std::size_t index) {
  row cells{scenario.what->name, named.name + ", " + named.unit};
  const auto first = values(scenario.runs.front(), index);
  for (const subject_runs& runs : scenario.runs) cells.push_back(cell(values(runs, index)));
  for (std::size_t i = 1; i < scenario.runs.size(); ++i) {
    cells.push_back(ratio(first, values(scenario.runs[i], index)));
  }
  cells.push_back(failures(scenario));
  return cells;
}

std::vector<row> rows(const std::vector<scenario_results>& results, const std::vector<subject>& subjects) {
  std::vector<row> table{heading(subjects)};
  for (const scenario_results& scenario : results) {
    const run_result* found = example(scenario);
    if (found == nullptr) {
      row cells(table.front().size(), "-");
      cells.front() = scenario.what->name;
      cells.back() = failures(scenario);
      table.push_back(cells);
      continue;
    }
    for (std::size_t i = 0; i < found->found.size(); ++i) {
      table.push_back(metric_row(scenario, found->found[i], i));
    }
  }
  return table;
}

std::string line(const row& cells, const std::vector<std::size_t>& widths, report_format format) {
  const bool markdown = format == report_format::markdown;
  std::string text = markdown ? "|" : "";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padded = cells[i] + std::string(widths[i] - cells[i].size(), ' ');
    text += markdown ? " " + padded + " |" : padded + "  ";
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string render(const std::vector<row>& table, report_format format) {
  std::vector<std::size_t> widths(table.front().size());
  for (const row& cells : table) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  row rule;
  for (const std::size_t width : widths) rule.emplace_back(width, '-');
  std::string text = line(table.front(), widths, format) + line(rule, widths, format);
  for (std::size_t i = 1; i < table.size(); ++i) text += line(table[i], widths, format);
  return text;
}

std::string explanations(const std::vector<scenario_results>& results) {
  std::string text;
  for (const scenario_results& scenario : results) {
    text += "- " + scenario.what->name + ": " + scenario.what->what + "\n";
  }
  return text;
}

std::string failure_list(const std::vector<scenario_results>& results, const std::vector<subject>& subjects) {
  std::string text;
  for (const scenario_results& scenario : results) {
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      for (const run_result& run : scenario.runs[i]) {
        if (succeeded(run)) continue;
        text += "- " + scenario.what->name + ", " + subjects[i].name + ": " + run.failure + "\n";
      }
    }
  }
  return text.empty() ? text : "\nFailed runs:\n\n" + text;
}

}  // namespace

bool any_failed(const std::vector<scenario_results>& results) {
  const auto fails = [](const subject_runs& runs) { return !std::ranges::all_of(runs, succeeded); };
  return std::ranges::any_of(results, [&](const auto& one) { return std::ranges::any_of(one.runs, fails); });
}

std::string report(const std::vector<scenario_results>& results, const std::vector<subject>& subjects,
                   report_format format) {
  return explanations(results) +
         "\nMedian of the rounds (least to greatest); ratios of medians. More is better for MiB/s and 1/s,\n"
         "less for all else.\n\n" +
         render(rows(results, subjects), format) + failure_list(results, subjects);
}

}  // namespace tunnel::bench
