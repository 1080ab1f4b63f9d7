/* From wall time to a place in the run.
 *
 * A schedule maps a position on the wall axis (seconds of watching at speed 1) to simulated time. Event-paced,
 * each hop of a visible message gets its share of wall time and idle time is nearly skipped; clock-paced,
 * simulated time runs evenly. In both, a beat is a stop of its own: the records after it at the same instant are
 * not shown before it is left. */
#ifndef NETSTAGE_VIEW_PLAYBACK_H
#define NETSTAGE_VIEW_PLAYBACK_H

#include "view/story.h"

typedef enum { PACE_EVENTS, PACE_CLOCK } Pace;

/* What is shown: the records with seq < seq_end, at time t. */
typedef struct {
    SimTime t;
    uint32_t seq_end;
} Place;

typedef struct {
    double p0, p1; /* on the wall axis */
    SimTime t0, t1;
    uint32_t seq_end; /* STORY_NONE: everything up to the time */
    bool idle;        /* nothing visible happens: the clock spins */
} Segment;

typedef struct {
    double p;
    uint32_t moment; /* index in Story.moments */
} Stop;

typedef struct {
    Segment *segments;
    Stop *stops; /* one a moment, by position */
    size_t segment_count, segment_capacity, stop_count, stop_capacity;
    double length; /* of the wall axis */
} Schedule;

/* `segments`: acknowledgements and the like get their share too, instead of flying by. */
void schedule_build(Schedule *schedule, const Story *story, Pace pace, bool segments);
void schedule_free(Schedule *schedule);
Place schedule_place(const Schedule *schedule, const Story *story, double p, bool *idle);
/* The earliest position at which time t is shown. */
double schedule_position(const Schedule *schedule, SimTime t);

typedef struct {
    const Story *story;
    Schedule schedules[2]; /* by Pace */
    Pace pace;
    double position, speed; /* wall seconds; factor 1/8 .. 64 */
    bool playing;
    bool segments; /* segments that carry no message of their own are stops too */
    bool passes_beats; /* a run that goes on meanwhile does not wait at them */
    double stop_at; /* play pauses here; negative: at the next beat or the end */
} Playback;

Playback *playback_new(const Story *story);
void playback_free(Playback *playback);
/* Moves on by wall_s seconds if playing. True if the place changed. */
bool playback_advance(Playback *playback, double wall_s);
Place playback_place(const Playback *playback, bool *idle);
double playback_length(const Playback *playback);
void playback_seek(Playback *playback, double position);
void playback_seek_time(Playback *playback, SimTime t);
/* Space: plays on from a beat or the end (from the start again), or pauses. */
void playback_toggle(Playback *playback);
/* Plays up to the next moment and pauses there; if already on the way, jumps to it. */
void playback_step(Playback *playback);
void playback_step_back(Playback *playback);
/* Plays to the next beat (or the end); if already playing, jumps there. */
void playback_next_beat(Playback *playback);
void playback_previous_beat(Playback *playback);
/* Jumps to the next or previous state change. */
void playback_jump_state(Playback *playback, int direction);
void playback_set_pace(Playback *playback, Pace pace);
/* Builds the schedules anew; the time stays. */
void playback_set_segments(Playback *playback, bool segments);
/* Doubles or halves. */
void playback_change_speed(Playback *playback, int direction);

#endif
