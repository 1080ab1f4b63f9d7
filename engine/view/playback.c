#include "view/playback.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Wall seconds at speed 1. */
static const double hop_major_s = 1.1, hop_quiet_s = 0.6, hop_minor_s = 0.35, hop_detail_s = 0.06, state_hold_s = 0.55, say_hold_s = 0.9, beat_hold_s = 0.5,
                    end_hold_s = 0.6;
static const double arrival_hold_s = 0.4, fact_hold_s = 1.3;

typedef struct {
    SimTime from, to;
    double rate; /* wall seconds a nanosecond */
} Interval;

typedef struct {
    Interval *items;
    size_t count, capacity;
} Intervals;

static void add_segment(Schedule *s, double wall, SimTime t0, SimTime t1, uint32_t seq_end, bool idle) {
    if (wall <= 0 && t0 == t1) return;
    s->segments = array_grow(s->segments, &s->segment_capacity, s->segment_count + 1, sizeof *s->segments);
    s->segments[s->segment_count++] = (Segment){s->length, s->length + wall, t0, t1, seq_end, idle};
    s->length += wall;
}

static void add_stop(Schedule *s, uint32_t moment) {
    s->stops = array_grow(s->stops, &s->stop_capacity, s->stop_count + 1, sizeof *s->stops);
    s->stops[s->stop_count++] = (Stop){s->length, moment};
}

/* Idle time: a millisecond takes 0.05 s, a second 0.5 s, an hour 1.1 s. */
static double idle_wall(SimTime span) { return 0.17 * log10(1 + (double)span / 1e6); }

static int by_time(const void *a, const void *b) {
    SimTime x = *(const SimTime *)a, y = *(const SimTime *)b;
    return x < y ? -1 : x > y;
}

static int by_start(const void *a, const void *b) {
    const Interval *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* Details fly by, unless they are what is looked at. */
static double hop_wall(uint8_t weight, bool segments) {
    switch (weight) {
    case WEIGHT_MAJOR: return hop_major_s;
    case WEIGHT_QUIET: return hop_quiet_s;
    case WEIGHT_DETAIL: return segments ? hop_quiet_s : hop_detail_s;
    default: return hop_minor_s;
    }
}

static void collect_intervals(const Story *story, bool segments, Intervals *into) {
    for (size_t i = 0; i < story->transit_count; i++) {
        const StoryTransit *t = &story->transits[i];
        if (t->to_at <= t->from_at) continue;
        double wall = hop_wall(story->messages[t->message].weight, segments);
        into->items = array_grow(into->items, &into->capacity, into->count + 1, sizeof *into->items);
        into->items[into->count++] = (Interval){t->from_at, t->to_at, wall / (double)(t->to_at - t->from_at)};
    }
    if (into->count) qsort(into->items, into->count, sizeof *into->items, by_start);
}

/* How long the picture rests at an instant, after what happened there. */
static double hold_of(MomentKind kind) {
    switch (kind) {
    case MOMENT_STATE: return state_hold_s;
    case MOMENT_FACT: return fact_hold_s;
    case MOMENT_SAY: return say_hold_s;
    case MOMENT_BEAT: return beat_hold_s;
    default: return 0;
    }
}

/* The moments of one instant: beats part them; between two beats they share the longest hold. */
static size_t add_instant(Schedule *s, const Story *story, size_t moment, SimTime at, bool holds, double hold) {
    size_t waiting = moment;
    while (moment < story->moment_count && story->moments[moment].at == at) {
        const StoryMoment *m = &story->moments[moment];
        if (m->kind == MOMENT_BEAT) {
            for (; waiting < moment; waiting++) add_stop(s, (uint32_t)waiting);
            if (hold > 0 && holds) add_segment(s, hold, at, at, m->seq, false);
            add_stop(s, (uint32_t)moment);
            add_segment(s, beat_hold_s, at, at, m->seq + 1, false);
            waiting = moment + 1;
            hold = 0;
        } else if (hold_of(m->kind) > hold) {
            hold = hold_of(m->kind);
        }
        moment++;
    }
    for (; waiting < moment; waiting++) add_stop(s, (uint32_t)waiting);
    if (hold > 0 && holds) add_segment(s, hold, at, at, STORY_NONE, false);
    return moment;
}

static void build_by_events(Schedule *s, const Story *story, bool segments) {
    Intervals intervals = {0};
    collect_intervals(story, segments, &intervals);
    size_t count = 0, capacity = 0, active_count = 0, active_capacity = 0, next = 0, moment = 0;
    SimTime *times = array_grow(NULL, &capacity, 2 * intervals.count + story->moment_count + 2, sizeof *times);
    Interval *active = NULL;
    size_t end_count = 0, ended = 0;
    SimTime *ends = memory_new((story->message_count + 1) * sizeof *ends); /* when messages have reached everybody */
    for (size_t i = 0; i < story->message_count; i++)
        if (story->messages[i].weight == WEIGHT_MAJOR) ends[end_count++] = story->messages[i].to_at;
    qsort(ends, end_count, sizeof *ends, by_time);
    times[count++] = 0;
    times[count++] = story->end_at;
    for (size_t i = 0; i < intervals.count; i++) {
        times[count++] = intervals.items[i].from;
        times[count++] = intervals.items[i].to;
    }
    for (size_t i = 0; i < story->moment_count; i++) times[count++] = story->moments[i].at;
    qsort(times, count, sizeof *times, by_time);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && times[i] > times[i - 1]) {
            double rate = 0;
            for (size_t k = 0; k < active_count;) {
                if (active[k].to <= times[i - 1])
                    active[k] = active[--active_count];
                else
                    rate = fmax(rate, active[k++].rate);
            }
            SimTime span = times[i] - times[i - 1];
            add_segment(s, rate > 0 ? rate * (double)span : idle_wall(span), times[i - 1], times[i], STORY_NONE,
                        rate <= 0);
        }
        bool arrival = false;
        for (; ended < end_count && ends[ended] <= times[i]; ended++) arrival |= ends[ended] == times[i];
        moment = add_instant(s, story, moment, times[i], true, arrival ? arrival_hold_s : 0);
        for (; next < intervals.count && intervals.items[next].from <= times[i]; next++) {
            active = array_grow(active, &active_capacity, active_count + 1, sizeof *active);
            active[active_count++] = intervals.items[next];
        }
    }
    add_segment(s, end_hold_s, story->end_at, story->end_at, STORY_NONE, false);
    free(times);
    free(active);
    free(ends);
    free(intervals.items);
}

