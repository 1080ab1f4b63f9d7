"""Two hundred messages for two IMAP servers to read, the same every time: nested multiparts, messages inside messages, encoded words,
addresses old and odd, broken MIME, 8-bit text, empty bodies, ends of lines. messages() gives (name, octets)."""
import base64
import random

PLAIN = "From: Alice <alice@crepes.fr>\nTo: bob@hamburger.edu\nDate: Mon, 7 Sep 2026 08:00:00 +0000\n"
MIME = PLAIN + "MIME-Version: 1.0\n"


def crlf(text, encoding="utf-8"):
    return text.replace("\n", "\r\n").encode(encoding)


# ---- Header fields ----

FIELDS = {
    "two-addresses": 'To: "A" <a@x.example>, b@y.example\n',
    "comments": "To: a@x.example (Anna), (before) b@x.example\n",
    "comment-nested": "To: a@x.example (Anna (of (all)) people)\n",
    "quoted-name": 'To: "Last, First" <a@x.example>\n',
    "quoted-escapes": 'To: "A \\"B\\" \\\\ C" <a@x.example>\n',
    "quoted-local": 'To: "a b"@x.example\n',
    "dots-in-name": "To: J. R. R. Tolkien <t@x.example>\n",
    "group": "To: team: a@x.example, B <b@x.example>;\n",
    "group-empty": "To: undisclosed-recipients:;\n",
    "groups": "To: one: a@x.example;, two: b@x.example, c@x.example;, d@x.example\n",
    "literal": "To: a@[192.0.2.1]\n",
    "route": "To: <@r1.example,@r2.example:a@x.example>\n",
    "angle-only": "To: <a@x.example>\n",
    "no-domain": "To: alice\n",
    "empty-angle": "To: Nobody <>\n",
    "empty-list": "To: ,,a@x.example,,b@x.example,\n",
    "spaces-around-at": "To: a @ x . example\n",
    "folded": "To: a@x.example,\n b@x.example,\n\tc@x.example\n",
    "folded-name": "To: First\n Second <a@x.example>\n",
    "two-fields": "To: a@x.example\nTo: b@x.example\n",
    "empty-to": "To:\n",
    "blank-to": "To:   \n",
    "encoded-name": "To: =?UTF-8?B?5rGJ5aCh?= <a@x.example>\n",
    "encoded-two": "To: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= =?ISO-8859-1?Q?_an?= <a@x.example>\n",
    "raw-utf-8": "To: Grüße <a@x.example>\n",
    "sender": "Sender: s@x.example\n",
    "sender-empty": "Sender:\n",
    "reply-to": "Reply-To: r@x.example, q@x.example\n",
    "reply-to-group": "Reply-To: nobody:;\n",
    "cc-bcc": "Cc: c@x.example\nBcc: d@x.example, E <e@x.example>\n",
    "bcc-empty": "Bcc: \n",
    "ids": "Message-ID: <1@x.example>\nIn-Reply-To: <0@x.example> <00@x.example>\nReferences: <0@x.example>\n",
    "ids-folded": "Message-ID:\n <1@x.example>\nIn-Reply-To: Your message of Monday\n <0@x.example>\n",
    "id-broken": "Message-ID: 1@x.example\n",
    "two-ids": "Message-ID: <1@x.example>\nMessage-ID: <2@x.example>\n",
    "subject-encoded": "Subject: =?UTF-8?B?5rGJ5aCh?= and =?iso-8859-1?q?Gr=FC=DFe?=\n",
    "subject-folded": "Subject: one\n  two\n\tthree\n",
    "subject-quotes": 'Subject: "quoted" \\ and back\n',
    "subject-raw-8bit": "Subject: Grüße\n",
    "subject-empty": "Subject:\n",
    "subject-blanks": "Subject:    \n",
    "subject-twice": "Subject: first\nSubject: second\n",
    "subject-long": "Subject: " + "x" * 900 + "\n",
    "subject-trailing": "Subject: trailing blanks  \t \n",
    "subject-colon": "Subject: a: b\n",
    "name-in-capitals": "SUBJECT: loud\n",
    "blank-before-colon": "Subject : odd\n",
    "date-obsolete": "X-Nothing: 1\n",
    "unknown-charset": "Subject: =?X-NOTHING?Q?abc?=\n",
    "encoded-broken": "Subject: =?UTF-8?Q?abc\n",
}


