// SPDX-License-Identifier: GPL-2.0-only
// The service and its surroundings: interfaces, supervisor, journal, metrics,
// and its own end.
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>

#include "bpf/collect_expired.h"
#include "bpf/link.h"
#include "bpf/running_sets.h"
#include "bpf/snapshot.h"
#include "tests/service/daemon.h"
#include "tests/support/http.h"
#include "tests/support/traffic.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

class Service : public DaemonTest {};

// A socket of datagrams at a path, as systemd has.
class Mailbox {
 public:
  explicit Mailbox(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address),
                     sizeof(address)),
              0);
  }
  // Whether a datagram with `text` comes; all are kept.
  bool gets(const std::string& text) {
    return eventually([&] {
      char buffer[8192];
      for (ssize_t got;
           (got = ::recv(fd_.get(), buffer, sizeof(buffer), 0)) > 0;) {
        all_.append(buffer, static_cast<std::size_t>(got));
        all_ += "\n";
      }
      return all_.contains(text);
    });
  }
  void forget() { all_.clear(); }
  [[nodiscard]] const std::string& all() const { return all_; }

 private:
  Fd fd_;
  std::string all_;
};

TEST_F(Service, FiltersTheInterfacesThatAreThereAndTheOthersWhenTheyCome) {
  put_file(
      instance_name() + ".yaml",
      "version: 1\ninterfaces: [v1, w1]\nrules: [{name: a, action: pass}]\n");
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  EXPECT_TRUE(daemon.says(fmt::format(
      "warning: {} waits for w1, and filters the others", instance_name())))
      << daemon.log();
  add_veth("w0", "w1");
  EXPECT_TRUE(daemon.says("generation 2 in force on v1 (native), w1 (native)"))
      << daemon.log();
}

TEST_F(Service, PutsTheFilterBackOnAnInterfaceThatReturns) {
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  ip({"link", "del", "v1"});
  EXPECT_TRUE(daemon.says("v1 is not filtered: the interface is gone"))
      << daemon.log();
  add_veth("v0", "v1");
  EXPECT_TRUE(daemon.says("v1 is back and filtered (native)")) << daemon.log();
  send("v0", udp_to(1), 2);
  EXPECT_EQ(counts_after(2).packets("a"), 2u);
}

// The filter goes along with the interface that was renamed.
TEST_F(Service, FiltersAnotherInterfaceOfTheSameName) {
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  ip({"link", "set", "v1", "down"});
  ip({"link", "set", "v1", "name", "z1"});
  add_veth("x0", "v1");
  EXPECT_TRUE(daemon.says("generation 1 in force on v1 (native)"))
      << daemon.log();
  EXPECT_TRUE(eventually([] {
    const auto carried = carried_by(::if_nametoindex("v1"), "v1");
    return carried && carried->program_id != 0;
  })) << daemon.log();
  send("x0", udp_to(1), 2);
  EXPECT_EQ(counts_after(2).packets("a"), 2u);
}

TEST_F(Service, LeavesWhatWasDetachedByHandWhenOthersCome) {
  put_file(instance_name() + ".yaml",
           "version: 1\ninterfaces: [v0, v1, w1]\nrules: [{name: a, action: "
           "pass}]\n");
  Daemon daemon;
  ASSERT_TRUE(daemon.says("waits for w1")) << daemon.log();
  ASSERT_EQ(tool({"detach", "v0"}).exit_code, 0);
  add_veth("w0", "w1");
  EXPECT_TRUE(daemon.says("in force on v1 (native), w1 (native)"))
      << daemon.log();
  const auto carried = carried_by(::if_nametoindex("v0"), "v0");
  ASSERT_TRUE(carried) << carried.error().line();
  EXPECT_EQ(carried->program_id, 0u);
}

TEST_F(Service, LeavesAPolicyThatWaitsToBeConfirmed) {
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  const auto by_hand =
      write_file("by-hand.yaml", policy_text({port_rule("a", 2, "drop")}));
  const Finished tried = tool({"apply", by_hand, "--confirm", "1h"});
  ASSERT_EQ(tried.exit_code, 0) << tried.err;
  put_policy({port_rule("a", 3, "drop")});
  EXPECT_TRUE(daemon.says("generation 2 waits to be confirmed"))
      << daemon.log();
  EXPECT_EQ(counts().generation, 2u);
  ASSERT_EQ(tool({"rollback"}).exit_code, 0);
  send("v0", udp_to(1), 2);
  EXPECT_EQ(counts_after(2).packets("a"), 2u);
  daemon.signal(SIGHUP);
  EXPECT_TRUE(daemon.says(in_force(3))) << daemon.log();
  send("v0", udp_to(3), 1);
  EXPECT_EQ(counts_after(3).packets("a"), 3u);
}

