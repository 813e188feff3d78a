// SPDX-License-Identifier: GPL-2.0-only
// A policy in force for a time: the program that chooses between the two
// generations, and what it goes by. Pinned in the directory of the generation
// that waits to be confirmed, it stands and falls with it.
#pragma once

#include <xdpgate/lease.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "bpf/generation.h"
#include "bpf/mapping.h"

namespace xdpgate {

/// What a lease is to choose between.
struct LeaseTerms {
  const Generation* next = nullptr;
  const Generation* before = nullptr;
  std::uint64_t length_ns = 0;
  /// Interfaces that only `next`, or only `before`, runs on.
  std::vector<std::uint32_t> added, removed;
};

enum class LeaseState { kNotBegun, kPending, kConfirmed, kEnded };

/// One lease, open and mapped; move-only. What is pinned lives on.
class Lease {
 public:
  /// Loads it and pins it in the directory of `terms.next`, not begun.
  [[nodiscard]] static Result<Lease> create(const LeaseTerms& terms);
  /// Pins a record that `next` gave way to `before`, for a generation that had
  /// been confirmed or needed not be; not begun.
  [[nodiscard]] static Result<Lease> create_record(const Generation& next,
                                                   const Generation& before);
  /// That of the generation in `directory`; none where it has none.
  [[nodiscard]] static Result<std::optional<Lease>> open(
      const std::string& directory);
  /// The record at `path`; none where nothing is pinned there.
  [[nodiscard]] static Result<std::optional<Lease>> open_record(
      const std::string& path);

  /// A copy of what it says.
  [[nodiscard]] xg_lease terms() const { return *data(); }
  /// Where its time is over, this ends it, as a packet would.
  [[nodiscard]] LeaseState state();
  /// The program to put in force for its time; for leases, not records.
  [[nodiscard]] int program_fd() const { return program_.get(); }
  /// Its kernel id; 0: a record.
  [[nodiscard]] std::uint32_t id() const { return id_; }
  /// Interfaces that only the generation before runs on.
  [[nodiscard]] Result<std::vector<std::uint32_t>> removed() const;

  /// Its time counts from now on.
  void begin();
  /// Whether it was in time.
  [[nodiscard]] bool confirm();
  /// By the user's wish; where it has ended already, nothing changes.
  void roll_back();

 private:
  [[nodiscard]] xg_lease* data() const {
    return reinterpret_cast<xg_lease*>(mapping_.data());
  }
  /// until_ns from `from` to `to`; false: it was another by then.
  bool change(std::uint64_t from, std::uint64_t to);
  Result<void> map(int fd);

  Fd program_, ports_;
  std::uint32_t id_ = 0;
  Mapping mapping_;
};

/// Names of a lease's pins in its generation's directory.
inline constexpr const char* kLeasePin = "lease";
inline constexpr const char* kLeaseProgramPin = "lease-prog";
inline constexpr const char* kLeaseSlotsPin = "lease-slots";
inline constexpr const char* kLeasePortsPin = "lease-ports";

}  // namespace xdpgate
