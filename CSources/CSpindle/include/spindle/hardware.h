#ifndef SPINDLE_HARDWARE_H
#define SPINDLE_HARDWARE_H
/// Chips: what a layer is trained for.
#include <stdbool.h>
#include <stdint.h>

/// What the step s of a layer's weight grid is made of. Q = 2^(bits - 1) - 1.
typedef enum spindle_scale {
  SPINDLE_SCALE_RANGE = 0, ///< s = range / Q
  SPINDLE_SCALE_TENSOR,    ///< s = max|w| / Q over the layer's weights, which share potentials.
  SPINDLE_SCALE_NEURON,    ///< The same for each neuron's column of W and of R.
} spindle_scale;

/// The chip that a layer is trained for; all zero for none. The kernels compute with what the chip
/// makes of the parameters (effective.c), and training moves the parameters themselves. Of each
/// weight, with half rounded to even and the derivative 1 where |w| <= s (Q + 1/2), else 0:
///
///     w^ = s clamp(round(w / s), -Q, Q)
///     w~ = w^ (1 + sigma e)
///
/// and of each time constant and threshold
///
///     p~ = p exp(sigma e)
///
/// where e is normal, drawn once a batch for a chip (spindle_chip).
typedef struct spindle_hardware {
  uint32_t bits;       ///< Of a weight: 2 to SPINDLE_MAXIMUM_BITS; 0: no grid.
  spindle_scale scale; ///< Of a leaky integrator not by neuron: its outputs are compared.
  double range;        ///< SPINDLE_SCALE_RANGE: positive.
  bool power_of_two;   ///< s is rounded up to a power of two.
  bool quantize_bias;  ///< The bias lies on the grid too, and counts for max|w|.
  float weight_mismatch, tau_mismatch, synaptic_tau_mismatch,
      threshold_mismatch; ///< sigma, 0: none
  bool has_floor;         ///< v_t is at least `floor` after the reset; its gradient is 0 there.
  float floor;            ///< Not positive.
  // Penalties, added to the loss: strength times the mean over the weights of W and R.
  float magnitude_strength, magnitude_limit; ///< Of max(0, |w| - limit)^2
  /// Over groups of `sign_group` sources in a row of one target, of (sum|w| - |sum w|).
  float sign_strength;
  uint32_t sign_group; ///< Positive where the strength is.
} spindle_hardware;
#define SPINDLE_MAXIMUM_BITS 16

#endif
