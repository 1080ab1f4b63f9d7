#include "mail/path.h"

#include <string.h>

#include "mail/address.h"
#include "mail/charset.h"
#include "mail/lexer.h"

static bool refuse(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

static bool is_let_dig(uint8_t c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* ---- Domains (RFC 5321 section 4.1.2) and address literals (section 4.1.3) ---- */

/* IPv4: four numbers from 0 to 255. */
static bool is_ipv4(Bytes text) {
    unsigned parts = 0, digits = 0, value = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && text.at[i] >= '0' && text.at[i] <= '9') {
            value = value * 10 + text.at[i] - '0';
            if (++digits > 3 || value > 255) return false;
        } else if (i == text.size || text.at[i] == '.') {
            if (digits == 0) return false;
            parts++;
            digits = value = 0;
        } else {
            return false;
        }
    }
    return parts == 4;
}

/* IPv6: up to eight groups of four digits, one "::" for two groups or more, the last two may be written as IPv4. */
static bool is_ipv6(Bytes text) {
    size_t groups = 0, at = 0;
    bool gap = false;
    if (text.size >= 2 && text.at[0] == ':' && text.at[1] == ':') gap = true, at = 2;
    while (at < text.size) {
        Bytes rest = bytes_slice(text, at, text.size);
        if (is_ipv4(rest)) {
            groups += 2;
            at = text.size;
            break;
        }
        size_t digits = 0;
        while (at < text.size && text_hex_digit((char)text.at[at]) >= 0) at++, digits++;
        if (digits < 1 || digits > 4) return false;
        groups++;
        if (at == text.size) break;
        if (text.at[at++] != ':' || at == text.size) return false;
        if (text.at[at] == ':') {
            if (gap) return false;
            gap = true;
            at++;
        }
    }
    return gap ? groups <= 6 : groups == 8;
}

static bool literal_check(Bytes text, ParseFault *fault) {
    static const char tag[] = "IPv6:";
    if (text.size < 2 || text.at[text.size - 1] != ']') return refuse(fault, "address.literal", 0);
    Bytes inside = bytes_slice(text, 1, text.size - 2);
    bool tagged = inside.size > 5 && bytes_is(bytes_slice(inside, 0, 5), tag);
    if (tagged ? is_ipv6(bytes_slice(inside, 5, inside.size)) : is_ipv4(inside)) return true;
    return refuse(fault, "address.literal", 0);
}

bool domain_check(Bytes text, bool utf8, ParseFault *fault) {
    if (text.size == 0) return refuse(fault, "address.no_domain", 0);
    if (text.size > PATH_DOMAIN_MOST) return refuse(fault, "address.domain_long", PATH_DOMAIN_MOST);
    if (text.at[0] == '[') return literal_check(text, fault);
    size_t label = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i == text.size || text.at[i] == '.') {
            size_t size = i - label;
            if (size == 0 || size > 63 || text.at[i - 1] == '-') return refuse(fault, "address.domain", label);
            label = i + 1;
        } else if (text.at[i] >= 0x80) {
            if (!utf8) return refuse(fault, "address.not_ascii", i);
        } else if (!is_let_dig(text.at[i]) && (text.at[i] != '-' || i == label)) {
            return refuse(fault, "address.domain", i);
        }
    }
    size_t valid = charset_utf8_valid(text);
    return valid == text.size || refuse(fault, "address.not_ascii", valid);
}

/* ---- Paths ---- */

typedef struct {
    Bytes from;
    PathRules rules;
    size_t at;
    bool bare;
    MailPath *path;
    ParseFault *fault;
} Parser;

static bool at_end(const Parser *p) { return p->at >= p->from.size; }
static bool at_character(const Parser *p, char c) { return !at_end(p) && p->from.at[p->at] == (uint8_t)c; }

static bool put_local(Parser *p, uint8_t c) {
    if (p->path->local_part_size == PATH_LOCAL_PART_MOST) return refuse(p->fault, "address.local_part_long", p->at);
    if (c >= 0x80 && !(p->rules & PATH_UTF8)) return refuse(p->fault, "address.not_ascii", p->at);
    p->path->local_part[p->path->local_part_size++] = (char)c;
    return true;
}

static bool parse_quoted(Parser *p) {
    size_t start = p->at++;
    for (; !at_character(p, '"'); p->at++) {
        if (at_end(p)) return refuse(p->fault, "address.quoted", start);
        uint8_t c = p->from.at[p->at];
        if (c == '\\') {
            p->at++;
            if (at_end(p)) return refuse(p->fault, "address.quoted", start);
            c = p->from.at[p->at];
        }
        if (c < ' ' || c == 127) return refuse(p->fault, "address.quoted", p->at);
        if (p->at - start >= PATH_LOCAL_PART_MOST) return refuse(p->fault, "address.local_part_long", p->at);
        if (!put_local(p, c)) return false;
    }
    p->at++;
    if (p->path->local_part_size == 0) return refuse(p->fault, "address.local_part", start);
    if (p->at - start > PATH_LOCAL_PART_MOST) return refuse(p->fault, "address.local_part_long", start);
    return true;
}

