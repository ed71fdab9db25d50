#ifndef CHECK_H
#define CHECK_H
/// What the programs of this folder share.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spindle.h"

/// Ends the program where `condition` does not hold.
static inline void expect(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "failed: %s\n", what);
  exit(1);
}

/// Whether a program, by any argument, is asked to run little more than what its hashes are of:
/// where a run takes long, as under emulation.
static inline bool is_brief(int argc) { return argc > 1; }

static inline void expect_status(spindle_status got, spindle_status expected, const char *what) {
  if (got == expected) return;
  fprintf(stderr, "failed: %s gave \"%s\", not \"%s\"\n", what, spindle_status_text(got),
          spindle_status_text(expected));
  exit(1);
}
#define OK(call) expect_status((call), SPINDLE_OK, #call)
#define REFUSED(status, call) expect_status((call), (status), #call)

/// Takes bytes into a hash (FNV-1a), which begins with HASH_START.
#define HASH_START UINT64_C(0xcbf29ce484222325)
static inline uint64_t hash(uint64_t hash, const void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
  return hash;
}

/// Marsaglia's xorshift: the next bits of a state that begins with XORSHIFT_START.
#define XORSHIFT_START UINT64_C(88172645463325252)
static inline uint64_t xorshift(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  return *state ^= *state << 17;
}

static inline void *allocate(size_t bytes) {
  void *memory = NULL;
  OK(spindle_allocate(bytes, &memory));
  return memory;
}

#endif
