// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/sandbox.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/fd.h"
#include "tests/support/child.h"

namespace xdpgate::test {
namespace {

constexpr const char* kScratch = "/mnt";
constexpr const char* kBpffs = "/sys/fs/bpf";

void must(int result, const char* what) {
  if (result == 0) return;
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

bool may_enter_sandbox() {
  return run({"unshare", "--mount", "--net", "true"}).exit_code == 0;
}

void enter_sandbox() {
  must(::unshare(CLONE_NEWNS | CLONE_NEWNET), "make new namespaces");
  must(::mount("", "/", "", MS_REC | MS_PRIVATE, nullptr), "part the mounts");
  must(::mount("bpf", kBpffs, "bpf", 0, "mode=0700"), "mount bpffs");
  must(::mount("tmpfs", kScratch, "tmpfs", 0, nullptr), "mount a tmpfs");
  std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6") << 1;
  ip({"link", "set", "lo", "up"});
}

std::filesystem::path scratch() { return kScratch; }

std::string write_file(const std::string& name, const std::string& text) {
  const auto path = scratch() / name;
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

void ip(const std::vector<std::string>& words) {
  std::vector<std::string> argv = {"ip"};
  argv.insert(argv.end(), words.begin(), words.end());
  const Finished done = run(argv);
  EXPECT_EQ(done.exit_code, 0) << done.err;
}

namespace {

bool is_running(const std::string& interface) {
  const Fd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  interface.copy(request.ifr_name, sizeof(request.ifr_name) - 1);
  return ::ioctl(any.get(), SIOCGIFFLAGS, &request) == 0 &&
         (request.ifr_flags & IFF_RUNNING) != 0;
}

}  // namespace

void add_veth(const std::string& one, const std::string& other) {
  ip({"link", "add", one, "type", "veth", "peer", "name", other});
  for (const std::string& name : {one, other}) {
    ip({"link", "set", name, "up"});
  }
  // The kernel sends nothing until it has seen the other end, a moment later.
  for (int tries = 0; tries < 2000 && !is_running(one); ++tries) {
    ::usleep(1000);
  }
}

std::uint64_t send_drops(const std::string& interface) {
  constexpr int kColumn = 12;  // the twelfth number: tx drop
  std::ifstream file("/proc/net/dev");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::getline(words >> std::ws, name, ':');
    if (name != interface) continue;
    std::uint64_t value = 0;
    for (int column = 0; column < kColumn; ++column) words >> value;
    return value;
  }
  ADD_FAILURE() << "no interface " << interface;
  return 0;
}

std::vector<std::string> tree(const std::string& directory) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  if (!fs::exists(directory)) return paths;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    paths.push_back(fs::relative(entry.path(), directory).string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string pins_of(const std::string& instance) {
  return std::string(kBpffs) + "/xdpgate/" + instance;
}

}  // namespace xdpgate::test
