#include "config/config_reader.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/connection_tokens.hpp"
#include "config/errors.hpp"
#include "config/pattern.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

constexpr std::size_t max_warnings = 100;
constexpr mode_t writable_by_group = 020;
constexpr mode_t writable_by_anyone = 002;

error located(const std::string& where, const error& problem) {
  return {problem.code, where + ": " + problem.message};
}

error about(std::string_view keyword, const error& problem) {
  return {problem.code, std::string(keyword) + ": " + problem.message};
}

std::string line_of(const std::string& file, std::size_t line) {
  return file + ':' + std::to_string(line);
}

bool says_none(const config_line& line) {
  return !line.arguments.empty() && (equals_ignoring_case(line.arguments.front(), "none") ||
                                     equals_ignoring_case(line.arguments.front(), "no"));
}

}  // namespace

void config_reader::warn(std::string sentence) {
  if (to_.warnings.size() == max_warnings || std::ranges::count(to_.warnings, sentence) != 0) return;
  to_.warnings.push_back(std::move(sentence));
}

result<const keyword*> config_reader::look_up(const std::string& name) const {
  const keyword* const known = find_keyword(name);
  if (known != nullptr) return known;
  if (to_.ignore_unknown && match_host_list(name, *to_.ignore_unknown) == list_match::positive) return known;
  std::string sentence = "ssh has no keyword " + in_quotes(name);
  if (const auto near = nearest_keyword(name)) sentence += "; did you mean \"" + std::string(*near) + "\"?";
  return failure(errc::unknown_keyword, std::move(sentence));
}

result<void> config_reader::apply(const keyword& known, const config_line& line, bool active,
                                  const std::string& where) {
  if (known.kind == keyword_kind::honoured) {
    const auto fine = known.apply(line, active, to_);
    if (!fine) return about(known.name, fine.error());
  }
  if (known.kind == keyword_kind::missed && active && !says_none(line))
    warn(where + ": " + std::string(known.name) + " is not supported and has no effect");
  return {};
}

result<void> config_reader::read_option(const std::string& keyword, const std::string& value) {
  static const std::string where = "command-line";
  if (value.find('\0') != std::string::npos)
    return located(where, failure(errc::malformed, "there is a NUL octet in it"));
  const auto line = keyword.empty() ? split_line(value)
                                    : config_line{.keyword = keyword, .arguments = {value}, .rest = value};
  if (!line) return located(where, line.error());
  if (line->keyword.empty())
    return located(where, failure(errc::malformed, "an option needs a keyword and a value"));
  const auto known = look_up(line->keyword);
  if (!known) return located(where, known.error());
  if (*known == nullptr) return {};
  const keyword_kind kind = (*known)->kind;
  if (kind == keyword_kind::host || kind == keyword_kind::match || kind == keyword_kind::include)
    return located(where, failure(errc::malformed, std::string((*known)->name) + " belongs in a file"));
  const auto fine = apply(**known, *line, true, where);
  if (!fine) return located(where, fine.error());
  return {};
}

result<void> config_reader::read_file(const std::string& path, config_owner owner, permission_check check) {
  bool active = true;
  return read_at({.file = path, .line = 0, .owner = owner, .depth = 0}, check, active);
}

result<void> config_reader::read_at(place at, permission_check check, bool& active) {
  if (at.depth > max_include_depth)
    return failure(errc::malformed, at.file + " is included from more than " +
                                        std::to_string(max_include_depth) +
                                        " files deep; does a file include itself?");
  if (++files_ > max_config_files)
    return failure(errc::too_large, "the configuration has more than " + std::to_string(max_config_files) +
                                        " files; does a file include itself?");
  const auto content = env_.read(at.file, max_config_file);
  if (!content) return content.error();
  if (check == permission_check::required && !is_safe(*content))
    return failure(errc::unsafe_permissions,
                   at.file + " must belong to you or root and be writable by nobody else (try: chmod go-w)");
  return read_lines(content->text, at, active);
}

// As Debian's ssh, under whose umask a user's files are their own group's to write.
bool config_reader::is_safe(const file_content& file) const {
  if (file.owner != 0 && file.owner != env_.uid) return false;
  if ((file.mode & writable_by_anyone) != 0) return false;
  return (file.mode & writable_by_group) == 0 || env_.is_private_group(file.group);
}

