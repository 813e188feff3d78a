// SPDX-License-Identifier: GPL-2.0-only
// What explain and test do where evaluator, image and kernel disagree.
#pragma once

#include <string>

#include "compile/image.h"
#include "explain/explanation.h"

namespace xdpgate {

/// Writes a report into the current directory and says so; `text` is what was
/// printed. Returns kSystem.
int report_disagreement(const Policy& policy, const Image& image,
                        const Explanation& explanation,
                        const std::string& text);

}  // namespace xdpgate
