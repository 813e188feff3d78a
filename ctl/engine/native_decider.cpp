// SPDX-License-Identifier: GPL-2.0-only
#include "engine/native_decider.h"

#include <map>
#include <memory>
#include <utility>

#include "compile/compile.h"
#include "engine/engine.h"

namespace xdpgate {
namespace {

struct Decider {
  const Policy& policy;
  std::unique_ptr<Engine> engine;
  std::map<std::string, std::uint32_t> known;  // a search of all rules each

  std::optional<std::uint32_t> rule_of(std::span<const std::uint8_t> frame,
                                       const std::string& interface) {
    auto [at, is_new] = known.try_emplace(interface, 0);
    if (is_new) at->second = pseudo_ifindex(policy, interface);
    (void)engine->forget();  // each frame is the first
    const auto decision = engine->judge(frame, at->second);
    return decision ? decision->rule : std::nullopt;
  }
};

}  // namespace

std::function<std::optional<std::uint32_t>(std::span<const std::uint8_t>,
                                           const std::string&)>
native_decider(const Policy& policy, Image image) {
  auto decider = std::make_shared<Decider>(
      policy, make_native_engine(std::move(image)),
      std::map<std::string, std::uint32_t>());
  return [decider](std::span<const std::uint8_t> frame,
                   const std::string& interface) {
    return decider->rule_of(frame, interface);
  };
}

}  // namespace xdpgate
