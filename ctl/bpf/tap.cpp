// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/tap.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <optional>
#include <thread>
#include <utility>

#include "bpf/bpffs.h"
#include "bpf/live_counters.h"
#include "bpf/lock.h"
#include "bpf/snapshot.h"
#include "bpf/tap_control.h"
#include "bpf/tap_names.h"

namespace xdpgate {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::uint64_t kBurstNs = 100'000'000;  // of the rate, at once
constexpr milliseconds kLookAround{100};         // for a new generation
constexpr int kSealTries = 100;
constexpr int kLockTries = 5;  // others look whether a reader has died

struct FreeRing {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

nanoseconds now_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

xg_capture control_of(const TapRequest& request) {
  xg_capture wanted{};
  wanted.chosen = !request.rules.empty() || !request.verdicts.empty() ||
                  request.every != 0;
  wanted.every = std::max(request.every, 1u);
  wanted.snap = request.snap_bytes;
  wanted.interval_ns = kNsPerSecond / std::max(request.per_second, 1u);
  wanted.slack_ns = kBurstNs;
  for (const xg_verdict verdict : request.verdicts) {
    wanted.verdicts |= 1u << verdict;
  }
  if (request.verdicts.empty()) wanted.verdicts = ~0u;
  return wanted;
}

Result<Lock> lock_reader(const std::string& directory,
                         const std::string& instance) {
  for (int i = 0; i < kLockTries; ++i) {
    auto lock = Lock::try_take(directory);
    if (lock) return std::move(*lock);
    std::this_thread::sleep_for(milliseconds(20));
  }
  return failure({"capture from", "`" + instance + "`",
                  Lock::holder(directory) + " reads its packets already",
                  "one capture at a time; its pcapng can go to several "
                  "readers (`tee`)"});
}

// The slots that capture counts in, of all generations so far.
Result<TapCounts> read_counts(const InstanceDir& dir) {
  for (int i = 0; i < kSealTries; ++i) {
    auto generation = generation_in_force(dir);
    if (!generation) return std::unexpected(generation.error());
    if (generation->sealed()) {
      auto live =
          read_live_counters(generation->counters_fd(), XG_SLOT_RULE);
      if (!live) return std::unexpected(live.error());
      const auto sum = [&](std::uint32_t slot) {
        return generation->base()[slot].packets + (*live)[slot].packets;
      };
      return TapCounts{sum(XG_SLOT_LOGGED), sum(XG_SLOT_LOST),
                       sum(XG_SLOT_CAPPED)};
    }
    std::this_thread::sleep_for(milliseconds(10));  // a swap settles
  }
  return failure({"read", "`" + dir.instance() + "`",
                  "it keeps being replaced", "try again"});
}

}  // namespace

struct Tap::Impl {
  Impl(TapRequest asked, InstanceDir where, Lock reader)
      : request(std::move(asked)),
        dir(std::move(where)),
        lock(std::move(reader)),
        names(dir) {}
  ~Impl() {
    if (control) control->stop();
    const std::uint32_t slot = 0;
    if (entry.rings) (void)bpf_map_delete_elem(entry.rings.get(), &slot);
  }

  Result<void> open();
  Result<void> find_rules();
  Result<void> make_ring();
  Result<void> look_around();
  int take_event(const void* data, std::size_t size);
  [[nodiscard]] bool is_asked_for(const TappedPacket& packet,
                                  bool is_rule) const;

  TapRequest request;
  InstanceDir dir;
  Lock lock;
  TapNames names;
  Entry entry;
  std::optional<TapControl> control;
  Fd ring_fd;
  std::unique_ptr<ring_buffer, FreeRing> ring;
  TapCounts before;
  nanoseconds to_epoch{};  // from CLOCK_MONOTONIC
  Clock::time_point looked{};
  const Take* take = nullptr;
  bool enough = false;
  bool detached = false;
};

Result<void> Tap::Impl::find_rules() {
  auto learnt = names.refresh(entry);
  if (!learnt) return std::unexpected(learnt.error());
  if (request.rules.size() > XG_CAPTURE_RULES) {
    return failure({"capture", fmt::format("{} rules", request.rules.size()),
                    fmt::format("at most {} can be chosen", XG_CAPTURE_RULES),
                    ""});
  }
  for (const std::string& name : request.rules) {
    if (!names.numbers({name}).empty()) continue;
    return failure({"find the rule", "`" + name + "`",
                    "`" + dir.instance() + "` has none of that name",
                    names.nearest(name)});
  }
  return {};
}

Result<void> Tap::Impl::make_ring() {
  ring_fd = Fd(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "xg_ring", 0, 0,
                              request.ring_bytes, nullptr));
  const std::uint32_t slot = 0;
  const int value = ring_fd.get();
  if (!ring_fd ||
      bpf_map_update_elem(entry.rings.get(), &slot, &value, BPF_ANY) != 0) {
    return failure(system_error("make", "a ring for packets", errno));
  }
  const auto sample = [](void* self, void* data, std::size_t size) {
    return static_cast<Impl*>(self)->take_event(data, size);
  };
  ring.reset(ring_buffer__new(value, sample, this, nullptr));
  if (!ring) return failure(system_error("map", "a ring for packets", errno));
  return {};
}

