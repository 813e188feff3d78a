// SPDX-License-Identifier: GPL-2.0-only
// What is wrong with a policy, and where. Stages add to one Diagnostics and go
// on; the command prints them all at the end, in file order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace xdpgate {

/// A place in a text file, 1-based, columns in bytes. {0, 0}: the whole file.
struct Position {
  int line = 0;
  int column = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

enum class Severity : std::uint8_t { kError, kWarning, kNote };

/// "error", "warning", "note".
[[nodiscard]] const char* severity_name(Severity severity);

/// One finding. `kind`, `rules` and `witness` are for warnings and notes.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string file;
  Position at;
  std::string message;
  std::string hint;  ///< what to write instead; may be empty
  /// "shadowed", "duplicate", "unused-set", "lockout"; of notes "partly".
  std::string kind;
  std::vector<std::string> rules;  ///< names of the rules concerned
  std::string witness;             ///< a packet that shows it

  /// "FILE:LINE:COLUMN: error: MESSAGE", and lines with witness and hint.
  [[nodiscard]] std::string text() const;
};

/// Collects findings of one run over a policy and the files it names.
class Diagnostics {
 public:
  /// Gives `file` its place among the files now, before its first finding.
  void begin_file(const std::string& file);
  void add(Diagnostic diagnostic);
  void error(const std::string& file, Position at, std::string message,
             std::string hint = {});

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t error_count() const { return errors_; }
  /// All findings: in the order of files as first met, then by position.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;

 private:
  std::map<std::string, std::size_t> file_order_;
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

}  // namespace xdpgate
