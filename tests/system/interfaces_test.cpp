// SPDX-License-Identifier: GPL-2.0-only
// One policy on several interfaces, and interfaces that come, go, move and
// are somebody else's. Promise 6: a failure on one undoes the others.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <net/if.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "bpf/dispatcher.h"
#include "bpf/entry.h"
#include "bpf/link.h"
#include "tests/support/child.h"
#include "tests/support/running.h"
#include "tests/support/sandbox.h"
#include "tests/support/system_test.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

class Interfaces : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    add_veth("v2", "v3");
    one_ = write_file("one.yaml", text("v1", 1));
    other_ = write_file("other.yaml", text("v1", 2));
    both_ = write_file("both.yaml", text("v1, v3", 1));
  }

  static std::string text(const std::string& interfaces, int port) {
    return fmt::format(
        "version: 1\nname: {}\ninterfaces: [{}]\ndefault: pass\nrules:\n  - "
        "{}\n",
        instance_name(), interfaces, port_rule("low", port, "drop"));
  }
  static void apply_file(const std::string& file) {
    const Finished done = tool({"apply", file});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  // "v1: native", "v3: detached (WHY)", ...
  static std::string state() {
    const auto all = status();
    if (!all || all->size() != 1) return "?";
    std::string text;
    for (const InterfaceStatus& interface : all->front().interfaces) {
      text += (text.empty() ? "" : ", ") + interface.name + ": " +
              interface.mode;
      if (!interface.why.empty()) text += " (" + interface.why + ")";
    }
    return text;
  }
  static std::uint32_t carried(const std::string& name) {
    return carried_by(::if_nametoindex(name.c_str()), name)
        .value_or(Carried{})
        .program_id;
  }
  static std::uint32_t link_id(int fd) {
    bpf_link_info info{};
    std::uint32_t size = sizeof(info);
    EXPECT_EQ(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
    return info.id;
  }
  // Refused with this line, and everything is as it was.
  static void expect_refused(const std::vector<std::string>& words,
                             const std::string& line) {
    const std::string before = picture();
    const auto v1 = carried("v1"), v3 = carried("v3");
    const Finished done = tool(words);
    EXPECT_EQ(done.exit_code, 3) << done.err;
    EXPECT_EQ(done.err, "xdpgate: " + line + "\n");
    EXPECT_EQ(picture(), before);
    EXPECT_EQ(carried("v1"), v1);
    EXPECT_EQ(carried("v3"), v3);
  }

  std::string one_, other_, both_;
};

TEST_F(Interfaces, AllCountForOnePolicy) {
  apply_file(both_);
  send("v0", udp_to(1), 3);
  send("v2", udp_to(1), 4);
  EXPECT_EQ(counts_after(7).packets("low"), 7u);
  EXPECT_EQ(state(), "v1: native, v3: native");
}

TEST_F(Interfaces, HaveTotalsOfTheirOwn) {
  apply_file(both_);
  send("v0", udp_to(1), 3);
  send("v2", udp_to(1), 4);
  send("v2", udp_to(9), 5);
  EXPECT_EQ(counts_after(12).judged(), 12u);
  const auto all = status();
  ASSERT_TRUE(all) << all.error().line();
  const auto& interfaces = all->front().interfaces;
  ASSERT_EQ(interfaces.size(), 2u);
  EXPECT_EQ(interfaces[0].verdicts.at("drop").packets, 3u);
  EXPECT_EQ(interfaces[0].verdicts.at("pass").packets, 0u);
  EXPECT_EQ(interfaces[1].verdicts.at("drop").packets, 4u);
  EXPECT_EQ(interfaces[1].verdicts.at("pass").packets, 5u);
  EXPECT_EQ(interfaces[1].verdicts.at("pass").bytes, 5 * udp_to(9).size());
  EXPECT_TRUE(tool({"status"}).out.contains(
      "  v3: native\n    drop: 4 packets, "));
  // One that was made anew begins anew; the instance's counts go on.
  ip({"link", "del", "v2"});
  add_veth("v2", "v3");
  ASSERT_TRUE(reattach_missing(instance_name()));
  send("v2", udp_to(1), 2);
  EXPECT_EQ(counts_after(14).packets("low"), 9u);
  EXPECT_EQ(status()->front().interfaces[1].verdicts.at("drop").packets, 2u);
}

TEST_F(Interfaces, OnesTotalsAreTheInstances) {
  apply_file(one_);
  send("v0", udp_to(1), 3);
  EXPECT_EQ(counts_after(3).judged(), 3u);
  EXPECT_EQ(status()->front().interfaces[0].verdicts.at("drop").packets, 3u);
  apply_file(both_);  // from here on there are several
  send("v0", udp_to(1), 2);
  send("v2", udp_to(1), 1);
  EXPECT_EQ(counts_after(6).judged(), 6u);
  EXPECT_EQ(status()->front().interfaces[0].verdicts.at("drop").packets, 2u);
  EXPECT_EQ(status()->front().interfaces[1].verdicts.at("drop").packets, 1u);
}

TEST_F(Interfaces, OneThatIsNotThereUndoesTheOthers) {
  expect_refused({"apply", both_, "-i", "v1", "-i", "v9"},
                 "find the interface v9: no such interface here; see `ip "
                 "link`; other network namespaces have others");
  EXPECT_EQ(carried("v1"), 0u);
}

TEST_F(Interfaces, OneWithoutNativeModeUndoesTheOthers) {
  const std::string line =
      "attach the filter to lo: Operation not supported (the driver has no "
      "native XDP); or take --mode generic";
  expect_refused({"apply", one_, "-i", "v1", "-i", "lo", "--mode", "native"},
                 line);
  EXPECT_EQ(carried("v1"), 0u);
  apply_file(one_);
  send("v0", udp_to(1), 2);
  expect_refused({"apply", other_, "-i", "v1", "-i", "v3", "-i", "lo",
                  "--mode", "native"},
                 line);
  send("v0", udp_to(1), 2);
  EXPECT_EQ(counts_after(4).packets("low"), 4u);
}

TEST_F(Interfaces, SomebodyElsesProgramIsLeftAloneAndNamed) {
  const auto foreign = load_entry();
  ASSERT_TRUE(foreign) << foreign.error().line();
  const auto link = attach(foreign->program.get(), ::if_nametoindex("v3"),
                           "v3", Mode::kNative);
  ASSERT_TRUE(link) << link.error().line();
  const auto id = program_id(foreign->program.get()).value_or(0);
  const std::string line = fmt::format(
      "attach the filter to v3: it carries XDP program {} (xg_entry), held by "
      "process {} (xg_test_system); detach that first: `bpftool link detach id "
      "{}`",
      id, ::getpid(), link_id(link->fd.get()));
  expect_refused({"apply", both_}, line);
  EXPECT_EQ(carried("v1"), 0u);
  apply_file(one_);
  expect_refused({"apply", both_}, line);
  EXPECT_EQ(carried("v3"), id);
}

TEST_F(Interfaces, OfAnotherInstanceAreNamed) {
  const std::string name = instance_name() + ".b";
  const std::string file = write_file(
      "second.yaml",
      fmt::format("version: 1\nname: {}\ninterfaces: [v3]\nrules: []\n", name));
  apply_file(file);
  expect_refused({"apply", both_},
                 fmt::format("attach the filter to v3: it carries instance "
                             "`{}` of xdpgate; detach that first: `xdpgate "
                             "detach v3`",
                             name));
  EXPECT_EQ(tool({"detach", "--name", name}).exit_code, 0);
  apply_file(both_);
}

TEST_F(Interfaces, GoAndComeBack) {
  apply_file(both_);
  send("v2", udp_to(1), 2);
  ip({"link", "del", "v2"});
  EXPECT_EQ(state(), "v1: native, v3: detached (the interface is gone; apply "
                     "again when it is back)");
  send("v0", udp_to(1), 3);
  EXPECT_EQ(counts_after(5).packets("low"), 5u);
  add_veth("v2", "v3");
  EXPECT_EQ(state(), "v1: native, v3: detached (the interface was made anew; "
                     "apply again to filter on it)");
  // The interfaces need not be named again.
  std::filesystem::remove(both_);
  apply_file(write_file(
      "same.yaml", fmt::format("version: 1\nname: {}\nrules:\n  - {}\n",
                               instance_name(), port_rule("low", 1, "drop"))));
  EXPECT_EQ(state(), "v1: native, v3: native");
  send("v2", udp_to(1), 4);
  EXPECT_EQ(counts_after(9).packets("low"), 9u);
}

TEST_F(Interfaces, AttachAgainWithoutANewGeneration) {
  apply_file(both_);
  ip({"link", "del", "v2"});
  add_veth("v2", "v3");
  apply_file(both_);
  EXPECT_EQ(state(), "v1: native, v3: native");
  EXPECT_EQ(counts().generation, 1u);
}

TEST_F(Interfaces, ThatAreBackAreAttachedAgainByTheLibrary) {
  apply_file(both_);
  auto nothing = reattach_missing(instance_name());
  ASSERT_TRUE(nothing) << nothing.error().line();
  EXPECT_TRUE(nothing->attached.empty() && nothing->missing.empty());
  send("v2", udp_to(1), 2);
  ip({"link", "del", "v2"});
  const auto gone = reattach_missing(instance_name());
  ASSERT_TRUE(gone) << gone.error().line();
  ASSERT_EQ(gone->missing.size(), 1u);
  EXPECT_EQ(gone->missing[0].name, "v3");
  EXPECT_EQ(gone->missing[0].why, "the interface is gone");
  add_veth("v2", "v3");
  const auto back = reattach_missing(instance_name());
  ASSERT_TRUE(back) << back.error().line();
  ASSERT_EQ(back->attached.size(), 1u);
  EXPECT_EQ(back->attached[0].mode, "native");
  EXPECT_TRUE(back->missing.empty() && back->renumbered.empty());
  EXPECT_EQ(state(), "v1: native, v3: native");
  send("v2", udp_to(1), 3);
  EXPECT_EQ(counts_after(5).packets("low"), 5u);
  EXPECT_EQ(counts().generation, 1u);
}

TEST_F(Interfaces, ThatAreBackKeepTheModeThatWasAskedFor) {
  ASSERT_EQ(tool({"apply", both_, "--mode", "generic"}).exit_code, 0);
  ip({"link", "del", "v2"});
  add_veth("v2", "v3");
  ASSERT_TRUE(reattach_missing(instance_name()));
  EXPECT_EQ(state(), "v1: generic (asked for), v3: generic (asked for)");
}

TEST_F(Interfaces, ThatAreBackWithSomebodyElsesProgramAreNamed) {
  apply_file(both_);
  ip({"link", "del", "v2"});
  add_veth("v2", "v3");
  const auto foreign = load_entry();
  ASSERT_TRUE(foreign) << foreign.error().line();
  const auto link = attach(foreign->program.get(), ::if_nametoindex("v3"),
                           "v3", Mode::kNative);
  ASSERT_TRUE(link) << link.error().line();
  const auto done = reattach_missing(instance_name());
  ASSERT_TRUE(done) << done.error().line();
  ASSERT_EQ(done->missing.size(), 1u);
  EXPECT_EQ(done->missing[0].why,
            fmt::format("attach the filter to v3: it carries XDP program {} "
                        "(xg_entry); detach that first",
                        program_id(foreign->program.get()).value_or(0)));
}

TEST_F(Interfaces, ThatRulesNameAreToldOnceTheyAreOthers) {
  apply_file(write_file(
      "named.yaml",
      fmt::format("version: 1\nname: {}\ninterfaces: [v1, v3]\nrules:\n  - "
                  "{{name: low, match: {{interface: v3}}, action: drop}}\n",
                  instance_name())));
  ip({"link", "del", "v2"});
  add_veth("v2", "v3");
  const auto done = reattach_missing(instance_name());
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(done->renumbered, std::vector<std::string>{"v3"});
  const std::string note =
      "rules name v3, which came or was made anew since; apply again";
  EXPECT_EQ(status()->front().notes, std::vector<std::string>{note});
  EXPECT_TRUE(tool({"status"}).out.contains("  note: " + note + "\n"));
  ASSERT_EQ(tool({"apply", (scratch() / "named.yaml").string()}).exit_code, 0);
  EXPECT_TRUE(status()->front().notes.empty());
  send("v2", udp_to(1), 2);
  EXPECT_EQ(counts_after(2).packets("low"), 2u);
}

TEST_F(Interfaces, NoLongerAskedForAreReleased) {
  apply_file(both_);
  apply_file(one_);
  EXPECT_EQ(state(), "v1: native");
  EXPECT_EQ(carried("v3"), 0u);
  ip({"link", "del", "v2"});
  apply_file(one_);
}

TEST_F(Interfaces, KeepTheFilterUnderANewName) {
  apply_file(both_);
  ip({"link", "set", "v3", "down"});
  ip({"link", "set", "v3", "name", "w3"});
  ip({"link", "set", "w3", "up"});
  EXPECT_EQ(state(), "v1: native, w3: native");
  const Finished again = tool({"apply", both_, "-i", "v1", "-i", "w3"});
  EXPECT_TRUE(again.out.contains("unchanged")) << again.out << again.err;
  EXPECT_EQ(tool({"detach", "w3"}).exit_code, 0);
  EXPECT_EQ(state(), "v1: native");
  EXPECT_EQ(carried("w3"), 0u);
}

TEST_F(Interfaces, ThatMovedToAnotherNamespaceAreReleased) {
  Child away = Child::start({"unshare", "--net", "sleep", "60"});
  ::usleep(100'000);
  apply_file(both_);
  ip({"link", "set", "v3", "netns", std::to_string(away.pid())});
  EXPECT_TRUE(state().starts_with("v1: native, v3: detached (the interface "));
  apply_file(one_);
  EXPECT_EQ(state(), "v1: native");
}

// Where the kernel has no dispatcher; tests/vm/run has one that has.
TEST_F(Interfaces, AreAloneWhereTheKernelRefusesADispatcher) {
  if (dispatcher_refusal() == 0) GTEST_SKIP() << "this kernel does not";
  const std::string why = alone_text(dispatcher_refusal());
  const Finished done = tool({"apply", one_, "--priority", "20"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.err, "xdpgate: note: v1: " + why + "\n");
  EXPECT_TRUE(tool({"status"}).out.contains("  v1: native; " + why + "\n"));
  EXPECT_TRUE(tool({"status", "--json"}).out.contains(why));
  ASSERT_EQ(tool({"detach", "--all"}).exit_code, 0);
  expect_refused(
      {"apply", one_, "--require-dispatcher"},
      fmt::format("use libxdp's dispatcher on this kernel: {}; leave out "
                  "--require-dispatcher for a program of its own",
                  std::strerror(dispatcher_refusal())));
  EXPECT_EQ(carried("v1"), 0u);
}

TEST_F(Interfaces, SayWhyTheyAreNotNative) {
  const Finished done = tool({"apply", one_, "-i", "v1", "-i", "lo"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string why =
      "native mode was refused: Operation not supported (the driver has no "
      "native XDP)";
  EXPECT_EQ(done.err,
            "xdpgate: note: lo: generic mode, since " + why + "\n");
  EXPECT_EQ(state(), "lo: generic (" + why + "), v1: native");
  ASSERT_EQ(tool({"detach", "--all"}).exit_code, 0);
  ASSERT_EQ(tool({"apply", one_, "--mode", "generic"}).exit_code, 0);
  EXPECT_EQ(state(), "v1: generic (asked for)");
  send("v0", udp_to(1), 3);
  EXPECT_EQ(counts_after(3).packets("low"), 3u);
  expect_refused({"apply", one_, "--mode", "native"},
                 "apply to v1: the filter is attached in generic mode; "
                 "`xdpgate detach v1` first, or leave the mode as it is");
}

}  // namespace
}  // namespace xdpgate::test
