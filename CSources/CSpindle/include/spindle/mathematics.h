#ifndef SPINDLE_MATHEMATICS_H
#define SPINDLE_MATHEMATICS_H
/// The functions of mathematics that decide bits: sums and products in one order, each rounded, so
/// that they give the same bits on every processor, which a system's own libm does not. Errors
/// stay below 1 unit in the last place, subnormal results included; NaN gives NaN.
///
/// They take the rounding mode to be to the nearest. Where denormals are flushed, as inside the
/// core's own calls, subnormal arguments and results are zero.

/// e^x.
double spindle_exp(double x);
/// e^x - 1, exact in proportion near 0 too.
double spindle_expm1(double x);
/// ln(x): -infinity for 0, NaN below.
double spindle_log(double x);
/// ln(1 + x), exact in proportion near 0 too: -infinity for -1, NaN below.
double spindle_log1p(double x);

/// The largest magnitude of which spindle_sin and spindle_cos know sine and cosine.
#define SPINDLE_MAXIMUM_ANGLE 1048576.0

/// sin(x), x in radians; NaN beyond SPINDLE_MAXIMUM_ANGLE.
double spindle_sin(double x);
/// cos(x), x in radians; NaN beyond SPINDLE_MAXIMUM_ANGLE.
double spindle_cos(double x);

#endif
