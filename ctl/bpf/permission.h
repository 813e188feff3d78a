// SPDX-License-Identifier: GPL-2.0-only
// Why the kernel says "Operation not permitted", and what helps.
#pragma once

#include <linux/capability.h>

#include <initializer_list>
#include <string>

#include "base/result.h"

namespace xdpgate {

/// The hint for an operation that was refused with EPERM and that asks for
/// `needed` (CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON, CAP_SYS_ADMIN): those that
/// this process lacks; or that it is in a user namespace, where they do not
/// count; or who else may forbid it.
[[nodiscard]] std::string permission_hint(std::initializer_list<int> needed);

/// Whether this process has the capability, or CAP_SYS_ADMIN, which stands for
/// all that BPF asks for.
[[nodiscard]] bool has_capability(int capability);

/// Leaves the calling thread, and threads that it starts, no capabilities but
/// these of those it has, for good and for whatever it may execute. For commands
/// that read for long: the pins are root's, and root needs none to read them.
[[nodiscard]] Result<void> keep_capabilities(std::initializer_list<int> kept);

}  // namespace xdpgate
