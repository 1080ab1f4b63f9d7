/* ENVELOPE, BODYSTRUCTURE and sections: the examples of RFC 3501, odd messages, every truncation. */
#include "imap_data_test.h"

static void assert_envelope_is(const char *message, const char *wanted, int line) {
    MailContent *content = message_of(message);
    assert_bytes(imap_envelope(content), wanted, line);
    assert_bytes(imap_envelope(content), wanted, line);
    mail_content_drop(content);
}
#define assert_envelope(message, wanted) assert_envelope_is(message, wanted, __LINE__)

static void assert_structure_is(const char *message, const char *wanted, bool extended, int line) {
    MailContent *content = message_of(message);
    assert_bytes(extended ? imap_bodystructure(content) : imap_body(content), wanted, line);
    mail_content_drop(content);
}
#define assert_body(message, wanted) assert_structure_is(message, wanted, false, __LINE__)
#define assert_structure(message, wanted) assert_structure_is(message, wanted, true, __LINE__)

static void put_lines(Text *to, size_t lines, size_t octets) {
    for (size_t i = 0; i < lines; i++) {
        size_t size = octets / lines + (i < octets % lines) - 2;
        for (size_t k = 0; k < size; k++) text_put_char(to, 'x');
        text_put(to, "\r\n");
    }
}

/* Section 8's message: what it answers is printed there, types apart, which may be in any case. */
static void the_dialogue_of_section_8(void **state) {
    static const char header[] = "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
                                 "From: Terry Gray <gray@cac.washington.edu>\r\n"
                                 "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
                                 "To: imap@cac.washington.edu\r\n"
                                 "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
                                 "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
                                 "MIME-Version: 1.0\r\n"
                                 "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n";
    Text message = text_new();
    text_put(&message, header);
    put_lines(&message, 92, 3028);
    MailContent *content = message_of(text_get(&message));
    assert_text(imap_envelope(content),
                "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" "
                "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
                "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
                "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
                "((NIL NIL \"imap\" \"cac.washington.edu\")) "
                "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
                "\"<B27397-0100000@cac.washington.edu>\")");
    assert_text(imap_body(content), "(\"text\" \"plain\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7bit\" 3028 92)");
    assert_section(content, "BODY[HEADER]", header);
    assert_section(content, "BODY[TEXT]", text_get(&message) + sizeof header - 1);
    assert_section(content, "BODY[1]", text_get(&message) + sizeof header - 1);
    assert_section(content, "BODY[]", text_get(&message));
    assert_section(content, "BODY[1.MIME]", header);
    mail_content_drop(content);
    text_free(&message);
}

/* The example of section 7.4.2. */
static void the_structure_of_section_7(void **state) {
    (void)state;
    Text message = text_new();
    text_put(&message, "Content-Type: MULTIPART/MIXED; boundary=b\r\n\r\n--b\r\n"
                       "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n");
    put_lines(&message, 23, 1152);
    text_put(&message, "\r\n--b\r\nContent-Type: TEXT/PLAIN; CHARSET=US-ASCII; NAME=cc.diff\r\n"
                       "Content-ID: <960723163407.20117h@cac.washington.edu>\r\nContent-Description: Compiler diff\r\n"
                       "Content-Transfer-Encoding: BASE64\r\n\r\n");
    put_lines(&message, 73, 4554);
    text_put(&message, "\r\n--b--\r\n");
    assert_body(text_get(&message),
                "((\"text\" \"plain\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7bit\" 1152 23)"
                "(\"text\" \"plain\" (\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") "
                "\"<960723163407.20117h@cac.washington.edu>\" \"Compiler diff\" \"base64\" 4554 73) \"mixed\")");
    text_free(&message);
}

/* ---- Sections ---- */

#define PART_3 "Subject: three\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
#define TEXT_3 "--c\r\n\r\nthree one\r\n--c\r\nContent-Type: application/octet-stream\r\n\r\nthree two\r\n--c--"
#define PART_42 "Subject: four two\r\nContent-Type: multipart/mixed; boundary=e\r\n\r\n"
#define TEXT_422 "--f\r\n\r\nfour two two one\r\n--f\r\nContent-Type: text/richtext\r\n\r\nfour two two two\r\n--f--"
#define TEXT_42 \
    "--e\r\n\r\nfour two one\r\n--e\r\nContent-Type: multipart/alternative; boundary=f\r\n\r\n" TEXT_422 "\r\n--e--"
