/// exp, log, sin and cos of Double, without libm: argument reduction in two or more words, then the
/// series of Taylor up to where its rest is below 1/16 unit in the last place.
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "spindle/mathematics.h"

#pragma STDC FP_CONTRACT OFF

// ln 2: its first 42 bits, so that products with exponents are exact, and the rest.
static const double ln2_high = 0x1.62e42fefa3800p-1, ln2_low = 0x1.ef35793c76730p-45;
static const double one_by_ln2 = 0x1.71547652b82fep+0;
// pi / 2: three times 33 bits, so that products with up to 20 bits are exact, and the rest.
static const double half_pi[4] = {0x1.921fb54400000p+0, 0x1.0b4611a600000p-34,
                                  0x1.3198a2e000000p-69, 0x1.b839a252049c1p-104};
static const double two_by_pi = 0x1.45f306dc9c883p-1, quarter_pi = 0x1.921fb54442d18p-1;
static const double root_2 = 0x1.6a09e667f3bcdp+0;

static uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/// 2^k of a normal number, k from -1022 to 1023.
static double power_of_2(int64_t k) { return from_bits((uint64_t)(k + 1023) << 52); }

static double magnitude(double x) { return from_bits(bits_of(x) & INT64_MAX); }

/// The nearest integer, ties to even, of a number below 2^51: the sum's last place is 1.
static double nearest(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

/// high + low = a + b exactly, high the rounded sum.
typedef struct sum {
  double high, low;
} sum;

static inline sum add(double a, double b) {
  double high = a + b, part = high - a;
  return (sum){high, (a - (high - part)) + (b - part)};
}

/// The same where a = 0 or |a| >= |b|.
static inline sum add_smaller(double a, double b) {
  double high = a + b;
  return (sum){high, b - (high - a)};
}

/// r^3/3! + r^4/4! + ... + r^14/14!: with 1 + r + r^2/2 it is e^r for r of at most ln(2) / 2.
static inline double exp_rest(double r) {
  double r2 = r * r, r4 = r2 * r2;
  double a = (1.0 / 6 + 1.0 / 24 * r) + r2 * (1.0 / 120 + 1.0 / 720 * r);
  double b = (1.0 / 5040 + 1.0 / 40320 * r) + r2 * (1.0 / 362880 + 1.0 / 3628800 * r);
  double c =
      (1.0 / 39916800 + 1.0 / 479001600 * r) + r2 * (1.0 / 6227020800 + 1.0 / 87178291200 * r);
  return r2 * r * (a + r4 * (b + r4 * c));
}

/// x = k ln 2 + r + low.
typedef struct exp_argument {
  int64_t k;
  double r, low;
} exp_argument;

static inline exp_argument reduce_exp(double x) {
  double k = nearest(x * one_by_ln2), low = k * ln2_low;
  double high = x - k * ln2_high, r = high - low;
  return (exp_argument){(int64_t)k, r, (high - r) - low};
}

double spindle_exp(double x) {
  if (x != x) return x;
  if (x > 710) return INFINITY;
  if (x < -746) return 0;
  exp_argument a = reduce_exp(x);
  sum first = add_smaller(1, a.r), second = add_smaller(first.high, 0.5 * a.r * a.r);
  double y = second.high + (second.low + (first.low + (a.low + exp_rest(a.r))));
  if (a.k > 1023) return y * 0x1p1023 * power_of_2(a.k - 1023);
  if (a.k < -1022) return y * power_of_2(a.k + 128) * 0x1p-128;
  return y * power_of_2(a.k);
}

double spindle_expm1(double x) {
  if (!(magnitude(x) >= 0x1p-54)) return x; // NaN too
  if (x > 42) return spindle_exp(x);        // to which -1 is less than 2^-60
  if (x < -42) return -1;
  exp_argument a = reduce_exp(x);
  double scale = power_of_2(a.k);
  sum first = add(scale, -1), second = add(first.high, scale * a.r);
  sum third = add(second.high, scale * (0.5 * a.r * a.r));
  return third.high + (third.low + (second.low + (first.low + scale * (a.low + exp_rest(a.r)))));
}

/// k ln 2 + ln(1 + f) + low, 1 + f from sqrt(1/2) to sqrt(2). With s = f / (2 + f),
/// ln(1 + f) = 2 atanh(s) = 2 s + 2/3 s^3 + 2/5 s^5 + ... = f - (f^2/2 - s (f^2/2 + rest)).
static double log_sum(int64_t k, double f, double low) {
  double s = f / (2 + f), z = s * s, z2 = z * z, z4 = z2 * z2, half = 0.5 * f * f;
  double a = (2.0 / 3 + 2.0 / 5 * z) + z2 * (2.0 / 7 + 2.0 / 9 * z);
  double b = (2.0 / 11 + 2.0 / 13 * z) + z2 * (2.0 / 15 + 2.0 / 17 * z);
  double c = (2.0 / 19 + 2.0 / 21 * z) + z2 * (2.0 / 23);
  double rest = z * (a + z4 * (b + z4 * c));
  sum first = add_smaller((double)k * ln2_high, f), second = add_smaller(first.high, -half);
  return second.high +
         (second.low + (first.low + (s * (half + rest) + ((double)k * ln2_low + low))));
}

/// x = 2^k m, m from sqrt(1/2) to sqrt(2), of a normal number x > 0.
static int64_t split(double x, double *m) {
  int64_t k = (int64_t)(bits_of(x) >> 52) - 1023;
  *m = from_bits((bits_of(x) & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52);
  if (*m <= root_2) return k;
  *m *= 0.5;
  return k + 1;
}

double spindle_log(double x) {
  if (!(x > 0)) return x == 0 ? -INFINITY : NAN;
  if (x > DBL_MAX) return x;
  bool tiny = x < DBL_MIN;
  double m;
  int64_t k = split(tiny ? x * 0x1p54 : x, &m);
  return log_sum(tiny ? k - 54 : k, m - 1, 0);
}

double spindle_log1p(double x) {
  if (!(x > -1)) return x == -1 ? -INFINITY : NAN;
  if (x > DBL_MAX || magnitude(x) < 0x1p-54) return x;
  if (x > 1 / root_2 - 1 && x < root_2 - 1) return log_sum(0, x, 0);
  sum u = add(1, x);
  double m;
  int64_t k = split(u.high, &m);
  return log_sum(k, m - 1, u.low / u.high);
}

/// sin(y + low) for y of at most pi / 4.
static double sin_series(double y, double low) {
  double z = y * y, z2 = z * z, z4 = z2 * z2;
  double a = (-1.0 / 6 + 1.0 / 120 * z) + z2 * (-1.0 / 5040 + 1.0 / 362880 * z);
  double b = (-1.0 / 39916800 + 1.0 / 6227020800 * z) +
             z2 * (-1.0 / 1307674368000 + 1.0 / 355687428096000 * z);
  return y + (z * y * (a + z4 * b) + low * (1 - 0.5 * z));
}

/// cos(y + low) for y of at most pi / 4.
static double cos_series(double y, double low) {
  double z = y * y, z2 = z * z, z4 = z2 * z2, half = 0.5 * z, high = 1 - half;
  double a = (1.0 / 24 + -1.0 / 720 * z) + z2 * (1.0 / 40320 + -1.0 / 3628800 * z);
  double b = (1.0 / 479001600 + -1.0 / 87178291200 * z) + z2 * (1.0 / 20922789888000);
  return high + (((1 - high) - half) + (z2 * (a + z4 * b) - y * low));
}

/// sin(x) for `turn` 0, cos(x) for 1: sin(x + turn pi / 2).
static double sin_turned(double x, int64_t turn) {
  double y = x, low = 0;
  if (!(magnitude(x) <= SPINDLE_MAXIMUM_ANGLE)) return NAN;
  if (magnitude(x) > quarter_pi) {
    double k = nearest(x * two_by_pi);
    turn += (int64_t)k;
    sum first = add(x - k * half_pi[0], -k * half_pi[1]);
    sum second = add(first.high, -k * half_pi[2]);
    double rest = second.low + first.low - k * half_pi[3];
    y = second.high + rest;
    low = (second.high - y) + rest;
  }
  double value = turn & 1 ? cos_series(y, low) : sin_series(y, low);
  return turn & 2 ? -value : value;
}

double spindle_sin(double x) { return x == 0 ? x : sin_turned(x, 0); }
double spindle_cos(double x) { return sin_turned(x, 1); }
