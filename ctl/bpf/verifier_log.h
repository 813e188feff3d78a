// SPDX-License-Identifier: GPL-2.0-only
// What the kernel's verifier says about a program that it refuses.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct bpf_program;

namespace xdpgate {

/// The last two lines of a verifier's log that say why, joined by ": ". The
/// statistics at its end are left out.
[[nodiscard]] std::string verifier_last_words(std::string_view log);

/// Collects the log of one load; must live until the load has returned.
class VerifierLog {
 public:
  explicit VerifierLog(bpf_program* program);
  [[nodiscard]] std::string last_words() const {
    return verifier_last_words(text_.get());
  }

 private:
  std::unique_ptr<char[]> text_;
};

}  // namespace xdpgate
