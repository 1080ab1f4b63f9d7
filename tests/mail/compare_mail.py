#!/usr/bin/env python3
"""compare_mail.py DUMP FILE...: what dump_message reads in each message against what Python's email package reads.

Everything must agree but what stands in DIFFERENCES, each with the RFC's word for our side; a difference listed there that
does not occur fails too. Then the message that dump_message --again encodes anew is read by Python, and must hold the same.
"""
import email
import email.header
import email.policy
import email.utils
import json
import pathlib
import subprocess
import sys

# (file, what): why ours is right, or why it does not matter.
DIFFERENCES = {
    ("broken-blank-before-colon", "fields"): "RFC 5322 4.5: blanks before the colon are obsolete syntax, which must be read",
    ("broken-line-in-header", "fields"): "the RFC is silent; the fields behind the line are fields",
    ("broken-blank-before-colon", "content"): "so the body begins behind the blank line",
    ("broken-blank-before-colon", "text"): "likewise",
    ("broken-line-in-header", "content"): "likewise",
    ("broken-line-in-header", "text"): "likewise",
    ("broken-trailing-blanks", "content"): "RFC 2045 6.7 rule 3: blanks at a line's end must be deleted",
    ("broken-empty-part", "parts"): "RFC 2046 5.1.1: a body part may have neither header nor body; Python skips it",
    ("broken-not-closed", "content"): "RFC 2046 5.1.1: only the line end before a delimiter belongs to it, and none is there",
    ("broken-not-closed", "text"): "likewise",
    ("parameter-comments", "type"): "RFC 2045 5.1: comments are allowed wherever RFC 822 allows them",
    ("parameter-comments", "parameters"): "likewise",
    ("parameter-comments", "text"): "likewise",
    ("type-message-external-body", "parts"): "RFC 2046 5.2.3: the body is the header of what stands elsewhere, no message",
    ("type-message-partial", "parts"): "RFC 2046 5.2.2: a fragment is no message before all are joined",
}


def fnv(octets):
    h = 14695981039346656037
    for c in octets:
        h = (h ^ c) * 1099511628211 % (1 << 64)
    return "%016x" % h