def field_messages():
    for name, fields in FIELDS.items():
        base = "From: Alice <alice@crepes.fr>\nDate: Mon, 7 Sep 2026 08:00:00 +0000\n"
        yield "field-" + name, crlf(base + fields + "\ntext of " + name + "\n")
    for name, date in (("none", ""), ("two-digits", "Date: 7 Sep 96 08:00 GMT\n"), ("no-day", "Date: 7 Sep 2026 08:00:00 -0700\n"),
                       ("comment", "Date: Mon, 7 Sep 2026 23:30:00 -0700 (PDT)\n"), ("nonsense", "Date: yesterday\n"),
                       ("folded", "Date: Mon,\n 7 Sep 2026 08:00:00 +0000\n"), ("old", "Date: Tue, 1 Feb 1994 00:10:00 +0300\n")):
        yield "date-" + name, crlf("From: a@x.example\n" + date + "Subject: dated\n\nx\n")
    for name, sender in (("none", ""), ("empty", "From:\n"), ("two", "From: a@x.example, b@x.example\n"), ("group", "From: g: a@x.example;\n"),
                         ("name-only", "From: Alice\n"), ("unclosed", "From: Alice <alice@crepes.fr\n"), ("quote-unclosed", 'From: "Alice <a@x.example>\n'),
                         ("8bit", "From: Grüße <a@x.example>\n")):
        yield "from-" + name, crlf(sender + "Subject: from\n\nx\n")


# ---- Bodies and MIME ----


def multipart(boundary, *parts, subtype="mixed", extra="", preamble="", epilogue=""):
    return ("Content-Type: multipart/%s; boundary=%s%s\n\n%s" % (subtype, boundary, extra, preamble) +
            "".join("--%s\n%s\n" % (boundary, part) for part in parts) + "--%s--\n%s" % (boundary, epilogue))


def part(content_type="text/plain", body="text", **fields):
    text = "Content-Type: %s\n" % content_type if content_type else ""
    return text + "".join("%s: %s\n" % (k.replace("_", "-"), v) for k, v in fields.items()) + "\n" + body


GIF = part('image/gif; name="a picture.gif"', "R0lGODlh\nAAAA", Content_Transfer_Encoding="base64",
           Content_Disposition='attachment; filename="a picture.gif"; size=6')
INNER = "From: inner@x.example\nSubject: inside\nDate: Tue, 1 Feb 1994 10:00:00 +0000\n"

