#include "mail/date.h"

#include "mail/lexer.h"

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

enum { DAY_S = 86400 };

/* Days since 1970-01-01 of a date of the Gregorian calendar: years are counted from March, so that the leap day is the
 * last of its year. */
static int64_t civil_days(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t civil_seconds(int year, int month, int day, int hour, int minute, int second) {
    return civil_days(year, month, day) * DAY_S + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
}

CivilTime civil_time(int64_t at_s) {
    int64_t days = at_s / DAY_S, rest = at_s % DAY_S;
    if (rest < 0) rest += DAY_S, days--;
    int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * of_year + 2) / 153);
    CivilTime t = {.day = (int)(of_year - (153 * month + 2) / 5 + 1), .month = month < 10 ? month + 3 : month - 9};
    t.year = (int)(year + era * 400 + (t.month <= 2));
    t.weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    t.hour = (int)(rest / 3600);
    t.minute = (int)(rest / 60 % 60);
    t.second = (int)(rest % 60);
    return t;
}

void date_put(Text *to, int64_t at_s, int zone_minutes) {
    CivilTime t = civil_time(at_s + (int64_t)zone_minutes * 60);
    int zone = zone_minutes < 0 ? -zone_minutes : zone_minutes;
    text_print(to, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", weekdays[t.weekday], t.day, months[t.month - 1], t.year,
               t.hour, t.minute, t.second, zone_minutes < 0 ? '-' : '+', zone / 60, zone % 60);
}

static bool refuse(ParseFault *fault, const char *reason, const Lexer *l) {
    *fault = (ParseFault){reason, l->offset + l->at};
    return false;
}

/* 1 to `most` digits, then blanks and comments. False: there are none, or more. */
static bool number(Lexer *l, unsigned most, int *value, unsigned *digits) {
    *value = 0;
    for (*digits = 0; !lexer_end(l) && lexer_peek(l) >= '0' && lexer_peek(l) <= '9'; l->at++) {
        if (++*digits > most) return false;
        *value = *value * 10 + lexer_peek(l) - '0';
    }
    lexer_skip(l);
    return *digits > 0;
}

static int name_index(Bytes word, const char *const *names, int count) {
    for (int i = 0; i < count; i++)
        if (word.size >= 3 && bytes_is(bytes_slice(word, 0, 3), names[i])) return i;
    return -1;
}

static Bytes letters(Lexer *l) {
    size_t start = l->at;
    while (!lexer_end(l) && ascii_lower((char)lexer_peek(l)) >= 'a' && ascii_lower((char)lexer_peek(l)) <= 'z') l->at++;
    Bytes word = bytes_slice(l->text, start, l->at - start);
    lexer_skip(l);
    return word;
}

/* RFC 5322 section 4.3: the names that are known; a military letter, or any other, says nothing. */
static void obsolete_zone(Bytes word, MailDate *date) {
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"UT", 0},   {"GMT", 0},  {"UTC", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4},
                 {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        if (bytes_is(word, zones[i].name)) {
            date->zone_minutes = zones[i].hours * 60;
            date->zone_known = true;
        }
}

static bool read_zone(Lexer *l, MailDate *date, ParseFault *fault) {
    if (!lexer_is(l, '+') && !lexer_is(l, '-')) {
        Bytes word = letters(l);
        if (word.size == 0) return refuse(fault, "date.zone", l);
        obsolete_zone(word, date);
        return true;
    }
    bool west = lexer_is(l, '-');
    int zone;
    unsigned digits;
    l->at++;
    if (!number(l, 4, &zone, &digits) || digits != 4 || zone % 100 > 59) return refuse(fault, "date.zone", l);
    date->zone_minutes = (zone / 100 * 60 + zone % 100) * (west ? -1 : 1);
    date->zone_known = !west || zone != 0;
    return true;
}

static int month_days(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool date_read(Bytes value, size_t offset, MailDate *date, ParseFault *fault, MailFaults *faults) {
    Lexer lexing = lexer(value, offset, faults), *l = &lexing;
    *date = (MailDate){0};
    int day, year, hour, minute, second = 0;
    unsigned digits;
    lexer_skip(l);
    Bytes name = letters(l);
    int weekday = name_index(name, weekdays, 7);
    if (name.size > 0 && lexer_is(l, '.')) l->at++;
    if (lexer_is(l, ',')) l->at++;
    lexer_skip(l);
    if (!number(l, 2, &day, &digits) || day < 1 || day > 31) return refuse(fault, "date.day", l);
    if (lexer_is(l, '-')) l->at++;
    int month = name_index(letters(l), months, 12) + 1;
    if (month == 0) return refuse(fault, "date.month", l);
    if (lexer_is(l, '-')) l->at++;
    if (!number(l, 5, &year, &digits) || digits < 2) return refuse(fault, "date.year", l);
    if (digits == 2) year += year < 50 ? 2000 : 1900; /* RFC 5322 section 4.3 */
    else if (digits == 3) year += 1900;
    if (day > month_days(year, month)) return refuse(fault, "date.day", l);
    if (!number(l, 2, &hour, &digits) || hour > 23 || !lexer_is(l, ':')) return refuse(fault, "date.time", l);
    l->at++;
    lexer_skip(l);
    if (!number(l, 2, &minute, &digits) || minute > 59) return refuse(fault, "date.time", l);
    if (lexer_is(l, ':')) {
        l->at++;
        lexer_skip(l);
        if (!number(l, 2, &second, &digits) || second > 60) return refuse(fault, "date.time", l);
    }
    if (!read_zone(l, date, fault)) return false;
    lexer_skip(l);
    if (!lexer_end(l)) return refuse(fault, "date.rest", l);
    date->at_s = civil_seconds(year, month, day, hour, minute, second);
    if (weekday >= 0 && civil_time(date->at_s).weekday != weekday) mail_fault(faults, "date.weekday", offset);
    date->at_s -= (int64_t)date->zone_minutes * 60;
    return true;
}
