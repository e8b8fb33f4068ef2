"""Checks that the flow lines of a capture cover it: flows.py CAPTURE.pcap CAPTURE.txt

Every flow needs a line (transport, server port or *, protocol) and every line
a flow. The server is the side that got the first packet, or sent SYN+ACK.
"""
import subprocess
import sys


def lines(text):
    for line in open(text):
        f = line.split()
        if f and f[0] == "flow":
            if len(f) != 4:
                sys.exit(f"{text}: {line.strip()}: want flow TRANSPORT PORT PROTOCOL")
            yield f[1] + " " + f[2]


def flows(capture):
    fields = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.proto", "ipv6.nxt", "tcp.srcport", "tcp.dstport",
              "udp.srcport", "udp.dstport", "tcp.flags", "ip.frag_offset", "ip.flags.mf"]
    args = ["tshark", "-nr", capture, "-o", "ip.defragment:false", "-T", "fields", "-E", "occurrence=f"]
    for f in fields:
        args += ["-e", f]
    out = subprocess.run(args, capture_output=True, text=True, check=True).stdout
    seen = {}
    for row in out.splitlines():
        v = dict(zip(fields, row.split("\t")))
        if v["ip.frag_offset"] not in ("", "0") or v["ip.flags.mf"] in ("1", "True"):
            continue
        proto = v["ip.proto"] or v["ipv6.nxt"]
        src, dst = v["ip.src"] or v["ipv6.src"], v["ip.dst"] or v["ipv6.dst"]
        if not src:
            continue
        name, sport, dport = "ip" + proto, "", "-"
        if proto == "6" and v["tcp.srcport"]:
            name, sport, dport = "tcp", v["tcp.srcport"], v["tcp.dstport"]
        if proto == "17" and v["udp.srcport"]:
            name, sport, dport = "udp", v["udp.srcport"], v["udp.dstport"]
        key = (proto, frozenset([(src, sport), (dst, dport if sport else "")]))
        if key not in seen:
            answers = name == "tcp" and int(v["tcp.flags"], 16) & 0x12 == 0x12
            seen[key] = name + " " + (sport if answers else dport)
    return set(seen.values())


def main():
    capture, text = sys.argv[1:]
    said, found = set(lines(text)), flows(capture)
    used, missing = set(), []
    for label in sorted(found):
        any_port = label.split()[0] + " *"
        if label in said:
            used.add(label)
        elif any_port in said:
            used.add(any_port)
        else:
            missing.append(label)
    if missing or said - used:
        sys.exit(f"{text}: no line for {missing}, no flow for {sorted(said - used)}")


main()
