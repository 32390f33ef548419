#pragma once

#include "base/error.hpp"
#include "config/settings.hpp"
#include "options.hpp"
#include "path/way.hpp"
#include "ssh/prompt.hpp"

namespace tunnel {

/// How the server is reached, by options and configuration: reads the configuration for every jump host, and
/// makes an engine for each. `server`: what options and files came to for the server itself. `questions`: for
/// what must be asked at once.
result<path::plan> way_to_server(const options& given, const config::settings& server,
                                 ssh::prompter& questions);

}  // namespace tunnel
