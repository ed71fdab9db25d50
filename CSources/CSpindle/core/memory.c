/// Status texts and memory.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

const char *spindle_status_text(spindle_status status) {
  switch (status) {
  case SPINDLE_OK:
    return "no error";
  case SPINDLE_NULL_POINTER:
    return "a pointer that must not be NULL is NULL";
  case SPINDLE_INVALID_SIZE:
    return "a size is zero or too large";
  case SPINDLE_SIZE_OVERFLOW:
    return "a product of sizes does not fit the address space";
  case SPINDLE_INVALID_OPTION:
    return "an option has no such value or does not go with another";
  case SPINDLE_INVALID_PARAMETER:
    return "a number is not finite or outside its range";
  case SPINDLE_LAYER_MISMATCH:
    return "a layer's inputs are not the neurons of the layer below";
  case SPINDLE_UNSUPPORTED_ISA:
    return "the processor or this build lacks the instruction set";
  case SPINDLE_OUT_OF_MEMORY:
    return "the memory cannot be had";
  case SPINDLE_MEMORY_TOO_SMALL:
    return "the memory given is too small or not aligned";
  case SPINDLE_WRONG_ORDER:
    return "the call needs another call before it";
  }
  return "unknown status";
}

size_t spindle_available_memory(void) {
  FILE *file = fopen("/proc/meminfo", "r");
  if (!file) return SIZE_MAX;
  char line[128];
  unsigned long long kibibytes = 0;
  bool found = false;
  while (!found && fgets(line, sizeof line, file))
    found = sscanf(line, "MemAvailable: %llu kB", &kibibytes) == 1;
  fclose(file);
  return found ? (size_t)kibibytes * 1024 : SIZE_MAX;
}

spindle_status spindle_allocate(size_t bytes, void **memory) {
  if (!memory) return SPINDLE_NULL_POINTER;
  *memory = NULL;
  if (bytes == 0) return SPINDLE_INVALID_SIZE;
  // A system that overcommits would promise the memory and kill the process when it is touched.
  if (bytes > (size_t)1 << 26 && bytes > spindle_available_memory()) return SPINDLE_OUT_OF_MEMORY;
  if (bytes > SIZE_MAX - SPINDLE_ALIGNMENT) return SPINDLE_OUT_OF_MEMORY;
  // calloc gets large blocks zeroed from the system, untouched until they are used.
  char *block = calloc(1, bytes + SPINDLE_ALIGNMENT);
  if (!block) return SPINDLE_OUT_OF_MEMORY;
  // The block's own address is kept just before the aligned one; malloc aligns to 16 bytes.
  char *aligned = block + SPINDLE_ALIGNMENT - ((uintptr_t)block & (SPINDLE_ALIGNMENT - 1));
  memcpy(aligned - sizeof block, &block, sizeof block);
  *memory = aligned;
  return SPINDLE_OK;
}

void spindle_free(void *memory) {
  if (!memory) return;
  void *block;
  memcpy(&block, (char *)memory - sizeof block, sizeof block);
  free(block);
}
