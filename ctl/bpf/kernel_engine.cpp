// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/kernel_engine.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "bpf/limit_table.h"
#include "bpf/live_counters.h"
#include "bpf/mapping.h"
#include "bpf/program.h"
#include "bpf/set_array.h"

namespace xdpgate {
namespace {

// What bpf_prog_test_run_xdp() takes: an Ethernet header at least, and at most
// what fits a linear buffer and MAX_SKB_FRAGS (17) pages. The linear buffer,
// most of a page, is left out here.
constexpr std::size_t kLeastFrame = 14;
constexpr std::size_t kLargestFrame = 17 * 4096;

/// Nanoseconds a round took.
Result<std::uint32_t> run(const Program& program,
                          std::span<const std::uint8_t> frame,
                          std::uint32_t repeat) {
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<std::uint32_t>(frame.size());
  options.repeat = static_cast<int>(repeat);
  if (bpf_prog_test_run_opts(program.fd(), &options) != 0) {
    return failure(system_error(
        "run", "a frame of " + std::to_string(frame.size()) + " bytes",
        errno));
  }
  return options.duration;
}

Decision decision_of(const xg_trace& trace) {
  Decision decision;
  decision.verdict = static_cast<xg_verdict>(trace.verdict);
  decision.packet_class = static_cast<xg_class>(trace.class_);
  if (trace.rule != XG_NO_RULE) decision.rule = trace.rule;
  return decision;
}

class KernelEngine final : public Engine {
 public:
  KernelEngine(Image image, Program traced, Mapping trace)
      : loaded_with_(image.header()),
        image_(std::move(image)),
        traced_(std::move(traced)),
        trace_(std::move(trace)) {}

  Result<Decision> judge(std::span<const std::uint8_t> frame,
                         std::uint32_t ifindex) override {
    if (!kernel_takes(frame)) return native().judge(frame, ifindex);
    auto traced = trace(frame, ifindex);
    if (!traced) return failure(traced.error());
    return decision_of(*traced);
  }

  Result<std::vector<xg_counter>> counters() override;

  Result<xg_trace> trace(std::span<const std::uint8_t> frame,
                         std::uint32_t ifindex) {
    auto* shared = reinterpret_cast<xg_trace*>(trace_.data());
    shared->ifindex = ifindex;
    shared->now_ns = now_ns_;
    if (auto ran = run(traced_, frame, 1); !ran) return failure(ran.error());
    return *shared;
  }

  Result<std::vector<xg_counter>> over_counters() override;
  Result<void> forget() override;

  void set_clock(std::uint64_t now_ns) override {
    now_ns_ = now_ns;
    if (native_) native_->set_clock(now_ns);
  }

  Result<void> add_element(std::uint32_t set, const xg_element& element,
                           std::uint64_t expires_ns) override;
  Result<void> remove_element(std::uint32_t set,
                              const xg_element& element) override;
  [[nodiscard]] int program_fd() const { return traced_.fd(); }

  Result<void> replace(Image image);

  Result<std::uint32_t> time(std::span<const std::uint8_t> frame,
                             std::uint32_t repeat);

 private:
  /// Made when first needed: it keeps another copy of the image. Its dynamic
  /// sets are its own: they hold what was added since.
  Engine& native() {
    if (!native_) native_ = make_native_engine(image_);
    native_->set_clock(now_ns_);
    return *native_;
  }

  [[nodiscard]] SetArray sets() const {
    return SetArray({traced_.sets_fd(), traced_.set_queues_fd(),
                     traced_.set_lengths_fd()});
  }

  [[nodiscard]] bool fits(const xg_header& header) const {
    return header.size <= loaded_with_.size &&
           header.rule_count <= loaded_with_.rule_count &&
           header.set_count <= loaded_with_.set_count &&
           slot_count(header) <= slot_count(loaded_with_) &&
           header.limit_buckets <= loaded_with_.limit_buckets &&
           (header.features & ~loaded_with_.features) == 0;
  }

