// SPDX-License-Identifier: GPL-2.0-only
// What `run` asks for, as JSON, and what both ways of timing share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace xdpgate::peers {

using Json = nlohmann::ordered_json;
using Frames = std::vector<std::vector<std::uint8_t>>;

[[nodiscard]] Result<Json> read_spec(const std::string& path);

/// All frames of a capture.
[[nodiscard]] Result<Frames> read_frames(const std::string& path);

/// IPv4 addresses, one a line, in network order.
[[nodiscard]] Result<std::vector<std::uint32_t>> read_addresses(
    const std::string& path);

/// The value below which `share` of the values lie; they must not be empty.
[[nodiscard]] double quantile(std::vector<double> values, double share);

/// Keeps this process on the last CPU, before others on it.
void keep_to_one_cpu();

/// xg_peers alone: programs by BPF_PROG_TEST_RUN. Both return an exit code,
/// and print an array of results.
[[nodiscard]] int run_alone(const Json& spec, unsigned rounds);
/// xg_peers live: receivers behind veths.
[[nodiscard]] int run_live(const Json& spec, unsigned rounds);

}  // namespace xdpgate::peers
