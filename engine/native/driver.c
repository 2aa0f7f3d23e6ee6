/* Runs programs: lists of records, each of which is one array operation over addresses that Python has written down.

   Most records call an inner loop of NumPy, so that the numbers are NumPy's, bit for bit. The driver itself only copies,
   picks rows, and multiplies two vectors. It needs neither the interpreter nor any header but those of C99. */

#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdint.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#define EXPORTED __declspec(dllexport)
#else
#include <time.h>
#define EXPORTED __attribute__((visibility("default")))
#endif

typedef int64_t i64;

/* NumPy's inner loop: PyArrayMethod_StridedLoop of numpy/dtype_api.h. */
typedef int (*inner_loop)(void *context, char *const *data, const i64 *dimensions, const i64 *strides, void *auxdata);

enum operation { LOOP, TAKE, COPY, CAST_BOOL, NARROW, WIDEN, FILL, MASK, OUTER, OUTER_FUSED, FEED, SAVE, OPERATIONS };

/* One operation, done `outer` times; each time the addresses in `data` have moved on by `outer_strides`. What
   `dimensions` and `strides` mean depends on the operation; records.py says it. */
typedef struct {
    i64 operation;
    i64 loop, context, auxdata;
    i64 data[3];
    i64 outer;
    i64 outer_strides[3];
    i64 dimensions[4];
    i64 strides[9];
} record;

/* Copy `count` numbers of `size` bytes, `from` and `to` bytes apart. */
static void copy(char *target, i64 to, const char *source, i64 from, i64 count, i64 size) {
    if (from == size && to == size) {
        memcpy(target, source, (size_t)(count * size));
    } else if (size == 8) {
        for (i64 i = 0; i < count; i++) memcpy(target + i * to, source + i * from, 8);
    } else if (size == 4) {
        for (i64 i = 0; i < count; i++) memcpy(target + i * to, source + i * from, 4);
    } else {
        for (i64 i = 0; i < count; i++) memcpy(target + i * to, source + i * from, (size_t)size);
    }
}

/* An expression for numbers that do not depend on one another, though `q` may be `p`. Neighbours are a case of their own,
   because the compiler then takes several at once; none of the loops branches on truth values, which cannot be guessed. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#else
#define INDEPENDENT
#endif

/* Turn truth values into 0 and 1. */
#define CAST_LOOP(TYPE)                                                                       \
    do {                                                                                      \
        if (from == 1 && to == (i64)sizeof(TYPE)) {                                           \
            INDEPENDENT for (i64 i = 0; i < count; i++) ((TYPE *)target)[i] = source[i];      \
        } else {                                                                              \
            for (i64 i = 0; i < count; i++) *(TYPE *)(target + i * to) = source[i * from];    \
        }                                                                                     \
    } while (0)

static void cast_bool(char *target, i64 to, const uint8_t *source, i64 from, i64 count, i64 size) {
    if (size == 8) CAST_LOOP(double);
    else CAST_LOOP(float);
}

/* Multiply numbers with truth values. */
#define MASK_LOOP(TYPE)                                                                       \
    do {                                                                                      \
        if (step == (i64)sizeof(TYPE) && mask_step == 1 && to == (i64)sizeof(TYPE)) {         \
            const TYPE *p = (const TYPE *)numbers;                                            \
            TYPE *q = (TYPE *)out;                                                            \
            INDEPENDENT for (i64 i = 0; i < count; i++) q[i] = p[i] * (TYPE)mask[i];          \
        } else {                                                                              \
            for (i64 i = 0; i < count; i++)                                                   \
                *(TYPE *)(out + i * to) = *(const TYPE *)(numbers + i * step) * (TYPE)mask[i * mask_step]; \
        }                                                                                     \
    } while (0)

static void masked(
    const char *numbers, i64 step, const uint8_t *mask, i64 mask_step, char *out, i64 to, i64 count, i64 size
) {
    if (size == 8) MASK_LOOP(double);
    else MASK_LOOP(float);
}