#define TEXT_4                                                                                                      \
    "--d\r\nContent-Type: image/gif\r\n\r\nfour one\r\n--d\r\nContent-Type: message/rfc822\r\n\r\n" PART_42 TEXT_42 \
    "\r\n--d--"

/* The table of section 6.4.5. */
static void sections(void **state) {
    static const char message[] = "From: a@b\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
                                  "--a\r\n\r\none\r\n--a\r\nContent-Type: application/octet-stream\r\n\r\ntwo\r\n"
                                  "--a\r\nContent-Type: message/rfc822\r\nX: y\r\n\r\n" PART_3 TEXT_3
                                  "\r\n--a\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n" TEXT_4 "\r\n--a--\r\n";
    MailContent *content = message_of(message);
    assert_section(content, "BODY[]", message);
    assert_section(content, "BODY[HEADER]", "From: a@b\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n");
    assert_section(content, "BODY[TEXT]", strstr(message, "--a"));
    assert_section(content, "BODY[1]", "one");
    assert_section(content, "BODY[1.MIME]", "\r\n");
    assert_section(content, "BODY[2]", "two");
    assert_section(content, "BODY[2.MIME]", "Content-Type: application/octet-stream\r\n\r\n");
    assert_section(content, "BODY[3]", PART_3 TEXT_3);
    assert_section(content, "BODY[3.HEADER]", PART_3);
    assert_section(content, "BODY[3.TEXT]", TEXT_3);
    assert_section(content, "BODY[3.MIME]", "Content-Type: message/rfc822\r\nX: y\r\n\r\n");
    assert_section(content, "BODY[3.HEADER.FIELDS (subject)]", "Subject: three\r\n\r\n");
    assert_section(content, "BODY[3.1]", "three one");
    assert_section(content, "BODY[3.2]", "three two");
    assert_section(content, "BODY[4]", TEXT_4);
    assert_section(content, "BODY[4.1]", "four one");
    assert_section(content, "BODY[4.1.MIME]", "Content-Type: image/gif\r\n\r\n");
    assert_section(content, "BODY[4.2]", PART_42 TEXT_42);
    assert_section(content, "BODY[4.2.HEADER]", PART_42);
    assert_section(content, "BODY[4.2.TEXT]", TEXT_42);
    assert_section(content, "BODY[4.2.1]", "four two one");
    assert_section(content, "BODY[4.2.2]", TEXT_422);
    assert_section(content, "BODY[4.2.2.1]", "four two two one");
    assert_section(content, "BODY[4.2.2.2]", "four two two two");
    static const char *const missing[] = {"BODY[5]",        "BODY[1.1]",        "BODY[2.HEADER]",
                                          "BODY[4.HEADER]", "BODY[4.TEXT]",     "BODY[3.3]",
                                          "BODY[3.1.1]",    "BODY[4.2.2.3]",    "BODY[4.2.2.HEADER]",
                                          "BODY[3.1.TEXT]", "BODY[4294967295]", "BODY[2.HEADER.FIELDS (a)]"};
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) assert_section(content, missing[i], "NIL");
    mail_content_drop(content);
}

/* A message that is one part, a message that is a message, one in a message. */
static void parts_that_are_messages(void **state) {
    MailContent *content = message_of(
        "Subject: out\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nbody\r\n");
    assert_section(content, "BODY[1]", "Subject: in\r\n\r\nbody\r\n");
    assert_section(content, "BODY[1.HEADER]", "Subject: in\r\n\r\n");
    assert_section(content, "BODY[1.TEXT]", "body\r\n");
    assert_section(content, "BODY[1.1]", "body\r\n");
    assert_section(content, "BODY[1.1.MIME]", "Subject: in\r\n\r\n");
    assert_section(content, "BODY[1.2]", "NIL");
    assert_section(content, "BODY[1.1.1]", "NIL");
    assert_section(content, "BODY[2]", "NIL");
    mail_content_drop(content);
    content = message_of("Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nb");
    assert_section(content, "BODY[1.1]", "Subject: x\r\n\r\nb");
    assert_section(content, "BODY[1.1.HEADER]", "Subject: x\r\n\r\n");
    assert_section(content, "BODY[1.1.1]", "b");
    mail_content_drop(content);
    content = message_of("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==\r\n");
    assert_text(imap_body(content),
                "(\"message\" \"rfc822\" NIL NIL NIL \"base64\" 6 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "
                "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 6 1) 1)");
    assert_section(content, "BODY[1.HEADER]", "");
    assert_section(content, "BODY[1.TEXT]", "QQ==\r\n");
    assert_section(content, "BODY[1.1]", "QQ==\r\n");
    assert_section(content, "BODY[1.1.MIME]", "");
    assert_section(content, "BODY[1.2]", "NIL");
    assert_section(content, "BODY[1.1.1]", "NIL");
    mail_content_drop(content);
    content = message_of("Content-Type: multipart/mixed\r\n\r\nno boundary");
    assert_text(imap_body(content), "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0) \"mixed\")");
    assert_section(content, "BODY[1]", "");
    assert_section(content, "BODY[2]", "NIL");
    assert_section(content, "BODY[TEXT]", "no boundary");
    mail_content_drop(content);
}

