// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/tap_control.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <type_traits>

#include "bpf/permission.h"

namespace xdpgate {
namespace {

using namespace std::chrono_literals;

constexpr auto kRenewal = 1s;
// A reader that was stopped is given up after this time, and comes back by
// itself.
constexpr std::uint64_t kLeaseNs = 120'000'000'000;
// What no rule has for a number.
constexpr std::uint32_t kNone = XG_NO_RULE - 1;

std::uint64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

template <class T>
void publish(T& field, std::type_identity_t<T> value) {
  std::atomic_ref(field).store(value, std::memory_order_release);
}

}  // namespace

TapControl::TapControl(int capture_fd)
    : mapping_(Mapping::of(capture_fd, sizeof(xg_capture),
                           PROT_READ | PROT_WRITE)) {}

void TapControl::start(const xg_capture& wanted) {
  publish(shared().active, 0u);
  number_ = static_cast<std::uint32_t>(monotonic_ns()) | 1;
  xg_capture fresh = wanted;
  fresh.active = 0;
  fresh.until_ns = monotonic_ns() + kLeaseNs;
  fresh.due_ns = 0;
  shared() = fresh;
  renew();
  keeper_ = std::jthread(
      [this](const std::stop_token& stopped) { keep_renewing(stopped); });
}

// Packets of a generation that is not `generation` are all taken, so nothing
// is missed between these writes.
void TapControl::set_rules(std::uint64_t generation,
                           const std::vector<std::uint32_t>& rules) {
  xg_capture& control = shared();
  publish(control.generation, std::uint64_t{0});
  const std::size_t count =
      std::min<std::size_t>(rules.size(), XG_CAPTURE_RULES);
  std::copy_n(rules.begin(), count, control.rules);
  if (count == 0) control.rules[0] = kNone;
  control.rule_count =
      static_cast<std::uint32_t>(std::max<std::size_t>(count, 1));
  publish(control.generation, generation);
}

void TapControl::renew() const {
  publish(shared().until_ns, monotonic_ns() + kLeaseNs);
  publish(shared().active, number_);
}

void TapControl::keep_renewing(const std::stop_token& stopped) {
  (void)keep_capabilities({});  // a mapping is all it works on
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stopped, kRenewal, [] { return false; }) &&
         !stopped.stop_requested()) {
    renew();
  }
}

void TapControl::stop() {
  if (keeper_.joinable()) {
    keeper_.request_stop();
    keeper_.join();
  }
  if (mapping_) publish(shared().active, 0u);
}

}  // namespace xdpgate