  xg_header loaded_with_;
  Image image_;
  Program traced_;
  Mapping trace_;
  std::optional<Program> timed_;
  std::unique_ptr<Engine> native_;
  std::uint64_t now_ns_ = 0;
};

Result<std::vector<xg_counter>> KernelEngine::over_counters() {
  const xg_header& header = image_.header();
  auto sums =
      read_live_counters(traced_.counters_fd(), slot_count(header));
  if (!sums) return sums;
  const std::size_t first = XG_SLOT_RULE + header.rule_count;
  std::vector<xg_counter> over(sums->begin() + std::ptrdiff_t(first),
                               sums->end());
  if (!native_) return over;
  const auto others = native_->over_counters();
  for (std::size_t i = 0; i < over.size(); ++i) {
    over[i].packets += (*others)[i].packets;
    over[i].bytes += (*others)[i].bytes;
  }
  return over;
}

Result<void> KernelEngine::forget() {
  auto infos = set_infos(ImageView(image_));
  if (!infos) return failure(infos.error());
  auto done = connect_sets({sets(), *infos}, nullptr);
  for (std::uint32_t i = 0; done && i < infos->size(); ++i) {
    done = sets().put_lengths(i, {});
  }
  if (!done) return done;
  auto limits = LimitTable::open(traced_.limits_fd(), traced_.limit_buckets());
  if (!limits) return failure(limits.error());
  limits->forget();
  return native_ ? native_->forget() : done;
}

Result<void> KernelEngine::add_element(std::uint32_t set,
                                       const xg_element& element,
                                       std::uint64_t expires_ns) {
  auto map = sets().open(set);
  if (!map) return std::unexpected(map.error());
  const TimedElement timed = {element, expires_ns};
  auto done = sets().add_lengths(set, lengths_of({&timed, 1}));
  if (!done) return done;
  auto put = map->put(timed);
  if (!put) return std::unexpected(put.error());
  if (!*put) return failure({"add to", "a set", "it is full", ""});
  return native().add_element(set, element, expires_ns);
}

Result<void> KernelEngine::remove_element(std::uint32_t set,
                                          const xg_element& element) {
  auto map = sets().open(set);
  if (!map) return std::unexpected(map.error());
  auto done = map->remove(element);
  return done ? native().remove_element(set, element) : done;
}

Result<std::vector<xg_counter>> KernelEngine::counters() {
  auto sums = read_live_counters(traced_.counters_fd(),
                                 XG_SLOT_RULE + image_.header().rule_count);
  if (!sums || !native_) return sums;
  const auto others = native_->counters();
  for (std::size_t i = 0; i < sums->size(); ++i) {
    (*sums)[i].packets += (*others)[i].packets;
    (*sums)[i].bytes += (*others)[i].bytes;
  }
  return sums;
}

Result<void> KernelEngine::replace(Image image) {
  if (!fits(image.header())) {
    return failure({"replace", "the image",
                    "the program was loaded for a smaller one", ""});
  }
  auto cleared = clear_live_counters(traced_.counters_fd(),
                                     slot_count(loaded_with_));
  if (!cleared) return cleared;
  image_ = std::move(image);
  native_.reset();
  timed_.reset();
  return fill_image(traced_, image_);
}

Result<std::uint32_t> KernelEngine::time(std::span<const std::uint8_t> frame,
                                         std::uint32_t repeat) {
  if (!timed_) {
    auto program = load_program(image_);
    if (!program) return failure(program.error());
    timed_ = std::move(*program);
  }
  return run(*timed_, frame, repeat);
}

}  // namespace

bool kernel_takes(std::span<const std::uint8_t> frame) {
  return frame.size() >= kLeastFrame && frame.size() <= kLargestFrame;
}

Result<std::unique_ptr<Engine>> make_kernel_engine(Image image) {
  auto program = load_program(image, {.tracing = true});
  if (!program) return failure(program.error());
  Mapping trace = Mapping::of(program->trace_fd(), sizeof(xg_trace),
                              PROT_READ | PROT_WRITE);
  if (!trace) return failure(system_error("map", "the trace", errno));
  auto infos = set_infos(ImageView(image));
  if (!infos) return failure(infos.error());
  auto connected = connect_sets(
      {SetArray({program->sets_fd(), program->set_queues_fd(),
                 program->set_lengths_fd()}),
       *infos},
      nullptr);
  if (!connected) return failure(connected.error());
  return std::make_unique<KernelEngine>(std::move(image), std::move(*program),
                                        std::move(trace));
}

Result<xg_trace> trace_frame(Engine& kernel_engine,
                             std::span<const std::uint8_t> frame,
                             std::uint32_t ifindex) {
  return static_cast<KernelEngine&>(kernel_engine).trace(frame, ifindex);
}

int program_fd(const Engine& kernel_engine) {
  return static_cast<const KernelEngine&>(kernel_engine).program_fd();
}

Result<void> replace_image(Engine& kernel_engine, Image image) {
  return static_cast<KernelEngine&>(kernel_engine).replace(std::move(image));
}

Result<std::uint32_t> time_frame(Engine& kernel_engine,
                                 std::span<const std::uint8_t> frame,
                                 std::uint32_t repeat) {
  return static_cast<KernelEngine&>(kernel_engine).time(frame, repeat);
}

}  // namespace xdpgate
