#include "support/askpass.hpp"

namespace tunnel::integration {

std::map<std::string, std::string> answering(const temp_directory& directory, const std::string& secret) {
  const auto program = directory / "askpass";
  write_file(program, "#!/bin/sh\necho '" + secret + "'\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  return {{"SSH_ASKPASS", program.string()}, {"SSH_ASKPASS_REQUIRE", "force"}};
}

}  // namespace tunnel::integration