/* A line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1): what stands inside has no blank line. */
static void headers_right_before_a_delimiter(void **state) {
    MailContent *content = message_of("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                                      "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n"
                                      "--b\r\nContent-Type: message/rfc822\r\n\r\n\r\n"
                                      "--b\r\nX: y\r\n\r\n"
                                      "--b\r\nX: y\r\n\r\n\r\n--b--\r\n");
    assert_section(content, "BODY[1]", "Subject: x\r\n");
    assert_section(content, "BODY[1.HEADER]", "Subject: x\r\n");
    assert_section(content, "BODY[1.TEXT]", "");
    assert_section(content, "BODY[2]", "");
    assert_section(content, "BODY[2.HEADER]", "");
    assert_section(content, "BODY[3.MIME]", "X: y\r\n");
    assert_section(content, "BODY[3]", "");
    assert_section(content, "BODY[4.MIME]", "X: y\r\n\r\n");
    assert_section(content, "BODY[4]", "");
    mail_content_drop(content);
}

static void chosen_fields(void **state) {
    MailContent *content = message_of("To: a\r\n b\r\nSubject: s\r\nto: c\r\nX-\"y\": z\r\n\r\nbody");
    assert_section(content, "BODY[HEADER.FIELDS (TO)]", "To: a\r\n b\r\nto: c\r\n\r\n");
    assert_section(content, "BODY[HEADER.FIELDS (subject to)]", "To: a\r\n b\r\nSubject: s\r\nto: c\r\n\r\n");
    assert_section(content, "BODY[HEADER.FIELDS.NOT (to \"X-\\\"y\\\"\")]", "Subject: s\r\n\r\n");
    assert_section(content, "BODY[HEADER.FIELDS (none)]", "\r\n");
    assert_section(content, "BODY[HEADER.FIELDS.NOT (none)]",
                   "To: a\r\n b\r\nSubject: s\r\nto: c\r\nX-\"y\": z\r\n\r\n");
    mail_content_drop(content);
    content = message_of("To: a\r\nSubject: s\r\n"); /* no blank line, no body */
    assert_section(content, "BODY[HEADER.FIELDS (TO)]", "To: a\r\n");
    assert_section(content, "BODY[HEADER]", "To: a\r\nSubject: s\r\n");
    assert_section(content, "BODY[TEXT]", "");
    mail_content_drop(content);
    content = message_of("Do you like ketchup?\r\n"); /* no header */
    assert_section(content, "BODY[HEADER]", "");
    assert_section(content, "BODY[HEADER.FIELDS (TO)]", "\r\n");
    assert_section(content, "BODY[TEXT]", "Do you like ketchup?\r\n");
    mail_content_drop(content);
    content = message_of("");
    assert_section(content, "BODY[]", "");
    assert_section(content, "BODY[HEADER.FIELDS.NOT (TO)]", "");
    assert_section(content, "BODY[1]", "");
    mail_content_drop(content);
}

static void names_of_sections(void **state) {
    static const char *const items[][2] = {
        {"BODY[]", "BODY[]"},
        {"body.peek[header]", "BODY[HEADER]"},
        {"BODY[4.2.2.1]<0.9>", "BODY[4.2.2.1]<0>"},
        {"BODY[1.mime]<7.9>", "BODY[1.MIME]<7>"},
        {"BODY[HEADER.FIELDS (DATE \"a b\" From)]", "BODY[HEADER.FIELDS (DATE \"a b\" From)]"},
        {"BODY.PEEK[3.HEADER.FIELDS.NOT (\"x\")]", "BODY[3.HEADER.FIELDS.NOT (x)]"}};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        ImapReader r = imap_reader(bytes_text(items[i][0]), *state);
        ImapFetchList list;
        assert_true(imap_read_fetch(&r, &list));
        Text text = text_new();
        imap_put_section(&text, &list.items[0]);
        assert_string_equal(text_get(&text), items[i][1]);
        text_free(&text);
    }
}

