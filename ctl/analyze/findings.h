// SPDX-License-Identifier: GPL-2.0-only
// What the analyses found, as warnings and notes about the policy file.
#pragma once

#include <string>
#include <vector>

#include "analyze/lint.h"
#include "analyze/lockout.h"
#include "base/diagnostics.h"
#include "policy/policy.h"

namespace xdpgate {

/// Adds `findings` of `policy`, which is in the file `path`.
void add_findings(const std::vector<LintFinding>& findings,
                  const Policy& policy, const std::string& path,
                  Diagnostics& diagnostics);
void add_lockouts(const std::vector<Lockout>& lockouts, const Policy& policy,
                  const std::string& path, Diagnostics& diagnostics);

}  // namespace xdpgate