BODIES = {
    "plain": "\nhello\n",
    "typed": "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n汉堡\n",
    "html": "Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n<p>Gr=FC=DFe\n",
    "base64-text": "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode("ein Gruß\r\n".encode()).decode() + "\n",
    "capitals": "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\nContent-Transfer-Encoding: 7BIT\n\nx\n",
    "mixed": multipart("b", part(), GIF),
    "alternative": multipart("b", part(), part("text/html", "<p>text"), subtype="alternative"),
    "related": multipart("b", part("text/html", "<img>"), GIF, subtype="related", extra='; type="text/html"; start="<a@x>"'),
    "nested": multipart("a", part(), multipart("b", part(), multipart("c", part(), GIF))),
    "nested-ten": "",
    "preamble": multipart("b", part(), part(), preamble="before\n\nit\n", epilogue="after\nit\n"),
    "empty-part": multipart("b", part(body=""), "\n", part()),
    "part-without-header": multipart("b", "\nno header at all"),
    "part-without-body": multipart("b", "Content-Type: text/plain"),
    "quoted-boundary": multipart('"b : c"', part()).replace('--"b : c"', "--b : c"),
    "boundary-trailing-blanks": multipart("b", part(), part()).replace("--b\n", "--b  \n"),
    "boundary-prefix": multipart("b", part(), multipart("bb", part())),
    "no-boundary": "Content-Type: multipart/mixed\n\n--b\n\ntext\n--b--\n",
    "no-parts": "Content-Type: multipart/mixed; boundary=b\n\njust text\n",
    "empty-multipart": "Content-Type: multipart/mixed; boundary=b\n\n",
    "only-end": "Content-Type: multipart/mixed; boundary=b\n\n--b--\n",
    "not-closed": "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n",
    "inner-not-closed": "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n",
    "message": multipart("b", part(), part("message/rfc822", INNER + "\nhello")),
    "message-alone": "Content-Type: message/rfc822\n\n" + INNER + "\nhello\n",
    "message-multipart": multipart("a", part("message/rfc822", INNER + multipart("b", part(), GIF))),
    "message-three-deep": "Content-Type: message/rfc822\n\nSubject: 1\nContent-Type: message/rfc822\n\nSubject: 2\nContent-Type: message/rfc822\n\nSubject: 3\n\nend\n",
    "message-empty": multipart("b", part("message/rfc822", "")),
    "message-header-only": multipart("b", part("message/rfc822", INNER)),
    "message-base64": multipart("b", part("message/rfc822", base64.b64encode(crlf(INNER + "\nx")).decode(), Content_Transfer_Encoding="base64")),
    "digest": multipart("b", "\n" + INNER + "\none", "Content-Type: text/plain\n\ntwo", subtype="digest"),
    "report": multipart("b", part(), part("message/delivery-status", "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x.example\nAction: failed"), part("message/rfc822", INNER + "\nx"), subtype="report", extra="; report-type=delivery-status"),
    "partial": 'Content-Type: message/partial; id="x@y"; number=1; total=2\n\nhalf\n',
    "external": 'Content-Type: message/external-body; access-type=anon-ftp; site="x"\n\nContent-Type: image/gif\n\n',
    "signed": multipart("b", part(), part('application/pgp-signature; name="s.asc"', "-----BEGIN"), subtype="signed", extra="; micalg=pgp-sha256; protocol=\"application/pgp-signature\""),
    "rfc2231": multipart("b", part("application/octet-stream; name*=utf-8''%E6%B1%89.txt", "x", Content_Disposition="attachment; filename*0*=utf-8''%E6%B1; filename*1*=%89; filename*2=.txt")),
    "rfc2231-plain": multipart("b", part('text/plain; name*0="one "; name*1="two"', "x")),
    "encoded-filename": multipart("b", part('application/pdf; name="=?UTF-8?B?5rGJLnBkZg==?="', "x")),
    "parameters-odd": multipart("b", part("text/plain; charset = us-ascii ; x=; y=\"\"; format=flowed;", "x")),
    "comments": multipart("b", part("text/plain (why not); charset=us-ascii (Plain text)", "x")),
    "language": multipart("b", part(Content_Language="de, en-GB", Content_Location="http://x.example/a b", Content_MD5="Q2hlY2s=", Content_ID="<1@x>", Content_Description="a part")),
    "disposition-inline": multipart("b", part(Content_Disposition="inline"), part(Content_Disposition="INLINE; FileName=X.TXT")),
    "disposition-broken": multipart("b", part(Content_Disposition="attachment; filename=a b.txt; size")),
    "description-encoded": multipart("b", part(Content_Description="=?UTF-8?B?5rGJ?=")),
    "no-subtype": "Content-Type: text\n\nx\n",
    "type-broken": "Content-Type: text/plain/x; a=b\n\nx\n",
    "type-empty": "Content-Type:\n\nx\n",
    "type-unknown": "Content-Type: x-odd/x-thing; a=b\n\nx\ny\n",
    "type-twice": "Content-Type: text/html\nContent-Type: text/plain\n\nx\n",
    "encoding-unknown": "Content-Transfer-Encoding: x-uuencode\n\nbegin\n",
    "encoding-commented": "Content-Type: text/plain\nContent-Transfer-Encoding: (why) BASE64 (so)\n\neA==\n",
    "charset-unknown": "Content-Type: text/plain; charset=x-nothing\n\nmystery\n",
    "charset-quoted": 'Content-Type: text/plain; charset="utf-8"\n\nx\n',
    "base64-broken": "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\naGVsbG8!!gd29ybGQ\n",
    "qp-broken": "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nbro=ken =\n=zz soft=\n",
    "long-line": "\n" + "x" * 5000 + "\n",
    "many-parts": multipart("b", *[part(body="part %d" % i) for i in range(60)]),
}
depth = part(body="the innermost")
for level in range(10):
    depth = multipart("n%d" % level, depth)
