#ifndef SPINDLE_RANDOM_H
#define SPINDLE_RANDOM_H
/// Random numbers.
#include "network.h"

/// A stream of random numbers of the counter-based generator Philox4x32-10 (Salmon et al. 2011):
/// number j depends on seed, stream and offset + j alone. Of 64 numbers in a row, number j is word
/// j / 16 of the generator's block 16 (j / 64) + j % 16.
typedef struct spindle_random {
  uint64_t seed;
  uint64_t stream;
  uint64_t offset; ///< Index of the first number; a multiple of 64.
  spindle_isa isa; ///< Which kernel draws them; all draw the same numbers.
} spindle_random;

/// Offset of the first number that `count` numbers from `offset` leave unused.
#define SPINDLE_RANDOM_NEXT(offset, count) ((offset) + (((count) + 63) / 64) * 64)

/// The 32 random bits themselves.
spindle_status spindle_random_bits(const spindle_random *random, size_t count, uint32_t *values);
/// Uniform over [low, high).
spindle_status spindle_random_uniform(const spindle_random *random, float low, float high,
                                      size_t count, float *values);
/// Normal (Box and Muller 1958).
spindle_status spindle_random_normal(const spindle_random *random, float mean,
                                     float standard_deviation, size_t count, float *values);
/// Spikes with the given probability: [rows][SPINDLE_WORDS(units)], as in spindle_input. Unit i of
/// row r takes number r units + i; it fires where the number is less than probability 2^32.
spindle_status spindle_random_spikes(const spindle_random *random, double probability, size_t rows,
                                     uint32_t units, uint32_t *spikes);

#endif
