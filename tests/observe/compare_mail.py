"""A mail scenario's capture, as tshark reads it, against its trace: the same commands and replies in the same order on each
connection, as many letters that SMTP carries, no malformed packet, and nothing that TCP had to mend. What is lost on purpose ("lossy") must be mended, and
what is enciphered ("sealed") cannot be read; else the run is "lossless"."""
import collections
import json
import subprocess
import sys

MENDING = ["tcp.analysis." + name for name in
           ("retransmission", "out_of_order", "duplicate_ack", "lost_segment", "ack_lost_segment", "zero_window", "window_full")]
FIELDS = ["frame.number", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "_ws.malformed", "imf", "smtp.req.command",
          "smtp.response.code", "ip.checksum.status", "tcp.checksum.status"] + MENDING


def frames(capture):
    command = ["tshark", "-r", capture, "-T", "fields", "-E", "separator=|", "-E", "aggregator=;", "-d", "tcp.port==587,smtp",
               "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"tshark fails: {done.stderr}")
    return [dict(zip(FIELDS, line.split("|"))) for line in done.stdout.splitlines()]


def said_in_trace(path):
    """By connection and direction: the verbs of commands and the codes of replies; how many letters; and up to which command
    tshark can follow: it takes for a letter whatever comes after a DATA, though it be refused."""
    said, letters, waiting, followed = (collections.defaultdict(list), collections.Counter(), collections.defaultdict(list), {})
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["kind"] != "message" or record["proto"] != "smtp" or record["event"] != "sent":
                continue
            way = (record["src"], str(record["src_port"]), record["dst"], str(record["dst_port"]))
            back, name = way[2:] + way[:2], record["name"]
            if name == "mail":
                letters[way] += 1
                waiting[way].append(("mail", 0))
            elif name.isdigit():
                said[way].append(name)
                command, place = waiting[back].pop(0) if waiting[back] else ("", 0)
                if command == "DATA" and name != "354":
                    followed.setdefault(back, place)
            else:
                waiting[way].append((name, len(said[way]) + 1))
                if name:
                    said[way].append(name)
    return said, letters, followed


def main():
    trace, capture, kind = sys.argv[1:]
    lossless, readable = kind != "lossy", kind == "lossless"
    faults, seen, mails = [], collections.defaultdict(list), collections.Counter()
    for frame in frames(capture):
        way = (frame["ip.src"], frame["tcp.srcport"], frame["ip.dst"], frame["tcp.dstport"])
        if frame["_ws.malformed"] or frame["ip.checksum.status"] == "0" or frame["tcp.checksum.status"] == "0":
            faults.append(f"frame {frame['frame.number']} is malformed")
        for name in MENDING:
            if lossless and frame[name]:
                faults.append(f"frame {frame['frame.number']}: {name}")
        words = frame["smtp.req.command"] or frame["smtp.response.code"]
        if words:
            seen[way] += [word.upper() for word in words.split(";")]
        mails[way] += bool(frame["imf"]) and not {"110", "143"} & {way[1], way[3]}
    said, letters, followed = said_in_trace(trace)
    if readable:
        for way in sorted(set(said) | set(seen)):
            end = followed.get(way)
            if said[way][:end] != seen[way][:end]:
                faults.append(f"{' '.join(way)}: the trace says {said[way]}, tshark {seen[way]}")
        if +mails != +letters:
            faults.append(f"letters in the trace: {dict(+letters)}, in tshark's eyes: {dict(+mails)}")
    print(sum(map(len, said.values())), "commands and replies,", sum(letters.values()), "letters,", len(faults), "faults")
    for fault in faults:
        print(" ", fault)
    sys.exit(bool(faults))


main()