result<void> config_reader::read_lines(std::string_view text, place& at, bool& active) {
  while (!text.empty()) {
    const std::string_view raw = take_line(text);
    ++at.line;
    const std::string where = line_of(at.file, at.line);
    if (raw.find('\0') != std::string_view::npos)
      return located(where, failure(errc::malformed, "there is a NUL octet in the line"));
    const auto line = split_line(raw);
    if (!line) return located(where, line.error());
    if (line->keyword.empty()) continue;
    const auto fine = read_line(*line, at, active);
    if (!fine) return fine;
  }
  return {};
}

result<void> config_reader::read_line(const config_line& line, const place& at, bool& active) {
  const std::string where = line_of(at.file, at.line);
  const auto known = look_up(line.keyword);
  if (!known) return located(where, known.error());
  if (*known == nullptr) return {};
  switch ((*known)->kind) {
    case keyword_kind::host: {
      const auto found = match_host_line(line.arguments, host_);
      if (!found) return located(where, about("Host", found.error()));
      active = *found && !never_active_;
      return {};
    }
    case keyword_kind::match:
      return begin_match(line, at, active);
    case keyword_kind::include:
      return include(line, at, active);
    default:
      break;
  }
  const auto fine = apply(**known, line, active, where);
  if (!fine) return located(where, fine.error());
  return {};
}

result<match_subject> config_reader::subject() const {
  match_subject made{.original_host = original_host_,
                     .host = host_,
                     .user = to_.user.value_or(env_.local_user),
                     .local_user = env_.local_user,
                     .tag = to_.tag.value_or(""),
                     .final_pass = final_pass_,
                     .reachable = !never_active_,
                     .tokens = {},
                     .run = env_.run};
  if (!final_pass_) {
    auto host = named_host(to_, original_host_);
    if (!host) return host.error();
    made.host = std::move(*host);
  }
  const connection_names names{.host = made.host,
                               .original_host = original_host_,
                               .key_alias = to_.host_key_alias.value_or(made.host),
                               .user = made.user,
                               .port = to_.port.value_or(default_port)};
  made.tokens = connection_tokens(names, env_);
  return made;
}

result<void> config_reader::begin_match(const config_line& line, const place& at, bool& active) {
  const std::string where = line_of(at.file, at.line);
  const auto about_whom = subject();
  if (!about_whom) return located(where, about_whom.error());
  const auto outcome = match_criteria(line.rest, *about_whom);
  if (!outcome) return located(where, about("Match", outcome.error()));
  if (!outcome->unsupported.empty())
    warn(where + ": Match " + outcome->unsupported +
         " is not supported, so the lines below it have no effect");
  wants_final_pass_ = wants_final_pass_ || outcome->wants_final_pass;
  active = outcome->applies && !never_active_;
  return {};
}

// ssh leaves `~` in an Include to glob(3), which unlike ssh itself asks $HOME.
environment config_reader::globbing_environment() const {
  environment env = env_;
  if (const auto home = env_.variable("HOME"); home && !home->empty()) env.home = *home;
  return env;
}

result<void> config_reader::include(const config_line& line, const place& at, bool active) {
  const std::string where = line_of(at.file, at.line);
  for (const std::string& name : line.arguments) {
    if (name.empty()) return located(where, failure(errc::malformed, "Include: one of its values is empty"));
    const bool at_home = name.front() == '~';
    if (at_home && at.owner == config_owner::system)
      return located(where,
                     failure(errc::malformed, "Include: the system's files cannot include from a home"));
    std::string anchored = name;
    if (!at_home && name.front() != '/')
      anchored = (at.owner == config_owner::user ? "~/.ssh/" : env_.system_directory + '/') + name;
    const auto pattern = expand_home(anchored, globbing_environment());
    // A user who is not there has no files.
    if (!pattern) continue;
    const auto fine = include_pattern(*pattern, at, active);
    if (!fine) return fine;
  }
  return {};
}

result<void> config_reader::include_pattern(const std::string& pattern, const place& at, bool active) {
  const bool outer = never_active_;
  for (const std::string& file : env_.glob(pattern)) {
    // A Host or Match inside counts there only, and inside an inactive block for nothing at all.
    bool inner = active;
    never_active_ = outer || !active;
    const auto fine = read_at({.file = file, .line = 0, .owner = at.owner, .depth = at.depth + 1},
                              permission_check::required, inner);
    never_active_ = outer;
    // A folder, or a link to nothing, may well stand among the files of conf.d.
    if (fine || is_absent(fine.error()) || is_folder(fine.error())) continue;
    if (fine.error().code.category() == config_category()) return fine;
    return located(line_of(at.file, at.line), failure(errc::unreadable, "Include: " + fine.error().message));
  }
  return {};
}

}  // namespace tunnel::config
