// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/engine_suite.h"

namespace xdpgate::test {

INSTANTIATE_TEST_SUITE_P(Native, EngineSuite,
                         testing::Values(EngineKind{make_native_engine}));

}  // namespace xdpgate::test
