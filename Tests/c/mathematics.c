/// Compares the core's functions of mathematics with long double, and prints a hash of their bits,
/// which must be the same on every processor.
#include "check.h"

#pragma STDC FP_CONTRACT OFF

enum { SAMPLES = 100000 };

typedef struct function {
  const char *name;
  double (*ours)(double);
  long double (*exact)(long double);
  double low, high;
} function;

static uint64_t state = XORSHIFT_START;
static uint64_t random_bits(void) { return xorshift(&state); }

static double uniform(double low, double high) {
  return low + (high - low) * (double)(random_bits() >> 11) * 0x1p-53;
}

/// A number of either sign whose logarithm is uniform, from 2^-1074 to 2^1023.
static double any_size(void) {
  return ldexp((random_bits() & 1 ? 1 : -1) * uniform(1, 2), (int)(random_bits() % 2098) - 1074);
}

/// The error in units in the last place of `exact`.
static double error_of(double got, long double exact) {
  if (isnan(got) || isnan(exact)) return isnan(got) && isnan(exact) ? 0 : INFINITY;
  if (got == (double)exact)
    return isinf(got) || got == 0 ? 0
                                  : (double)fabsl(got - exact) /
                                        ldexp(1, ilogb(got) < -1022 ? -1074 : ilogb(got) - 52);
  if (isinf(got) || isinf((double)exact)) return INFINITY;
  int exponent = ilogbl(exact);
  return (double)(fabsl(got - exact) / ldexpl(1, (exponent < -1022 ? -1022 : exponent) - 52));
}

/// Takes a number into a hash; every NaN counts as one.
static uint64_t hash_number(uint64_t bits, double x) {
  static const uint64_t nan = 1;
  return isnan(x) ? hash(bits, &nan, sizeof nan) : hash(bits, &x, sizeof x);
}

static bool check(const function *f) {
  uint64_t bits = HASH_START;
  double largest = 0, at = 0;
  for (int i = 0; i < SAMPLES; i++) {
    double x = i % 4 == 0 ? any_size() : i % 4 == 1 ? uniform(-2, 2) : uniform(f->low, f->high);
    // Near multiples of pi / 2, where sine and cosine vanish and a reduction loses digits.
    if (i % 8 == 0) x = (double)(random_bits() % 667000) * (M_PI / 2);
    double got = f->ours(x), error = error_of(got, f->exact(x));
    bool beyond =
        (f->ours == spindle_sin || f->ours == spindle_cos) && fabs(x) > SPINDLE_MAXIMUM_ANGLE;
    if (beyond) error = isnan(got) ? 0 : INFINITY;
    if (!(error <= largest)) largest = error, at = x;
    bits = hash_number(bits, got);
  }
  printf("%s %016llx\n", f->name, (unsigned long long)bits);
  fprintf(stderr, "%s: %.3f ulp at %a\n", f->name, largest, at);
  return largest < 0.9;
}

/// Whether got is `expected` to the bit, or both are NaN.
static bool same(double got, double expected) {
  return hash_number(0, got) == hash_number(0, expected);
}

static bool check_special(void) {
  double (*all[])(double) = {spindle_exp,   spindle_expm1, spindle_log,
                             spindle_log1p, spindle_sin,   spindle_cos};
  bool good = true;
  for (int i = 0; i < 6; i++) good &= isnan(all[i](NAN));
  good &= same(spindle_exp(INFINITY), INFINITY) && same(spindle_exp(-INFINITY), 0);
  good &= same(spindle_exp(0), 1) && same(spindle_exp(1e300), INFINITY);
  good &= same(spindle_exp(-745), 0x1p-1074) && same(spindle_exp(-746), 0);
  good &= same(spindle_expm1(INFINITY), INFINITY) && same(spindle_expm1(-INFINITY), -1);
  good &= same(spindle_expm1(-0.0), -0.0) && same(spindle_expm1(0x1p-1074), 0x1p-1074);
  good &= same(spindle_log(INFINITY), INFINITY) && same(spindle_log(-0.0), -INFINITY);
  good &= same(spindle_log(1), 0) && isnan(spindle_log(-1)) && isnan(spindle_log(-INFINITY));
  good &= same(spindle_log1p(INFINITY), INFINITY) && same(spindle_log1p(-1), -INFINITY);
  good &= same(spindle_log1p(-0.0), -0.0) && isnan(spindle_log1p(-1.5));
  good &= same(spindle_sin(-0.0), -0.0) && same(spindle_cos(0), 1);
  good &= isnan(spindle_sin(INFINITY)) && isnan(spindle_cos(-INFINITY));
  good &= !isnan(spindle_sin(SPINDLE_MAXIMUM_ANGLE)) && isnan(spindle_cos(2097152));
  return good;
}

int main(void) {
  static const function functions[] = {
      {"exp", spindle_exp, expl, -746, 710},
      {"expm1", spindle_expm1, expm1l, -45, 45},
      {"log", spindle_log, logl, 0, 1e6},
      {"log1p", spindle_log1p, log1pl, -1, 1e3},
      {"sin", spindle_sin, sinl, -1048576, 1048576},
      {"cos", spindle_cos, cosl, -1048576, 1048576},
  };
  bool good = check_special();
  if (!good) fprintf(stderr, "failed: a special value\n");
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (!check(&functions[i])) good = false, fprintf(stderr, "failed: %s\n", functions[i].name);
  return good ? 0 : 1;
}
