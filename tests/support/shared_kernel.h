// SPDX-License-Identifier: GPL-2.0-only
// One loaded program for many policies: the verifier takes a tenth of a second
// a load, a test of thousands of small policies cannot wait for it.
#pragma once

#include "compile/image.h"
#include "engine/engine.h"

namespace xdpgate::test {

/// The process's kernel engine, loaded with every stateless feature, which now
/// judges by `image`; null where the image asks for more than it has. It stays the
/// process's, and good until the next call. Throws std::runtime_error where
/// the kernel refuses.
[[nodiscard]] Engine* shared_kernel(const Image& image);

}  // namespace xdpgate::test
