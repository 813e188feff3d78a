// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/running_image.h"

#include <utility>

#include "bpf/entry.h"
#include "bpf/instance.h"
#include "bpf/snapshot.h"

namespace xdpgate {

Result<RunningImage> running_image(const std::string& instance) {
  auto dir = running_instance(instance);
  if (!dir) return std::unexpected(dir.error());
  auto now = snapshot(*dir);
  if (!now) return std::unexpected(now.error());
  auto tag = program_tag(now->generation.program_fd());
  if (!tag) return std::unexpected(tag.error());
  auto interfaces = running_interfaces(dir->instance());
  if (!interfaces) return std::unexpected(interfaces.error());
  const auto bytes = now->generation.image().bytes();
  return RunningImage{dir->instance(), now->generation.number(),
                      Image{{bytes.begin(), bytes.end()}}, std::move(*tag),
                      std::move(*interfaces)};
}

}  // namespace xdpgate
