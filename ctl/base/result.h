// SPDX-License-Identifier: GPL-2.0-only
// The result of what can fail for a reason outside the policy: a value, or an
// error that names operation, object and cause, and what to do next.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace xdpgate {

/// Why a system operation failed. Printed as one line by `Error::line()`.
struct Error {
  std::string operation;  ///< what was tried: "attach the filter"
  std::string object;     ///< on what: "eth0"; may be empty
  std::string cause;      ///< why not: "Device or resource busy"
  std::string hint;       ///< what to do next; may be empty

  /// "attach the filter to eth0: Device or resource busy; HINT".
  [[nodiscard]] std::string line() const;
};

template <class T>
using Result = std::expected<T, Error>;

/// An Error whose cause is the text of `errno_value` (a positive errno). Where
/// no hint is given and every such cause has the same remedy, it says that.
[[nodiscard]] Error system_error(std::string operation, std::string object,
                                 int errno_value, std::string hint = {});

/// `return failure(error)` in a function that returns any Result.
inline std::unexpected<Error> failure(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace xdpgate
