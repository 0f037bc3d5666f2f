#include "src/architecture/check_weights.h"

#include <cmath>

#include "src/architecture/activations.h"
#include "src/architecture/names.h"
#include "src/architecture/ranges.h"

namespace ntk {
namespace {

constexpr std::int64_t kLargestFilter = 1 << 16;  // along an axis

void check_deviation(double value, const std::string& place, const Source& source) {
  if (value < 0)
    source.fail(place,
                "is a standard deviation and must not be negative, is " + number_text(value));
  require_range(value, 0, kLargestParameter, place, source);
}

template <class Options>
void check_scales(const Options& options, Parameterization parameterization,
                  const std::string& place, const Source& source) {
  const std::string shown =
      "(" + number_text(options.s[0]) + ", " + number_text(options.s[1]) + ")";
  for (std::size_t i = 0; i < 2; ++i)
    if (!(options.s[i] > 0 && options.s[i] <= kLargestParameter))
      source.fail(place, "must be positive numbers, is " + shown);
  if (parameterization == Parameterization::ntk && (options.s[0] != 1 || options.s[1] != 1))
    source.fail(place,
                "width scales belong to the standard parameterization; with ntk they must "
                "stay (1, 1)");
}

// What Dense and Conv have in common: standard deviations and width scales.
template <class Options>
void check_options(const Options& options, Parameterization parameterization,
                   const std::string& place, const Source& source) {
  check_deviation(options.W_std, join_key(place, "W_std"), source);
  if (options.b_std) check_deviation(*options.b_std, join_key(place, "b_std"), source);
  check_scales(options, parameterization, join_key(place, "s"), source);
}

std::int64_t units(std::int64_t out, const char* key, double scale, const std::string& place,
                   const Source& source) {
  if (scale == 1) return out;
  const double width = static_cast<double>(out) * scale;
  if (width != std::floor(width) || width < 1 || width > static_cast<double>(kLargestWidth))
    source.fail(
        join_key(place, "s"),
        std::string(key) + " s[1] must be a whole number of units, is " + number_text(width));
  return static_cast<std::int64_t>(width);
}

void check_at_least_one(std::int64_t value, const std::string& place, const Source& source) {
  if (value < 1) source.fail(place, "must be at least 1, is " + std::to_string(value));
}

void check_filter(const ConvLayer& conv, const std::string& place, const Source& source) {
  const std::string here = join_key(place, "filter_shape");
  for (std::size_t i = 0; i < conv.filter_shape.size(); ++i) {
    check_at_least_one(conv.filter_shape[i], join_index(here, i), source);
    if (conv.filter_shape[i] > kLargestFilter)
      source.fail(join_index(here, i), "must be at most " + std::to_string(kLargestFilter) +
                                           ", is " + std::to_string(conv.filter_shape[i]));
  }
  if (conv.filter_shape.size() != 2)
    source.fail(here, "has " + std::to_string(conv.filter_shape.size()) +
                          " numbers; convolutions along one axis or three are not yet supported: "
                          "two are expected, the filter's height and width");
}

void check_strides(const ConvLayer& conv, const std::string& place, const Source& source) {
  const std::string here = join_key(place, "strides");
  const auto& strides = conv.options.strides;
  if (strides.empty()) return;
  if (strides.size() != conv.filter_shape.size())
    source.fail(here, "has " + std::to_string(strides.size()) + " numbers, but filter_shape has " +
                          std::to_string(conv.filter_shape.size()));
  for (std::size_t i = 0; i < strides.size(); ++i) {
    check_at_least_one(strides[i], join_index(here, i), source);
    if (strides[i] != 1)
      source.fail(join_index(here, i),
                  "strides other than 1 are not yet supported, is " + std::to_string(strides[i]));
  }
}

}  // namespace

std::int64_t check_dense(const DenseLayer& dense, Parameterization parameterization,
                         const std::string& place, const Source& source) {
  check_at_least_one(dense.out_dim, join_key(place, "out_dim"), source);
  check_options(dense.options, parameterization, place, source);
  return units(dense.out_dim, "out_dim", dense.options.s[1], place, source);
}

std::int64_t check_conv(const ConvLayer& conv, Parameterization parameterization,
                        const std::string& place, const Source& source) {
  check_at_least_one(conv.out_chan, join_key(place, "out_chan"), source);
  check_filter(conv, place, source);
  check_strides(conv, place, source);
  if (conv.options.padding != Padding::same)
    source.fail(join_key(place, "padding"),
                "the padding " + name_of(conv.options.padding) +
                    (conv.options.padding == Padding::valid ? ", which is the default," : "") +
                    " is not yet supported; SAME is, which pads images with zeros: padding 'SAME'");
  check_options(conv.options, parameterization, place, source);
  if (parameterization == Parameterization::standard && conv.options.W_std == 0)
    source.fail(join_key(place, "W_std"),
                "a Conv whose W_std is 0 is not supported in the standard parameterization");
  return units(conv.out_chan, "out_chan", conv.options.s[1], place, source);
}

}  // namespace ntk
