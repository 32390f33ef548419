#include "ssh/remembered_secrets.hpp"

#include <utility>

#include "base/log.hpp"

namespace tunnel::ssh {

std::optional<secret> remembered_secrets::recall(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(what);
  if (found == values_.end()) return std::nullopt;
  return found->second.copy();
}

void remembered_secrets::keep(const std::string& what, const secret& value) {
  note(what);
  if (how_ == secret_keeping::forgotten) return;
  const std::lock_guard lock(mutex_);
  locked_secret kept(value);
  if (!kept.is_locked())
    log::debug("a password is kept in memory that may be swapped out: the limit on locked memory is low");
  values_.insert_or_assign(what, std::move(kept));
}

void remembered_secrets::note(const std::string& what) {
  const std::lock_guard lock(mutex_);
  answered_.insert(what);
}

void remembered_secrets::forget(const std::string& what) {
  const std::lock_guard lock(mutex_);
  values_.erase(what);
  answered_.erase(what);
}

bool remembered_secrets::was_answered(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  return answered_.contains(what);
}

}  // namespace tunnel::ssh
