/// Status texts and memory.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "container.h"
#include "plan.h"

const char *spindle_status_text(spindle_status status) {
  static const char *const texts[] = {
#define STATUS(status, text) [status] = text,
      SPINDLE_STATUSES(STATUS)
#undef STATUS
  };
  return (size_t)status < sizeof texts / sizeof *texts ? texts[status] : "unknown status";
}

/// What the machine has; SIZE_MAX where it does not say.
static size_t machine_memory(void) {
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

size_t spindle_available_memory(void) {
  size_t machine = machine_memory(), container = container_memory();
  return MINIMUM(machine, container);
}

/// What lies just before the memory that spindle_allocate gives.
typedef struct block_header {
  void *base;    ///< What the system gave.
  size_t mapped; ///< Bytes mapped, or 0 for a block of calloc.
} block_header;

/// From this size on, memory comes in huge pages where the system has them: row sums walk through
/// large matrices in no order that small pages' translations could keep up with.
#define HUGE_PAGE ((size_t)1 << 21)

/// At least `bytes` zeroed, aligned to `alignment`, with room for a header before.
static char *obtain(size_t bytes, block_header *header) {
  if (bytes < HUGE_PAGE) {
    header->mapped = 0;
    header->base = calloc(1, bytes + 2 * SPINDLE_ALIGNMENT);
    return header->base ? (char *)header->base + SPINDLE_ALIGNMENT : NULL;
  }
  header->mapped = ROUND_UP(bytes, HUGE_PAGE) + 2 * HUGE_PAGE;
  header->base =
      mmap(NULL, header->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (header->base == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
  (void)madvise(header->base, header->mapped, MADV_HUGEPAGE); // a wish: nothing depends on it
#endif
  return (char *)header->base + SPINDLE_ALIGNMENT;
}

spindle_status spindle_allocate(size_t bytes, void **memory) {
  if (!memory) return SPINDLE_NULL_POINTER;
  *memory = NULL;
  if (bytes == 0) return SPINDLE_INVALID_SIZE;
  if (bytes > SIZE_MAX / 2) return SPINDLE_OUT_OF_MEMORY;
  // A system that overcommits would promise the memory and kill the process when it is touched.
  if (bytes > (size_t)1 << 26 && bytes > spindle_available_memory()) return SPINDLE_OUT_OF_MEMORY;
  block_header header;
  char *room = obtain(bytes, &header);
  if (!room) return SPINDLE_OUT_OF_MEMORY;
  size_t alignment = header.mapped ? HUGE_PAGE : SPINDLE_ALIGNMENT;
  char *aligned = room + (alignment - (uintptr_t)room % alignment) % alignment;
  memcpy(aligned - sizeof header, &header, sizeof header);
  *memory = aligned;
  return SPINDLE_OK;
}

void spindle_free(void *memory) {
  if (!memory) return;
  block_header header;
  memcpy(&header, (char *)memory - sizeof header, sizeof header);
  if (header.mapped) munmap(header.base, header.mapped);
  else free(header.base);
}
