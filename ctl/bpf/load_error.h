// SPDX-License-Identifier: GPL-2.0-only
// Why the kernel does not take a program or its maps, as far as can be found
// out afterwards.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

struct bpf_object;

namespace xdpgate {

/// The Error of a load of `object`, called `what` in it, that failed with
/// `errno_value`: names the missing capability, the map type or program type
/// that this kernel lacks, or the verifier's last words where there are some.
[[nodiscard]] Error load_error(int errno_value, bpf_object* object,
                               std::string what,
                               std::string_view verifier_words = {});

}  // namespace xdpgate
