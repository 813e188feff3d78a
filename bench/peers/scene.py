"""What the peers are to match, and where: rules, packets, veths, tables.

Everything lives in the private namespaces of `run`; with its processes it is
gone.
"""

import random
import socket
import struct
import subprocess
from pathlib import Path

MAC = "02:00:00:00:00:02"
XDP_FILTER = Path("/usr/lib/x86_64-linux-gnu/bpf/xdpfilt_alw_all.o")
NFT_KINDS = ("linear", "interval", "hash")
LINEAR_MOST = 1000
XDP_FILTER_MOST = 10000


def run(*argv, **options):
    """Runs a command that must succeed and that ends with this process."""
    argv = ["setpriv", "--pdeathsig", "KILL", *[str(a) for a in argv]]
    done = subprocess.run(argv, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"run: {' '.join(argv[3:])}: exit code "
                         f"{done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


class Elements:
    """N rules of a /30 of sources and a range of UDP ports each, in an order
    without pattern. A packet of rule i comes from the second address of its /30,
    to the first port of its range; so exact and interval sets, lists of
    addresses and rules meet the same packets."""

    def __init__(self, count):
        self.count = count
        self.items = []
        for i in range(count):
            low = 1000 + i * 7919 % 50000
            self.items.append((0x0A000000 + 4 * i, low, low + i % 16))
        random.Random(count).shuffle(self.items)

    @staticmethod
    def text(address):
        return socket.inet_ntoa(struct.pack("!I", address))

    def addresses(self):
        return "".join(f"{self.text(a + 1)}\n" for a, _, _ in self.items)

    def policy(self):
        rules = "".join(
            f"  - {{name: r{i}, match: {{src: {self.text(a)}/30, protocol: udp,"
            f" dst_port: {low}-{high}}}, action: drop}}\n"
            for i, (a, low, high) in enumerate(self.items))
        return f"version: 1\nname: peers{self.count}\ndefault: pass\nrules:\n{rules}"

    def _set(self, flags, element):
        elements = ",\n".join(element(*item) for item in self.items)
        return (f"set s {{ type ipv4_addr . inet_service; {flags} elements = "
                f"{{ {elements} }} }}\n", "ip saddr . udp dport @s drop\n")

    def nft(self, hook, kind):
        """A table; what no rule drops a counter at its end counts."""
        head, rules = "", ""
        if kind == "linear":
            rules = "".join(f"ip saddr {self.text(a)}/30 udp dport {low}-{high} "
                            "drop\n" for a, low, high in self.items)
        elif kind == "interval":
            head, rules = self._set(
                "flags interval;",
                lambda a, low, high: f"{self.text(a)}/30 . {low}-{high}")
        else:
            head, rules = self._set(
                "", lambda a, low, high: f"{self.text(a + 1)} . {low}")
        family = "netdev" if hook == "netdev" else "inet"
        where = ('ingress device "recv" priority 0' if hook == "netdev"
                 else "prerouting priority -300")
        return (f"table {family} peers {{\n{head}chain c {{\n"
                f"type filter hook {where};\n{rules}counter\n}}\n}}\n")

    def frames(self, count):
        dice = random.Random(7)
        for i in range(count):
            address, low, _ = self.items[i % self.count if self.count > 1 else 0]
            yield udp_frame(address + 1, dice.getrandbits(32), i & 0xFFFF,
                            dice.randrange(1024, 65536), low)


def checksum(header):
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def udp_frame(source, destination, ident, source_port, port):
    """64 bytes, to the receivers' MAC; 198.18.0.0/15 is for benchmarks."""
    destination = 0xC6120000 | destination & 0x1FFFF
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 50, ident, 0, 64, 17, 0, source,
                       destination)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    ether = bytes.fromhex(MAC.replace(":", "")) + b"\2\0\0\0\0\1\x08\0"
    return ether + head + struct.pack("!HHHH", source_port, port, 30, 0) + bytes(22)


def write_pcap(path, frames):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            out.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)


def random_prefixes(path, count, ipv6):
    """Different prefixes of mixed lengths, one a line: IPv4 anywhere, IPv6 in
    2000::/4."""
    dice = random.Random(13)
    family, width = ((socket.AF_INET6, 128) if ipv6 else (socket.AF_INET, 32))
    lengths = ((40, 44, 48, 48, 56, 64, 64, 64, 96, 128) if ipv6 else
               (20, 22, 24, 24, 24, 26, 28, 30, 32, 32))
    seen = set()
    while len(seen) < count:
        length = dice.choice(lengths)
        bits = random_address(dice, ipv6) >> width - length << width - length
        seen.add((bits, length))
    Path(path).write_text("".join(
        f"{socket.inet_ntop(family, bits.to_bytes(width // 8, 'big'))}/{length}\n"
        for bits, length in sorted(seen)))


def random_address(dice, ipv6):
    return 2 << 124 | dice.getrandbits(124) if ipv6 else dice.getrandbits(32)


SOURCES = ("anywhere", "listed")


def random_packets(path, count, ipv6, sources, prefixes):
    """A capture: sources anywhere, or inside the prefixes of a file."""
    dice = random.Random(11)
    width = 128 if ipv6 else 32
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    lines = Path(prefixes).read_text().split()

    def source():
        if sources == "anywhere":
            return random_address(dice, ipv6)
        net, length = dice.choice(lines).split("/")
        bits = int.from_bytes(socket.inet_pton(family, net), "big")
        return bits | dice.getrandbits(width) >> int(length)

    write_pcap(path, (random_packet(dice, source(), ipv6)
                      for _ in range(count)))


def random_packet(dice, source, ipv6):
    if not ipv6:
        return udp_frame(source, dice.getrandbits(32), 0, 1024, 53)
    head = struct.pack("!IHBB", 6 << 28, 8, 17, 64)
    sides = source.to_bytes(16, "big") + random_address(dice, True).to_bytes(16, "big")
    return (bytes.fromhex(MAC.replace(":", "")) + b"\2\0\0\0\0\1\x86\xdd" + head
            + sides + struct.pack("!HHHH", 1024, 53, 8, 0) + b"\0\0")


class Veths:
    """Pairs of veths: the sending end here, the receiving one here or in a
    network namespace of its own."""

    def __init__(self):
        self.count = 0

    def pair(self, own_namespace):
        """(sending end, receiving end, namespace or None)."""
        self.count += 1
        send, recv = f"s{self.count}", f"r{self.count}"
        run("ip", "link", "add", send, "numrxqueues", 1, "numtxqueues", 1, "type",
            "veth", "peer", "name", recv, "numrxqueues", 1, "numtxqueues", 1)
        inside, space = [], None
        if own_namespace:
            space = f"peer{self.count}"
            run("ip", "netns", "add", space)
            run("ip", "link", "set", recv, "netns", space, "name", "recv")
            inside, recv = ["nsenter", f"--net=/run/netns/{space}"], "recv"
        run(*inside, "ip", "link", "set", recv, "address", MAC)
        # Without a program the receiver polls frames only with GRO on.
        run(*inside, "ethtool", "-K", recv, "gro", "on")
        run(*inside, "ip", "link", "set", recv, "up")
        run("ip", "link", "set", send, "up")
        return send, recv, space
