/// What flushing denormals does at the edge of the normal numbers, in the kernels' own operations.
///
/// A result is denormal on x86-64 where its rounding, at 24 bits, is below FLT_MIN, and on AArch64
/// where the exact result is. So they part where the exact result lies less than FLT_MIN 2^-25
/// below FLT_MIN: x86-64 gives FLT_MIN there, AArch64 zero. Everything else must be the same:
/// printed is a hash of results outside of that gap, checked is each result inside and outside.
#include <float.h>
#include "../../CSources/CSpindle/core/plan.h"
#include "check.h"

enum { COLUMNS = 16, ROUNDS = 20000, STEPS = 2 };

#ifdef __aarch64__
static const float in_gap = 0;
#else
static const float in_gap = FLT_MIN;
#endif

typedef struct tally {
  uint64_t bits; ///< FNV-1a of the results outside of the gap
  int inside, normal, flushed;
} tally;

static uint64_t state = XORSHIFT_START;
static uint64_t random_bits(void) { return xorshift(&state); }

/// Checks one result against the exact one, which fits in a Double, and counts it.
static void count(tally *tally, float got, double exact) {
  bool inside = fabs(exact) < FLT_MIN && fabs(exact) > FLT_MIN * (1 - 0x1p-25);
  float expected = fabs(exact) >= FLT_MIN ? (float)exact : 0;
  if (inside) expected = in_gap;
  // The sign of a zero counts too, but for that of a sum of which the exact value is zero.
  if (exact != 0) expected = copysignf(expected, (float)(exact * 0x1p60));
  if (memcmp(&got, &expected, sizeof got) != 0) {
    fprintf(stderr, "failed: %a instead of %a for %a\n", got, expected, exact);
    exit(1);
  }
  tally->inside += inside;
  tally->normal += !inside && expected != 0;
  tally->flushed += !inside && expected == 0;
  if (inside) return;
  tally->bits = hash(tally->bits, &got, sizeof got);
}

/// A number of 24 bits from 1 to 2, times 2^exponent.
static float number(uint32_t mantissa, int exponent) {
  return ldexpf(1 + (float)(mantissa & 0x7fffff) * 0x1p-23f, exponent);
}

/// A second factor whose product with `a`, from 2^-64 to 2^-63, lies close to FLT_MIN.
static float partner(float a) {
  float b = (float)(FLT_MIN / (double)a);
  for (uint64_t steps = random_bits() % 5; steps > 0; steps--)
    b = nextafterf(b, random_bits() & 1 ? 0 : 1);
  return b;
}

typedef struct flushed_call {
  const kernels *kernels;
  const product *product;
} flushed_call;
static void product_task(void *context, task task) {
  (void)task;
  const flushed_call *call = context;
  call->kernels->multiply(call->product);
}
/// A product as the core's own calls take it: with denormals flushed.
static void flushed_product(spindle_isa isa, const product *product) {
  flushed_call call = {spindle_kernels_for(isa), product};
  spindle_parallel(NULL, 1, 1, product_task, &call);
}

/// Fused products, as in every sum of the kernels: a b + 0, and a b + c with c of FLT_MIN's size.
static void check_products(spindle_isa isa, tally *tally) {
  for (int round = 0; round < ROUNDS; round++) {
    bool sum = round % 2;
    _Alignas(64) float a[16] = {number((uint32_t)random_bits(), -64)};
    _Alignas(64) float b[128] = {0}, c[COLUMNS] = {0};
    a[1] = 1;
    for (int n = 0; n < COLUMNS; n++) {
      b[n] = partner(a[0]);
      if (random_bits() & 1) b[n] = -b[n];
      // Added before the product, as the row above it is: the depth goes up.
      if (sum) b[n] *= 2, b[64 + n] = b[n], b[n] = -copysignf(FLT_MIN, b[n]);
    }
    if (sum) a[1] = a[0], a[0] = 1;
    flushed_product(isa, &(product){.a = a,
                                    .a_step = 1,
                                    .b = b,
                                    .b_step = PANEL,
                                    .c = c,
                                    .rows = 1,
                                    .group = 1,
                                    .depth = sum ? 2 : 1,
                                    .columns = COLUMNS});
    for (int n = 0; n < COLUMNS; n++)
      count(tally, c[n], sum ? (double)a[1] * b[64 + n] + b[n] : (double)a[0] * b[n]);
  }
}

/// Products and sums each rounded, as in a membrane: v_1 = w x, v_2 = beta v_1.
static void check_membrane(spindle_isa isa, tally *tally) {
  spindle_layer layer = {.inputs = 1, .neurons = COLUMNS, .neuron = SPINDLE_LI, .slope = 1};
  spindle_configuration configuration = {.layers = &layer,
                                         .layer_count = 1,
                                         .batch = 1,
                                         .steps = STEPS,
                                         .time_step = 1e-3f,
                                         .threads = 1,
                                         .isa = isa};
  spindle_layer_parameters place;
  size_t bytes, parameter_count;
  spindle_workspace *workspace;
  OK(spindle_parameter_layout(&configuration, &place, &parameter_count));
  OK(spindle_workspace_size(&configuration, &bytes));
  void *memory = allocate(bytes);
  OK(spindle_workspace_create(&configuration, memory, bytes, &workspace));
  float *parameters = calloc(parameter_count, sizeof *parameters);
  if (!parameters) exit(1);
  float values[STEPS] = {1, 0}, membrane[STEPS * COLUMNS], beta[COLUMNS];
  spindle_input input = {.values = values};
  for (int round = 0; round < ROUNDS / 10; round++) {
    for (int n = 0; n < COLUMNS; n++) {
      float tau = number((uint32_t)random_bits(), -9);
      parameters[place.offset[SPINDLE_TAU] + n] = tau;
      beta[n] = (float)spindle_exp(-(double)configuration.time_step / tau);
      parameters[place.offset[SPINDLE_WEIGHT] + n] = partner(beta[n]);
    }
    OK(spindle_load(workspace, parameters));
    OK(spindle_forward(workspace, &input, NULL));
    OK(spindle_read(workspace, 0, SPINDLE_MEMBRANE, membrane));
    for (int n = 0; n < COLUMNS; n++)
      count(tally, membrane[COLUMNS + n], (double)beta[n] * membrane[n]);
  }
  free(parameters);
  spindle_free(memory);
}

int main(void) {
  tally first = {0};
  for (int isa = 1; isa < SPINDLE_ISA_COUNT; isa++) {
    if (!spindle_isa_supported((spindle_isa)isa)) continue;
    tally tally = {.bits = HASH_START};
    state = XORSHIFT_START;
    check_products((spindle_isa)isa, &tally);
    check_membrane((spindle_isa)isa, &tally);
    if (tally.inside == 0 || tally.normal == 0 || tally.flushed == 0) return 1;
    if (first.bits != 0 && tally.bits != first.bits) return 1;
    first = tally;
  }
  printf("flush %016llx\n", (unsigned long long)first.bits);
  fprintf(stderr, "flush: %d in the gap, where this architecture gives %a; %d normal, %d flushed\n",
          first.inside, in_gap, first.normal, first.flushed);
  return 0;
}
