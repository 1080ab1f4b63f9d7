#include "proto/pop3/digest.h"

#include <md5.h>
#include <string.h>

void pop3_digest(const char *stamp, const char *secret, char digest[POP3_DIGEST + 1]) {
    MD5_CTX md5;
    MD5Init(&md5);
    MD5Update(&md5, (const uint8_t *)stamp, strlen(stamp));
    MD5Update(&md5, (const uint8_t *)secret, strlen(secret));
    MD5End(&md5, digest);
}

Bytes pop3_stamp_in(Bytes greeting) {
    const uint8_t *begin = greeting.size > 0 ? memchr(greeting.at, '<', greeting.size) : NULL;
    if (!begin) return (Bytes){0};
    size_t left = greeting.size - (size_t)(begin - greeting.at);
    const uint8_t *end = memchr(begin, '>', left), *at = memchr(begin, '@', left);
    if (!end || !at || at > end || end - begin >= POP3_STAMP_MOST) return (Bytes){0};
    return bytes_of(begin, (size_t)(end - begin) + 1);
}
