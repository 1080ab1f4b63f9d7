/* Simulated time: signed nanoseconds since the start of the run. */
#ifndef NETSTAGE_SIM_TIME_H
#define NETSTAGE_SIM_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

typedef int64_t SimTime;

#define SIM_NANOSECOND INT64_C(1)
#define SIM_MICROSECOND INT64_C(1000)
#define SIM_MILLISECOND INT64_C(1000000)
#define SIM_SECOND INT64_C(1000000000)
#define SIM_NEVER INT64_MAX

/* Reads a span: a decimal number and one of ns us ms s m h d ("1.5s", "250ms", "8d"), at most about 292 years. */
bool sim_time_parse(const char *text, SimTime *time) NS_MUST_USE;
/* Seconds with exactly `places` (0..9) decimal places, cut, not rounded: "12.500000000". */
void sim_time_print(Text *text, SimTime time, int places);

#endif
