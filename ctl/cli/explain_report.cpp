// SPDX-License-Identifier: GPL-2.0-only
#include "cli/explain_report.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include "base/hex.h"
#include "cli/command.h"
#include "cli/explain_json.h"
#include "explain/bug_report.h"

namespace xdpgate {
namespace {

std::string versions() {
  utsname kernel{};
  ::uname(&kernel);
  return fmt::format("xdpgate {}\nLinux {} {} {}\nABI {}\n", XDPGATE_VERSION,
                     kernel.release, kernel.version, kernel.machine,
                     XG_ABI_VERSION);
}

ReportFiles files_of(const Policy& policy, const Image& image,
                     const Explanation& explanation, const std::string& text) {
  const Packet& packet = explanation.packet;
  return {{"policy.yaml", policy.source},
          {"packet.hex", hex_text(packet.bytes) + "\n"},
          {"interface", packet.interface + "\n"},
          {"explanation.txt", text},
          {"explanation.json",
           to_json(policy, explanation, 100).dump(2) + "\n"},
          {"image.bin", std::string(image.bytes.begin(), image.bytes.end())},
          {"versions.txt", versions()}};
}

}  // namespace

int report_disagreement(const Policy& policy, const Image& image,
                        const Explanation& explanation,
                        const std::string& text) {
  auto path = write_report(".", files_of(policy, image, explanation, text));
  const std::string hint =
      path ? "please report it with the files in " + *path
           : "please report it; " + path.error().line();
  return refuse({"explain", frame_text(explanation.packet),
                 "policy, image and kernel do not say the same: this is a bug "
                 "of xdpgate",
                 hint});
}

}  // namespace xdpgate
