// SPDX-License-Identifier: GPL-2.0-only
// What to send in when evaluator, image and kernel disagree: a directory with
// all that is needed to see it again elsewhere.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace xdpgate {

/// Files of a report: name to content.
using ReportFiles = std::vector<std::pair<std::string, std::string>>;

/// Writes `files` into a new directory `xdpgate-report-N` of `parent`, readable
/// by its owner only, since a policy is nobody else's business. Its path.
[[nodiscard]] Result<std::string> write_report(const std::string& parent,
                                               const ReportFiles& files);

}  // namespace xdpgate
