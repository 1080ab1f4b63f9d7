/* From Lua's values to plain ones (base/value.h). */
#ifndef NETSTAGE_SCRIPT_LUA_VALUE_H
#define NETSTAGE_SCRIPT_LUA_VALUE_H

#include "base/value.h"

struct lua_State;

/* What an object of the program is called in a command ("lan1" for a LAN); NULL if this userdata has no name. */
typedef const char *LuaObjectName(struct lua_State *L, int index);

/* Reads the value at `index`: nil, truths, whole numbers, texts, lists, tables with text keys (which come out in
 * alphabetical order), and objects, which become their names. False: *error says what can't be taken and where. */
bool lua_value_read(struct lua_State *L, int index, Arena *arena, LuaObjectName *name, Value *value,
                    ConfigError *error) NS_MUST_USE;

#endif
