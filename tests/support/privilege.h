// SPDX-License-Identifier: GPL-2.0-only
// Tests that load BPF programs skip where that is not allowed.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

/// Skips the running test unless it may load XDP programs.
#define XG_NEED_BPF()                                              \
  if (::geteuid() != 0) {                                          \
    GTEST_SKIP() << "needs CAP_BPF and CAP_NET_ADMIN: run as root"; \
  }                                                                \
  static_assert(true, "semicolon")
