#!/usr/bin/env python3
"""compare_trace.py TRACE.jsonl CAPTURE.pcapng: the two exports of one run agree with each other and with tshark.

- every line of the trace is JSON, its seq is its place, its cause came before it, time does not run back;
- the packets of the capture are the trace's frames, in order: interface, time, size, and a comment where something befell one;
- tshark finds no malformed packet and no bad checksum, but in frames that were corrupted on purpose;
- the fields of every DHCP message in the trace are those tshark reads in its frame.

Prints each difference; exit status 1 if there is one."""
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from decimal import Decimal

COMMENTS = {"lost": "lost on this link", "corrupted": "corrupted on this link",
            "duplicate": "duplicated on this link: the copy"}
FIXED = {"htype": "dhcp.hw.type", "hlen": "dhcp.hw.len", "hops": "dhcp.hops", "xid": "dhcp.id", "secs": "dhcp.secs",
         "flags": "dhcp.flags", "ciaddr": "dhcp.ip.client", "yiaddr": "dhcp.ip.your", "siaddr": "dhcp.ip.server",
         "giaddr": "dhcp.ip.relay", "chaddr": "dhcp.hw.mac_addr", "sname": "dhcp.server", "file": "dhcp.file"}
NAMES = {1: "subnet_mask", 3: "router", 6: "domain_name_server", 12: "host_name", 15: "domain_name", 28: "broadcast_address",
         50: "requested_ip_address", 51: "ip_address_lease_time", 52: "option_overload", 53: "dhcp_message_type",
         54: "server_identifier", 55: "parameter_request_list", 56: "message", 57: "maximum_dhcp_message_size",
         58: "renewal_time", 59: "rebinding_time", 60: "vendor_class_identifier", 61: "client_identifier",
         82: "relay_agent_information"}
TYPES = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM"}


def octets_value(code, octets):
    """What the trace should say for an option's octets."""
    if code in (1, 28, 50, 54):
        return ".".join(map(str, octets))
    if code in (3, 6):
        return [".".join(map(str, octets[i:i + 4])) for i in range(0, len(octets), 4)]
    if code in (51, 52, 57, 58, 59):
        return int.from_bytes(octets, "big")
    if code == 53:
        return TYPES[octets[0]]
    if code == 55:
        return list(octets)
    if code in (12, 15, 56, 60) and all(32 <= octet < 127 for octet in octets):
        return octets.decode()
    return octets.hex(":")


def tshark_packets(path):
    text = subprocess.run(["tshark", "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
                           "-o", "nameres.mac_name:FALSE",
                           # each segment is seen on two links, one after the other
                           "-o", "tcp.reassemble_out_of_order:TRUE", "-T", "pdml"], check=True, capture_output=True)
    if b"damaged" in text.stderr or b"cut short" in text.stderr:
        print(text.stderr.decode())
        sys.exit(1)
    return list(ElementTree.fromstring(text.stdout).iter("packet"))


def packet_dhcp(packet):
    """The DHCP message of a packet as the trace should tell it, or None."""
    protos = {proto.get("name"): proto for proto in packet.findall("proto")}
    if "dhcp" not in protos or "icmp" in protos:
        return None
    fields = {}
    for name, pdml in FIXED.items():
        field = next((f for f in protos["dhcp"].iter("field") if f.get("name") == pdml), None)
        if field is None:
            continue
        show = field.get("show")
        fields[name] = int(show, 0) if name in ("htype", "hlen", "hops", "secs") else show
    kind = next(f for f in protos["dhcp"].iter("field") if f.get("name") == "dhcp.type").get("show")
    fields["op"] = {"1": "BOOTREQUEST", "2": "BOOTREPLY"}[kind]
    fields["flags.broadcast"] = int(fields["flags"], 16) >> 15
    for field in protos["dhcp"].iter("field"):
        if field.get("name") != "dhcp.option.type":
            continue
        octets = bytes.fromhex(field.get("value"))
        if octets[0] in (0, 255):
            continue
        name = NAMES.get(octets[0], f"option_{octets[0]}")
        fields.setdefault(name, octets_value(octets[0], octets[2:]))
    return fields


