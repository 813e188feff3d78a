// SPDX-License-Identifier: GPL-2.0-only
// Every capture of pcaps/, by name. pcaps/README.md says what is in each.
#pragma once

#include <string>
#include <vector>

#include "pcaps/generate/capture.h"

namespace xdpgate::pcaps {

/// A file of this folder: its name and its bytes, the same on every run.
struct CaptureFile {
  std::string name;
  Bytes bytes;
};
[[nodiscard]] std::vector<CaptureFile> capture_files();

[[nodiscard]] Capture tcp_capture();
[[nodiscard]] Capture udp_capture();
[[nodiscard]] Capture icmp_capture();
[[nodiscard]] Capture protocols_capture();
[[nodiscard]] Capture neighbours_capture();
[[nodiscard]] Capture vlan_capture();
[[nodiscard]] Capture extensions_capture();
[[nodiscard]] Capture fragments_capture();
[[nodiscard]] Capture syn_flood_capture();
[[nodiscard]] Capture scan_capture();
[[nodiscard]] Capture dns_capture();
[[nodiscard]] Capture malformed_capture();
[[nodiscard]] Capture mixed_capture();

}  // namespace xdpgate::pcaps
