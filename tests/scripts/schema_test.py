#!/usr/bin/python3
# What a JSON Schema validator makes of policies by `xdpgate schema`: every
# sound policy of the tree is valid, and those with keys or words that the
# language does not have are not. Exit code 77: no validator here.
#
#   XDPGATE=build/xdpgate tests/scripts/schema_test.py SOURCE_DIR
import glob
import json
import os
import re
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"left out: {missing}")
    sys.exit(77)

source = sys.argv[1]
schema = json.loads(subprocess.check_output([os.environ["XDPGATE"], "schema"]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
failures = []
counts = {"valid": 0, "invalid": 0}


class Loader(yaml.SafeLoader):
    """YAML 1.2's idea of plain scalars, as far as it matters here."""


# 10:20 is no number, and on is no boolean.
Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers
            if not tag.endswith((":bool", ":int", ":float", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for tag, pattern, first in (
        ("bool", r"^(true|false)$", "tf"),
        ("int", r"^(0|[-+]?[1-9][0-9]*|0x[0-9a-fA-F]+)$", "-+0123456789"),
):
    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


def expect(name, text, valid):
    errors = list(validator.iter_errors(yaml.load(text, Loader)))
    counts["valid" if valid else "invalid"] += 1
    if valid and errors:
        at = "/".join(str(part) for part in errors[0].absolute_path)
        failures.append(f"{name}: {at}: {errors[0].message[:200]}")
    if not valid and not errors:
        failures.append(f"{name}: nothing is wrong with it")


def read(path):
    with open(os.path.join(source, path), encoding="utf-8") as file:
        return file.read()


for path in sorted(glob.glob(os.path.join(source, "rules/*.yaml"))):
    expect(path, read(path), True)

for document in ("docs/policy.md", "docs/commands.md", "README.md"):
    for part in re.findall(r"^```yaml\n(.*?)^```$", read(document), re.S | re.M):
        if part.startswith("- "):
            part = "rules:\n" + part
        if "version:" not in part:
            part = "version: 1\n" + part
        expect(document, part, True)

# The cases of the reader's own tests: those without an error are sound; what
# is said of the others tells whether a schema can know.
FORBIDDEN = re.compile(r"error: (unknown key|`[^`]*` is not a value of "
                       r"`(mode|default|malformed|expect|over|family)`)")
for path in sorted(glob.glob(os.path.join(source, "tests/policy/cases/*.txt"))):
    for case in re.split(r"^=== ", read(path), flags=re.M)[1:]:
        head, _, expected = case.partition("\n>>>\n")
        name, _, text = head.partition("\n")
        name = os.path.basename(path) + ": " + name
        try:
            whole = yaml.load(text, Loader)
        except yaml.YAMLError:
            continue
        if not isinstance(whole, dict) or "version" not in whole:
            continue
        if FORBIDDEN.search(expected):
            expect(name, text, False)
        elif "error:" not in expected:
            expect(name, text, True)

RULE = "version: 1\nrules: [{name: a, action: pass, match: {%s}}]\n"
for keys, valid in (
        ("dst_port: 22", True), ("dst_port: \"22\"", True),
        ("dst_port: [ssh, 8000-8099, \"@web\"]", True),
        ("dst_port: {not: [22, 80]}", True),
        ("dst_port: 65536", False), ("dst_port: 22-", False),
        ("dst_port: sssh", False), ("dst_port: {nott: 22}", False),
        ("ethertype: 0x88cc", True), ("ethertype: \"0x88cc\"", True),
        ("ttl: 256", False), ("ttl: -1", False), ("ttl: \"0x10\"", False),
        ("ip_options: true", True), ("ip_options: maybe", False),
        ("vlan: any", True), ("vlan: 4096", False), ("vlan: all", False),
        ("src: 192.0.2.0/24", True), ("src: office", False),
        ("src_mac: \"00:00:5e:00:53:01/ff:ff:ff:00:00:00\"", True),
        ("src_mac: \"00:00:5e:00:53\"", False),
        ("icmp_type: [echo-request, 3, 8-11]", True),
        ("icmp_type: echo", False), ("fragment: some", False),
        ("payload: {at: l4, bytes: \"ff\"}", True),
        ("payload: {at: l5, bytes: \"ff\"}", False),
        ("payload: {at: l4}", False), ("payload: {at: l4, bytes: f}", False),
        ("tcp_flags: \"syn/syn,ack\"", True), ("dst_port: []", False),
):
    expect("{" + keys + "}", RULE % keys, valid)

for text in ("version: 2\n", "rules: []\n", "version: 1\nfoo: 1\n",
             "version: 1\nrules: [{action: pass}]\n",
             "version: 1\nrules: [{name: a b, action: pass}]\n",
             "version: 1\nsets: {a: {elements: [80]}}\n",
             "version: 1\ntests: [{packet: arp}]\n",
             "version: 1\ntests: [{packet: arp, pcap: x, expect: pass}]\n"):
    expect(repr(text), text, False)

for failure in failures:
    print(failure)
print(f"{counts['valid']} policies valid, {counts['invalid']} not")
sys.exit(1 if failures or counts["valid"] < 35 or counts["invalid"] < 40 else 0)
