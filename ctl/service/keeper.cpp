// SPDX-License-Identifier: GPL-2.0-only
#include "service/keeper.h"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "bpf/bpffs.h"
#include "bpf/collect_expired.h"
#include "bpf/generation.h"
#include "bpf/instance.h"
#include "bpf/link.h"
#include "bpf/lock.h"
#include "bpf/snapshot.h"

namespace xdpgate {
namespace {

constexpr std::chrono::seconds kRetry{60};  // what the kernel has refused
constexpr std::chrono::seconds kSoon{1};
constexpr std::chrono::seconds kLettingGo{60};  // of lost links, at most
constexpr std::size_t kMostFindings = 20;       // of a file, in the log

EventFields fields_of(const PolicyFile& file) {
  return {{"FILTER", file.filter}, {"FILE", file.path}};
}

// "eth0 (native), eth1 (generic)".
std::string list_of(const std::vector<InterfaceStatus>& interfaces) {
  std::string text;
  for (const InterfaceStatus& interface : interfaces) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", interface.name,
                        interface.mode);
  }
  return text;
}

std::vector<std::string> present(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  std::ranges::copy_if(names, std::back_inserter(result),
                       [](const std::string& name) {
                         return ::if_nametoindex(name.c_str()) != 0;
                       });
  return result;
}

std::vector<std::string> without(std::vector<std::string> names,
                                 const std::vector<std::string>& others) {
  std::erase_if(names, [&](const std::string& name) {
    return std::ranges::find(others, name) != others.end();
  });
  return names;
}

std::map<std::string, std::uint32_t> indexes(
    const std::vector<std::string>& names) {
  std::map<std::string, std::uint32_t> result;
  for (const std::string& name : names) {
    result[name] = ::if_nametoindex(name.c_str());
  }
  return result;
}

// Whether the policy of the file is what its filter runs, and nothing that was
// applied by hand.
bool is_in_force(const PolicyFile& file) {
  const auto filter = running_instance(file.filter);
  if (!filter) return false;
  const auto generation = generation_in_force(*filter);
  return generation && generation->image().digest() == file.digest;
}

// Of the directory that the pins are in. The number of a device is given again
// once it is free, that of a directory is not. 0: there is none.
std::uint64_t inode_of_pins() {
  const auto state = state_directory();
  struct stat info {};
  if (!state || ::stat(state->c_str(), &info) != 0) return 0;
  return info.st_ino;
}

// Who is at work on the filters of this host; empty: nobody.
std::string other_tool() {
  auto state = state_directory();
  if (!state || Lock::try_take(*state)) return "";
  return Lock::holder(*state);
}

}  // namespace

void Keeper::say_once(const std::string& subject, const Event& event) {
  if (said_[subject] == event.message) return;
  said_[subject] = event.message;
  log_.say(event);
}

void Keeper::follow_files() {
  const FolderChanges changes = folder_.refresh();
  for (const std::string& path : changes.removed) forget_file(path);
  for (const std::string& path : changes.read) take_file(path);
  for (const std::string& path : changes.unfinished) {
    say_once("writing " + path,
             {LOG_INFO,
              "waiting",
              fmt::format("{} is read once nobody writes to it or to its set "
                          "files",
                          path),
              {{"FILE", path}}});
  }
  notice_lost_pins();
  work_on_all();
}

// What one policy lets go of another may have been refused for.
void Keeper::work_on_all() {
  bool done = false;
  for (const auto& [path, file] : folder_.files()) {
    if (file.sound() && work_on(file, tasks_[path])) done = true;
  }
  if (!done) return;
  for (const auto& [path, file] : folder_.files()) {
    Task& task = tasks_[path];
    task.next_try = {};
    if (file.sound() && !task.in_force) (void)work_on(file, task);
  }
}

// With the BPF file system all pins are gone, and with them every filter: that
// nobody has taken off.
void Keeper::notice_lost_pins() {
  const std::uint64_t inode = inode_of_pins();
  if (inode == 0 || inode == pins_) return;
  const bool lost = pins_ != 0;
  pins_ = inode;
  if (!lost) return;
  log_.say({LOG_ERR, "lost",
            "the BPF file system was unmounted, and the filters with it; the "
            "policies are applied again"});
  // The kernel takes its time to let go of their interfaces.
  let_go_ = Clock::now() + kLettingGo;
  for (auto& [path, task] : tasks_) {
    if (task.in_force) task = Task{};
  }
}

// The one that bears a filtered interface's name now is another, as after a
// rename, and nobody has detached it.
void Keeper::notice_other_interfaces(const PolicyFile& file, Task& task) {
  bool other = false;
  for (auto& [name, index] : task.tried_on) {
    const std::uint32_t now = ::if_nametoindex(name.c_str());
    if (now == 0 || now == index) continue;
    index = now;
    const auto carried = carried_by(now, name);
    other = other || (carried && carried->program_id == 0);
  }
  if (!other || !is_in_force(file)) return;
  task.due = true;
  task.tried_on.clear();
}

