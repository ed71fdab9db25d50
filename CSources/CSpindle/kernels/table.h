/// The body that every ISA's file includes once: all kernels, and the table that names them.
/// Before it, GROUP is the number of vectors that row sums keep in registers, PRODUCT_ROWS and
/// PRODUCT_VECTORS the block of the dense product, DOT_SOURCES and DOT_SAMPLES that of dot
/// products, KERNELS the table's name.

#include "vector.h"
#include "neuron.h"
#include "cell.h"
#include "options.h"
#include "step.h"
#include "product.h"
#include "row_sums.h"
#include "outputs.h"
#include "readout.h"
#include "rows.h"
#include "rows_gradient.h"
#include "lanes.h"
#include "optimizer.h"
#include "elementwise.h"
#include "random.h"

const kernels KERNELS = {
#define KERNEL(result, name, ...) .name = name,
#include "../core/kernels.def"
};
