#!/usr/bin/env python3
"""make_odd_capture.py FILE.pcap: DHCP messages that the captured implementations did not send: agent information, options in
`file` and `sname`, split options, options without a name. Written from the RFCs, with nothing of our codecs."""
import struct
import sys


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total >> 16) + (total & 0xffff)
    return 0xffff - total


def frame(options, sname=b"", file=b"", op=2, flags=0):
    dhcp = struct.pack("!BBBBIHH4s4s4s4s16s64s128s4s", op, 1, 6, 1, 0x12345678, 7, flags, bytes(4), bytes([10, 0, 1, 9]),
                       bytes([10, 0, 0, 1]), bytes([10, 0, 1, 1]), bytes([2, 0, 0, 0, 0, 9]), sname, file,
                       bytes([99, 130, 83, 99])) + options
    dhcp += bytes(max(0, 300 - len(dhcp)))
    source, destination = bytes([10, 0, 0, 1]), bytes([10, 0, 1, 1])
    udp = struct.pack("!HHHH", 67, 67, 8 + len(dhcp), 0) + dhcp
    value = checksum(source + destination + struct.pack("!BBH", 0, 17, len(udp)) + udp) or 0xffff
    udp = udp[:6] + struct.pack("!H", value) + udp[8:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 99, 0, 64, 17, 0, source, destination)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]) + ip + udp


def option(code, value):
    return bytes([code, len(value)]) + value


ACK, END = option(53, b"\x05") + option(54, bytes([10, 0, 0, 1])), b"\xff"
FRAMES = [
    frame(ACK + option(82, option(1, b"eth0") + option(2, bytes([2, 0, 0, 0, 0, 5]))) + END),
    frame(ACK + option(82, option(1, b"\x00\x04") + option(9, b"vendor's own")) + END, flags=0x8000),
    frame(ACK + option(52, b"\x01") + END, file=option(3, bytes([10, 0, 1, 1, 10, 0, 1, 2])) + option(15, b"example.org") + END),
    frame(ACK + option(52, b"\x02") + END, sname=option(6, bytes([10, 0, 0, 53])) + END, file=b"boot/image"),
    frame(ACK + option(52, b"\x03") + END, sname=option(12, b"pc9") + END, file=option(51, struct.pack("!I", 86400)) + END),
    frame(ACK + option(56, b"a" * 255) + option(3, bytes([10, 0, 1, 1])) + option(56, b"b" * 40) + END),
    frame(ACK + option(224, bytes(range(20))) + option(43, b"\1\2\3") + option(119, b"\3net\0") + option(161, b"") + END),
    frame(b"\0\0" + ACK + b"\0" + option(1, bytes([255, 255, 255, 0])) + option(51, b"\xff\xff\xff\xff") + b"\0\0\0" + END),
    frame(option(53, b"\x01") + option(55, bytes([1, 3, 6, 15, 28, 51, 54, 58, 59, 121])) + option(57, b"\x05\xdc") +
          option(61, b"\0some identifier") + END, op=1, flags=0x8000, sname=b"server", file=b"f" * 128),
]

with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for second, octets in enumerate(FRAMES):
        out.write(struct.pack("<IIII", second, 0, len(octets), len(octets)) + octets)
