#!/usr/bin/env python3
"""make_corpus.py: cuts the seeds of tests/fuzz/corpus out of tests/captures: one of each kind of message and sender."""
import hashlib
import pathlib
import struct

here = pathlib.Path(__file__).resolve().parent
seen = set()


def keep(target, kind, octets):
    if (target, kind) in seen:
        return
    seen.add((target, kind))
    folder = here / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(octets).hexdigest()[:12]).write_bytes(octets)


for path in sorted((here.parent / "captures").glob("*.pcap")):
    data, at = path.read_bytes(), 24
    peers = path.stem.split("-", 1)[1]
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        kind = frame[12:14]
        if kind == b"\x08\x06":
            keep("arp", (frame[21], frame[28:32] == bytes(4)), frame[14:])
            keep("ethernet", ("arp", frame[21]), frame)
        elif kind == b"\x08\x00":
            keep("ipv4", frame[23], frame[14:])
            if frame[23] != 17:
                keep("ethernet", frame[23], frame)
                continue
            udp, dhcp = frame[34:], frame[42:]
            keep("udp", (udp[:4], peers), frame[26:34] + udp)
            keep("ethernet", ("dhcp", dhcp[242]), frame)
            keep("dhcp", (dhcp[242], peers), dhcp)
            keep("options", (dhcp[242], peers), dhcp[44:236] + dhcp[240:])