def readable(text):
    """Python keeps octets it cannot read as surrogates; we write U+FFFD."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def header_text(raw):
    raw = readable(str(raw)).replace("\r", "").replace("\n", "")
    try:
        return str(email.header.make_header(email.header.decode_header(raw)))
    except (UnicodeDecodeError, LookupError):
        return None  # a character cut by the end of a word


class Comparison:
    def __init__(self, name):
        self.name, self.found = name, []

    def same(self, what, ours, theirs, where=""):
        if ours != theirs:
            self.found.append((what, f"{self.name}: {what} {where}\n  ours   {ours!r}\n  Python {theirs!r}"))

    def addresses(self, ours, new, name):
        theirs = []
        for group in new.groups:
            for a in group.addresses:
                theirs.append([readable(a.display_name), a.addr_spec, group.display_name or ""])
        self.same("addresses", [[readable(n), s, g] for n, s, g in ours], theirs, name)

    def part(self, ours, old, new, path):
        self.same("fields", [f["name"] for f in ours["fields"]], [n for n in old.keys()], path)
        if [f["name"] for f in ours["fields"]] == list(old.keys()):
            for field, (name, raw) in zip(ours["fields"], old.raw_items()):
                raw = readable(str(raw)).replace("\r", "").replace("\n", "")
                self.same("raw", readable(field["raw"]), raw.strip(), path + name)
                theirs = header_text(raw)
                if theirs is not None and "addresses" not in field and not name.lower().startswith("content-"):
                    self.same("text", field["text"], theirs.strip(), path + name)
                if name.lower() == "date" and "date" in field:
                    when = email.utils.parsedate_to_datetime(raw)
                    self.same("date", field["date"][0], int(email.utils.mktime_tz(email.utils.parsedate_tz(raw))), path)
                    offset = when.utcoffset()
                    self.same("zone", field["date"][1], int(offset.total_seconds() / 60) if offset else 0, path)
                elif name.lower() == "date":
                    self.same("date", None, email.utils.parsedate_tz(raw), path)
                if "addresses" in field:
                    self.addresses(field["addresses"], new.get(name), name)
        self.same("type", ours["type"] + "/" + ours["subtype"], old.get_content_type(), path)
        self.same("disposition", ours["disposition"], (old.get_content_disposition() or ""), path)
        filename = new.get_filename() or ""
        self.same("filename", ours["filename"], filename, path)
        if ours["parameters"] and old.get_params():
            theirs = {}
            for key, _ in old.get_params()[1:]:
                if key:
                    value = old.get_param(key)
                    theirs[key.lower()] = header_text(email.utils.collapse_rfc2231_value(value))
            self.same("parameters", ours["parameters"], theirs, path)
        children = old.get_payload() if old.is_multipart() else []
        self.same("parts", len(ours["parts"]), len(children), path)
        if ours["type"] == "multipart" and old.is_multipart():
            self.same("preamble", ours["preamble"].rstrip("\r\n"), (old.preamble or "").rstrip("\r\n"), path)
            self.same("epilogue", ours["epilogue"].rstrip("\r\n"), (old.epilogue or "").rstrip("\r\n"), path)
        if len(ours["parts"]) == len(children):
            for i, (a, b, c) in enumerate(zip(ours["parts"], children, new.get_payload() if children else [])):
                self.part(a, b, c, f"{path}{i + 1}.")
        if not ours["parts"] and not old.is_multipart():
            content = old.get_payload(decode=True)
            self.same("content", (ours["size"], ours["hash"]), (len(content), fnv(content)), path)
            if ours["type"] == "text":
                charset = old.get_content_charset("us-ascii")
                try:
                    text = content.decode(charset, "replace")
                except LookupError:
                    text = content.decode("ascii", "replace")
                self.same("text", ours["text"].replace("\r\n", "\n"), text.replace("\r\n", "\n"), path)


def contents(message):
    """What must survive a new encoding: structure, contents, names."""
    leaves = []
    for part in message.walk():
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if content is not None:
            content = content.replace(b"\r\n", b"\n")
            if part.get_content_maintype() == "text":
                content = content.rstrip(b"\n")
        leaves.append((part.get_content_type(), part.get_filename() or "", content))
    return [header_text(message.get("subject", "")) or ""] + leaves


def main():
    dump, files = sys.argv[1], [pathlib.Path(f) for f in sys.argv[2:]]
    lines = subprocess.run([dump, *map(str, files)], capture_output=True, check=True).stdout.splitlines()
    assert len(lines) == len(files)
    failures, expected, reencoded = 0, set(), 0
    for file, line in zip(files, lines):
        octets = file.read_bytes()
        old = email.message_from_bytes(octets, policy=email.policy.compat32)
        new = email.message_from_bytes(octets, policy=email.policy.default)
        comparison = Comparison(file.stem)
        comparison.part(json.loads(line)["root"], old, new, "")
        for what, words in comparison.found:
            if (file.stem, what) in DIFFERENCES:
                expected.add((file.stem, what))
            else:
                print(words)
                failures += 1
        if any(name == file.stem for name, _ in DIFFERENCES):
            continue
        for carrier in ("--7bit", "--8bit"):
            again = subprocess.run([dump, carrier, str(file)], capture_output=True, check=True).stdout
            if carrier == "--7bit" and any(c >= 0x80 for c in again) and not octets_kept(old):
                print(f"{file.stem}: not 7-bit")
                failures += 1
            if b"\n" in again.replace(b"\r\n", b""):
                print(f"{file.stem}: a bare LF in what was written")
                failures += 1
            ours = contents(email.message_from_bytes(again, policy=email.policy.default))
            theirs = contents(new)
            if ours != theirs:
                print(f"{file.stem} encoded anew ({carrier})\n  ours   {ours!r}\n  Python {theirs!r}")
                failures += 1
            reencoded += 1
    for gone in sorted(set(DIFFERENCES) - expected):
        print(f"{gone}: listed as a difference, and there is none")
        failures += 1
    print(f"{len(files)} messages, {reencoded} encoded anew, {len(expected)} known differences, {failures} failures")
    sys.exit(1 if failures or len(files) < 60 else 0)


def octets_kept(message):
    """A message whose transfer encoding nobody knows keeps its octets."""
    return "x-" in message.get("content-transfer-encoding", "")


main()
