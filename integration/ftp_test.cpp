#include "support/pattern.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

/// An FTP server in a directory of its own, which knows active mode alone.
class ftp_server {
 public:
  ftp_server()
      : process_({.arguments = {"/usr/bin/python3", TUNNEL_INTEGRATION "/servers/ftp_server.py",
                                directory_.path().string()}}) {
    const std::string announcement = "port ";
    const bool announced =
        eventually([&] { return process_.output().ends_with('\n') || !process_.running(); });
    const auto line = process_.output();
    if (!announced || !line.starts_with(announcement))
      throw std::runtime_error("the FTP server did not start: " + process_.errors());
    port_ = line.substr(announcement.size(), line.find('\n') - announcement.size());
  }

  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return directory_ / name; }
  [[nodiscard]] const std::string& port() const { return port_; }

 private:
  temp_directory directory_;
  process process_;
  std::string port_;
};

class Ftp : public scenario {
 protected:
  /// Runs an FTP client, in active mode and through the proxy in everything, with these commands.
  finished run_client(const ftp_server& server, const std::string& protocol, const std::string& commands) {
    write_file(files() / "dante.conf",
               "route { from: 0.0.0.0/0 to: 0.0.0.0/0 via: 127.0.0.1 port = " + std::to_string(port()) +
                   "\n proxyprotocol: " + protocol + "\n command: connect bind\n protocol: tcp\n}\n");
    return run({.arguments = {"socksify", "tnftp", "-A", "-n", "-v", "127.0.0.1", server.port()},
                // Dante's client goes to addresses of this machine without a proxy unless told not to.
                .environment = {{"SOCKS_CONF", (files() / "dante.conf").string()},
                                {"SOCKS_AUTOADD_LANROUTES", "no"}},
                .input = "user tester secret\nbinary\n" + commands + "\nbye\n"});
  }
};

TEST_P(Ftp, MovesFilesInActiveMode) {
  const ftp_server server;
  start_tunnel();
  const auto down = pattern(1).next(mebibyte);
  const auto up = pattern(2).next(mebibyte);
  for (const std::string protocol : {"socks_v5", "socks_v4"}) {
    write_file(server.file("down"), down);
    write_file(files() / "up", up);
    const auto got =
        run_client(server, protocol,
                   "get down " + (files() / "down").string() + "\nput " + (files() / "up").string() + " up");
    EXPECT_TRUE(read_file(files() / "down") == down) << protocol << '\n' << got.output << got.errors;
    EXPECT_TRUE(eventually([&] { return read_file(server.file("up")) == up; })) << protocol << '\n'
                                                                                << got.output << got.errors;
    std::filesystem::remove(files() / "down");
    std::filesystem::remove(server.file("up"));
  }
  // Each of the four files came over a connection that the server's side made.
  EXPECT_TRUE(tunnel().logs(" <- 127.0.0.1:", 8));
  EXPECT_TRUE(tunnel().logs("1.0 MiB", 4));
}

TUNNEL_RUN_SCENARIO(Ftp, every_daemon);

}  // namespace
}  // namespace tunnel::integration
