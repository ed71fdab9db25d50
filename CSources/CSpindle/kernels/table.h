/// The body that every ISA's file includes once: all kernels, and the table that names them.
/// Before it, GROUP is the number of vectors that row sums keep in registers, PRODUCT_ROWS and
/// PRODUCT_VECTORS the block of the dense product, KERNELS the table's name.

#include "vector.h"
#include "neuron.h"
#include "product.h"
#include "row_sums.h"
#include "rows_options.h"
#include "rows_forward.h"
#include "rows_backward.h"
#include "rows_gradient.h"
#include "lanes.h"
#include "optimizer.h"
#include "elementwise.h"
#include "random.h"

const kernels KERNELS = {
    .rows_forward = rows_forward,
    .rows_backward = rows_backward,
    .rows_gradient = rows_gradient,
    .rows_membrane = rows_membrane,
    .lanes_forward = lanes_forward,
    .lanes_backward = lanes_backward,
    .lanes_gradient = lanes_gradient,
    .lanes_count = lanes_count,
    .multiply = multiply,
    .pack = pack,
    .count_bits = count_bits,
    .pack_spikes = pack_spikes,
    .unpack_spikes = unpack_row,
    .count_spikes = count_spikes,
    .sum_of_squares = sum_of_squares,
    .update = update,
    .random_bits = random_bits,
    .random_uniform = random_uniform,
    .random_normal = random_normal,
    .random_spikes = random_spikes,
};
