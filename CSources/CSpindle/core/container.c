/// Control groups of Linux, of both versions; elsewhere there are none.
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "container.h"

#define ROOT "/sys/fs/cgroup"
enum { PATH_SIZE = 4096 };

/// The file of a group's folder; false where it is not there.
static bool read_text(const char *folder, const char *name, char *text, int size) {
  char path[PATH_SIZE + 64];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  if (!file) return false;
  size_t count = fread(text, 1, (size_t)size - 1, file);
  fclose(file);
  text[count] = 0;
  return count > 0;
}

/// A number of at least 0 in a group's file; false where there is none, as in "max" and "-1".
static bool read_number(const char *folder, const char *name, unsigned long long *number) {
  char text[64];
  return read_text(folder, name, text, sizeof text) && text[0] >= '0' && text[0] <= '9' &&
         sscanf(text, "%llu", number) == 1;
}

/// The bytes that `key` has in memory.stat; 0 where it does not say.
static unsigned long long read_statistic(const char *folder, const char *key) {
  char text[8192];
  if (!read_text(folder, "memory.stat", text, sizeof text)) return 0;
  size_t length = strlen(key);
  for (char *line = text; line; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (!strncmp(line, key, length) && line[length] == ' ')
      return strtoull(line + length, NULL, 10);
  }
  return 0;
}

/// What a group's memory limit leaves; SIZE_MAX without one.
static size_t memory_of(const char *folder, bool second) {
  unsigned long long limit, used;
  if (!read_number(folder, second ? "memory.max" : "memory.limit_in_bytes", &limit) ||
      !read_number(folder, second ? "memory.current" : "memory.usage_in_bytes", &used))
    return SIZE_MAX;
  unsigned long long files =
      read_statistic(folder, second ? "inactive_file" : "total_inactive_file");
  used -= files < used ? files : used;
  return used < limit ? (size_t)(limit - used) : 0;
}

/// The processors that a group's quota amounts to; SIZE_MAX without one.
static size_t processors_of(const char *folder, bool second) {
  unsigned long long quota, period;
  char text[64];
  if (second) {
    if (!read_text(folder, "cpu.max", text, sizeof text) ||
        sscanf(text, "%llu %llu", &quota, &period) != 2)
      return SIZE_MAX;
  } else if (!read_number(folder, "cpu.cfs_quota_us", &quota) ||
             !read_number(folder, "cpu.cfs_period_us", &period)) {
    return SIZE_MAX;
  }
  if (quota == 0 || period == 0) return SIZE_MAX;
  return (size_t)((quota - 1) / period + 1);
}

/// The least of a group and those it is in, up to the root of the hierarchy at `mount`. Inside of a
/// container the path may be that of the world outside, and the container's own group the root.
static size_t least(const char *mount, const char *group, bool second,
                    size_t (*value)(const char *, bool)) {
  char folder[PATH_SIZE];
  size_t root = strlen(mount), found = SIZE_MAX;
  snprintf(folder, sizeof folder, "%s%s", mount, group);
  for (;;) {
    size_t here = value(folder, second);
    if (here < found) found = here;
    char *slash = strrchr(folder, '/');
    if (!slash || (size_t)(slash - folder) < root) return found;
    *slash = 0;
  }
}

/// Whether `name` is in a list with commas between.
static bool is_listed(const char *list, const char *name) {
  size_t length = strlen(name);
  for (const char *place = list; (place = strstr(place, name)); place += length) {
    char after = place[length];
    if ((place == list || place[-1] == ',') && (after == ',' || after == 0)) return true;
  }
  return false;
}

/// The least over both versions of what a controller's groups say of this process.
static size_t least_of_groups(const char *controller, size_t (*value)(const char *, bool)) {
  FILE *file = fopen("/proc/self/cgroup", "r");
  if (!file) return SIZE_MAX;
  char line[PATH_SIZE], mount[256];
  size_t found = SIZE_MAX;
  while (fgets(line, sizeof line, file)) {
    // number:controllers:path
    line[strcspn(line, "\n")] = 0;
    char *controllers = strchr(line, ':'), *path;
    if (!controllers || !(path = strchr(++controllers, ':'))) continue;
    *path++ = 0;
    bool second = !*controllers;
    if (!second && !is_listed(controllers, controller)) continue;
    // The second version may share the machine with the first.
    const char *mounts[] = {second ? "" : controllers, second ? "unified" : controller};
    for (int i = 0; i < 2; i++) {
      snprintf(mount, sizeof mount, "%s%s%.200s", ROOT, *mounts[i] ? "/" : "", mounts[i]);
      size_t here = least(mount, path, second, value);
      if (here < found) found = here;
    }
  }
  fclose(file);
  return found;
}

size_t container_memory(void) { return least_of_groups("memory", memory_of); }

uint32_t container_processors(void) {
  size_t found = least_of_groups("cpu", processors_of);
  return found < UINT32_MAX ? (uint32_t)found : UINT32_MAX;
}
