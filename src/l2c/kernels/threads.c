/* threads.c: teams of threads; the only file of the kernels that knows the operating system. */

#include "threads.h"

#ifdef _WIN32

#include <process.h>
#include <windows.h>

typedef SRWLOCK mutex;
typedef CONDITION_VARIABLE condition;
typedef HANDLE thread;
typedef unsigned thread_result;
#define THREAD_CALL __stdcall
#define MUTEX_INITIAL SRWLOCK_INIT
#define CONDITION_INITIAL CONDITION_VARIABLE_INIT

static void lock(mutex *m) { AcquireSRWLockExclusive(m); }
static void unlock(mutex *m) { ReleaseSRWLockExclusive(m); }
static void wait_for(condition *c, mutex *m) { SleepConditionVariableSRW(c, m, INFINITE, 0); }
static void wake_all(condition *c) { WakeAllConditionVariable(c); }

static int start(thread *made, thread_result(THREAD_CALL *run)(void *), void *argument)
{
    *made = (HANDLE)_beginthreadex(NULL, 0, run, argument, 0, NULL);
    return *made != 0;
}

static void join(thread ended)
{
    WaitForSingleObject(ended, INFINITE);
    CloseHandle(ended);
}

#else

#include <pthread.h>

typedef pthread_mutex_t mutex;
typedef pthread_cond_t condition;
typedef pthread_t thread;
typedef void *thread_result;
#define THREAD_CALL
#define MUTEX_INITIAL PTHREAD_MUTEX_INITIALIZER
#define CONDITION_INITIAL PTHREAD_COND_INITIALIZER

static void lock(mutex *m) { pthread_mutex_lock(m); }
static void unlock(mutex *m) { pthread_mutex_unlock(m); }
static void wait_for(condition *c, mutex *m) { pthread_cond_wait(c, m); }
static void wake_all(condition *c) { pthread_cond_broadcast(c); }

static int start(thread *made, thread_result(THREAD_CALL *run)(void *), void *argument)
{
    return pthread_create(made, NULL, run, argument) == 0;
}

static void join(thread ended) { pthread_join(ended, NULL); }

#endif

struct team {
    mutex mutex;
    condition changed;
    team_work *work;
    void *task;
    int joined;       /* threads that have taken their number */
    int count;        /* members, known once all threads have been asked for; 0 before */
    int waiting;      /* members at the present meeting */
    unsigned meeting; /* its number */
};

static thread_result THREAD_CALL run_member(void *argument)
{
    team *t = argument;
    member me = {.team = t};
    lock(&t->mutex);
    me.index = ++t->joined;
    while (t->count == 0)
        wait_for(&t->changed, &t->mutex);
    me.count = t->count;
    unlock(&t->mutex);
    t->work(t->task, &me);
    return 0;
}

void team_run(team_work *work, void *task, int threads)
{
    team t = {.mutex = MUTEX_INITIAL, .changed = CONDITION_INITIAL, .work = work, .task = task};
    thread made[MAX_THREADS];
    int helpers = 0;
    while (helpers < threads - 1 && helpers < MAX_THREADS
           && start(&made[helpers], run_member, &t))
        helpers++;

    lock(&t.mutex);
    t.count = helpers + 1;
    wake_all(&t.changed);
    unlock(&t.mutex);

    member me = {.team = &t, .index = 0, .count = helpers + 1};
    work(task, &me);
    for (int i = 0; i < helpers; i++)
        join(made[i]);
}

void team_meet(const member *me)
{
    if (me->count == 1)
        return;
    team *t = me->team;
    lock(&t->mutex);
    unsigned meeting = t->meeting;
    if (++t->waiting == t->count) {
        t->waiting = 0;
        t->meeting++;
        wake_all(&t->changed);
    }
    while (t->meeting == meeting)
        wait_for(&t->changed, &t->mutex);
    unlock(&t->mutex);
}
