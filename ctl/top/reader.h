// SPDX-License-Identifier: GPL-2.0-only
// Reads the counters of a running instance again and again.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "bpf/snapshot.h"
#include "top/sample.h"

namespace xdpgate {

/// Keeps a generation's maps open for as long as it is in force, and unpacks
/// its names once; a new generation, or a new instance of the same name, is
/// noticed at the next read().
class SampleReader {
 public:
  /// `instance` may be empty where only one runs.
  explicit SampleReader(std::string instance)
      : instance_(std::move(instance)) {}

  /// Error: no rights, or it does not run (any more).
  [[nodiscard]] Result<Sample> read();

 private:
  Result<Totals> totals();
  Result<Totals> open_anew();
  [[nodiscard]] bool is_in_force() const;
  [[nodiscard]] std::string interfaces() const;

  std::string instance_;
  std::optional<InstanceDir> dir_;
  std::optional<Generation> generation_;
  std::uint32_t entry_id_ = 0;
  std::shared_ptr<const CountedNames> counted_;
};

}  // namespace xdpgate
