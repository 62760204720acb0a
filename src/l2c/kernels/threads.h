/* threads.h: a team of threads that runs one function together and then is gone.
 *
 * Every member runs the whole function on its share of the work and waits for the others between
 * phases (`team_meet`). Waiting sleeps and never spins, so that training in the background keeps
 * its fair share of a busy machine and takes nothing from others. A team lives as long as one
 * call: nothing has to be owned, shut down, or survive a fork; making a thread costs about as
 * much as three meetings.
 */
#ifndef L2C_THREADS_H
#define L2C_THREADS_H

#include <stddef.h>

enum { MAX_THREADS = 256 };

typedef struct team team;

typedef struct {
    team *team;
    int index, count; /* this member is number `index` of `count` */
} member;

typedef void team_work(void *task, const member *me);

/* Run work(task, member) on up to `threads` threads, the caller being one of them, and return when
 * all are done. Where the system refuses more threads, fewer do the work. */
void team_run(team_work *work, void *task, int threads);

/* Wait until every member has come here. */
void team_meet(const member *me);

/* This member's part [begin, end) of n things. */
typedef struct {
    size_t begin, end;
} span;

static inline span share(size_t n, const member *me)
{
    size_t index = (size_t)me->index, count = (size_t)me->count;
    return (span){n * index / count, n * (index + 1) / count};
}

#endif
