// SPDX-License-Identifier: GPL-2.0-only
// Results of a policy's tests in the XML that CI systems read: JUnit's, as far
// as they agree on it.
#pragma once

#include <string>
#include <vector>

#include "explain/test_run.h"

namespace xdpgate {

/// A test with its result.
struct TestRecord {
  const PolicyTest* test = nullptr;
  TestResult result;
};

/// What a test is called: its name, else its packet or capture.
[[nodiscard]] std::string test_name(const PolicyTest& test);

/// One suite called `suite` with a case for each record; `file` is the
/// policy's.
[[nodiscard]] std::string junit_xml(const std::string& suite,
                                    const std::string& file,
                                    const std::vector<TestRecord>& records);

}  // namespace xdpgate
