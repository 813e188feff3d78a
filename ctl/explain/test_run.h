// SPDX-License-Identifier: GPL-2.0-only
// Runs the `tests` of a policy: by its compiled image, and single packets by
// the evaluator as well.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "compile/image.h"
#include "engine/engine.h"
#include "explain/explanation.h"
#include "policy/policy.h"

namespace xdpgate {

/// What a test says that did not come true, and why.
struct TestResult {
  std::vector<std::string> failures;  ///< one sentence each; none: passed
  /// An explanation of the first packet that was judged otherwise; may be
  /// empty.
  std::string excerpt;
  std::uint64_t packets = 0;  ///< that were judged
  double seconds = 0;
  [[nodiscard]] bool passed() const { return failures.empty(); }
};

/// A packet of which evaluator and image do not say the same: a bug of ours.
struct Disagreement {
  std::vector<std::uint8_t> frame;
  Explanation explanation;
};

/// Reports what is wrong with the packets in words of a policy's tests, at their
/// places in the file `path`.
void check_test_packets(std::span<const PolicyTest> tests,
                        const std::string& path, Diagnostics& diagnostics);

class TestRun {
 public:
  /// `policy` must outlive the run; `image` was compiled from it with
  /// pseudo_ifindex(). Captures are looked up from `folder` ("": here).
  TestRun(const Policy& policy, Image image, std::string folder);

  /// Runs one of the policy's tests, whose packet is sound.
  [[nodiscard]] TestResult run(const PolicyTest& test);

  /// The rules that no packet so far has met, in order.
  [[nodiscard]] std::vector<std::uint32_t> unreached() const;

  /// The first packet that evaluator and image disagree on, if any.
  [[nodiscard]] const std::optional<Disagreement>& disagreement() const {
    return disagreement_;
  }

 private:
  const Policy& policy_;
  std::unique_ptr<Engine> engine_;
  std::string folder_;
  std::optional<Disagreement> disagreement_;
};

}  // namespace xdpgate