/* ---- Envelopes ---- */

static void envelopes(void **state) {
    (void)state;
    assert_envelope("", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
    assert_envelope("Date:\r\nSubject: \r\nIn-Reply-To:\r\nMessage-ID:\r\nFrom:\r\nTo: \r\n\r\n",
                    "(\"\" \"\" NIL NIL NIL NIL NIL NIL \"\" \"\")");
    assert_envelope(
        "From: a@b\r\nSender:\r\nReply-To: c@d\r\n\r\n",
        "(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"c\" \"d\")) NIL NIL NIL NIL NIL)");
    assert_envelope(
        "From: a@b\r\nSender: c@d\r\n\r\n",
        "(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"c\" \"d\")) ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL)");
    /* as in the header, not decoded; folding undone */
    assert_envelope("Subject: =?UTF-8?B?5L2g5aW9?=\r\n =?UTF-8?Q?x?=\r\nFrom: =?UTF-8?Q?=C3=A4?= <a@b>\r\n\r\n",
                    "(NIL \"=?UTF-8?B?5L2g5aW9?= =?UTF-8?Q?x?=\" ((\"=?UTF-8?Q?=C3=A4?=\" NIL \"a\" \"b\")) "
                    "((\"=?UTF-8?Q?=C3=A4?=\" NIL \"a\" \"b\")) ((\"=?UTF-8?Q?=C3=A4?=\" NIL \"a\" \"b\")) "
                    "NIL NIL NIL NIL NIL)");
    /* quotes and backslashes, eight bits */
    assert_envelope("Subject: a \"b\" \\c\r\nTo: \"x\\\"y\" <\"p q\"@r>\r\nCc: \xc3\xa4 <a@b>\r\n\r\n",
                    "(NIL \"a \\\"b\\\" \\\\c\" NIL NIL NIL ((\"x\\\"y\" NIL \"p q\" \"r\")) "
                    "(({2}\r\n\xc3\xa4 NIL \"a\" \"b\")) NIL NIL NIL)");
    /* groups, also empty, routes, comments for names, missing hosts */
    assert_envelope(
        "To: A: Ed <e@f>, g@h;, i@j\r\nCc: undisclosed-recipients:;\r\nBcc: x, A:;, B: y@z;\r\n\r\n",
        "(NIL NIL NIL NIL NIL "
        "((NIL NIL \"A\" NIL)(\"Ed\" NIL \"e\" \"f\")(NIL NIL \"g\" \"h\")(NIL NIL NIL NIL)(NIL NIL \"i\" \"j\")) "
        "((NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL NIL)) "
        "((NIL NIL \"x\" \"\")(NIL NIL \"A\" NIL)(NIL NIL NIL NIL)(NIL NIL \"B\" NIL)(NIL NIL \"y\" \"z\")"
        "(NIL NIL NIL NIL)) NIL NIL)");
    assert_envelope(
        "To: bob@x (Bob B.)\r\nCc: <@a,@b:c@d>\r\nIn-Reply-To: <1@2>\r\n <3@4>\r\nMessage-ID: <5@6>\r\n\r\n",
        "(NIL NIL NIL NIL NIL ((\"Bob B.\" NIL \"bob\" \"x\")) ((NIL \"@a,@b\" \"c\" \"d\")) NIL "
        "\"<1@2> <3@4>\" \"<5@6>\")");
    /* two fields of one name */
    assert_envelope("To: a@b\r\nTo: c@d\r\nSubject: one\r\nSubject: two\r\n\r\n",
                    "(NIL \"one\" NIL NIL NIL ((NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")) NIL NIL NIL NIL)");
    static const char nul[] = "Subject: a\0b\r\n\r\n";
    MailContent *content = mail_content_new((const uint8_t *)nul, sizeof nul - 1);
    assert_text(imap_envelope(content), "(NIL {3}\r\na\x80"
                                        "b NIL NIL NIL NIL NIL NIL NIL NIL)");
    mail_content_drop(content);
}

/* ---- Structures ---- */

