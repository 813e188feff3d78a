// SPDX-License-Identifier: GPL-2.0-only
// Beside other XDP programs: libxdp's dispatcher is one program on an
// interface that calls several, by priority. The only place that knows libxdp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/entry.h"
#include "policy/policy.h"

namespace xdpgate {

/// The least is called first; libxdp's own default.
inline constexpr unsigned kDefaultPriority = 50;

/// Why this kernel cannot call programs by a dispatcher, as an errno; 0: it can.
[[nodiscard]] int dispatcher_refusal();

/// The same in words, for an interface that has a program of its own therefore;
/// empty for 0.
[[nodiscard]] std::string alone_text(int refusal);

/// A dispatcher that an interface carries, and the programs behind it.
struct Dispatcher {
  struct Called {
    std::uint32_t id = 0;
    std::string name;
    unsigned priority = 0;
  };
  std::string mode;  ///< "native", "generic"
  std::vector<Called> programs;  ///< in the order of their calls

  /// The one that calls into the same slots as `entry_fd`, an entry program;
  /// null where none does.
  [[nodiscard]] const Called* of(int entry_fd) const;
  /// Names of those other than `ours`, which may be null.
  [[nodiscard]] std::vector<std::string> beside(const Called* ours) const;
};

/// That of an interface of this network namespace; none where it carries
/// nothing, or a program that is none of libxdp's.
[[nodiscard]] Result<std::optional<Dispatcher>> dispatcher_on(
    std::uint32_t ifindex, const std::string& name);

struct BehindOptions {
  std::uint32_t ifindex = 0;
  std::string name;  ///< of the interface
  Mode mode = Mode::kAuto;
  unsigned priority = kDefaultPriority;
};

/// What attach_behind() has come to.
struct BehindMode {
  std::string mode;
  int refused = 0;  ///< errno of native mode's refusal, under Mode::kAuto
};

/// Puts an entry program of the instance's behind the interface's dispatcher,
/// which is made where there is none. It stays when this process ends.
[[nodiscard]] Result<BehindMode> attach_behind(const Entry& entry,
                                               const BehindOptions& options);

/// Takes it off again, and leaves the others; done already is fine.
[[nodiscard]] Result<void> detach_behind(int entry_fd, std::uint32_t ifindex,
                                         const std::string& name);

}  // namespace xdpgate
