// SPDX-License-Identifier: GPL-2.0-only
#include "service/folder_watch.h"

#include <sys/inotify.h>

#include <cerrno>
#include <iterator>

namespace xdpgate {
namespace {

// Writing ends with a close: what is half written wakes nobody. IN_ATTRIB: a
// folder that is watched is removed, or a file becomes readable.
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                                  IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |
                                  IN_MOVE_SELF | IN_ONLYDIR;

}  // namespace

Result<FolderWatch> FolderWatch::create() {
  Fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (fd) return FolderWatch(std::move(fd));
  return failure(system_error("watch", "the policy files", errno,
                              "fs.inotify.max_user_instances is the limit"));
}

Result<void> FolderWatch::watch(const std::set<std::string>& folders) {
  for (auto at = watches_.begin(); at != watches_.end();) {
    const auto next = std::next(at);
    if (!folders.contains(at->first)) {
      ::inotify_rm_watch(fd_.get(), at->second);
      watches_.erase(at);
    }
    at = next;
  }
  Result<void> result;
  for (const std::string& folder : folders) {
    // Again, even where there is a watch: the folder may be another one now.
    const int watch = ::inotify_add_watch(fd_.get(), folder.c_str(), kEvents);
    if (watch >= 0) {
      watches_[folder] = watch;
    } else {
      watches_.erase(folder);
      result = failure(system_error("watch", folder, errno));
    }
  }
  return result;
}

bool FolderWatch::drain() const {
  char buffer[16 * 1024];
  bool any = false;
  while (::read(fd_.get(), buffer, sizeof(buffer)) > 0) any = true;
  return any;
}

}  // namespace xdpgate