static bool parse_dot_string(Parser *p) {
    size_t start = p->at;
    bool dot = true; /* the next must be an atom character */
    for (; !at_end(p); p->at++) {
        uint8_t c = p->from.at[p->at];
        if (c == '.' ? dot : !is_atext(c)) break;
        dot = c == '.';
        if (!put_local(p, c)) return false;
    }
    return (p->at > start && !dot) || refuse(p->fault, "address.local_part", p->at);
}

/* Where a domain ends: at the bracket, or, without brackets, at a blank. */
static size_t domain_end(const Parser *p, const char *stops) {
    size_t end = p->at;
    bool literal = at_character(p, '[');
    while (end < p->from.size && (p->from.at[end] == 0 || !strchr(literal ? "> " : stops, p->from.at[end]))) {
        if (literal && p->from.at[end] == ']') return end + 1;
        end++;
    }
    return end;
}

static bool parse_domain(Parser *p, const char *stops, Bytes *domain) {
    size_t end = domain_end(p, stops);
    *domain = bytes_slice(p->from, p->at, end - p->at);
    if (!domain_check(*domain, p->rules & PATH_UTF8, p->fault)) {
        p->fault->offset += p->at;
        return false;
    }
    p->at = end;
    return true;
}

/* "@a,@b:", read and dropped. */
static bool skip_route(Parser *p) {
    size_t start = p->at;
    for (;;) {
        if (!at_character(p, '@')) return refuse(p->fault, "address.route", p->at);
        p->at++;
        Bytes domain;
        if (!parse_domain(p, ",:> ", &domain)) return false;
        if (at_character(p, ':')) break;
        if (!at_character(p, ',')) return refuse(p->fault, "address.route", p->at);
        p->at++;
        if (p->at - start > PATH_MOST) return refuse(p->fault, "address.path_long", p->at);
    }
    p->at++;
    return true;
}

static bool parse_mailbox(Parser *p) {
    size_t start = p->at;
    if (at_character(p, '"') ? !parse_quoted(p) : !parse_dot_string(p)) return false;
    Bytes local_part = path_local_part(p->path);
    size_t valid = charset_utf8_valid(local_part);
    if (valid < local_part.size) return refuse(p->fault, "address.not_ascii", start + valid);
    if (!at_character(p, '@')) {
        if ((p->rules & PATH_POSTMASTER) && (p->bare || at_character(p, '>')) && path_is_postmaster(p->path))
            return true;
        return refuse(p->fault,
                      at_end(p) || at_character(p, '>') || at_character(p, ' ') ? "address.no_domain"
                                                                                : "address.local_part",
                      p->at);
    }
    p->at++;
    Bytes domain;
    if (!parse_domain(p, "> ", &domain)) return false;
    memcpy(p->path->domain, domain.at, domain.size);
    p->path->domain_size = (uint16_t)domain.size;
    return true;
}

bool path_parse(Bytes from, PathRules rules, MailPath *path, size_t *end, ParseFault *fault) {
    *path = (MailPath){0};
    Parser p = {from, rules, 0, false, path, fault};
    if (at_character(&p, '<')) p.at++;
    else if (rules & PATH_BARE) p.bare = true;
    else return refuse(fault, "address.bracket", 0);
    if (!p.bare && at_character(&p, '>')) {
        *end = p.at + 1;
        return rules & PATH_NULL ? true : refuse(fault, "address.null", p.at);
    }
    if (at_character(&p, '@') && !skip_route(&p)) return false;
    if (!parse_mailbox(&p)) return false;
    if (!p.bare) {
        if (!at_character(&p, '>')) return refuse(fault, "address.bracket", p.at);
        p.at++;
    } else if (!at_end(&p) && !at_character(&p, ' ')) {
        return refuse(fault, "address.bracket", p.at);
    }
    if (p.at > PATH_MOST) return refuse(fault, "address.path_long", PATH_MOST);
    *end = p.at;
    return true;
}

bool path_is_postmaster(const MailPath *path) { return bytes_is(path_local_part(path), "postmaster"); }

bool path_equal(const MailPath *a, const MailPath *b) {
    return address_equal(path_local_part(a), path_domain(a), path_local_part(b), path_domain(b));
}

bool path_make(Bytes local_part, Bytes domain, MailPath *path) {
    *path = (MailPath){0};
    if (local_part.size > PATH_LOCAL_PART_MOST || domain.size > PATH_DOMAIN_MOST) return false;
    if (local_part.size > 0) memcpy(path->local_part, local_part.at, local_part.size);
    if (domain.size > 0) memcpy(path->domain, domain.at, domain.size);
    path->local_part_size = (uint8_t)local_part.size;
    path->domain_size = (uint16_t)domain.size;
    return true;
}

void path_put(Text *to, const MailPath *path) {
    if (!path_is_null(path)) address_put(to, path_local_part(path), path_domain(path));
}