/* One factor times a vector, as BLAS does it: a product, to which the empty sum is added. The sum is not idle: it makes
   +0 of -0. FUSED rounds once, as the kernels of processors with fused multiply-add do. */
#define OUTER_LOOP(TYPE, EXPRESSION)                                                     \
    do {                                                                                 \
        const TYPE a = *(const TYPE *)left;                                              \
        if (step == (i64)sizeof(TYPE) && to == (i64)sizeof(TYPE)) {                      \
            const TYPE *p = (const TYPE *)right;                                         \
            TYPE *q = (TYPE *)out;                                                       \
            for (i64 i = 0; i < count; i++) { const TYPE b = p[i]; q[i] = EXPRESSION; }  \
        } else {                                                                         \
            for (i64 i = 0; i < count; i++) {                                            \
                const TYPE b = *(const TYPE *)(right + i * step);                        \
                *(TYPE *)(out + i * to) = EXPRESSION;                                    \
            }                                                                            \
        }                                                                                \
    } while (0)

static void outer(const char *left, const char *right, i64 step, char *out, i64 to, i64 count, i64 size) {
    if (size == 8) OUTER_LOOP(double, a * b + 0.0);
    else OUTER_LOOP(float, a * b + 0.0f);
}

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_FUSED (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
__attribute__((target("avx2,fma")))
#else
#define HAS_FUSED 1
#endif
static void outer_fused(const char *left, const char *right, i64 step, char *out, i64 to, i64 count, i64 size) {
    if (size == 8) OUTER_LOOP(double, fma(a, b, 0.0));
    else OUTER_LOOP(float, fmaf(a, b, 0.0f));
}

/* Do one record in the step that is number `step` of this call. Returns 0, or a negative number if it cannot be done. */
static int do_record(const record *r, i64 step) {
    char *a = (char *)(intptr_t)r->data[0], *b = (char *)(intptr_t)r->data[1], *c = (char *)(intptr_t)r->data[2];
    const i64 *n = r->dimensions, *s = r->strides, *o = r->outer_strides;
    switch (r->operation) {
    case LOOP: {
        char *data[3] = {a, b, c};
        inner_loop loop = (inner_loop)(intptr_t)r->loop;
        for (i64 i = 0; i < r->outer; i++) {
            if (loop((void *)(intptr_t)r->context, data, n, s, (void *)(intptr_t)r->auxdata) < 0) return -1;
            data[0] += o[0];
            data[1] += o[1];
            data[2] += o[2];
        }
        return 0;
    }
    case TAKE:
        for (i64 i = 0; i < n[0]; i++) {
            i64 row = *(const i64 *)(b + i * s[1]);
            row = row < 0 ? 0 : row >= n[2] ? n[2] - 1 : row;
            memcpy(c + i * s[2], a + row * s[0], (size_t)n[1]);
        }
        return 0;
    case COPY:
        for (i64 i = 0; i < r->outer; i++) copy(b + i * o[1], s[1], a + i * o[0], s[0], n[0], n[1]);
        return 0;
    case CAST_BOOL:
        for (i64 i = 0; i < r->outer; i++) cast_bool(b + i * o[1], s[1], (const uint8_t *)a + i * o[0], s[0], n[0], n[1]);
        return 0;
    case NARROW:
        for (i64 i = 0; i < r->outer; i++)
            for (i64 j = 0; j < n[0]; j++)
                *(float *)(b + i * o[1] + j * s[1]) = (float)*(const double *)(a + i * o[0] + j * s[0]);
        return 0;
    case WIDEN:
        for (i64 i = 0; i < r->outer; i++)
            for (i64 j = 0; j < n[0]; j++)
                *(double *)(b + i * o[1] + j * s[1]) = *(const float *)(a + i * o[0] + j * s[0]);
        return 0;
    case FILL:
        for (i64 i = 0; i < r->outer; i++)
            for (i64 j = 0; j < n[0]; j++)
                if (b[i * o[1] + j * s[1]]) memcpy(c + i * o[2] + j * s[2], a + i * o[0] + j * s[0], (size_t)n[1]);
        return 0;
    case MASK:
        for (i64 i = 0; i < r->outer; i++)
            masked(a + i * o[0], s[0], (const uint8_t *)b + i * o[1], s[1], c + i * o[2], s[2], n[0], n[1]);
        return 0;
    case OUTER:
        for (i64 i = 0; i < r->outer; i++) outer(a + i * o[0], b, s[1], c + i * o[2], s[2], n[0], n[1]);
        return 0;
    case OUTER_FUSED:
        if (!HAS_FUSED) return -1;
        for (i64 i = 0; i < r->outer; i++) outer_fused(a + i * o[0], b, s[1], c + i * o[2], s[2], n[0], n[1]);
        return 0;
    case FEED: /* what was prepared for this step: row `step` of n[1] rows */
        if (step >= n[1]) return -2;
        memcpy(b, a + step * s[0], (size_t)n[0]);
        return 0;
    case SAVE: { /* every n[2] steps, a row of n[1]; n[3] steps have passed since the last one */
        if ((step + n[3]) % n[2]) return 0;
        i64 row = (step + n[3]) / n[2];
        if (row >= n[1]) return -2;
        memcpy(b + row * s[1], a, (size_t)n[0]);
        return 0;
    }
    default:
        return -3;
    }
}

static double now(void) {
#ifdef _WIN32
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart / (double)frequency.QuadPart;
#else
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
#endif
}

/* The clock is read often enough for a call to end this many seconds after its time at the latest. */
#define PRECISION 5e-5

/* What Python compares, so that a driver that was built for another state of the program is not used. The number is one
   more whenever `run` takes or means something else. */
EXPORTED i64 interface_number(void) { return 1; }
EXPORTED i64 record_size(void) { return (i64)sizeof(record); }
EXPORTED i64 operation_count(void) { return OPERATIONS; }

/* What two threads tell each other about a call: how many of its steps are done, and whether it is to end early. */
typedef struct {
    i64 done;
    i64 ends;
} progress;

#if defined(__GNUC__)
#define PUBLISH(WHERE, NUMBER) __atomic_store_n(&(WHERE), NUMBER, __ATOMIC_RELEASE)
#define LOOK(WHERE) __atomic_load_n(&(WHERE), __ATOMIC_ACQUIRE)
#else /* volatile numbers of Microsoft's compiler are published in order */
#define PUBLISH(WHERE, NUMBER) (*(volatile i64 *)&(WHERE) = (NUMBER))
#define LOOK(WHERE) (*(volatile i64 *)&(WHERE))
#endif

/* How many steps are done; all that they have written can be read then. */
EXPORTED i64 steps_done(const progress *p) { return LOOK(p->done); }

/* Do `steps` steps of several programs in turn, `lengths` records each, but begin none after `seconds`, or when it is to
   end. Returns how many steps were done, or the negative number of a record that cannot be done. */
EXPORTED i64 run(
    const record *const *programs, const i64 *lengths, i64 count, progress *told, i64 steps, double seconds
) {
    double begun = now(), last = begun;
    i64 next_look = 1, every = 1;
    for (i64 step = 0; step < steps && !LOOK(told->ends); step++) {
        for (i64 p = 0; p < count; p++)
            for (i64 i = 0; i < lengths[p]; i++) {
                int failed = do_record(programs[p] + i, step);
                if (failed) return failed;
            }
        PUBLISH(told->done, step + 1);
        if (step + 1 == next_look) {
            double time = now();
            if (time - begun >= seconds) break;
            if (time - last < PRECISION / 2) every *= 2;
            else if (time - last > PRECISION && every > 1) every /= 2;
            last = time;
            next_look += every;
        }
    }
    return LOOK(told->done);
}

/* Python's build tools ask for this name; nobody imports the library as a module. */
EXPORTED void *PyInit__driver(void) { return 0; }
