/// What a container leaves to its processes, where the system runs this one in one.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Bytes below the memory limits of the control groups (version 1 or 2) that this process is in;
/// SIZE_MAX without a limit. Pages of files that the system may drop at once count as free.
size_t container_memory(void);

/// The processors that the groups' quota amounts to, rounded up; UINT32_MAX without one.
uint32_t container_processors(void);
