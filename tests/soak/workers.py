"""What goes on at once while packets flow, each in a thread of its own."""

import json
import random
import re
import subprocess
import threading
import time
import urllib.request

import traffic

METRICS = "http://127.0.0.1:10470/metrics"
PATIENCE = 600      # seconds for what takes moments: the machine may be busy


class Worker(threading.Thread):
    """Works turn by turn until stopped; what goes wrong is told, and ends it."""

    def __init__(self, tool, folder):
        super().__init__(daemon=True)
        self.tool, self.folder = str(tool), folder
        self.stopping = threading.Event()
        self.failed = None
        self.done = 0

    def run(self):
        try:
            while not self.stopping.is_set():
                self.turn()
                self.done += 1
            self.end()
        except Exception as error:  # whatever it is, the soak has failed
            self.failed = f"{type(self).__name__}: {error}"

    def end(self):
        pass

    def stop(self):
        self.stopping.set()
        self.join(PATIENCE)

    def start_tool(self, *words, **options):
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", self.tool,
                                 *words], text=True, **options)

    def call(self, *words, **options):
        done = subprocess.run([self.tool, *words], capture_output=True, text=True,
                              timeout=PATIENCE, **options)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: exit code "
                               f"{done.returncode}: {done.stderr}")
        return done.stdout


class Swaps(Worker):
    """A policy a second; one in ten is killed somewhere on its way."""

    def __init__(self, *given):
        super().__init__(*given)
        self.dice = random.Random(11)
        self.took, self.killed, self.variant = [], 0, 0
        for number in range(len(traffic.VARIANTS)):
            (self.folder / f"{number}.yaml").write_text(traffic.policy(number))

    def turn(self):
        start = time.monotonic()
        self.variant = (self.variant + 1) % len(traffic.VARIANTS)
        words = ("apply", str(self.folder / f"{self.variant}.yaml"), "--json")
        if self.took and self.dice.randrange(10) == 0:
            self.kill(words)
        else:
            changed = json.loads(self.call(*words))["changed"]
            if changed:
                self.took.append(time.monotonic() - start)
        self.stopping.wait(max(0, start + 1 - time.monotonic()))

    def kill(self, words):
        quiet = subprocess.DEVNULL
        child = self.start_tool(*words, stdout=quiet, stderr=quiet)
        self.stopping.wait(self.dice.random() * self.took[-1])
        child.kill()
        child.wait()
        self.killed += 1


class Churn(Worker):
    """Elements in and out of the set `churn`; `inside` is what it should hold."""

    def __init__(self, *given):
        super().__init__(*given)
        self.dice = random.Random(12)
        self.inside, self.elements = set(), 0

    def turn(self):
        verb = self.dice.choice(("add", "add", "add", "del", "del", "load"))
        few = self.dice.randrange(1, 100)
        if verb == "load":
            some = self.dice.sample(traffic.CHURN, 3 * few)
            self.inside = set(some)
        elif verb == "add":
            some = self.dice.sample(traffic.CHURN, few)
            self.inside |= set(some)
        else:
            some = sorted(self.inside)[:few]
            self.inside -= set(some)
        if some:
            self.call("set", verb, "churn", "-", "--name", traffic.NAME,
                      input="\n".join(some) + "\n")
        self.elements += len(some)
        self.stopping.wait(0.1)

    def listed(self):
        told = json.loads(self.call("set", "list", "churn", "--json", "--name",
                                    traffic.NAME))
        return {e["element"] for e in told["elements"]}


class Captures(Worker):
    """A capture to a file for some seconds, then none."""

    def __init__(self, *given):
        super().__init__(*given)
        self.packets = 0

    def turn(self):
        child = self.start_tool("capture", "--name", traffic.NAME, "-w",
                                str(self.folder / "capture.pcapng"),
                                stderr=subprocess.PIPE)
        self.stopping.wait(5)
        child.terminate()
        _, told = child.communicate(timeout=PATIENCE)
        found = re.search(rf"{traffic.NAME}: ([\d,]+) packet", told)
        if child.returncode != 0 or not found:
            raise RuntimeError(f"exit code {child.returncode}: {told}")
        self.packets += int(found[1].replace(",", ""))
        self.stopping.wait(2)


def check_monotonic(before, now):
    """No counter of a rule that stays, and none of a verdict, ever falls."""
    for key, value in now.items():
        if value < before.get(key, 0):
            raise RuntimeError(f"{key} fell from {before[key]} to {value}")


def counters(stats):
    """All but those of the fillers, which come and go."""
    return ({f"rule {r['name']}": r["packets"] for r in stats["rules"]
             if not r["name"][1:].isdigit()} |
            {f"verdict {v}": c["packets"] for v, c in stats["verdicts"].items()})


class Watcher(Worker):
    """One `stats --watch` all the time."""

    def __init__(self, *given):
        super().__init__(*given)
        self.before = {}
        self.child = self.start_tool("stats", "--watch", "1s", "--json", "--name",
                                     traffic.NAME, stdout=subprocess.PIPE)

    def turn(self):
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("`stats --watch` ended by itself")
        now = counters(json.loads(line))
        check_monotonic(self.before, now)
        self.before = now

    def end(self):
        self.child.terminate()
        self.child.wait()


class Readers(Worker):
    """`stats`, `status` and `show`, one after the other."""

    def turn(self):
        for words in (("stats", "--name", traffic.NAME, "--json"),
                      ("status",), ("show", "--counters", "--name", traffic.NAME)):
            self.call(*words)
        self.stopping.wait(1)


class Scrapes(Worker):
    """`export`, and whoever reads it."""

    def __init__(self, *given):
        super().__init__(*given)
        self.before = {}
        none = self.folder / "none"
        none.mkdir()
        quiet = subprocess.DEVNULL
        self.child = self.start_tool("export", "--policies", str(none),
                                     stdout=quiet, stderr=quiet)
        self.wait_for_server()

    @staticmethod
    def wait_for_server():
        for _ in range(100):
            try:
                urllib.request.urlopen(METRICS, timeout=PATIENCE).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("run: `export` does not answer")

    def turn(self):
        text = urllib.request.urlopen(METRICS, timeout=PATIENCE).read().decode()
        now = {name: float(value) for name, value in
               re.findall(r"^(xdpgate_verdict_packets_total\S*) (\S+)$", text,
                          re.MULTILINE)}
        if not now:
            raise RuntimeError("no verdicts among the metrics")
        check_monotonic(self.before, now)
        self.before = now
        self.stopping.wait(2)

    def end(self):
        self.child.terminate()
        self.child.wait()
