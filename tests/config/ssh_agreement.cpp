#include "ssh_agreement.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "config/listing.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream stream(list);
  for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ",") + name;
  return list;
}

const std::map<std::string, std::string>& queries() {
  static const std::map<std::string, std::string> each = {
      {"kexalgorithms", "kex"},
      {"hostkeyalgorithms", "HostKeyAlgorithms"},
      {"ciphers", "cipher"},
      {"macs", "mac"},
      {"pubkeyacceptedalgorithms", "PubkeyAcceptedAlgorithms"},
      {"casignaturealgorithms", "sig"}};
  return each;
}

std::vector<std::string> lines_of(std::string text) {
  std::ranges::replace(text, '\n', ',');
  return split(text);
}

std::vector<std::string> without(const std::vector<std::string>& names) {
  static const std::vector<std::string> missing = {"aes128-cbc",
                                                   "aes192-ctr",
                                                   "umac-64@openssh.com",
                                                   "hmac-md5",
                                                   "sntrup761x25519-sha512",
                                                   "sntrup761x25519-sha512@openssh.com",
                                                   "diffie-hellman-group1-sha1",
                                                   "ssh-dss",
                                                   "sk-ssh-ed25519@openssh.com"};
  std::vector<std::string> left;
  for (const std::string& name : names) {
    if (std::ranges::count(missing, name) == 0) left.push_back(name);
  }
  return left;
}

// Where this program means to differ.
void allow_for_differences(const collected& written, keyword_values& ours, keyword_values& theirs) {
  // A tunnel that is to repair itself looks for signs of life unasked.
  if (!written.server_alive_interval) {
    ours.erase("serveraliveinterval");
    theirs.erase("serveraliveinterval");
  }
  // Keys of these types are not supported.
  std::erase_if(theirs["identityfile"],
                [](const std::string& file) { return file == "~/.ssh/id_xmss" || file == "~/.ssh/id_dsa"; });
  for (const auto& [keyword, query] : queries()) {
    std::string& list = theirs.at(keyword).front();
    list = engine_like_ssh::filtered(list);
  }
}

}  // namespace

keyword_values keywords_in(const std::string& listing) {
  keyword_values values;
  std::istringstream stream(listing);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t space = std::min(line.find(' '), line.size());
    values[lower_case(line.substr(0, space))].push_back(line.substr(std::min(space + 1, line.size())));
  }
  return values;
}

engine_like_ssh::engine_like_ssh() {
  const auto defaults = keywords_in(output_of("ssh -F none -G host").value_or(""));
  for (const auto& [keyword, query] : queries()) {
    kinds_[keyword] = {.defaults = without(split(defaults.at(keyword).front())), .further = {}};
    for (const std::string& name : without(lines_of(output_of("ssh -Q " + query).value_or("")))) {
      if (std::ranges::count(kinds_[keyword].defaults, name) == 0) kinds_[keyword].further.push_back(name);
    }
  }
}

engine_algorithms engine_like_ssh::algorithms() const {
  return {.kex = stock("kexalgorithms"),
          .host_key = stock("hostkeyalgorithms"),
          .cipher = stock("ciphers"),
          .mac = stock("macs"),
          .public_key = stock("pubkeyacceptedalgorithms"),
          .ca_signature = stock("casignaturealgorithms")};
}

std::string engine_like_ssh::filtered(const std::string& list) {
  return joined(without(split(list)));
}

algorithm_stock engine_like_ssh::stock(const std::string& keyword) const {
  const kind& found = kinds_.at(keyword);
  return {.defaults = {found.defaults.begin(), found.defaults.end()},
          .further = {found.further.begin(), found.further.end()}};
}

void SshAgreement::SetUp() {
  ASSERT_TRUE(output_of("ssh -F none -G host")) << "ssh must be installed";
}

std::string SshAgreement::path(const std::string& name) const {
  return folder_.path(name);
}

void SshAgreement::write(const std::string& name, const std::string& text) const {
  folder_.write(name, text);
}

void SshAgreement::compare(const std::string& text, const std::string& host) const {
  SCOPED_TRACE(host + " with:\n" + text);
  const std::string file = folder_.write("config", text);
  const auto listing = output_of("ssh -G -F " + file + " -- " + host);
  command_line given;
  given.target.host = host;
  given.file = file;
  auto read = load_configuration(given, system_environment().value());
  ASSERT_EQ(read.has_value(), listing.has_value()) << (read ? "" : read.error().message);
  if (!read) return;
  const auto chosen = choose_algorithms(read->settings, engine_.algorithms());
  ASSERT_TRUE(chosen) << chosen.error().message;

  keyword_values ours = keywords_in(list_configuration(*read, *chosen));
  keyword_values theirs = keywords_in(*listing);
  allow_for_differences(read->as_written, ours, theirs);
  EXPECT_GT(ours.size(), 40U);
  for (const auto& [keyword, values] : ours) {
    // What ssh does not print at all has its default there: it is printed here only when it has another.
    EXPECT_EQ(values, theirs[keyword]) << keyword;
  }
  for (const char* keyword : {"proxycommand", "proxyjump", "dynamicforward", "hostkeyalias", "bindaddress",
                              "certificatefile", "controlpath", "identityagent", "revokedhostkeys"})
    EXPECT_EQ(theirs.count(keyword) != 0 && !theirs[keyword].empty(), ours.count(keyword) != 0) << keyword;
}

}  // namespace tunnel::config