void Keeper::start_over() {
  folder_ = PolicyFolder(folder_.path());
  tasks_.clear();
  said_.clear();
  follow_files();
}

void Keeper::take_file(const std::string& path) {
  const PolicyFile& file = folder_.files().at(path);
  filters_[path] = file.filter;
  said_.erase(path);
  said_.erase("writing " + path);
  say_findings(file);
  Task& task = tasks_[path];
  task = Task{.due = file.sound(), .in_force = task.in_force};
  if (file.sound()) return;
  log_.say({LOG_ERR, "broken",
            fmt::format("{} cannot be applied; what {} runs stays as it is",
                        path, file.filter),
            fields_of(file)});
}

void Keeper::say_findings(const PolicyFile& file) {
  std::size_t left = kMostFindings;
  for (const Diagnostic& finding : file.findings) {
    if (left-- == 0) {
      log_.say(
          {LOG_WARNING, "finding",
           fmt::format("{}: more of it; `xdpgate check` names all", file.path),
           fields_of(file)});
      return;
    }
    const bool error = finding.severity == Severity::kError;
    log_.say({error ? LOG_ERR : LOG_WARNING, "finding", finding.text(),
              fields_of(file)});
  }
}

// The filter protects the host: that its file is gone may be a mistake.
void Keeper::forget_file(const std::string& path) {
  log_.say({LOG_WARNING,
            "removed",
            fmt::format("{0} is gone; the filter {1} stays on (`xdpgate detach "
                        "--name {1}` takes it off)",
                        path, filters_[path]),
            {{"FILTER", filters_[path]}, {"FILE", path}}});
  filters_.erase(path);
  tasks_.erase(path);
  said_.erase(path);
}

bool Keeper::lacks_interfaces(const PolicyFile& file,
                              const std::vector<std::string>& wanted,
                              const std::vector<std::string>& here) {
  const bool all = here.size() == wanted.size();
  if (!here.empty() && (all || file.policy->bridge.empty())) return false;
  const std::string message =
      wanted.empty() ? fmt::format(
                           "{}: {} names no interface, and runs on none: write "
                           "`interfaces:` into it",
                           file.filter, file.path)
                     : fmt::format("{} waits for {}", file.filter,
                                   fmt::join(without(wanted, here), ", "));
  say_once(file.path, {LOG_WARNING, "waiting", message, fields_of(file)});
  return true;
}

bool Keeper::work_on(const PolicyFile& file, Task& task) {
  if (!task.due || Clock::now() < task.next_try) return false;
  std::vector<std::string> wanted = file.policy->interfaces;
  if (wanted.empty()) {
    wanted = running_interfaces(file.filter).value_or(wanted);
  }
  std::vector<std::string> here = present(wanted);
  if (lacks_interfaces(file, wanted, here)) return false;
  const auto there = indexes(here);
  if (task.in_force && there == task.tried_on)
    return false;  // others still lack
  if (const std::string other = other_tool(); !other.empty()) {
    say_once(file.path,
             {LOG_INFO, "waiting",
              fmt::format("{} waits for {} to finish", file.filter, other),
              fields_of(file)});
    return false;
  }
  const bool all = here.size() == wanted.size();
  // What was detached by hand stays so when others come.
  if (task.in_force) {
    const auto filtered = running_interfaces(file.filter);
    std::erase_if(here, [&](const std::string& name) {
      const auto before = task.tried_on.find(name);
      return before != task.tried_on.end() &&
             before->second == there.at(name) && filtered &&
             std::ranges::find(*filtered, name) == filtered->end();
    });
  }
  put_in_force(file, here, all, task);
  task.tried_on = there;
  if (task.in_force && !all) {
    say_once(file.path,
             {LOG_WARNING, "waiting",
              fmt::format("{} waits for {}, and filters the others",
                          file.filter, fmt::join(without(wanted, here), ", ")),
              fields_of(file)});
  }
  return task.in_force;
}

