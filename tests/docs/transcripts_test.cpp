// SPDX-License-Identifier: GPL-2.0-only
// The transcripts of our documents (blocks of kind `console`) are played again
// and must say the same. `$` starts a command that anybody may run, `#` one of
// root; all of a document are run in order in one folder, which has the tree's
// rules and captures and the files that the document itself writes down. A
// line `...` stands for any lines. Times, sizes and digests may differ.
//
// Root's commands run in mount and network namespaces of their own, where eth0
// is one end of a veth pair and the kernel's own IPv6 is quiet.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/support/markdown_blocks.h"
#include "tests/support/markdown_table.h"
#include "tests/support/privilege.h"

namespace xdpgate::test {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

constexpr const char* kMark = "@@@@";

struct Command {
  std::string text;
  bool root = false;
  Lines expected;
  int line = 0;  ///< of its block
};

std::vector<Command> commands_of(const Block& block) {
  std::vector<Command> commands;
  std::istringstream text(block.text);
  for (std::string line; std::getline(text, line);) {
    const bool root = line.starts_with("# ");
    if (root || line.starts_with("$ ")) {
      commands.push_back({line.substr(2), root, {}, block.line});
    } else if (!commands.empty()) {
      commands.back().expected.push_back(line);
    }
  }
  return commands;
}

// What differs from run to run and from machine to machine.
std::string settled(std::string line) {
  static const std::pair<std::regex, const char*> kVarying[] = {
      {std::regex("built in [0-9.]+ s"), "built in # s"},
      {std::regex("image [0-9.]+ [KMG]?i?B"), "image #"},
      {std::regex("at most [0-9,]+ steps"), "at most # steps"},
      {std::regex("[0-9a-f]{32}"), "#"},
      {std::regex("loaded [0-9]+ s ago"), "loaded # s ago"},
      {std::regex("[0-9hms]+ left"), "# left"},
      {std::regex("(since|generation [0-9]+) [0-9hms]+( ago)?$"), "$1 #$2"},
      {std::regex("\"(build_s|age_s|image_bytes|worst_steps|ifindex)\":"
                  "[-0-9.e]+"),
       "\"$1\":#"},
  };
  for (const auto& [pattern, with] : kVarying) {
    line = std::regex_replace(line, pattern, with);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += settled(line) + "\n";
  return text;
}

bool same(const Lines& expected, std::size_t e, const Lines& got,
          std::size_t g) {
  if (e == expected.size()) return g == got.size();
  if (expected[e] == "...") {
    for (std::size_t behind = g; behind <= got.size(); ++behind) {
      if (same(expected, e + 1, got, behind)) return true;
    }
    return false;
  }
  return g < got.size() && settled(expected[e]) == settled(got[g]) &&
         same(expected, e + 1, got, g + 1);
}

// A folder for one document, removed with its contents.
class Folder {
 public:
  Folder() {
    std::string name = fs::temp_directory_path() / "xdpgate-docs-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("no folder");
    path_ = name;
    for (const char* entry : {"rules", "pcaps", "packaging", "demo.sh"}) {
      fs::create_symlink(fs::path(XG_SOURCE_DIR) / entry, path_ / entry);
    }
    fs::create_directory(path_ / "build");
    fs::create_symlink(XG_BINARY, path_ / "build" / "xdpgate");
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

constexpr const char* kStage = R"(set -e
mount -t tmpfs tmpfs /run
mount -t bpf -o mode=0700 bpf /sys/fs/bpf
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
ip link set lo up
ip link add eth0 type veth peer name other
ip link set eth0 up
ip link set other up
set +e
)";

std::string script_of(const std::vector<Command>& commands,
                      const std::string& folder, bool root) {
  std::string script = fmt::format(
      "cd {}\nexport PATH=$PWD/build:$PATH\nexport XDPGATE=build/xdpgate\n",
      folder);
  if (root) script += kStage;
  for (const Command& command : commands) {
    script +=
        fmt::format("( {} ) </dev/null 2>&1\necho {}\n", command.text, kMark);
  }
  return script;
}

// What each command said.
std::vector<Lines> run(const std::string& script_path, bool root) {
  const std::string shell = fmt::format(
      "{}sh {} 2>&1", root ? "unshare --mount --net " : "", script_path);
  FILE* pipe = ::popen(shell.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run a shell");
  std::vector<Lines> outputs(1);
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe)) {
    std::string line = buffer.data();
    if (line.ends_with('\n')) line.pop_back();
    if (line == kMark) {
      outputs.emplace_back();
    } else {
      outputs.back().push_back(line);
    }
  }
  ::pclose(pipe);
  outputs.pop_back();
  return outputs;
}

// Plays all commands of a document, or only those that anybody may run.
void play(const std::string& document, bool root) {
  const Folder folder;
  std::vector<Command> commands;
  for (const Block& block : blocks_of(document)) {
    if (!block.file.empty()) folder.write(block.file, block.text);
    if (block.kind != "console") continue;
    for (Command& command : commands_of(block)) {
      if (root || !command.root) commands.push_back(std::move(command));
    }
  }
  folder.write("script", script_of(commands, folder.path(), root));
  const auto outputs = run(folder.path() + "/script", root);
  ASSERT_EQ(outputs.size(), commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const auto& [text, is_root, expected, line] = commands[i];
    EXPECT_TRUE(same(expected, 0, outputs[i], 0))
        << document << ":" << line << ": " << text << "\n--- documented\n"
        << joined(expected) << "--- said\n"
        << joined(outputs[i]);
  }
}

class Transcripts : public testing::TestWithParam<const char*> {};

TEST_P(Transcripts, SayTheSameToEverybody) { play(GetParam(), false); }

TEST_P(Transcripts, SayTheSameToRoot) {
  XG_NEED_BPF();
  play(GetParam(), true);
}

INSTANTIATE_TEST_SUITE_P(Documents, Transcripts,
                         testing::Values("README.md", "docs/policy.md",
                                         "docs/commands.md"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase_if(name, [](char c) {
                             return c == '/' || c == '.';
                           });
                           return name;
                         });

TEST(TranscriptTest, EllipsisStandsForLines) {
  EXPECT_TRUE(same({"a", "...", "d"}, 0, {"a", "b", "c", "d"}, 0));
  EXPECT_TRUE(same({"a", "..."}, 0, {"a"}, 0));
  EXPECT_FALSE(same({"a", "...", "d"}, 0, {"a", "b"}, 0));
  EXPECT_FALSE(same({"a"}, 0, {"a", "b"}, 0));
  EXPECT_FALSE(same({"a", "b"}, 0, {"a"}, 0));
  EXPECT_TRUE(same({"built in 1 s"}, 0, {"built in 0.27 s"}, 0));
}

}  // namespace
}  // namespace xdpgate::test
