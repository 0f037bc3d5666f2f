// The tables of PixelSteps (kernels/pixel_stage.h): what layers do to pixels, for images of given
// extents.
#pragma once

#include <memory>
#include <vector>

#include "kernels/backend.h"
#include "ntk/architecture.h"
#include "src/architecture/pixel_axes.h"
#include "src/architecture/windows.h"

namespace ntk {

std::int64_t pixel_count(const Shape& extents);

// The taps of a filter, of all pixels (Flatten), of slices.
std::shared_ptr<const TapTable> tap_table(const std::vector<Window>& windows);
std::shared_ptr<const TapTable> all_pixels(std::int64_t pixels);
std::shared_ptr<const TapTable> cut_pixels(const std::vector<Cut>& cuts, const Shape& extents);

// Pools and resizing.
SparseRows pool_rows(const PoolLayer& layer, const std::vector<Window>& windows);
SparseRows global_pool_rows(Pool pool, std::int64_t pixels);
SparseRows resize_rows(const ImageResizeLayer& layer, const Shape& from, const Shape& to);

// The pixel in the middle of each window, which says whether the output is masked.
SparseRows window_centres(const std::vector<Window>& windows);
// An output is masked if all that it sees is.
SparseRows masked_with(const TapTable& taps);

// Of each pixel its number among those that agree along all axes but these, and along these.
std::vector<std::int32_t> without_axes(const Shape& extents, const std::vector<std::size_t>& axes);
std::vector<std::int32_t> along_axes(const Shape& extents, const std::vector<std::size_t>& axes);

// Covariances of the positions' embeddings, pixels x pixels; empty: there are none.
std::vector<double> embedding_of(const AttentionOptions& options, const Shape& extents);

}  // namespace ntk
