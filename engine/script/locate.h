/* Where in a script a field stands: a mistake in a table of twenty lines is reported at its own line, not at the
 * call's. */
#ifndef NETSTAGE_SCRIPT_LOCATE_H
#define NETSTAGE_SCRIPT_LOCATE_H

#include <stddef.h>

/* The line of the field with this path ("pools[1].first") in the table given to the call of `call` at or after
 * `call_line`. Goes as far along the path as the table is written out there; `call_line` if not even its first part is
 * found. */
int locate_field(const char *source, size_t size, int call_line, const char *call, const char *path);

#endif
