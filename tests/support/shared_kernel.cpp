// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/shared_kernel.h"

#include <stdexcept>

#include "bpf/kernel_engine.h"
#include "tests/support/small_image.h"

namespace xdpgate::test {
namespace {

constexpr std::uint32_t kFeatures = XG_HAS_SRC_SETS | XG_HAS_DST_SETS |
                                    XG_HAS_SRC_CODES | XG_HAS_DST_CODES |
                                    XG_HAS_COUNT | XG_HAS_TESTS |
                                    XG_HAS_PAYLOAD | XG_HAS_LONG |
                                    XG_HAS_MACS | XG_HAS_EFFECTS |
                                    XG_HAS_REJECT | XG_HAS_REDIRECT |
                                    XG_HAS_BRIDGE;
constexpr std::size_t kRules = 1'000;
constexpr std::size_t kBytes = 8 << 20;

std::unique_ptr<Engine> load() {
  auto engine =
      make_kernel_engine(build({.features = kFeatures,
                                .rules = std::vector<SmallRule>(kRules),
                                .at_least_bytes = kBytes}));
  if (!engine) throw std::runtime_error(engine.error().line());
  return std::move(*engine);
}

}  // namespace

Engine* shared_kernel(const Image& image) {
  static const std::unique_ptr<Engine> engine = load();
  const xg_header& header = image.header();
  if (header.size > kBytes || header.rule_count > kRules ||
      (header.features & ~kFeatures) != 0) {
    return nullptr;
  }
  if (auto replaced = replace_image(*engine, image); !replaced) {
    throw std::runtime_error(replaced.error().line());
  }
  return engine.get();
}

}  // namespace xdpgate::test
