/* The functions of act.h against the C library's in double precision, over the whole range. */

#include "act.h"
#include "check.h"

enum { STEP = 997 }; /* every so many floats; 1 tries them all in a few minutes */

/* How many units of float's last place `found` is off. */
static double error_ulp(float found, double truth)
{
    int exponent;
    frexp(truth, &exponent);
    return fabs((double)found - truth) / ldexp(1, exponent - 24);
}

typedef vec function(vec);

static void check_within(const char *name, function *ours, double (*theirs)(double), float low,
                         float high, double limit)
{
    double worst = 0;
    float worst_at = 0;
    for (uint64_t bits = 0; bits < (uint64_t)1 << 32; bits += STEP) {
        uint32_t pattern = (uint32_t)bits;
        float x;
        memcpy(&x, &pattern, sizeof x);
        if (!(x >= low && x <= high) || (x != 0 && fabsf(x) < 1.2e-38f))
            continue;
        double error = error_ulp(ours(splat(x))[0], theirs(x));
        if (error > worst) {
            worst = error;
            worst_at = x;
        }
    }
    printf("%s: %.3f ulp at %a (%d lanes)\n", name, worst, (double)worst_at, W);
    CHECK(worst <= limit, "%s is off by %g ulp at %a", name, worst, (double)worst_at);
}

static vec run_exp(vec x) { return vec_exp(x); }
static vec run_log(vec x) { return vec_log(x); }
static vec run_sigmoid(vec x) { return vec_sigmoid(x); }
static vec run_tanh(vec x) { return vec_tanh(x); }
static double true_sigmoid(double x) { return 1 / (1 + exp(-x)); }

int main(void)
{
    require_instruction_set(TEXT_OF(L2C_ISA));
    check_within("exp", run_exp, exp, -87, 87, 1.1);
    check_within("log", run_log, log, 1.2e-38f, 3e38f, 1.0);
    check_within("sigmoid", run_sigmoid, true_sigmoid, -87, 87, 2.5);
    check_within("tanh", run_tanh, tanh, -1e30f, 1e30f, 2.6);

    CHECK(vec_exp(splat(0))[0] == 1, "exp(0)");
    CHECK(vec_exp(splat(-INFINITY))[0] == 0, "exp of -infinity");
    CHECK(vec_exp(splat(-1000))[0] == 0, "exp far below");
    CHECK(isfinite(vec_exp(splat(INFINITY))[0]), "exp is bounded above");
    CHECK(vec_tanh(splat(INFINITY))[0] == 1 && vec_tanh(splat(-50))[0] == -1, "tanh saturates");
    CHECK(isnan(vec_exp(splat(NAN))[0]) && isnan(vec_sigmoid(splat(NAN))[0])
              && isnan(vec_tanh(splat(NAN))[0]),
          "NaN stays NaN");
    return 0;
}
