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
#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>

#include "bpf/permission.h"

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

std::string mount_hint(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return permission_hint({CAP_SYS_ADMIN});
    case ENOENT:
      return "mount -t sysfs sysfs /sys";
    case ENODEV:
      return "the kernel is built without CONFIG_BPF_SYSCALL";
    default:
      return "";
  }
}

Error mount_error() {
  const int error = errno;
  return system_error("mount the BPF file system on", kHere, error,
                      mount_hint(error));
}

// The file system as `pid` has it mounted, through a descriptor, so that it
// stays within reach when that process ends.
Result<std::string> file_system_of(int pid) {
  const std::string path = fmt::format("/proc/{}/root{}", pid, kHere);
  if (!is_bpffs(path) && mount_at(pid) != 0) return failure(mount_error());
  static Fd root;  // one: paths through it were given out
  if (!root) root = Fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const std::string through = fmt::format("/proc/self/fd/{}", root.get());
  if (root && is_bpffs(through)) return through;
  return failure({"find", path, "it is no BPF file system",
                  "mount -t bpf bpf /sys/fs/bpf on the host"});
}

Result<std::string> file_system() {
  if (is_bpffs(kHere)) return kHere;
  const int pid = lasting_process();
  if (mount_namespace(pid) != mount_namespace(::getpid())) {
    return file_system_of(pid);
  }
  if (mount_here() != 0) return failure(mount_error());
  return kHere;
}

// Where the file system takes directories from everyone, somebody may have
// made ours: its owner could swap the pins in it.
Result<mode_t> mode_if_roots(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    return failure(system_error("look at", path, errno));
  }
  if (S_ISDIR(info.st_mode) && info.st_uid == 0) return info.st_mode & 07777;
  return failure(
      {"use the directory", path,
       fmt::format("it belongs to user {}, not to root", info.st_uid),
       "look who made it, then remove it"});
}

Result<void> check_owner(const std::string& path) {
  const auto mode = mode_if_roots(path);
  if (!mode) return std::unexpected(mode.error());
  if (*mode == kRootOnly || ::chmod(path.c_str(), kRootOnly) == 0) return {};
  return failure(system_error("make root's alone", path, errno));
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
  auto ready = make_directory(path);
  if (ready) ready = check_owner(path);
  if (!ready) return std::unexpected(ready.error());
  return path;
}

Result<StatePlace> look_for_state() {
  StatePlace place;
  const std::string lasting =
      fmt::format("/proc/{}/root{}", lasting_process(), kHere);
  if (is_bpffs(kHere)) {
    place.file_system = kHere;
  } else if (is_bpffs(lasting)) {
    place.file_system = lasting;
  } else {
    return place;
  }
  const std::string path = place.file_system + "/xdpgate";
  if (::geteuid() != 0 || !exists(path)) return place;
  const auto mode = mode_if_roots(path);
  if (!mode) return std::unexpected(mode.error());
  place.directory = path;
  return place;
}

std::string pin_name(std::string_view name) {
  std::string pin;
  for (char c : name) {
    if (c == '.' || c == '%' || c == '@') {
      pin += fmt::format("%{:02x}", c);
    } else {
      pin += c;
    }
  }
  return pin;
}

std::string name_of_pin(std::string_view pin) {
  std::string name;
  for (std::size_t i = 0; i < pin.size(); ++i) {
    int c = pin[i];
    if (c == '%' && i + 2 < pin.size()) {
      std::from_chars(&pin[i + 1], &pin[i + 3], c, 16);
      i += 2;
    }
    name += static_cast<char>(c);
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

Result<void> move_pin(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return failure(system_error("move", from, errno));
}

Result<Fd> open_pin(const std::string& path) {
  auto found = find_pin(path);
  if (!found) return std::unexpected(found.error());
  if (!*found) return failure(system_error("open", path, ENOENT));
  return std::move(**found);
}

Result<std::optional<Fd>> find_pin(const std::string& path) {
  const int fd = bpf_obj_get(path.c_str());
  if (fd >= 0) return std::optional<Fd>(fd);
  if (errno == ENOENT) return std::nullopt;
  const int error = errno;
  return failure(system_error(
      "open", path, error, error == EPERM ? permission_hint({CAP_BPF}) : ""));
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 || errno != ENOENT;
}

Result<std::vector<std::string>> entries(const std::string& path) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, CloseDir> dir(::opendir(path.c_str()));
  if (!dir && errno == ENOENT) return names;
  if (!dir) return failure(system_error("read the directory", path, errno));
  for (errno = 0; const dirent* entry = ::readdir(dir.get()); errno = 0) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) {
    return failure(system_error("read the directory", path, errno));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> remove_tree(const std::string& path) {
  if (!is_directory(path)) {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return failure(system_error("remove", path, errno));
  }
  auto names = entries(path);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    auto removed = remove_tree(path + "/" + name);
    if (!removed) return removed;
  }
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  return failure(system_error("remove the directory", path, errno));
}

}  // namespace xdpgate