TEST_F(Service, AKillLeavesTheFilterAndANewOneTakesItUp) {
  put_policy({port_rule("a", 1, "drop")});
  {
    Daemon daemon;
    ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
    send("v0", udp_to(1), 4);
    ASSERT_EQ(counts_after(4).judged(), 4u);
    EXPECT_EQ(daemon.end(SIGKILL).exit_code, -SIGKILL);
  }
  send("v0", udp_to(1), 1);
  ASSERT_EQ(counts_after(5).judged(), 5u);
  Daemon daemon;
  EXPECT_TRUE(daemon.says("generation 1 stays in force on v1 (native)"))
      << daemon.log();
  EXPECT_EQ(counts().packets("a"), 5u);
}

TEST_F(Service, StoppedItLeavesTheFilterOnUnlessToldOtherwise) {
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon;
  ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  const Finished stopped = daemon.end(SIGTERM);
  EXPECT_EQ(stopped.exit_code, 0);
  EXPECT_THAT(stopped.err, HasSubstr("stopped; the filters stay on\n"));
  EXPECT_EQ(counts().generation, 1u);
  Daemon other({"--listen", "none", "--detach-on-exit"});
  ASSERT_TRUE(other.says("stays in force")) << other.log();
  // An edit that the system refuses does not make it forget what runs.
  put_policy({"{name: r, redirect: nope0}"});
  ASSERT_TRUE(other.says("error: " + instance_name() + ": send to nope0"))
      << other.log();
  EXPECT_EQ(counts().generation, 1u);
  EXPECT_EQ(other.end(SIGINT).exit_code, 0);
  EXPECT_EQ(tool({"status"}).out, "no filter is running\n");
}

