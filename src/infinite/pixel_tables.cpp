#include "src/infinite/pixel_tables.h"

#include <algorithm>
#include <cmath>

namespace ntk {
namespace {

// Calls visit(index) for every index within the extents, the last axis being the fastest.
template <class Visit>
void each_index(const Shape& extents, Visit visit) {
  Shape index(extents.size(), 0);
  for (std::int64_t left = pixel_count(extents); left > 0; --left) {
    visit(index);
    for (std::size_t axis = extents.size(); axis-- > 0;) {
      if (++index[axis] < extents[axis]) break;
      index[axis] = 0;
    }
  }
}

std::int32_t place_of(const Shape& index, const Shape& extents) {
  std::int64_t place = 0;
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    place = place * extents[axis] + index[axis];
  return static_cast<std::int32_t>(place);
}

// A number of one input along one axis.
struct Weighted {
  std::int64_t from;
  double weight;
};
using AxisRows = std::vector<std::vector<Weighted>>;  // of each output

// What is a product along the axes.
SparseRows product_of(const std::vector<AxisRows>& axes, const Shape& from) {
  Shape to;
  for (const AxisRows& axis : axes) to.push_back(static_cast<std::int64_t>(axis.size()));
  SparseRows rows;
  rows.begin.push_back(0);
  each_index(to, [&](const Shape& output) {
    Shape terms;
    for (std::size_t axis = 0; axis < axes.size(); ++axis)
      terms.push_back(
          static_cast<std::int64_t>(axes[axis][static_cast<std::size_t>(output[axis])].size()));
    each_index(terms, [&](const Shape& term) {
      Shape input;
      double weight = 1;
      for (std::size_t axis = 0; axis < axes.size(); ++axis) {
        const Weighted& one = axes[axis][static_cast<std::size_t>(output[axis])]
                                  [static_cast<std::size_t>(term[axis])];
        input.push_back(one.from);
        weight *= one.weight;
      }
      rows.column.push_back(place_of(input, from));
      rows.weight.push_back(weight);
    });
    rows.begin.push_back(static_cast<std::int32_t>(rows.column.size()));
  });
  return rows;
}

Shape inputs_of(const std::vector<Window>& windows) {
  Shape extents;
  for (const Window& window : windows) extents.push_back(window.in);
  return extents;
}

AxisRows pool_axis(const Window& window, Pool pool, bool normalize_edges) {
  AxisRows rows;
  for (std::int64_t o = 0; o < window.out; ++o) {
    std::vector<Weighted> row;
    for (std::int64_t t = 0; t < window.size; ++t)
      if (const auto from = window.input(o, t)) row.push_back({*from, 1});
    const double pixels =
        static_cast<double>(normalize_edges ? static_cast<std::int64_t>(row.size()) : window.size);
    if (pool == Pool::average)
      for (Weighted& one : row) one.weight = 1 / pixels;
    rows.push_back(std::move(row));
  }
  return rows;
}

// As jax.image.resize: pixels are points in the middle of equal intervals. A smaller image takes
// means over what its pixels cover, if antialias.
AxisRows resize_axis(std::int64_t in, std::int64_t out, ResizeMethod method, bool antialias) {
  AxisRows rows;
  const double ratio = static_cast<double>(in) / static_cast<double>(out);
  const double reach = antialias ? std::max(ratio, 1.0) : 1.0;
  for (std::int64_t o = 0; o < out; ++o) {
    const double place = (static_cast<double>(o) + 0.5) * ratio;
    std::vector<Weighted> row;
    if (in == out) {
      row.push_back({o, 1});
    } else if (method == ResizeMethod::nearest) {
      row.push_back({std::min(in - 1, static_cast<std::int64_t>(std::floor(place))), 1});
    } else {
      double sum = 0;
      for (std::int64_t i = 0; i < in; ++i) {
        const double weight = 1 - std::abs(place - 0.5 - static_cast<double>(i)) / reach;
        if (weight <= 0) continue;
        row.push_back({i, weight});
        sum += weight;
      }
      for (Weighted& one : row) one.weight /= sum;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

double distance_power(const Shape& a, const Shape& b, double norm) {
  double sum = 0;
  for (std::size_t axis = 0; axis < a.size(); ++axis)
    sum += std::pow(std::abs(static_cast<double>(a[axis] - b[axis])), norm);
  return sum;
}

double decayed(const PositionalDecay& decay, double d) {
  return decay.kind == PositionalDecay::Kind::exp ? std::exp(-d / decay.length)
                                                  : 1 / (1 + d / decay.length);
}

}  // namespace

std::int64_t pixel_count(const Shape& extents) {
  std::int64_t n = 1;
  for (const std::int64_t extent : extents) n *= extent;
  return n;
}

std::shared_ptr<const TapTable> tap_table(const std::vector<Window>& windows) {
  const Shape inputs = inputs_of(windows), outputs = outputs_of(windows);
  Shape sizes;
  for (const Window& window : windows) sizes.push_back(window.size);
  auto table = std::make_shared<TapTable>();
  table->count = pixel_count(sizes);
  each_index(outputs, [&](const Shape& output) {
    each_index(sizes, [&](const Shape& tap) {
      Shape input;
      for (std::size_t axis = 0; axis < windows.size(); ++axis)
        if (const auto from = windows[axis].input(output[axis], tap[axis])) input.push_back(*from);
      table->source.push_back(input.size() == windows.size() ? place_of(input, inputs) : -1);
    });
  });
  return table;
}

std::shared_ptr<const TapTable> all_pixels(std::int64_t pixels) {
  auto table = std::make_shared<TapTable>();
  table->count = pixels;
  for (std::int64_t p = 0; p < pixels; ++p) table->source.push_back(static_cast<std::int32_t>(p));
  return table;
}

std::shared_ptr<const TapTable> cut_pixels(const std::vector<Cut>& cuts, const Shape& extents) {
  Shape counts;
  for (const Cut& cut : cuts) counts.push_back(cut.count);
  auto table = std::make_shared<TapTable>();
  table->count = 1;
  each_index(counts, [&](const Shape& output) {
    Shape input;
    for (std::size_t axis = 0; axis < cuts.size(); ++axis)
      input.push_back(cuts[axis].first + cuts[axis].step * output[axis]);
    table->source.push_back(place_of(input, extents));
  });
  return table;
}

SparseRows pool_rows(const PoolLayer& layer, const std::vector<Window>& windows) {
  std::vector<AxisRows> axes;
  for (const Window& window : windows)
    axes.push_back(pool_axis(window, layer.pool, layer.normalize_edges));
  return product_of(axes, inputs_of(windows));
}

SparseRows global_pool_rows(Pool pool, std::int64_t pixels) {
  SparseRows rows;
  rows.begin = {0, static_cast<std::int32_t>(pixels)};
  for (std::int64_t p = 0; p < pixels; ++p) {
    rows.column.push_back(static_cast<std::int32_t>(p));
    rows.weight.push_back(pool == Pool::average ? 1 / static_cast<double>(pixels) : 1);
  }
  return rows;
}

SparseRows resize_rows(const ImageResizeLayer& layer, const Shape& from, const Shape& to) {
  std::vector<AxisRows> axes;
  for (std::size_t axis = 0; axis < from.size(); ++axis)
    axes.push_back(resize_axis(from[axis], to[axis], layer.method, layer.antialias));
  return product_of(axes, from);
}

SparseRows window_centres(const std::vector<Window>& windows) {
  std::vector<AxisRows> axes;
  for (const Window& window : windows) {
    AxisRows rows;
    for (std::int64_t o = 0; o < window.out; ++o) {
      const auto centre = window.input(o, (window.size - 1) / 2);
      rows.push_back(centre ? std::vector<Weighted>{{*centre, 1}} : std::vector<Weighted>{});
    }
    axes.push_back(std::move(rows));
  }
  return product_of(axes, inputs_of(windows));
}

SparseRows masked_with(const TapTable& taps) {
  SparseRows rows;
  rows.begin.push_back(0);
  for (std::size_t i = 0; i < taps.source.size(); ++i) {
    if (taps.source[i] >= 0) {
      rows.column.push_back(taps.source[i]);
      rows.weight.push_back(1);
    }
    if ((i + 1) % static_cast<std::size_t>(taps.count) == 0)
      rows.begin.push_back(static_cast<std::int32_t>(rows.column.size()));
  }
  return rows;
}

std::vector<std::int32_t> along_axes(const Shape& extents, const std::vector<std::size_t>& axes) {
  Shape kept;
  for (const std::size_t axis : axes) kept.push_back(extents[axis]);
  std::vector<std::int32_t> numbers;
  each_index(extents, [&](const Shape& index) {
    Shape part;
    for (const std::size_t axis : axes) part.push_back(index[axis]);
    numbers.push_back(place_of(part, kept));
  });
  return numbers;
}

std::vector<std::int32_t> without_axes(const Shape& extents, const std::vector<std::size_t>& axes) {
  std::vector<std::size_t> others;
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) others.push_back(axis);
  return along_axes(extents, others);
}

std::vector<double> embedding_of(const AttentionOptions& options, const Shape& extents) {
  if (options.pos_emb_type == PositionalEmbedding::none) return {};
  std::vector<double> covariances;
  each_index(extents, [&](const Shape& a) {
    each_index(extents, [&](const Shape& b) {
      covariances.push_back(
          options.pos_emb_decay_fn
              ? decayed(*options.pos_emb_decay_fn, distance_power(a, b, options.pos_emb_p_norm))
              : (a == b ? 1.0 : 0.0));
    });
  });
  return covariances;
}

}  // namespace ntk
