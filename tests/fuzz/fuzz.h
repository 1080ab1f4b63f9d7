/* What every fuzz target shares. A broken property is a CHECK: it aborts, and libFuzzer keeps the input. */
#ifndef NETSTAGE_TESTS_FUZZ_H
#define NETSTAGE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/parse_fault.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

/* A refusal has a reason and lies within the input. */
static inline void fuzz_check_fault(ParseFault fault, size_t size) {
    CHECK(fault.reason != NULL && fault.reason[0] != 0);
    CHECK(fault.offset <= size);
}

#endif
