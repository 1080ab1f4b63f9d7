/* State machines as tables.
 *
 * A machine's behaviour is its MachineSpec: one row per arrow of the RFC's figure. machine_step finds the first row
 * for (state, input) whose guard holds, notes the step, and runs the row's action, which may only change the machine's
 * own data and append effects. An action reads neither state nor input: what differs by state is another row. An input
 * no row takes is noted as ignored; a timer no row takes is a programmer's error.
 *
 * The same table draws the state diagram, is printed by `netstage machines`, and is checked by tests. */
#ifndef NETSTAGE_SIM_MACHINE_H
#define NETSTAGE_SIM_MACHINE_H

#include "base/check.h"
#include "sim/time.h"

typedef struct Effects Effects;
typedef struct Machine Machine;

typedef bool MachineGuard(const void *self, const void *argument);
typedef void MachineAction(void *self, const void *argument, Effects *effects);

typedef struct {
    uint8_t from, input, to;
    MachineGuard *guard;   /* NULL: always */
    MachineAction *action; /* NULL: nothing */
    const char *guard_name, *action_name;
    const char *ref; /* "RFC 2131 4.4.1" */
} MachineRow;

#define MACHINE_ROW(from, input, guard, action, to, ref) \
    { from, input, to, guard, action, #guard, #action, ref }

typedef enum { INPUT_WIRE, INPUT_TIMER, INPUT_COMMAND, INPUT_ANSWER /* of the host, to an ask */ } MachineInputKind;

typedef struct {
    const char *name; /* as the RFC spells it: "DHCPOFFER", "T1 expires" */
    MachineInputKind kind;
} MachineInput;

typedef struct {
    const char *name;    /* "dhcp.client" */
    const char *ref;     /* "RFC 2131 figure 5" */
    const char *subject; /* what tells one machine of this kind on a host from another: "address"; NULL: there is one */
    const char *const *states;
    size_t state_count;
    uint32_t beyond_figure; /* a bit for each state that the RFC's figure does not show */
    /* A bit for each input whose arrows to the same state or back to the first one the figure leaves out. */
    uint64_t beyond_inputs;
    uint8_t initial;
    const MachineInput *inputs;
    size_t input_count;
    const MachineRow *rows;
    size_t row_count;
    const char *const *timers; /* names; at most MACHINE_TIMERS */
    size_t timer_count;
    uint8_t busy_timers; /* a bit for each timer that may be set so often that the trace need not tell every time */
} MachineSpec;

/* A spec's lists with their lengths; a machine with timers names them too. */
#define MACHINE_COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define MACHINE_LISTS(states_, inputs_, rows_)                                   \
    .states = states_, .state_count = MACHINE_COUNT(states_), .inputs = inputs_, \
    .input_count = MACHINE_COUNT(inputs_), .rows = rows_, .row_count = MACHINE_COUNT(rows_)
#define MACHINE_TIMER_LIST(timers_) .timers = timers_, .timer_count = MACHINE_COUNT(timers_)

/* A busy timer's first MACHINE_TIMER_EXACT changes are in the trace as they happen. */
enum { MACHINE_TIMERS = 6, MACHINE_STATES = 32, MACHINE_TIMER_EXACT = 100 };

typedef struct {
    SimTime at;          /* SIM_NEVER: not running */
    SimTime shown_at;    /* as the queue and the trace have it: `at`, unless it is a busy timer */
    uint32_t generation; /* an expiry scheduled for an older one is void */
    uint32_t set_by;     /* trace record */
    uint8_t changes;
} MachineTimer;

/* What carries a machine's effects out: the host it runs on (sim/sim.h). */
typedef struct EffectCarrier EffectCarrier;

/* A running machine. `subject` is the number that names it where a host runs many of one kind (a binding's address),
 * else 0. */
struct Machine {
    const MachineSpec *spec;
    void *self;
    const EffectCarrier *carrier;
    uint32_t id; /* in the trace's directory */
    uint32_t subject;
    uint32_t stream; /* directory index of the connection it speaks over; UINT32_MAX: none */
    uint8_t state;
    MachineTimer timers[MACHINE_TIMERS];
};

void machine_init(Machine *machine, const MachineSpec *spec, void *self, const EffectCarrier *carrier, uint32_t id,
                  uint32_t subject);

/* Begins again in the initial state under another subject; expiries that were scheduled for its earlier life are void.
 */
void machine_reuse(Machine *machine, uint32_t subject);

/* True if a row took the input. `argument` is what came with it: a decoded message, or NULL. */
bool machine_step(Machine *machine, uint8_t input, const void *argument, Effects *effects);

/* Static faults of a table, one a line into `faults`: a state no path reaches, a row shadowed by an earlier one
 * without a guard, an unnamed state, a timer that no row takes. Returns how many. */
size_t machine_spec_check(const MachineSpec *spec, Text *faults);

#endif
