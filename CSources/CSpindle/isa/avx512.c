/// x86-64 with AVX-512: 32 registers of 16 lanes.
#include "../core/kernels.h"
#if defined(__x86_64__)

#define KERNELS spindle_kernels_avx512
#define GROUP 16
#define PRODUCT_ROWS 6
#define PRODUCT_VECTORS 4
#define DOT_SOURCES 4
#define DOT_SAMPLES 6

#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2,popcnt"))),        \
    apply_to = function)
#include "../kernels/table.h"
#pragma clang attribute pop
#endif
