#include "background_bulk.hpp"

#include "flows.hpp"
#include "load.hpp"
#include "run_failure.hpp"

namespace tunnel::bench {
namespace {

constexpr std::uint64_t seed = 7919;

}  // namespace

background_bulk::background_bulk(const test_bed& bed, direction way)
    : done_(std::async(std::launch::async,
                       [this, &bed, way] { return way == direction::down ? download(bed) : upload(bed); })) {}

metric background_bulk::finish() {
  stop_ = true;
  return done_.get();
}

metric background_bulk::download(const test_bed& bed) {
  load work(bed.deadline);
  auto& bulk = work.start<download_flow>(bed.socks_port, bed.bulk_port, seed, endless);
  work.run_until([&] { return stop_.load(); }, "work beside a download");
  if (bulk.octets() == 0) throw run_failure("the download beside brought nothing");
  return throughput("bulk beside", bulk.octets(), clock::now() - bulk.started());
}

metric background_bulk::upload(const test_bed& bed) {
  load work(bed.deadline);
  auto& bulk = work.start<upload_flow>(bed.socks_port, bed.bulk_port, seed, endless);
  work.run_until([&] { return stop_.load(); }, "work beside an upload");
  bulk.finish();
  work.update(bulk);
  work.run_until([&] { return work.completed() == 1; }, "the upload's verdict");
  return throughput("bulk beside", bulk.octets(), bulk.completed() - bulk.started());
}

}  // namespace tunnel::bench
