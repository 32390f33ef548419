#include "support/ssh_key.hpp"

#include <stdexcept>

#include "support/process.hpp"
#include "support/temp_directory.hpp"

namespace tunnel::integration {

std::string ssh_key::public_line() const {
  const std::string line = read_file(private_file.string() + ".pub");
  const auto blob = line.find(' ');
  return line.substr(0, line.find_first_of(" \n", blob + 1));
}

ssh_key make_key(const std::filesystem::path& file, const std::string& type, const std::string& passphrase) {
  const auto colon = type.find(':');
  command keygen{.arguments = {"ssh-keygen", "-q", "-t", type.substr(0, colon), "-N", passphrase, "-C", "",
                               "-f", file.string()}};
  if (colon != std::string::npos)
    keygen.arguments.insert(keygen.arguments.end(), {"-b", type.substr(colon + 1)});
  const auto made = run(keygen);
  if (made.exit_code != 0) throw std::runtime_error("ssh-keygen: " + made.errors);
  return {file};
}

}  // namespace tunnel::integration
