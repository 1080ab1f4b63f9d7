#!/usr/bin/env python3
"""compare_capture.py DUMP_PROGRAM FILE.pcap...: for every DHCP frame, what our codecs read equals what tshark reads.

Compared are the strict reading (fixed fields, each option's octets, joined where it was split) and the description (each
field's place, length and value), both against tshark's PDML. Prints each difference; exit status 1 if there is one."""
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

FIXED = {
    "op": "dhcp.type", "htype": "dhcp.hw.type", "hlen": "dhcp.hw.len", "hops": "dhcp.hops", "xid": "dhcp.id",
    "secs": "dhcp.secs", "flags": "dhcp.flags", "ciaddr": "dhcp.ip.client", "yiaddr": "dhcp.ip.your",
    "siaddr": "dhcp.ip.server", "giaddr": "dhcp.ip.relay",
}
HEADERS = {
    "ethernet.destination": "eth.dst", "ethernet.source": "eth.src", "ethernet.type": "eth.type",
    "ipv4.tos": "ip.dsfield", "ipv4.total_length": "ip.len", "ipv4.identification": "ip.id", "ipv4.ttl": "ip.ttl",
    "ipv4.protocol": "ip.proto", "ipv4.checksum": "ip.checksum", "ipv4.source": "ip.src", "ipv4.destination": "ip.dst",
    "udp.source_port": "udp.srcport", "udp.destination_port": "udp.dstport", "udp.length": "udp.length",
    "udp.checksum": "udp.checksum", "dhcp.cookie": "dhcp.cookie", "dhcp.sname": "dhcp.server", "dhcp.file": "dhcp.file",
}
TYPES = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM"}
ADDRESSES = {1, 3, 6, 28, 50, 54}
NUMBERS = {51, 52, 57, 58, 59}
TEXTS = {12, 15, 56, 60}


def tshark_frames(path):
    """Frame number -> (fields by name, DHCP options in order) for frames that carry DHCP right over UDP over IPv4."""
    text = subprocess.run(["tshark", "-r", path, "-T", "pdml"], check=True, capture_output=True).stdout
    frames = {}
    for number, packet in enumerate(ElementTree.fromstring(text).iter("packet"), 1):
        protocols = {proto.get("name"): proto for proto in packet.findall("proto")}
        if "dhcp" not in protocols or "icmp" in protocols:
            continue
        fields, options = {}, []
        for name in ("eth", "ip", "udp", "dhcp"):
            for field in protocols[name].iter("field"):
                fields.setdefault(field.get("name"), field)
        for field in protocols["dhcp"].iter("field"):
            if field.get("name") == "dhcp.option.type":
                octets = field.get("value")
                if octets[:2] not in ("ff", "00"):
                    options.append((int(octets[:2], 16), int(field.get("pos")), int(field.get("size")), octets[4:], field))
        frames[number] = (fields, options)
    return frames


def our_frames(program, path):
    frames = {}
    for line in subprocess.run([program, path], check=True, capture_output=True, text=True).stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word == "frame":
            current = frames.setdefault(int(rest), {"decoded": {}, "option": {}, "field": [], "fault": []})
        elif word == "fault":
            current["fault"].append(rest)
        elif word == "field":
            current["field"].append(rest.split(" ", 5))
        else:
            name, _, value = rest.partition(" ")
            current[word][int(name) if word == "option" else name] = value
    return frames


def same_value(code, ours, octets):
    """Whether a described value says what the octets say."""
    raw = bytes.fromhex(octets)
    if code in ADDRESSES:
        return ours == ", ".join(".".join(map(str, raw[i:i + 4])) for i in range(0, len(raw), 4))
    if code in NUMBERS:
        return ours == str(int.from_bytes(raw, "big"))
    if code == 53:
        return ours == TYPES[raw[0]]
    if code == 55:
        return ours == ", ".join(map(str, raw))
    if code in TEXTS and all(32 <= octet < 127 for octet in raw):
        return ours == raw.decode()
    return ours == raw.hex(":")


