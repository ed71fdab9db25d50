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

static inline void expect_status(spindle_status got, spindle_status expected, const char *what) {
  if (got == expected) return;
  fprintf(stderr, "failed: %s gave \"%s\", not \"%s\"\n", what, spindle_status_text(got),
          spindle_status_text(expected));
  exit(1);
}
#define OK(call) expect_status((call), SPINDLE_OK, #call)
#define REFUSED(status, call) expect_status((call), (status), #call)

static inline void *allocate(size_t bytes) {
  void *memory = NULL;
  OK(spindle_allocate(bytes, &memory));
  return memory;
}

#endif