BODIES["nested-ten"] = depth

EDGES = {
    "nothing-but-header": b"Subject: header\r\n",
    "header-without-end": b"Subject: header",
    "header-and-blank": b"Subject: header\r\n\r\n",
    "no-header": b"\r\nonly a body\r\n",
    "one-octet": b"x",
    "one-line": b"\r\n",
    "no-final-end": b"Subject: x\r\n\r\nno end",
    "many-ends": b"Subject: x\r\n\r\n\r\n\r\n\r\n",
    "bare-lf": b"Subject: x\n\none\ntwo\n",
    "mixed-ends": b"Subject: x\r\nX-A: 1\n\r\none\ntwo\r\nthree\n",
    "bare-cr": b"Subject: x\r\n\r\none\rtwo\r\r\nthree\r",
    "blank-first-line": b" folded from nothing\r\nSubject: x\r\n\r\ny\r\n",
    "line-in-header": b"Subject: x\r\nthis is no field\r\nX-B: 1\r\n\r\ny\r\n",
    "colon-first": b": no name\r\nSubject: x\r\n\r\ny\r\n",
    "mbox": b"From alice Mon Sep  7 08:00:00 2026\r\nSubject: x\r\n\r\nFrom the start\r\n",
    "dots": b"Subject: x\r\n\r\n.\r\n..\r\n",
    "latin-1": b"Subject: gr\xfc\xdfe\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\xfc\xdfe\r\n",
    "8bit-unlabelled": b"Subject: x\r\n\r\ngr\xfc\xdfe \xff\xfe\r\n",
    "utf-8-broken": b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xe6\xb1 \xc3\r\n",
    "controls": b"Subject: x\x01\x02\x1b[1m\r\n\r\n\x01\x7f\r\n",
    "trailing-blanks": b"Subject: x\r\n \t\r\n\r\ny\r\n",
}


def random_part(rng, level):
    kind = rng.choice(("text", "text", "html", "gif", "multipart", "multipart", "message")) if level < 4 else "text"
    words = " ".join(rng.choice(("ketchup", "pickles", "lunch", "crêpes", "Gruß", "汉堡")) for _ in range(rng.randrange(30)))
    if kind == "multipart":
        boundary = "r%d_%d" % (level, rng.randrange(1000))
        return multipart(boundary, *[random_part(rng, level + 1) for _ in range(rng.randrange(1, 4))],
                         subtype=rng.choice(("mixed", "alternative", "related", "parallel")), preamble=rng.choice(("", "preamble\n")))
    if kind == "message":
        return part("message/rfc822", "From: %s@x.example\nSubject: level %d\n" % (rng.choice("abc"), level) + random_part(rng, level + 1))
    if kind == "gif":
        return GIF
    if rng.random() < 0.5:
        body = base64.encodebytes(words.encode()).decode().strip()
        return part("text/%s; charset=utf-8" % ("html" if kind == "html" else "plain"), body, Content_Transfer_Encoding="base64")
    return part("text/plain; charset=utf-8", words, Content_Transfer_Encoding="8bit")


def messages():
    found = list(field_messages())
    found += [("body-" + name, crlf(MIME + "Subject: body %s\n" % name + body)) for name, body in BODIES.items()]
    found += [("edge-" + name, octets) for name, octets in EDGES.items()]
    rng = random.Random(20260907)
    while len(found) < 200:
        number = len(found)
        found.append(("random-%d" % number, crlf(MIME + "Subject: =?utf-8?q?number_%d?=\nMessage-ID: <%d@x.example>\n" % (number, number) + random_part(rng, 0) + "\n")))
    return found