Result<void> Tap::Impl::open() {
  auto opened = dir.open_entry();
  if (!opened) return std::unexpected(opened.error());
  entry = std::move(*opened);
  auto done = find_rules();
  if (done) done = make_ring();
  if (!done) return done;
  auto counts = read_counts(dir);
  if (!counts) return std::unexpected(counts.error());
  before = *counts;
  control.emplace(entry.capture.get());
  if (!*control) return failure(system_error("map", "the capture", errno));
  control->start(control_of(request));
  if (!request.rules.empty()) {
    control->set_rules(names.newest(), names.numbers(request.rules));
  }
  return {};
}

// A new generation has other numbers for its rules; a detached instance has no
// packets any more.
Result<void> Tap::Impl::look_around() {
  if (Clock::now() - looked < kLookAround) return {};
  looked = Clock::now();
  to_epoch = now_of(CLOCK_REALTIME) - now_of(CLOCK_MONOTONIC);
  detached = !exists(dir.path() + "/entry");
  if (detached) return {};
  auto learnt = names.refresh(entry);
  if (!learnt) return {};  // being removed: the next look will tell
  if (*learnt && !request.rules.empty()) {
    control->set_rules(names.newest(), names.numbers(request.rules));
  }
  return {};
}

bool Tap::Impl::is_asked_for(const TappedPacket& packet, bool is_rule) const {
  if (request.rules.empty()) return true;
  return is_rule && std::ranges::find(request.rules, packet.rule) !=
                        request.rules.end();
}

int Tap::Impl::take_event(const void* data, std::size_t size) {
  const auto& event = *static_cast<const xg_event*>(data);
  if (enough || size < sizeof(event) ||
      event.captured > size - sizeof(event)) {
    return 0;
  }
  if (event.generation > names.newest()) {
    looked = {};
    (void)look_around();
  }
  TappedPacket packet;
  packet.time = nanoseconds(event.time_ns) + to_epoch;
  packet.generation = event.generation;
  const bool is_rule = event.rule != XG_NO_RULE;
  if (is_rule) packet.rule = names.name(event.generation, event.rule);
  packet.counts = event.verdict == XG_COUNT;
  if (!packet.counts) packet.verdict = static_cast<xg_verdict>(event.verdict);
  packet.packet_class = static_cast<xg_class>(event.class_);
  packet.ifindex = event.ifindex;
  packet.length = event.length;
  packet.head = {reinterpret_cast<const std::uint8_t*>(&event + 1),
                 event.captured};
  if (is_asked_for(packet, is_rule)) enough = !(*take)(packet);
  return 0;
}

Tap::Tap(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tap::Tap(Tap&&) noexcept = default;
Tap::~Tap() = default;

Result<Tap> Tap::open(const TapRequest& request) {
  auto dir = running_instance(request.instance);
  if (!dir) return std::unexpected(dir.error());
  auto lock = lock_reader(dir->path(), dir->instance());
  if (!lock) return std::unexpected(lock.error());
  auto impl = std::make_unique<Impl>(request, *dir, std::move(*lock));
  auto opened = impl->open();
  if (!opened) return std::unexpected(opened.error());
  return Tap(std::move(impl));
}

const std::string& Tap::instance() const { return impl_->dir.instance(); }

Result<bool> Tap::wait(milliseconds limit, const Take& take) {
  impl_->take = &take;
  auto looked = impl_->look_around();
  if (!looked) return std::unexpected(looked.error());
  const int polled =
      ring_buffer__poll(impl_->ring.get(), static_cast<int>(limit.count()));
  if (polled < 0 && polled != -EINTR) {
    return failure(system_error("read", "the ring of packets", -polled));
  }
  return !impl_->enough && !impl_->detached;
}

void Tap::stop() { impl_->control->stop(); }

bool Tap::is_detached() const { return impl_->detached; }

Result<TapCounts> Tap::counts() const {
  auto now = read_counts(impl_->dir);
  if (!now) return now;
  const TapCounts& before = impl_->before;
  return TapCounts{now->logged - before.logged, now->lost - before.lost,
                   now->capped - before.capped};
}

}  // namespace xdpgate