def compare(path, number, theirs, ours, say):
    fields, options = theirs
    where = f"{path} frame {number}"
    for fault in ours["fault"]:
        say(f"{where}: we find a fault: {fault}")
    described = {key: (int(offset), int(length), value) for key, _, _, offset, length, value in ours["field"]}
    for name, pdml in FIXED.items():
        field = fields[pdml]
        if ours["decoded"].get(name) != str(int(field.get("value"), 16)):
            say(f"{where}: {name} is {ours['decoded'].get(name)}, tshark reads {field.get('value')}")
    for key, pdml in list(HEADERS.items()) + [("dhcp." + name, pdml) for name, pdml in FIXED.items()]:
        field = fields.get(pdml)
        if field is None:
            if key in ("dhcp.sname", "dhcp.file") and any(option[0] == 52 for option in options):
                continue  # it holds options, which are compared below
            say(f"{where}: tshark has no {pdml}")
            continue
        place = (int(field.get("pos")), int(field.get("size")))
        if described.get(key, (0, 0, ""))[:2] != place:
            say(f"{where}: {key} lies at {described.get(key)}, tshark says {place}")
        value, show = described.get(key, (0, 0, ""))[2], field.get("show")
        if key == "dhcp.op":
            show = {"1": "BOOTREQUEST", "2": "BOOTREPLY"}[show]
        if key == "dhcp.cookie":
            show = "63:82:53:63"
        if show.startswith("0x") and not value.startswith("0x"):
            show = str(int(show, 16))
        if value != show:
            say(f"{where}: {key} says {value!r}, tshark {show!r}")
    chaddr = fields["dhcp.hw.mac_addr"]
    if ours["decoded"]["chaddr"] != chaddr.get("value") or described["dhcp.chaddr"][0] != int(chaddr.get("pos")):
        say(f"{where}: chaddr {ours['decoded']['chaddr']}, tshark {chaddr.get('value')}")

    joined = {}
    for code, _, _, octets, _ in options:
        joined[code] = joined.get(code, "") + octets
    joined.pop(52, None)
    if joined != ours["option"]:
        say(f"{where}: options {ours['option']}, tshark {joined}")
    if "53" in joined and ours["decoded"]["summary_message"] != TYPES[int(joined[53], 16)]:
        say(f"{where}: the summary says {ours['decoded']['summary_message']}")
    ours_placed = sorted((int(code), int(offset), int(length), value) for key, depth, code, offset, length, value
                         in ours["field"] if int(code) not in (0, 255) and not key.startswith("dhcp.agent"))
    theirs_placed = sorted(options, key=lambda option: option[:3])
    if [option[:3] for option in ours_placed] != [option[:3] for option in theirs_placed]:
        say(f"{where}: options lie at {ours_placed}, tshark {[option[:3] for option in theirs_placed]}")
        return
    for (code, _, _, value), (_, _, _, octets, field) in zip(ours_placed, theirs_placed):
        if not same_value(code, value, octets):
            say(f"{where}: option {code} says {value!r}, its octets are {octets}")
        if code == 82:
            subs = [(int(f.get("pos")), int(f.get("size")), f.get("value")[:2]) for f in field.iter("field")
                    if f.get("name") == "dhcp.option.agent_information_option.suboption"]
            mine = [(int(offset), int(length), "%02x" % int(sub)) for key, _, sub, offset, length, _ in ours["field"]
                    if key.startswith("dhcp.agent")]
            if subs != mine:
                say(f"{where}: sub-options lie at {mine}, tshark {subs}")


def main():
    differences, compared = [], 0
    program, paths = sys.argv[1], sys.argv[2:]
    for path in paths:
        theirs, ours = tshark_frames(path), our_frames(program, path)
        for number in sorted(theirs.keys() | {n for n, f in ours.items() if f["decoded"].get("summary_protocol") == "dhcp"}):
            if number not in ours or number not in theirs:
                differences.append(f"{path} frame {number}: DHCP only for {'tshark' if number in theirs else 'us'}")
                continue
            compare(path, number, theirs[number], ours[number], differences.append)
            compared += 1
    print("\n".join(differences[:40]))
    print(f"{compared} DHCP frames in {len(paths)} captures compared, {len(differences)} differences")
    return 1 if differences or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
