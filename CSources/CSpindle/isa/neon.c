/// AArch64: 32 registers of 4 lanes, with fused multiply-add on every processor.
#if defined(__aarch64__)
#include <float.h>
#include <string.h>
#include "../core/kernels.h"

#define KERNELS spindle_kernels_neon
#define GROUP 4
#define PRODUCT_ROWS 6
#define PRODUCT_VECTORS 1

#include "../kernels/table.h"
#else
typedef int spindle_no_neon; // ISO C forbids an empty file.
#endif
