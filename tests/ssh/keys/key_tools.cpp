#include "key_tools.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "crypto/base64.hpp"
#include "support/temporary_folder.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {

namespace {

constexpr std::string_view begin_line = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
constexpr std::string_view end_line = "-----END OPENSSH PRIVATE KEY-----\n";

octets owned(octet_view data) {
  return {data.begin(), data.end()};
}

}  // namespace

void run(const std::vector<std::string>& arguments) {
  std::vector<std::string> copies = arguments;
  std::vector<char*> pointers;
  for (auto& each : copies) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = -1;
  const int failure = ::posix_spawnp(&process, pointers[0], &files, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  int status = -1;
  if (failure != 0 || ::waitpid(process, &status, 0) != process || status != 0)
    throw std::runtime_error(arguments[0] + " failed");
}

std::string make_key(std::string path, const std::vector<std::string>& type, const std::string& passphrase) {
  std::vector<std::string> arguments{"ssh-keygen", "-q", "-a",        "2",  "-N",
                                     passphrase,   "-C", "a comment", "-f", path};
  arguments.insert(arguments.end(), type.begin(), type.end());
  run(arguments);
  return path;
}

void change_form(const std::string& path, const std::string& old_passphrase, const std::string& passphrase,
                 const std::vector<std::string>& form) {
  std::vector<std::string> arguments{"ssh-keygen",   "-q", "-p",       "-a", "2", "-P",
                                     old_passphrase, "-N", passphrase, "-f", path};
  arguments.insert(arguments.end(), form.begin(), form.end());
  run(arguments);
}

octets public_half(const std::string& path) {
  const auto line = support::content_of(path + ".pub");
  const auto begin = line.find(' ') + 1;
  return crypto::base64_decode(line.substr(begin, line.find_first_of(" \n", begin) - begin)).value();
}

octets unarmoured(std::string_view content) {
  if (!content.starts_with(begin_line) || !content.ends_with(end_line))
    throw std::runtime_error("no openssh-key-v1");
  std::string text(content.substr(begin_line.size(), content.size() - begin_line.size() - end_line.size()));
  std::erase(text, '\n');
  return crypto::base64_decode(text).value();
}

std::string armoured(octet_view data) {
  return std::string(begin_line) + crypto::base64_encode(data) + "\n" + std::string(end_line);
}

std::string container::text() const {
  octets inside;
  wire::writer(inside).uint32(check).uint32(again).raw(numbers).text(comment);
  if (padding) {
    inside.insert(inside.end(), padding->begin(), padding->end());
  } else {
    for (octet next = 1; inside.size() % 8 != 0; ++next) inside.push_back(next);
  }
  octets whole;
  wire::writer(whole)
      .raw(as_octets(magic))
      .text(cipher)
      .text(kdf)
      .string(kdf_options)
      .uint32(count)
      .string(public_blob)
      .string(inside)
      .raw(trailing);
  return armoured(whole);
}

container take_apart(std::string_view content) {
  const auto whole = unarmoured(content);
  container parts;
  wire::reader from(whole);
  from.raw(parts.magic.size()).value();
  parts.cipher = from.text().value();
  parts.kdf = from.text().value();
  parts.kdf_options = owned(from.string().value());
  parts.count = from.uint32().value();
  parts.public_blob = owned(from.string().value());
  wire::reader inside(from.string().value());
  parts.check = inside.uint32().value();
  parts.again = inside.uint32().value();
  const auto numbers = inside.rest();
  // The type, and as many values as the type has.
  const auto type = inside.text().value();
  const int values = type == "ssh-rsa" ? 6 : type == "ssh-ed25519" ? 2 : 3;
  for (int i = 0; i < values; ++i) inside.string().value();
  parts.numbers = owned(numbers.first(numbers.size() - inside.rest().size()));
  parts.comment = inside.text().value();
  return parts;
}

}  // namespace tunnel::ssh::keys