static void structures(void **state) {
    (void)state;
    assert_structure("", "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL)");
    assert_structure("Content-Type: Image/GIF; Name=\"a \\\"b\"; x=y\r\nContent-Transfer-Encoding: BASE64\r\n"
                     "Content-MD5: Q2hlY2s=\r\nContent-ID: <1@2>\r\nContent-Description: =?UTF-8?Q?x?=\r\n"
                     "Content-Disposition: Attachment; FileName=\"a b\"; size=3\r\nContent-Language: en, zh-CN\r\n"
                     "Content-Location: http://a/\r\n b\r\n\r\nAAAA\r\n",
                     "(\"image\" \"gif\" (\"Name\" \"a \\\"b\" \"x\" \"y\") \"<1@2>\" \"=?UTF-8?Q?x?=\" \"base64\" 6 "
                     "\"Q2hlY2s=\" (\"attachment\" (\"FileName\" \"a b\" \"size\" \"3\")) (\"en\" \"zh-CN\") "
                     "\"http://a/ b\")");
    assert_structure(
        "Content-Type: text/html\r\nContent-Disposition: inline\r\nContent-Language: de\r\n\r\na\r\nb",
        "(\"text\" \"html\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 4 1 NIL (\"inline\" NIL) (\"de\") NIL)");
    assert_structure(
        "Content-Type: text/plain; format=flowed\r\n\r\n",
        "(\"text\" \"plain\" (\"format\" \"flowed\" \"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL "
        "NIL)");
    assert_structure(
        "Content-Type: multipart/mixed; boundary=\"b c\"; x=1\r\nContent-Disposition: inline\r\n"
        "Content-Language: fr\r\nContent-Location: l\r\n\r\n--b c\r\nContent-Type: audio/x\r\n\r\n"
        "\r\n--b c--\r\n",
        "((\"audio\" \"x\" NIL NIL NIL \"7bit\" 0 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b c\" \"x\" \"1\") "
        "(\"inline\" NIL) (\"fr\") \"l\")");
    assert_structure(
        "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: s\r\n\r\nhi\r\n--b--\r\n",
        "((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 16 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) "
        "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 2 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL) "
        "\"digest\" (\"boundary\" \"b\") NIL NIL NIL)");
    assert_body("Content-Type: message/delivery-status\r\n\r\nx\r\n",
                "(\"message\" \"delivery-status\" NIL NIL NIL \"7bit\" 3)");
    /* what cannot be read is text (RFC 2045 section 5.2) */
    assert_body("Content-Type: nonsense; a=b\r\nContent-Transfer-Encoding: ,\r\nContent-Disposition: ;x=y\r\n\r\n",
                "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0)");
    assert_body("Content-Type: a/b; charset=x; q?=3; =4; c=\"\"; d=\"open\r\nContent-Transfer-Encoding: X-Uue\r\n\r\n",
                "(\"a\" \"b\" (\"charset\" \"x\" \"c\" \"\" \"d\" \"open\") NIL NIL \"x-uue\" 0)");
    assert_body("Content-Type: a/b (x;y=z); n=\xc3\xa4\r\n\r\n",
                "(\"a\" \"b\" (\"n\" {2}\r\n\xc3\xa4) NIL NIL \"7bit\" 0)");
}

