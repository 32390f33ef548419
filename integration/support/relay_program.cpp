#include "support/relay_program.hpp"

#include <stdexcept>

#include "support/tcp.hpp"

namespace tunnel::integration {
namespace {

constexpr int attempts = 5;

void run_openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const auto made = run({.arguments = arguments});
  if (made.exit_code != 0) throw std::runtime_error("openssl: " + made.errors);
}

// A request, or with "-x509" a certificate, for a new key.
void request(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  run_openssl(all);
}

}  // namespace

relay_program::relay_program(const starter& start) {
  // Another test may take the free port before the program does.
  for (int attempt = 0; attempt < attempts; ++attempt) {
    port_ = free_port();
    process_ = std::make_unique<process>(start(port_, directory_));
    eventually([this] { return !process_->running() || accepts_connections("127.0.0.1", port_); });
    if (process_->running()) return;
  }
  throw std::runtime_error("it did not start: " + log());
}

relay_program::starter tinyproxy(const std::string& user, const std::string& password) {
  return [=](std::uint16_t port, const temp_directory& directory) {
    std::string config = "Port " + std::to_string(port) + "\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n";
    if (!user.empty()) config += "BasicAuth " + user + ' ' + password + '\n';
    write_file(directory / "config", config);
    return command{.arguments = {"tinyproxy", "-d", "-c", (directory / "config").string()}};
  };
}

relay_program::starter microsocks(const std::string& user, const std::string& password) {
  return [=](std::uint16_t port, const temp_directory&) {
    command start{.arguments = {"microsocks", "-i", "127.0.0.1", "-p", std::to_string(port)}};
    if (!user.empty()) start.arguments.insert(start.arguments.end(), {"-u", user, "-P", password});
    return start;
  };
}

certificate_authority::certificate_authority() {
  request({"-x509", "-days", "2", "-keyout", (directory_ / "ca.key").string(), "-out", file().string(),
           "-subj", "/CN=authority"});
}

certificate certificate_authority::issue(const std::string& name) const {
  const certificate made{directory_ / (name + ".pem"), directory_ / (name + ".key")};
  request({"-x509", "-days", "2", "-CA", file().string(), "-CAkey", (directory_ / "ca.key").string(),
           "-keyout", made.key.string(), "-out", made.file.string(), "-subj", "/CN=leaf", "-addext",
           "subjectAltName=" + name, "-addext", "basicConstraints=critical,CA:false"});
  return made;
}

// "openssl req" signs for days to come alone.
certificate certificate_authority::issue_expired(const std::string& name) const {
  const certificate made{directory_ / "expired.pem", directory_ / "expired.key"};
  const auto wanted = (directory_ / "expired.csr").string();
  request({"-keyout", made.key.string(), "-out", wanted, "-subj", "/CN=leaf"});
  write_file(directory_ / "index", "");
  write_file(directory_ / "extensions", "subjectAltName=" + name + '\n');
  write_file(
      directory_ / "ca.conf",
      "[ca]\ndefault_ca = own\n[own]\ndefault_md = sha256\npolicy = any\nrand_serial = yes\ndatabase = " +
          (directory_ / "index").string() + "\nnew_certs_dir = " + directory_.path().string() +
          "\n[any]\ncommonName = supplied\n");
  run_openssl({"ca", "-batch", "-notext", "-config", (directory_ / "ca.conf").string(), "-cert",
               file().string(), "-keyfile", (directory_ / "ca.key").string(), "-startdate", "20200101000000Z",
               "-enddate", "20200102000000Z", "-extfile", (directory_ / "extensions").string(), "-in", wanted,
               "-out", made.file.string()});
  return made;
}

relay_program::starter stunnel(const certificate& own, std::uint16_t behind, const std::string& clients) {
  return [=](std::uint16_t port, const temp_directory& directory) {
    std::string config = "foreground = yes\npid =\n[ssh]\naccept = 127.0.0.1:" + std::to_string(port) +
                         "\nconnect = 127.0.0.1:" + std::to_string(behind) + "\ncert = " + own.file.string() +
                         "\nkey = " + own.key.string() + '\n';
    if (!clients.empty()) config += "verifyChain = yes\nCAfile = " + clients + '\n';
    write_file(directory / "config", config);
    return command{.arguments = {"stunnel4", (directory / "config").string()}};
  };
}

}  // namespace tunnel::integration
