// SPDX-License-Identifier: GPL-2.0-only
// Takes rights from a child before its program runs, as containers and old
// kernels do.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>

namespace xdpgate::test {

/// For ChildOptions::before_exec: without these capabilities (CAP_...).
[[nodiscard]] std::function<bool()> without_capabilities(
    std::initializer_list<int> capabilities);

/// The same: with this much memory.
[[nodiscard]] std::function<bool()> with_memory(std::size_t bytes);

/// The same: every bpf() of this command (enum bpf_cmd; -1: of every one)
/// fails with `error`.
[[nodiscard]] std::function<bool()> with_bpf_failing(int command, int error);

}  // namespace xdpgate::test
