/* A scenario from a stranger: whatever it holds, opening and running it ends, within its limits, with a verdict or one message. */
#include <string.h>

#include "fuzz.h"
#include "script/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    SessionOptions options = session_options_default();
    options.until = 20 * SIM_SECOND;
    options.trace_memory = 8 * 1024 * 1024;
    options.limits = (SandboxLimits){.slice_steps = 200 * 1000, .total_steps = 1000 * 1000, .memory = 4 * 1024 * 1024,
                                     .block = 256 * 1024, .string = 64 * 1024, .cpu_ms = 2000};
    Text error = text_new();
    Session *session = session_open_source("fuzz.lua", (const char *)at, size, &options, &error);
    if (session) {
        SessionStatus status = session_run(session, SIM_NEVER);
        CHECK(status == SESSION_DONE || (status == SESSION_FAILED && session_error(session)[0]));
    } else {
        CHECK(error.size > 0 && strncmp(error.at, "fuzz.lua", 8) == 0);
    }
    session_free(session);
    text_free(&error);
    return 0;
}
