/* Where the program's own files are. */
#ifndef NETSTAGE_APP_ASSETS_H
#define NETSTAGE_APP_ASSETS_H

#include "base/text.h"

/* Appends the directory that holds lang/ and fonts/: $NETSTAGE_ASSETS, else the one beside or above the program,
 * else that of the tree it was built from. */
void assets_find(Text *directory);

#endif
