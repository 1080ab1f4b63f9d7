/* Any octets as a DHCP message. */
#include "fuzz_dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    fuzz_check_dhcp(bytes_of(at, size));
    return 0;
}
