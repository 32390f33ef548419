#include "ssh/native/core/channel_table.hpp"

namespace tunnel::ssh::native {

channel_id channel_table::take() {
  if (free_.empty()) {
    records_.emplace_back();
    return static_cast<channel_id>(records_.size() - 1);
  }
  const channel_id id = free_.back();
  free_.pop_back();
  return id;
}

void channel_table::free(channel_id id) {
  records_.at(id) = {};
  free_.push_back(id);
}

channel_record* channel_table::find(channel_id id) {
  if (id >= records_.size() || records_[id].now == channel_record::state::free) return nullptr;
  return &records_[id];
}

}  // namespace tunnel::ssh::native