TEST_F(Service, TellsItsSupervisorHowItIs) {
  put_policy({port_rule("a", 1, "drop")});
  Mailbox mailbox((scratch() / "notify").string());
  Daemon daemon({"--listen", "none"}, [] {
    return ::setenv("NOTIFY_SOCKET", "/mnt/notify", 1) == 0 &&
           ::setenv("WATCHDOG_USEC", "300000", 1) == 0;
  });
  ASSERT_TRUE(mailbox.gets("READY=1\nSTATUS=1 policy in force\n"))
      << mailbox.all() << daemon.log();
  mailbox.forget();
  EXPECT_TRUE(mailbox.gets("WATCHDOG=1")) << "no sign of life";
  mailbox.forget();
  EXPECT_TRUE(mailbox.gets("WATCHDOG=1")) << "only one";
  put_policy({port_rule("a", 1, "drp")});
  EXPECT_TRUE(mailbox.gets(fmt::format(
      "STATUS=0 policies in force; broken: {}.yaml", instance_name())))
      << mailbox.all();
  mailbox.forget();
  daemon.signal(SIGHUP);
  EXPECT_TRUE(mailbox.gets("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(mailbox.gets("READY=1")) << mailbox.all();
  daemon.signal(SIGTERM);
  EXPECT_TRUE(mailbox.gets("STOPPING=1")) << mailbox.all();
}

// Says of the descriptor that standard error is what systemd says.
bool pretend_to_be_the_journal() {
  struct stat info {};
  if (::fstat(STDERR_FILENO, &info) != 0) return false;
  const std::string stream = fmt::format("{}:{}", info.st_dev, info.st_ino);
  return ::setenv("JOURNAL_STREAM", stream.c_str(), 1) == 0;
}

TEST_F(Service, LogsToTheJournalWithFields) {
  ASSERT_EQ(::mount("tmpfs", "/run", "tmpfs", 0, nullptr), 0);
  std::filesystem::create_directories("/run/systemd/journal");
  Mailbox journal("/run/systemd/journal/socket");
  const std::string path = put_policy({port_rule("a", 1, "drop")});
  Daemon daemon({"--listen", "none"}, pretend_to_be_the_journal);
  ASSERT_TRUE(journal.gets("MESSAGE=" + in_force(1))) << daemon.log();
  for (const std::string& field :
       {std::string("PRIORITY=5"), std::string("XDPGATE_EVENT=applied"),
        std::string("XDPGATE_GENERATION=1"), "XDPGATE_FILE=" + path,
        "XDPGATE_FILTER=" + instance_name()}) {
    EXPECT_THAT(journal.all(), HasSubstr(field + "\n"));
  }
  EXPECT_EQ(daemon.log(), "");
}

TEST_F(Service, LogsJsonWhereAsked) {
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon({"--listen", "none", "--json"});
  EXPECT_TRUE(daemon.says(fmt::format(
      R"({{"priority":"notice","event":"applied","message":"{}","filter":"{}")",
      in_force(1), instance_name())))
      << daemon.log();
}

// A connection to a port of this host over which nothing is said.
Fd idle_connection(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
            0);
  return fd;
}

TEST_F(Service, ServesMetricsBesideThoseWhoSayNothing) {
  put_file("caf\xe9.yaml", "version: 1\nrulez: []\n");
  Daemon daemon({"--listen", "127.0.0.1:10471"});
  ASSERT_TRUE(daemon.says("metrics at http://127.0.0.1:10471/metrics"))
      << daemon.log();
  std::vector<Fd> idle;
  for (int i = 0; i < 8; ++i) idle.push_back(idle_connection(10471));
  const auto start = std::chrono::steady_clock::now();
  const std::string text = http_get(10471, "/metrics").body;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
  // Labels are UTF-8, whatever files are called.
  EXPECT_THAT(text, HasSubstr("xdpgate_policy_file_valid{filter=\"caf\xef\xbf"
                              "\xbd\"} 0\n"));
  EXPECT_FALSE(text.contains("\xe9"));
}

TEST_F(Service, ServesMetricsThatShowABrokenFile) {
  put_policy({port_rule("a", 1, "drop")});
  Daemon daemon({"--listen", "127.0.0.1:10471"});
  ASSERT_TRUE(daemon.says("metrics at http://127.0.0.1:10471/metrics"))
      << daemon.log();
  const auto line = [](const char* metric, const char* more, int value) {
    return fmt::format("{}{{filter=\"{}\"{}}} {}\n", metric, instance_name(),
                       more, value);
  };
  std::string text = http_get(10471, "/metrics").body;
  EXPECT_THAT(text, HasSubstr(line("xdpgate_policy_file_valid", "", 1)));
  EXPECT_THAT(text, HasSubstr(line("xdpgate_drift", ",what=\"policy\"", 0)));
  put_policy({port_rule("a", 1, "drp")});
  EXPECT_TRUE(eventually([&] {
    text = http_get(10471, "/metrics").body;
    return text.contains(line("xdpgate_policy_file_valid", "", 0));
  })) << text;
  EXPECT_THAT(text, HasSubstr(line("xdpgate_drift", ",what=\"policy\"", 1)));
  EXPECT_THAT(text, HasSubstr(line("xdpgate_filter_up", "", 1)));
  // A second service has no place for its metrics, and keeps its policies.
  std::filesystem::create_directory(scratch() / "others");
  const Child second = Child::start(
      tool_argv({"daemon", "--policies", (scratch() / "others").string(),
                 "--listen", "127.0.0.1:10471"}));
  EXPECT_TRUE(eventually([&] {
    return second.err().contains(
        "error: no metrics: listen on 127.0.0.1:10471: Address already in use");
  })) << second.err();
}

// All elements that the set of the running policy has in the kernel.
std::size_t elements_in_kernel() {
  auto dir = running_instance(instance_name());
  if (!dir) return 0;
  auto generation = generation_in_force(*dir);
  auto sets = generation->sets();
  return sets->sets.open(0)->read()->size();
}

TEST_F(Service, CollectsElementsThatHaveExpired) {
  put_file(instance_name() + ".yaml",
           "version: 1\ninterfaces: [v1]\nsets: {bad: {type: address, dynamic: "
           "true, size: 8}}\nrules:\n- {name: trap, match: {protocol: udp, "
           "dst_port: 1}, ban: {set: bad, for: 1ms}, action: drop}\n");
  {
    Daemon daemon;
    ASSERT_TRUE(daemon.says(in_force(1))) << daemon.log();
  }
  EXPECT_EQ(
      tool({"set", "add", "bad", "192.0.2.0/24", "--timeout", "1ms"}).exit_code,
      0);
  EXPECT_EQ(tool({"set", "add", "bad", "198.51.100.1"}).exit_code, 0);
  send("v0", udp_to(1), 1);  // its source is banned
  ASSERT_EQ(counts_after(1).packets("trap"), 1u);
  EXPECT_EQ(elements_in_kernel(), 3u);
  Daemon daemon;
  EXPECT_TRUE(daemon.says("2 expired elements removed")) << daemon.log();
  EXPECT_EQ(elements_in_kernel(), 1u);
  // Room for all eight but one, however often sources come again.
  for (int round = 0; round < 3; ++round) {
    send("v0", udp_to(1), 1);
    ASSERT_EQ(counts_after(2u + round).packets("trap"), 2u + round);
    std::this_thread::sleep_for(Milliseconds(5));
    ASSERT_EQ(collect_expired(instance_name()), 1u);
  }
  EXPECT_EQ(stats(instance_name())->ban_full.packets, 0u);
}

}  // namespace
}  // namespace xdpgate::test
