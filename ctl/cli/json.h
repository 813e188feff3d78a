// SPDX-License-Identifier: GPL-2.0-only
// JSON as the commands print it: fields in the order of the contract.
#pragma once

#include <xdpgate/abi.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "bpf/instance.h"

namespace xdpgate {

using Json = nlohmann::ordered_json;

/// {"packets", "bytes"}.
[[nodiscard]] Json to_json(const xg_counter& counter);
/// An object of them, by name.
[[nodiscard]] Json to_json(const std::map<std::string, xg_counter>& counters);
/// {"file", "line", "column", "message", "hint"}; warnings and notes also
/// {"kind", "rules", "witness"}.
[[nodiscard]] Json to_json(const Diagnostic& diagnostic);
/// {"name", "ifindex", "mode", "why", "dispatcher", "alone"}; `dispatcher` is
/// null or {"priority", "beside"}.
[[nodiscard]] Json to_json(const InterfaceStatus& interface);

/// `json` on one line of standard output. What is not UTF-8 (a file's name)
/// has U+FFFD in its place.
void write_json(const Json& json);

}  // namespace xdpgate
