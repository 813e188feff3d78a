"""What the kernel holds, by its own numbers, and what processes hold."""

import ctypes
import os
import time
from pathlib import Path

KINDS = ("prog", "map", "link")
MEMORY = ("Slab", "Percpu", "VmallocUsed")

libbpf = ctypes.CDLL("libbpf.so.1")


def pinned(folder):
    """{(kind, id): bytes} of everything pinned below a folder."""
    result = {}
    for path in Path(folder).rglob("*"):
        fd = libbpf.bpf_obj_get(str(path).encode()) if path.is_file() else -1
        if fd < 0:
            continue
        info = dict(line.split(":", 1) for line in
                    Path(f"/proc/self/fdinfo/{fd}").read_text().splitlines())
        os.close(fd)
        for kind in KINDS:
            if f"{kind}_id" in info and kind + "_type" in info:
                result[kind, int(info[f"{kind}_id"])] = int(info.get("memlock", 0))
    return result


def next_id(kind, after):
    number = ctypes.c_uint32()
    call = getattr(libbpf, f"bpf_{kind}_get_next_id")
    return number.value if call(after, ctypes.byref(number)) == 0 else None


def count(kind):
    """Objects of the whole machine. Asked by number only: a descriptor of a
    program array that goes just then would keep it for good (kernel 6.18)."""
    total, number = 0, next_id(kind, 0)
    while number is not None:
        total, number = total + 1, next_id(kind, number)
    return total


def left_of(objects, seconds=5):
    """Those that are still there after a while: freeing is in the background."""
    end = time.monotonic() + seconds
    while True:
        left = {(kind, number) for kind, number in objects
                if next_id(kind, number - 1) == number}
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.1)


def memory():
    """Bytes of /proc/meminfo, of the whole machine."""
    lines = dict(line.split(":") for line in
                 Path("/proc/meminfo").read_text().splitlines())
    return {key: int(lines[key].split()[0]) * 1024 for key in MEMORY}


def process(pid):
    """Open descriptors, and resident bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) * 1024
    return {"fds": len(os.listdir(f"/proc/{pid}/fd")), "resident": resident}


def statistic(interface, name):
    return int(Path(f"/sys/class/net/{interface}/statistics/{name}").read_text())


def no_ports():
    """Datagrams that reached the host's UDP and found nobody there."""
    rows = [line.split() for line in Path("/proc/net/snmp").read_text()
            .splitlines() if line.startswith("Udp:")]
    return int(dict(zip(*rows))["NoPorts"])