static void build_by_clock(Schedule *s, const Story *story) {
    SimTime t = 0;
    for (size_t moment = 0; moment < story->moment_count;) {
        SimTime at = story->moments[moment].at;
        if (at > t) add_segment(s, (double)(at - t) / 1e9, t, at, STORY_NONE, false);
        t = at;
        moment = add_instant(s, story, moment, at, false, 0);
    }
    if (story->end_at > t) add_segment(s, (double)(story->end_at - t) / 1e9, t, story->end_at, STORY_NONE, false);
    add_segment(s, end_hold_s, story->end_at, story->end_at, STORY_NONE, false);
}

void schedule_build(Schedule *s, const Story *story, Pace pace, bool segments) {
    *s = (Schedule){0};
    if (pace == PACE_EVENTS)
        build_by_events(s, story, segments);
    else
        build_by_clock(s, story);
}

void schedule_free(Schedule *s) {
    free(s->segments);
    free(s->stops);
    *s = (Schedule){0};
}

/* The last segment that starts at or before p. */
static const Segment *segment_at(const Schedule *s, double p) {
    size_t low = 0, high = s->segment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->segments[middle].p0 <= p)
            low = middle + 1;
        else
            high = middle;
    }
    return &s->segments[low ? low - 1 : 0];
}

static uint32_t records_until(const Story *story, SimTime t) {
    const Trace *trace = story->trace;
    size_t low = 0, high = story->record_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trace_get(trace, middle)->at <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

Place schedule_place(const Schedule *s, const Story *story, double p, bool *idle) {
    const Segment *at = segment_at(s, p);
    SimTime t = at->t1;
    if (p < at->p1 && at->p1 > at->p0)
        t = at->t0 + (SimTime)llround((p - at->p0) / (at->p1 - at->p0) * (double)(at->t1 - at->t0));
    if (idle) *idle = at->idle;
    return (Place){t, at->seq_end == STORY_NONE ? records_until(story, t) : at->seq_end};
}

double schedule_position(const Schedule *s, SimTime t) {
    for (size_t low = 0, high = s->segment_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        const Segment *at = &s->segments[middle];
        if (at->t1 < t)
            low = middle + 1;
        else if (middle > low && s->segments[middle - 1].t1 >= t)
            high = middle;
        else if (at->t1 > at->t0 && t > at->t0)
            return at->p0 + (double)(t - at->t0) / (double)(at->t1 - at->t0) * (at->p1 - at->p0);
        else
            return at->p0;
    }
    return s->length;
}

Playback *playback_new(const Story *story) {
    Playback *playback = memory_new(sizeof *playback);
    playback->story = story;
    schedule_build(&playback->schedules[PACE_EVENTS], story, PACE_EVENTS, false);
    schedule_build(&playback->schedules[PACE_CLOCK], story, PACE_CLOCK, false);
    playback->speed = 1;
    playback->stop_at = -1;
    return playback;
}

void playback_free(Playback *playback) {
    if (!playback) return;
    schedule_free(&playback->schedules[PACE_EVENTS]);
    schedule_free(&playback->schedules[PACE_CLOCK]);
    free(playback);
}

static const Schedule *schedule_of(const Playback *b) { return &b->schedules[b->pace]; }

static const double apart = 1e-6; /* positions nearer than this are one */

/* The first stop after `p` of a kind that `wanted` has, or NULL. */
static const Stop *stop_after(const Playback *b, double p, unsigned wanted) {
    const Schedule *s = schedule_of(b);
    for (size_t i = 0; i < s->stop_count; i++)
        if (s->stops[i].p > p + apart && (wanted >> b->story->moments[s->stops[i].moment].kind & 1))
            return &s->stops[i];
    return NULL;
}

static const Stop *stop_before(const Playback *b, double p, unsigned wanted) {
    const Schedule *s = schedule_of(b);
    for (size_t i = s->stop_count; i-- > 0;)
        if (s->stops[i].p < p - apart && (wanted >> b->story->moments[s->stops[i].moment].kind & 1))
            return &s->stops[i];
    return NULL;
}

enum { BEATS = 1u << MOMENT_BEAT, STATES = 1u << MOMENT_STATE };

/* Where a step stops. */
static unsigned steps(const Playback *b) { return b->segments ? ~0u : ~(1u << MOMENT_DETAIL); }

double playback_length(const Playback *b) { return schedule_of(b)->length; }

bool playback_advance(Playback *b, double wall_s) {
    if (!b->playing) return false;
    double next = b->position + wall_s * b->speed, limit = playback_length(b);
    const Stop *beat = b->passes_beats ? NULL : stop_after(b, b->position, BEATS);
    if (beat && beat->p < limit) limit = beat->p;
    if (b->stop_at > b->position + apart && b->stop_at < limit) limit = b->stop_at;
    b->position = next;
    if (next >= limit) {
        b->position = limit;
        b->playing = false;
        b->stop_at = -1;
    }
    return true;
}

Place playback_place(const Playback *b, bool *idle) {
    return schedule_place(schedule_of(b), b->story, b->position, idle);
}

void playback_seek(Playback *b, double position) {
    b->position = fmin(fmax(0, position), playback_length(b));
    b->stop_at = -1;
}

void playback_seek_time(Playback *b, SimTime t) { playback_seek(b, schedule_position(schedule_of(b), t)); }

void playback_toggle(Playback *b) {
    if (!b->playing && b->position >= playback_length(b) - apart) b->position = 0;
    b->playing = !b->playing;
    b->stop_at = -1;
}

static void play_to(Playback *b, const Stop *stop) {
    double target = stop ? stop->p : playback_length(b);
    if (b->playing) {
        playback_seek(b, target);
        b->playing = false;
    } else if (target > b->position + apart) {
        b->stop_at = target;
        b->playing = true;
    }
}

void playback_step(Playback *b) {
    if (b->playing && b->stop_at > b->position) {
        playback_seek(b, b->stop_at);
        b->playing = false;
        return;
    }
    b->playing = false;
    play_to(b, stop_after(b, b->position, steps(b)));
}

void playback_step_back(Playback *b) {
    const Stop *stop = stop_before(b, b->position, steps(b));
    b->playing = false;
    playback_seek(b, stop ? stop->p : 0);
}

void playback_next_beat(Playback *b) { play_to(b, stop_after(b, b->position, BEATS)); }

void playback_previous_beat(Playback *b) {
    const Stop *stop = stop_before(b, b->position, BEATS);
    b->playing = false;
    playback_seek(b, stop ? stop->p : 0);
}

void playback_jump_state(Playback *b, int direction) {
    const Stop *stop = direction > 0 ? stop_after(b, b->position, STATES) : stop_before(b, b->position, STATES);
    b->playing = false;
    if (stop) playback_seek(b, stop->p);
}

void playback_set_pace(Playback *b, Pace pace) {
    Place here = playback_place(b, NULL);
    b->pace = pace;
    playback_seek_time(b, here.t);
}

void playback_set_segments(Playback *b, bool segments) {
    if (b->segments == segments) return;
    Place here = playback_place(b, NULL);
    b->segments = segments;
    for (Pace pace = PACE_EVENTS; pace <= PACE_CLOCK; pace++) {
        schedule_free(&b->schedules[pace]);
        schedule_build(&b->schedules[pace], b->story, pace, segments);
    }
    playback_seek_time(b, here.t);
}

void playback_change_speed(Playback *b, int direction) {
    b->speed = fmin(64, fmax(0.125, direction > 0 ? b->speed * 2 : b->speed / 2));
}