def packet_dns(packet):
    """What tshark reads in a DNS message, under the trace's names: header, question and first record."""
    def show(name):
        return generic(packet, name)
    names = {"id": "dns.id", "flags": "dns.flags"}
    numbers = {"qdcount": "dns.count.queries", "ancount": "dns.count.answers", "nscount": "dns.count.auth_rr",
               "arcount": "dns.count.add_rr", "qr": "dns.flags.response", "rd": "dns.flags.recdesired",
               "tc": "dns.flags.truncated", "rdlength": "dns.resp.len", "ttl": "dns.resp.ttl"}
    fields = {ours: show(theirs) for ours, theirs in names.items()}
    fields.update({ours: int(show(theirs), 0) for ours, theirs in numbers.items() if show(theirs) is not None})
    types = {"1": "A", "2": "NS", "5": "CNAME", "6": "SOA", "12": "PTR", "15": "MX", "16": "TXT", "28": "AAAA", "41": "OPT"}

    def named(name):
        return "." if show(name) == "<Root>" else show(name)
    if show("dns.qry.name"):
        fields["qname"], fields["qtype"] = named("dns.qry.name"), types.get(show("dns.qry.type"))
    if show("dns.resp.name"):
        fields["name"], fields["type"] = named("dns.resp.name"), types.get(show("dns.resp.type"))
    inside = {"address": "dns.a", "nsdname": "dns.ns", "cname": "dns.cname", "ptrdname": "dns.ptr.domain_name", "exchange": "dns.mx.mail_exchange",
              "mname": "dns.soa.mname", "rname": "dns.soa.rname", "txt_data": "dns.txt"}
    fields.update({ours: named(theirs) for ours, theirs in inside.items() if show(theirs) is not None})
    inside = {"preference": "dns.mx.preference", "serial": "dns.soa.serial_number", "refresh": "dns.soa.refresh_interval",
              "retry": "dns.soa.retry_interval", "expire": "dns.soa.expire_limit", "minimum": "dns.soa.minimum_ttl"}
    fields.update({ours: int(show(theirs), 0) for ours, theirs in inside.items() if show(theirs) is not None})
    fields["rcode"] = {None: "NOERROR", "0": "NOERROR", "2": "SERVFAIL", "3": "NXDOMAIN", "5": "REFUSED"}.get(show("dns.flags.rcode"))
    return fields


def generic(packet, name):
    for proto in packet.findall("proto"):
        for field in proto.iter("field"):
            if field.get("name") == name:
                return field.get("show")
    return None


def main():
    trace_path, capture_path = sys.argv[1:]
    faults = []

    def say(text):
        faults.append(text)

    records, last = [], Decimal(0)
    with open(trace_path, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            record = json.loads(line, parse_float=Decimal)
            if record["seq"] != number:
                say(f"line {number}: seq {record['seq']}")
            if record["cause"] is not None and record["cause"] >= number:
                say(f"line {number}: its cause {record['cause']} did not come before it")
            if record["t"] < last:
                say(f"line {number}: time runs back")
            last = record["t"]
            records.append(record)

    frames = [r for r in records if r["kind"] == "frame" and r["verdict"] != "link_down"]
    packets = tshark_packets(capture_path)
    if len(frames) != len(packets):
        say(f"{len(frames)} frames in the trace, {len(packets)} packets in the capture")
    damaged, by_id = set(), {}
    for record, packet in zip(frames, packets):
        where = f"frame {record['frame']} (seq {record['seq']})"
        led = records[record["cause"]] if record["cause"] is not None else record
        if record["verdict"] == "corrupted" or (led["kind"] == "frame" and led["frame"] in damaged):
            damaged.add(record["frame"])  # a router that forwards it passes the damage on
        if generic(packet, "frame.interface_name") != record["link"]:
            say(f"{where}: on {record['link']}, captured on {generic(packet, 'frame.interface_name')}")
        if Decimal(generic(packet, "frame.time_epoch")) != record["t"]:
            say(f"{where}: at {record['t']}, captured at {generic(packet, 'frame.time_epoch')}")
        if int(generic(packet, "frame.len")) != record["size"]:
            say(f"{where}: {record['size']} octets, captured {generic(packet, 'frame.len')}")
        if generic(packet, "frame.comment") != COMMENTS.get(record["verdict"]):
            say(f"{where}: {record['verdict']}, commented {generic(packet, 'frame.comment')!r}")
        if record["frame"] not in damaged:
            names = {f.get("name") for proto in packet.findall("proto") for f in proto.iter("field")}
            names |= {proto.get("name") for proto in packet.findall("proto")}
            for bad in ("_ws.malformed", "ip.checksum_bad.expert", "udp.checksum.bad", "icmp.checksum_bad.expert"):
                if bad in names:
                    say(f"{where}: tshark finds {bad}")
            for status in ("ip.checksum.status", "udp.checksum.status", "icmp.checksum.status"):
                if generic(packet, status) == "0":
                    say(f"{where}: tshark finds a bad {status[:-7]}")
        by_id.setdefault(record["frame"], packet)

    compared = names = 0
    for record in records:
        if record["kind"] != "message" or record["proto"] not in ("dhcp", "dns") or record["frames"][0] in damaged:
            continue
        packet = by_id.get(record["frames"][0])
        if packet is None:
            continue
        if record["proto"] == "dns":
            theirs = packet_dns(packet)
            ours = {name: value for name, value in record["fields"].items() if name in theirs}
            if theirs != ours or len(ours) < 10:
                say(f"seq {record['seq']}: the trace has {ours}, tshark {theirs}")
            names += 1
            continue
        theirs, ours = packet_dhcp(packet), dict(record["fields"])
        ours = {name: value for name, value in ours.items() if not name.startswith("agent.")}
        if theirs != ours:
            say(f"seq {record['seq']}: the trace has {ours}, tshark {theirs}")
        if record["src"] != generic(packet, "ip.src") or record["dst"] != generic(packet, "ip.dst"):
            say(f"seq {record['seq']}: from {record['src']} to {record['dst']}")
        compared += 1
    print("\n".join(faults[:40]))
    print(f"{len(records)} records, {len(packets)} packets, {compared} DHCP messages compared, {names} of DNS, {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
