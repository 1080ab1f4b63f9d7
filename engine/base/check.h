/* Assertions that stay on in every build, and the one compiler extension the project allows itself. */
#ifndef NETSTAGE_BASE_CHECK_H
#define NETSTAGE_BASE_CHECK_H

#include <stdbool.h>

#if defined(__GNUC__)
#define NS_MUST_USE __attribute__((warn_unused_result))
#else
#define NS_MUST_USE
#endif

/* Prints place and condition to standard error and aborts. For a programmer's error only: malformed input and
 * exhausted limits are values (see parse_fault.h). */
_Noreturn void check_failed(const char *condition, const char *file, int line);

#define CHECK(condition) ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__))
#define CHECK_UNREACHABLE() check_failed("unreachable", __FILE__, __LINE__)

#endif