/* RFC 2231 section 6: pieces are joined, in their numbers' order; everything else stays as it is written. */
static void pieces_of_parameters(void **state) {
    (void)state;
    static const char *const cases[][2] = {{"a*0=x; a*1=\"y z\"", "\"a\" \"xy z\""},
                                           {"a*1=y; b=c; a*0=x", "\"a\" \"xy\" \"b\" \"c\""},
                                           {"a*0*=UTF-8''%C3%A4; a*1*=%20b", "\"a*\" \"UTF-8''%C3%A4%20b\""},
                                           {"a*0*=UTF-8''%C3%A4; a*1=\"c% d\"", "\"a*\" \"UTF-8''%C3%A4c%25%20d\""},
                                           {"a*=UTF-8''x", "\"a*\" \"UTF-8''x\""},
                                           {"a*0=x; a*2=z", "\"a\" \"x\" \"a*2\" \"z\""},
                                           {"a*1=y", "\"a*1\" \"y\""},
                                           {"a*01=y; a*0=x", "\"a*01\" \"y\" \"a\" \"x\""},
                                           {"a*0=x; A*1=y; a*0=again", "\"a\" \"xy\" \"a\" \"again\""},
                                           {"*0=x", "\"*0\" \"x\""},
                                           {"a=\"=?UTF-8?Q?=C3=A4?=\"", "\"a\" \"=?UTF-8?Q?=C3=A4?=\""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Text message = text_new(), wanted = text_new();
        text_print(&message, "Content-Type: x/y; %s\r\n\r\n", cases[i][0]);
        text_print(&wanted, "(\"x\" \"y\" (%s) NIL NIL \"7bit\" 0)", cases[i][1]);
        assert_body(text_get(&message), text_get(&wanted));
        text_free(&message);
        text_free(&wanted);
    }
}

/* ---- Anything ---- */

/* Parentheses balance outside strings, and strings are whole: what is written is a list of the syntax. */
static void assert_balanced(Arena *arena, Bytes list, size_t cut) {
    ImapReader r = imap_reader(list, arena);
    size_t depth = 0;
    do {
        Bytes string;
        uint32_t number;
        if (imap_is_next(&r, '(')) depth++, r.at++;
        else if (imap_is_next(&r, ')')) depth--, r.at++;
        else if (imap_is_next(&r, '"') || imap_is_next(&r, '{')) imap_read_string(&r, &string);
        else if (imap_is_next(&r, 'N')) r.at += 3;
        else if (imap_is_next(&r, ' ')) r.at++;
        else imap_read_number(&r, &number);
        if (imap_failed(&r)) fail_msg("cut at %zu: %s at %zu", cut, r.fault.reason, r.fault.offset);
    } while (depth > 0 && depth < 1000);
    assert_int_equal(r.at, list.size);
}

static void every_truncation(void **state) {
    static const char message[] = "From: \"a\\\"b\" (c) <@r:d@e>, G: =?UTF-8?B?5byg?= <h@i>;\r\nContent-Type: "
                                  "multipart/mixed;\r\n\tboundary=a\r\n\r\n"
                                  "pre\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
                                  "\xc3\xa4\r\nContent-Type: text/plain; name*0*=''%41;"
                                  " name*1=\"b\"\r\nContent-Disposition: inline; a=b\r\nContent-Language: "
                                  "en\r\n\r\nin\r\n--a\r\n\r\nx\r\n--a--\r\nepi";
    for (size_t size = 0; size < sizeof message; size++) {
        MailContent *content = mail_content_new((const uint8_t *)message, size);
        Arena *arena = arena_new();
        assert_balanced(arena, imap_envelope(content), size);
        assert_balanced(arena, imap_body(content), size);
        assert_balanced(arena, imap_bodystructure(content), size);
        static const char *const items[] = {"BODY[1]",
                                            "BODY[1.HEADER]",
                                            "BODY[1.1]",
                                            "BODY[2.MIME]",
                                            "BODY[HEADER.FIELDS (from)]",
                                            "BODY[1.HEADER.FIELDS.NOT (subject)]"};
        for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
            assert_non_null(section_of(arena, content, items[i]));
        arena_free(arena);
        mail_content_drop(content);
    }
    (void)state;
}

/* Messages in messages, multiparts in multiparts, far beyond what is looked into. */
static void deep_nesting(void **state) {
    Text message = text_new();
    for (size_t i = 0; i < 10000; i++) text_put(&message, "Content-Type: message/rfc822\r\n\r\n");
    MailContent *content = message_of(text_get(&message));
    assert_balanced(*state, imap_bodystructure(content), 0);
    assert_section(content, "BODY[1.1.1.1.1.1.1.1.1.1.1.HEADER]", "Content-Type: message/rfc822\r\n\r\n");
    mail_content_drop(content);
    text_clear(&message);
    for (size_t i = 0; i < 10000; i++)
        text_print(&message, "Content-Type: multipart/mixed; boundary=b%zu\r\n\r\n--b%zu\r\n", i, i);
    content = message_of(text_get(&message));
    assert_balanced(*state, imap_bodystructure(content), 1);
    mail_content_drop(content);
    text_free(&message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MAIL_TEST(the_dialogue_of_section_8),
        MAIL_TEST(the_structure_of_section_7),
        MAIL_TEST(sections),
        MAIL_TEST(parts_that_are_messages),
        MAIL_TEST(headers_right_before_a_delimiter),
        MAIL_TEST(chosen_fields),
        MAIL_TEST(names_of_sections),
        MAIL_TEST(envelopes),
        MAIL_TEST(structures),
        MAIL_TEST(pieces_of_parameters),
        MAIL_TEST(every_truncation),
        MAIL_TEST(deep_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
