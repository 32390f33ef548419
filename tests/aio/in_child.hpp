#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace tunnel::aio {

/// Runs `body` in a process of its own, whose network it may change, and gives what it returned: 0 to 255.
/// -1: the process did not end by itself.
inline int run_in_child(int (*body)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace tunnel::aio
