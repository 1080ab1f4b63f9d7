/* The options alone, behind a sound header: the first 192 octets stand in `sname` and `file`, the rest in the
 * options field. */
#include <stdlib.h>

#include "base/arena.h"
#include "fuzz_dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    enum { NAMES_AT = 44, NAMES_SIZE = 192, OPTIONS_AT = 240 };
    size_t names = size < NAMES_SIZE ? 0 : NAMES_SIZE, total = OPTIONS_AT + size - names;
    uint8_t *octets = memory_new(total);
    octets[0] = BOOTREPLY;
    octets[1] = 1;
    octets[2] = 6;
    memcpy(octets + DHCP_FIXED_SIZE, "\x63\x82\x53\x63", 4);
    if (names > 0) memcpy(octets + NAMES_AT, at, names);
    if (size > names) memcpy(octets + OPTIONS_AT, at + names, size - names);
    fuzz_check_dhcp(bytes_of(octets, total));
    free(octets);
    return 0;
}
