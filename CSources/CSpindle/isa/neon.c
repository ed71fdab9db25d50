/// AArch64: 32 registers of 4 lanes, with fused multiply-add on every processor.
#include "../core/kernels.h"
#if defined(__aarch64__)

#define KERNELS spindle_kernels_neon
#define GROUP 4
#define PRODUCT_ROWS 6
#define PRODUCT_VECTORS 1
#define DOT_SOURCES 2
#define DOT_SAMPLES 3

#include "../kernels/table.h"
#endif
