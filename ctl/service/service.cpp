// SPDX-License-Identifier: GPL-2.0-only
#include "service/service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mutex>
#include <utility>

#include "bpf/bpffs.h"
#include "metrics/exporter.h"
#include "service/folder_watch.h"
#include "service/keeper.h"
#include "service/link_watch.h"
#include "service/supervisor.h"

namespace xdpgate {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kRound{10'000};    // looks without a cause
constexpr milliseconds kSettle{200};      // several files may change at once
constexpr milliseconds kCollect{60'000};  // between looks for expired elements

// What the server's threads see of the keeper.
class SharedIntents {
 public:
  void set(std::vector<Intent> intents) {
    const std::scoped_lock lock(mutex_);
    intents_ = std::move(intents);
  }
  [[nodiscard]] std::vector<Intent> get() const {
    const std::scoped_lock lock(mutex_);
    return intents_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Intent> intents_;
};

// SIGTERM, SIGINT and SIGHUP as something to read.
Result<Fd> signal_fd() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  Fd fd(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  if (fd) return fd;
  return failure(system_error("wait for", "signals", errno));
}

// One service a folder: held until the descriptor is closed.
Result<Fd> take_folder(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    return failure(system_error("open", path, errno,
                                "it is the folder of the policies; --policies "
                                "names another one"));
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  return failure({"keep the policies of", path,
                  "another `xdpgate daemon` does already",
                  "stop that first, or name another folder with --policies"});
}

class Service {
 public:
  Service(const ServiceOptions& options, Fd folder, Fd signals,
          FolderWatch files, LinkWatch links)
      : options_(options),
        folder_(std::move(folder)),
        signals_(std::move(signals)),
        files_(std::move(files)),
        links_(std::move(links)),
        log_(options.log),
        keeper_(options.folder, log_),
        patience_(watchdog_patience()) {}

  void run() {
    watch_folders();
    keeper_.follow_files();
    look_around();
    tell_ready(keeper_.summary());
    while (!stopped_) wait_and_work();
    tell_stopping();
    if (options_.detach_on_exit) keeper_.detach_all();
    log_.say(
        {LOG_NOTICE, "stopped",
         options_.detach_on_exit ? "stopped" : "stopped; the filters stay on"});
  }

 private:
  // What follows every change, and every round.
  void look_around() {
    keeper_.renew_interfaces();
    if (Clock::now() >= next_collection_) {
      keeper_.collect();
      next_collection_ = Clock::now() + kCollect;
    }
    watch_folders();
    intents_->set(keeper_.intents());
    serve_metrics();
    tell_status(keeper_.summary());
    tell_alive();
    next_round_ = Clock::now() + kRound;
  }

  void watch_folders() {
    auto watched = files_.watch(keeper_.folders());
    const std::string error = watched ? "" : watched.error().line();
    if (!error.empty() && error != watch_error_) {
      log_.say({LOG_WARNING, "unwatched", error});
    }
    watch_error_ = error;
  }

  // A port that is taken does not keep the host from being filtered.
  void serve_metrics() {
    if (!options_.listen || server_) return;
    auto server = MetricsServer::start(
        *options_.listen,
        metrics_source(options_.most_rules,
                       [shared = intents_] { return shared->get(); }));
    const std::string error = server ? "" : server.error().line();
    if (server) {
      log_.say({LOG_INFO, "serving",
                fmt::format("metrics at http://{}/metrics",
                            to_text(server->address()))});
      server_.emplace(std::move(*server));
    } else if (error != server_error_) {
      log_.say({LOG_ERR, "unserved", "no metrics: " + error});
    }
    server_error_ = error;
  }

  [[nodiscard]] int timeout_ms() const {
    auto left = std::chrono::ceil<milliseconds>(next_round_ - Clock::now());
    if (patience_) {
      left = std::min(left, std::chrono::floor<milliseconds>(*patience_) / 3);
    }
    return static_cast<int>(std::max<milliseconds::rep>(left.count(), 0));
  }

  void wait_and_work() {
    pollfd waits[] = {{signals_.get(), POLLIN, 0},
                      {files_.fd(), POLLIN, 0},
                      {links_.fd(), POLLIN, 0}};
    (void)::poll(waits, std::size(waits), timeout_ms());
    tell_alive();
    take_signals();
    if (stopped_) return;
    const bool files = files_.drain();
    const bool links = links_.drain();
    if (!files && !links && Clock::now() < next_round_) return;
    if (files || links) settle();
    keeper_.follow_files();
    look_around();
  }

  // Several changes that belong together are looked at together.
  void settle() {
    pollfd signals{signals_.get(), POLLIN, 0};
    (void)::poll(&signals, 1, static_cast<int>(kSettle.count()));
    files_.drain();
    links_.drain();
  }

  void take_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
      if (info.ssi_signo != SIGHUP) {
        stopped_ = true;
        continue;
      }
      tell_reloading();
      keeper_.start_over();
      look_around();
      tell_ready(keeper_.summary());
    }
  }

  const ServiceOptions& options_;
  Fd folder_, signals_;
  FolderWatch files_;
  LinkWatch links_;
  EventLog log_;
  Keeper keeper_;
  std::optional<std::chrono::microseconds> patience_;
  std::shared_ptr<SharedIntents> intents_ = std::make_shared<SharedIntents>();
  std::optional<MetricsServer> server_;
  std::string watch_error_, server_error_;
  Clock::time_point next_round_{}, next_collection_{};
  bool stopped_ = false;
};

}  // namespace

Result<void> run_service(const ServiceOptions& options) {
  // Without the privilege to look there is nothing to keep. (A filter that
  // cannot be read, one of another version for instance, keeps no other.)
  if (auto state = state_directory(); !state) {
    return std::unexpected(state.error());
  }
  auto folder = take_folder(options.folder);
  if (!folder) return std::unexpected(folder.error());
  // Before there are threads: they leave signals to this one.
  auto signals = signal_fd();
  if (!signals) return std::unexpected(signals.error());
  auto files = FolderWatch::create();
  if (!files) return std::unexpected(files.error());
  auto links = LinkWatch::create();
  if (!links) return std::unexpected(links.error());
  Service(options, std::move(*folder), std::move(*signals), std::move(*files),
          std::move(*links))
      .run();
  return {};
}

}  // namespace xdpgate
