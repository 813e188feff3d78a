// SPDX-License-Identifier: GPL-2.0-only
#include "engine/parse_frame.h"

#include <algorithm>

#include "engine/packet_path.h"

namespace xdpgate {

xg_key parse_frame(std::span<const std::uint8_t> frame,
                   const ParseOptions& options) {
  const auto first = std::min(options.first_buffer_bytes, frame.size());
  const xg_host_frame host_frame{
      .bytes = frame.data(),
      .first = static_cast<std::uint32_t>(first),
      .length = static_cast<std::uint32_t>(frame.size()),
      .ifindex = options.ifindex};
  xg_key key;
  xg_host_parse(&host_frame, options.features, &key);
  return key;
}

}  // namespace xdpgate
