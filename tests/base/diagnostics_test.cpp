// SPDX-License-Identifier: GPL-2.0-only
#include "base/diagnostics.h"

#include <gtest/gtest.h>

namespace xdpgate {
namespace {

std::string all(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics.sorted()) text += d.text() + "\n";
  return text;
}

TEST(Diagnostic, PrintsPlaceKindMessageAndHint) {
  Diagnostic d;
  d.file = "p.yaml";
  d.at = {3, 14};
  d.message = "no `x`";
  EXPECT_EQ(d.text(), "p.yaml:3:14: error: no `x`");
  d.hint = "write `y`";
  EXPECT_EQ(d.text(), "p.yaml:3:14: error: no `x`\n  hint: write `y`");
  d.severity = Severity::kWarning;
  EXPECT_EQ(d.text(), "p.yaml:3:14: warning: no `x`\n  hint: write `y`");
  d.at = {};
  EXPECT_EQ(d.text(), "p.yaml: warning: no `x`\n  hint: write `y`");
}

TEST(Diagnostics, ComeOutInFileOrder) {
  Diagnostics found;
  found.error("p.yaml", {9, 1}, "d");
  found.error("p.yaml", {2, 30}, "c");
  found.error("p.yaml", {2, 4}, "a");
  found.error("p.yaml", {2, 4}, "b");  // the same place: as found
  EXPECT_EQ(all(found),
            "p.yaml:2:4: error: a\np.yaml:2:4: error: b\n"
            "p.yaml:2:30: error: c\np.yaml:9:1: error: d\n");
}

TEST(Diagnostics, FilesComeInTheOrderTheyAreMetIn) {
  Diagnostics found;
  found.begin_file("p.yaml");
  found.error("b.txt", {1, 1}, "x");
  found.error("a.txt", {1, 1}, "y");
  found.error("p.yaml", {7, 1}, "z");
  found.begin_file("b.txt");  // is there already
  EXPECT_EQ(all(found),
            "p.yaml:7:1: error: z\nb.txt:1:1: error: x\na.txt:1:1: error: y\n");
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics found;
  EXPECT_FALSE(found.has_errors());
  Diagnostic warning;
  warning.severity = Severity::kWarning;
  found.add(warning);
  EXPECT_FALSE(found.has_errors());
  found.error("f", {}, "e");
  EXPECT_TRUE(found.has_errors());
  EXPECT_EQ(found.error_count(), 1u);
}

}  // namespace
}  // namespace xdpgate
