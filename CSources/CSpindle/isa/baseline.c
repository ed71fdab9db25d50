/// What every processor of the architecture has. On x86-64 a fused multiply-add is a call of fmaf:
/// slow, and the same bits.
#include "../core/kernels.h"

#define KERNELS spindle_kernels_baseline
#define GROUP 4
#define PRODUCT_ROWS 4
#define PRODUCT_VECTORS 1
#define DOT_SOURCES 2
#define DOT_SAMPLES 2

#include "../kernels/table.h"
