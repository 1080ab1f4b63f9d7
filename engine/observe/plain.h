/* What a watcher may know of the layers below: the records, the directory and the descriptions of frames. view/ includes
 * this instead of reaching past observe/. */
#ifndef NETSTAGE_OBSERVE_PLAIN_H
#define NETSTAGE_OBSERVE_PLAIN_H

#include "sim/trace.h"
#include "wire/address.h"
#include "wire/describe.h"

#endif
