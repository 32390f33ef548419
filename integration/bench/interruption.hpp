#pragma once

/// SIGINT and SIGTERM end the benchmark by unwinding it, so that processes and folders go too.
namespace tunnel::bench {

struct interrupted {};

/// From now on the two signals are only remembered.
void watch_for_interruption();

/// Throws `interrupted` when one has come.
void throw_if_interrupted();

}  // namespace tunnel::bench