void Keeper::put_in_force(const PolicyFile& file,
                          const std::vector<std::string>& interfaces, bool all,
                          Task& task) {
  auto done =
      apply(*file.image, {file.filter, interfaces, file.policy->mode, false});
  task.in_force = done.has_value();
  task.due = !done || !all;
  if (!done) {
    const bool soon = Clock::now() < let_go_;
    task.next_try = Clock::now() + (soon ? kSoon : kRetry);
    say_once(file.path,
             {LOG_ERR, "refused",
              fmt::format("{}: {}", file.filter, done.error().line()),
              fields_of(file)});
    return;
  }
  EventFields fields = fields_of(file);
  fields.emplace_back("GENERATION", std::to_string(done->generation));
  fields.emplace_back("DIGEST", file.digest);
  log_.say(
      {LOG_NOTICE, "applied",
       fmt::format("{}: generation {} {} on {}", file.filter, done->generation,
                   done->changed ? "in force" : "stays in force",
                   list_of(done->interfaces)),
       fields});
  for (const std::string& note : done->notes) {
    log_.say({LOG_NOTICE, "note", fmt::format("{}: {}", file.filter, note),
              fields_of(file)});
  }
}

void Keeper::renew_interfaces() {
  auto running = running_instances();
  if (!running) {
    say_once("state", {LOG_ERR, "unreadable", running.error().line()});
    return;
  }
  said_.erase("state");
  for (const InstanceDir& filter : *running) {
    renew_interfaces_of(filter.instance());
  }
  bool due = false;
  for (const auto& [path, file] : folder_.files()) {
    const auto task = tasks_.find(path);
    if (!file.sound() || task == tasks_.end() || task->second.due) continue;
    notice_other_interfaces(file, task->second);
    due = due || task->second.due;
  }
  if (due) work_on_all();
}

void Keeper::renew_interfaces_of(const std::string& filter) {
  auto renewed = reattach_missing(filter);
  const std::string subject = "filter " + filter;
  if (!renewed) {
    say_once(subject, {LOG_ERR,
                       "unreadable",
                       fmt::format("{}: {}", filter, renewed.error().line()),
                       {{"FILTER", filter}}});
    return;
  }
  said_.erase(subject);
  for (const InterfaceStatus& back : renewed->attached) {
    said_.erase(subject + " " + back.name);
    log_.say({LOG_NOTICE,
              "attached",
              fmt::format("{}: {} is back and filtered ({})", filter, back.name,
                          back.mode),
              {{"FILTER", filter}, {"INTERFACE", back.name}}});
  }
  for (const InterfaceStatus& missing : renewed->missing) {
    say_once(subject + " " + missing.name,
             {LOG_WARNING,
              "detached",
              fmt::format("{}: {} is not filtered: {}", filter, missing.name,
                          missing.why),
              {{"FILTER", filter}, {"INTERFACE", missing.name}}});
  }
}

void Keeper::collect() {
  auto running = running_instances();
  if (!running) return;  // renew_interfaces() says so
  for (const InstanceDir& filter : *running) {
    collect_in(filter.instance());
  }
}

void Keeper::collect_in(const std::string& filter) {
  auto collected = collect_expired(filter);
  if (!collected) {
    say_once("sets of " + filter,
             {LOG_ERR,
              "unreadable",
              fmt::format("{}: {}", filter, collected.error().line()),
              {{"FILTER", filter}}});
  } else if (*collected > 0) {
    log_.say({LOG_INFO,
              "collected",
              fmt::format("{}: {} expired {} removed", filter, *collected,
                          *collected == 1 ? "element" : "elements"),
              {{"FILTER", filter}}});
  }
}

void Keeper::detach_all() {
  for (const auto& [path, filter] : filters_) {
    if (!running_instance(filter)) continue;
    auto lines = detach(filter, {});
    log_.say({lines ? LOG_NOTICE : LOG_ERR,
              lines ? "detached" : "refused",
              lines ? filter + ": detached" : lines.error().line(),
              {{"FILTER", filter}}});
  }
}

std::set<std::string> Keeper::folders() const {
  std::set<std::string> result = {folder_.path()};
  for (const auto& [path, file] : folder_.files()) {
    for (const FileStamp& stamp : file.stamps) {
      const auto folder = std::filesystem::path(stamp.path).parent_path();
      result.insert(folder.empty() ? "." : folder.string());
    }
  }
  return result;
}

std::string Keeper::summary() const {
  std::size_t in_force = 0;
  std::vector<std::string> waiting, broken;
  for (const auto& [path, file] : folder_.files()) {
    const auto task = tasks_.find(path);
    const std::string name = std::filesystem::path(path).filename().string();
    if (!file.sound()) {
      broken.push_back(name);
    } else if (task != tasks_.end() && task->second.in_force) {
      ++in_force;
    } else {
      waiting.push_back(name);
    }
  }
  std::string text = fmt::format("{} {} in force", in_force,
                                 in_force == 1 ? "policy" : "policies");
  if (!waiting.empty()) {
    text += fmt::format("; not yet: {}", fmt::join(waiting, ", "));
  }
  if (!broken.empty())
    text += fmt::format("; broken: {}", fmt::join(broken, ", "));
  return text;
}

}  // namespace xdpgate
