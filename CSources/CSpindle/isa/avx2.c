/// x86-64 with AVX2 and FMA: 16 registers of 8 lanes.
#include "../core/kernels.h"
#if defined(__x86_64__)

#define KERNELS spindle_kernels_avx2
#define GROUP 4
#define PRODUCT_ROWS 6
#define PRODUCT_VECTORS 1
#define DOT_SOURCES 2
#define DOT_SAMPLES 3

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,popcnt"))),                  \
                             apply_to = function)
#include "../kernels/table.h"
#pragma clang attribute pop
#endif
