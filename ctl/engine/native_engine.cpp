// SPDX-License-Identifier: GPL-2.0-only
#include <utility>

#include "engine/engine.h"
#include "engine/host_maps.h"
#include "engine/packet_path.h"

namespace xdpgate {
namespace {

Decision decision_of(const xg_host_verdict& verdict) {
  Decision decision;
  decision.verdict = static_cast<xg_verdict>(verdict.verdict);
  decision.packet_class = static_cast<xg_class>(verdict.class_);
  if (verdict.rule != XG_NO_RULE) decision.rule = verdict.rule;
  return decision;
}

class NativeEngine final : public Engine {
 public:
  explicit NativeEngine(Image image)
      : rules_end_(XG_SLOT_RULE + image.header().rule_count),
        counters_(slot_count(image.header())),
        maps_(ImageView(image)),
        bytes_(std::move(image.bytes)) {
    bytes_.resize(bytes_.size() + XG_READ_MAX);
  }

  Result<Decision> judge(std::span<const std::uint8_t> frame,
                         std::uint32_t ifindex) override {
    const auto size = static_cast<std::uint32_t>(frame.size());
    const xg_host_frame host_frame{frame.data(), size, size, ifindex};
    const xg_host_policy policy{bytes_.data(), counters_.data(),
                                static_cast<std::uint32_t>(counters_.size()),
                                &maps_.hooks()};
    return decision_of(xg_host_judge(&policy, &host_frame));
  }

  Result<std::vector<xg_counter>> counters() override {
    return std::vector(counters_.begin(), counters_.begin() + rules_end_);
  }

  Result<std::vector<xg_counter>> over_counters() override {
    return std::vector(counters_.begin() + rules_end_, counters_.end());
  }

  void set_clock(std::uint64_t now_ns) override { maps_.set_clock(now_ns); }

  Result<void> add_element(std::uint32_t set, const xg_element& element,
                           std::uint64_t expires_ns) override {
    maps_.add(set, element, expires_ns);
    return {};
  }

  Result<void> remove_element(std::uint32_t set,
                              const xg_element& element) override {
    maps_.remove(set, element);
    return {};
  }

  Result<void> forget() override {
    maps_.forget();
    return {};
  }

 private:
  std::ptrdiff_t rules_end_;
  std::vector<xg_counter> counters_;
  HostMaps maps_;
  std::vector<std::uint8_t> bytes_;  ///< the image, and what may be overread
};

}  // namespace

std::unique_ptr<Engine> make_native_engine(Image image) {
  return std::make_unique<NativeEngine>(std::move(image));
}

}  // namespace xdpgate
