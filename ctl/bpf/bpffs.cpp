// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/bpffs.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>

namespace xdpgate {
namespace {

constexpr const char* kHere = "/sys/fs/bpf";
constexpr mode_t kRootOnly = 0700;
constexpr int kInit = 1;

bool is_bpffs(const std::string& path) {
  struct statfs fs {};
  return ::statfs(path.c_str(), &fs) == 0 && fs.f_type == BPF_FS_MAGIC;
}

std::string mounts_of(int pid) { return fmt::format("/proc/{}/ns/mnt", pid); }

// The inode of a process's mount namespace; 0: we may not ask.
ino_t mount_namespace(int pid) {
  struct stat info {};
  return ::stat(mounts_of(pid).c_str(), &info) == 0 ? info.st_ino : 0;
}

// The parent of a process; 0: none here.
int parent_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(file, text);
  const auto behind_name = text.rfind(')');  // a name may hold anything
  if (behind_name == std::string::npos) return 0;
  std::istringstream words(text.substr(behind_name + 1));
  std::string state;
  int parent = 0;
  words >> state >> parent;
  return parent;
}

// The process whose mounts outlive this command: pid 1, or where we may not
// look at that one, our furthest ancestor that we may look at.
int lasting_process() {
  if (mount_namespace(kInit) != 0) return kInit;
  int furthest = ::getpid();
  for (int pid = ::getppid(); pid > kInit; pid = parent_of(pid)) {
    if (mount_namespace(pid) != 0) furthest = pid;
  }
  return furthest;
}

int mount_here() { return ::mount("bpf", kHere, "bpf", 0, "mode=0700"); }

// In a child, since a process that enters another mount namespace stays there.
int mount_at(int pid) {
  const pid_t child = ::fork();
  if (child < 0) return -1;
  if (child == 0) {
    const int ns = ::open(mounts_of(pid).c_str(), O_RDONLY | O_CLOEXEC);
    if (ns < 0 || ::setns(ns, CLONE_NEWNS) != 0) ::_exit(errno);
    ::_exit(mount_here() == 0 ? 0 : errno);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
  return errno == 0 ? 0 : -1;
}

Error mount_error() {
  const int error = errno;
  return system_error("mount the BPF file system on", kHere, error,
                      error == EPERM || error == EACCES
                          ? "run as root, or with CAP_SYS_ADMIN"
                          : "");
}

// The file system as `pid` has it mounted, through a descriptor, so that it
// stays within reach when that process ends.
Result<std::string> file_system_of(int pid) {
  const std::string path = fmt::format("/proc/{}/root{}", pid, kHere);
  if (!is_bpffs(path) && mount_at(pid) != 0) return failure(mount_error());
  static Fd root;
  root = Fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const std::string through = fmt::format("/proc/self/fd/{}", root.get());
  if (root && is_bpffs(through)) return through;
  return failure({"find", path, "it is no BPF file system",
                  "mount -t bpf bpf /sys/fs/bpf on the host"});
}

Result<std::string> file_system() {
  const int pid = lasting_process();
  if (mount_namespace(pid) != mount_namespace(::getpid())) {
    return file_system_of(pid);
  }
  if (!is_bpffs(kHere) && mount_here() != 0) return failure(mount_error());
  return kHere;
}

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

bool is_directory(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Result<std::string> state_directory() {
  if (::geteuid() != 0) {
    return failure({"open", "/sys/fs/bpf/xdpgate", "Permission denied",
                    "run as root: the running filter belongs to it"});
  }
  auto root = file_system();
  if (!root) return root;
  const std::string path = *root + "/xdpgate";
  auto made = make_directory(path);
  if (!made) return std::unexpected(made.error());
  return path;
}

std::string pin_name(std::string_view name) {
  std::string pin;
  for (char c : name) {
    if (c == '.') {
      pin += "%2e";
    } else if (c == '%') {
      pin += "%25";
    } else {
      pin += c;
    }
  }
  return pin;
}

std::string name_of_pin(std::string_view pin) {
  std::string name;
  for (std::size_t i = 0; i < pin.size(); ++i) {
    if (pin[i] == '%' && i + 2 < pin.size()) {
      name += pin.substr(i + 1, 2) == "2e" ? '.' : '%';
      i += 2;
    } else {
      name += pin[i];
    }
  }
  return name;
}

Result<void> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), kRootOnly) == 0 || errno == EEXIST) return {};
  return failure(system_error("make the directory", path, errno));
}

Result<void> pin(int fd, const std::string& path) {
  if (bpf_obj_pin(fd, path.c_str()) == 0) return {};
  return failure(system_error("pin", path, errno));
}

Result<Fd> open_pin(const std::string& path) {
  const int fd = bpf_obj_get(path.c_str());
  if (fd < 0) return failure(system_error("open", path, errno));
  return Fd(fd);
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

std::vector<std::string> entries(const std::string& path) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, CloseDir> dir(::opendir(path.c_str()));
  if (!dir) return names;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> remove_tree(const std::string& path) {
  if (!is_directory(path)) {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return failure(system_error("remove", path, errno));
  }
  for (const std::string& name : entries(path)) {
    auto removed = remove_tree(path + "/" + name);
    if (!removed) return removed;
  }
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  return failure(system_error("remove the directory", path, errno));
}

}  // namespace xdpgate
