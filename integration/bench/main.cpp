#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

#include "interruption.hpp"
#include "report.hpp"
#include "runner.hpp"
#include "scenario.hpp"

/// tunnel_bench: `tunnel` and `ssh -D`, in turn, on the same work against the same sshd on loopback; and the
/// ways that `tunnel` has for datagrams, beside plain UDP.
namespace {

using namespace tunnel::bench;

struct settings {
  std::string tunnel = "tunnel";
  std::string relay = TUNNEL_RELAY;
  std::string udpgw = TUNNEL_UDPGW;
  std::vector<std::string> only;
  std::size_t rounds = 5;
  bool quick = false;
  bool gcm = false;
  std::optional<unsigned> connections;
  bool markdown = false;
  bool list = false;
};

void declare(CLI::App& app, settings& chosen) {
  app.add_option("--tunnel", chosen.tunnel, "the tunnel program to measure")->capture_default_str();
  app.add_option("--relay", chosen.relay, "the tunnel-relay program that the server is to have")
      ->capture_default_str();
  app.add_option("--udpgw", chosen.udpgw, "the Python program that is a udpgw, given a port")
      ->capture_default_str();
  app.add_option("--only", chosen.only, "run this scenario; may be given several times");
  app.add_option("--repeat", chosen.rounds, "rounds of each scenario")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--quick", chosen.quick, "one round on little data, to see that it works");
  app.add_flag("--gcm", chosen.gcm, "measure `ssh -c aes128-gcm@openssh.com` too");
  app.add_option("--connections", chosen.connections, "measure `tunnel --connections` with this number too")
      ->check(CLI::Range(1, 32));
  app.add_flag("--markdown", chosen.markdown, "print the table as Markdown");
  app.add_flag("--list", chosen.list, "list the scenarios and exit");
}

std::vector<subject> datagram_subjects(const settings& chosen) {
  const std::string& tunnel = chosen.tunnel;
  return {{"helper", {tunnel, "--udp", "helper"}},
          {"plain UDP", {}},
          {"script", {tunnel, "--udp", "script"}},
          {"udpgw",
           {tunnel, "--udp", "gateway", "--udp-gateway-protocol", "udpgw"},
           {"/usr/bin/python3", chosen.udpgw}}};
}

std::vector<subject> stream_subjects(const settings& chosen) {
  std::vector<subject> all{{"tunnel", {chosen.tunnel}}, {"ssh", {"/usr/bin/ssh", "-N"}}};
  if (chosen.gcm) all.push_back({"ssh gcm", {"/usr/bin/ssh", "-N", "-c", "aes128-gcm@openssh.com"}});
  if (chosen.connections) {
    const auto number = std::to_string(*chosen.connections);
    all.push_back({"tunnel, " + number + " connections", {chosen.tunnel, "--connections", number}});
  }
  return all;
}

std::vector<scenario> scenarios(const settings& chosen, const scale& size) {
  auto all = all_scenarios(size);
  if (chosen.only.empty()) return all;
  for (const std::string& name : chosen.only) {
    if (std::ranges::find(all, name, &scenario::name) == all.end()) {
      throw CLI::ValidationError("--only", "there is no scenario '" + name + "'; --list names them all");
    }
  }
  std::erase_if(all, [&](const scenario& one) {
    return std::ranges::find(chosen.only, one.name) == chosen.only.end();
  });
  return all;
}

// Thousands of flows have two descriptors here each, and two in sshd and the subject, which inherit this.
void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int measure(const std::vector<scenario>& chosen, const settings& how, const scale& size) {
  raise_descriptor_limit();
  watch_for_interruption();
  // Nobody's agent takes part, nor anybody's way of asking.
  unsetenv("SSH_AUTH_SOCK");
  unsetenv("SSH_ASKPASS");
  run_limits limits;
  if (how.quick) limits = {1, std::chrono::seconds(30)};
  if (!how.quick) limits.rounds = how.rounds;
  ssh_server server(std::filesystem::absolute(how.relay).parent_path());
  const auto format = how.markdown ? report_format::markdown : report_format::text;
  bool failed = false;
  std::string reports;
  for (const traffic kind : {traffic::streams, traffic::datagrams}) {
    const auto compared = kind == traffic::streams ? stream_subjects(how) : datagram_subjects(how);
    std::vector<scenario_results> results;
    for (const scenario& one : chosen) {
      if (one.kind == kind) results.push_back(run_scenario(one, compared, size, limits, server));
    }
    if (results.empty()) continue;
    reports += (reports.empty() ? "" : "\n") + report(results, compared, format);
    failed = failed || any_failed(results);
  }
  std::fputs(reports.c_str(), stdout);
  return failed ? 1 : 0;
}

int run(int argc, char** argv) {
  CLI::App app(
      "Measures tunnel beside ssh -D and plain UDP. Exits 0 when every octet of every run was right.");
  settings chosen;
  declare(app, chosen);
  try {
    app.parse(argc, argv);
    const scale& size = chosen.quick ? quick_scale : full_scale;
    const auto selected = scenarios(chosen, size);
    if (!chosen.list) return measure(selected, chosen, size);
    for (const scenario& one : selected) std::printf("%-33s %s\n", one.name.c_str(), one.what.c_str());
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const interrupted&) {
    std::fputs("tunnel_bench: interrupted\n", stderr);
    return 130;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tunnel_bench: %s\n", error.what());
    return 2;
  }
}
