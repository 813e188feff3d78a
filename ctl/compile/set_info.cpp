// SPDX-License-Identifier: GPL-2.0-only
#include "compile/set_info.h"

#include <nlohmann/json.hpp>

#include "compile/texts.h"

namespace xdpgate {

Result<std::vector<SetInfo>> set_infos(const ImageView& image) {
  std::vector<SetInfo> sets;
  if (image.header().set_count == 0) return sets;
  const auto texts = ImageTexts::of(image);
  if (!texts) return std::unexpected(texts.error());
  const auto meta = nlohmann::json::parse(texts->meta(), nullptr, false);
  if (meta.is_discarded() || !meta.contains("sets")) return sets;
  for (const auto& set : meta["sets"]) {
    sets.push_back({set.value("name", ""), set.value("size", 0u),
                    set.value("timeout_ns", std::uint64_t{0}),
                    set.value("banned", false)});
  }
  return sets;
}

}  // namespace xdpgate
