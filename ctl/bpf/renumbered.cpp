// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/renumbered.h"

#include <net/if.h>

#include "compile/texts.h"

namespace xdpgate {

Result<std::vector<std::string>> renumbered_interfaces(
    const ImageView& image) {
  const auto texts = ImageTexts::of(image);
  if (!texts) return std::unexpected(texts.error());
  std::vector<std::string> names;
  for (const auto& [name, ifindex] : texts->ifindexes()) {
    if (::if_nametoindex(name.c_str()) != ifindex) names.push_back(name);
  }
  return names;
}

}  // namespace xdpgate
