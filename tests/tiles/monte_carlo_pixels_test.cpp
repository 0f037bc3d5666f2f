// Wide networks on images, written out with plain loops, have the kernels that libntk computes:
// every layer on pixels but attention.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ntk/gram.h"
#include "tests/support/finite_case.h"
#include "tests/support/finite_layers.h"
#include "tests/support/finite_windows.h"

namespace ntk {
namespace {

using finite::chain;
using finite::convolution;
using finite::each;
using finite::Edge;
using finite::global_mean;
using finite::LayerPointer;
using finite::matrix;
using finite::Matrix;
using finite::mixing;
using finite::normalization;
using finite::relu;
using finite::Weights;
using finite::Window;
using finite::window;
using testing::expect_agreement;
using testing::FiniteCase;
using testing::kOutputs;
using testing::kWidth;

enum class Of { taps, pixels, nothing };

// The sum of what a window sees, over its taps, the pixels in it, or nothing.
Matrix pool(const Window& w, Of divisor) {
  Matrix m(w.outputs, w.inputs);
  finite::Vector seen(w.outputs);
  for (const finite::Link& link : w.links) m[link.out][link.in] += 1, seen[link.out] += 1;
  for (int o = 0; o < m.rows; ++o)
    for (int p = 0; p < m.columns; ++p)
      m[o][p] /= divisor == Of::taps ? w.taps : divisor == Of::pixels ? seen[o] : 1;
  return m;
}

// Along rows and columns of an image.
Matrix both_axes(const Matrix& a, const Matrix& b) {
  Matrix m(a.rows * b.rows, a.columns * b.columns);
  for (int i = 0; i < m.rows; ++i)
    for (int k = 0; k < m.columns; ++k)
      m[i][k] = a[i / b.rows][k / b.columns] * b[i % b.rows][k % b.columns];
  return m;
}

const Shape kImage = {3, 4, 2};
constexpr int kPixels = 12;

const ConvOptions kFirst{.padding = Padding::same, .W_std = 1.4, .b_std = 0.3};
const Weights kFirstWeights{.W_std = 1.4, .b_std = 0.3};

// A convolution of 3 x 3 and a ReLU stand before, a Dense behind.
Architecture around(Layers middle) {
  Layers layers = {Conv(kWidth, {3, 3}, kFirst), Relu()};
  layers.insert(layers.end(), middle.begin(), middle.end());
  layers.push_back(Dense(kOutputs, {.W_std = 0.9, .b_std = 0.2}));
  return Architecture(layers);
}
LayerPointer around(LayerPointer middle, int pixels, int channels = kWidth) {
  return chain(convolution(window(3, 3, 1, Edge::same) * window(4, 3, 1, Edge::same), 2, kWidth,
                           kFirstWeights),
               relu(), std::move(middle),
               convolution(each(pixels), channels, kOutputs, {.W_std = 0.9, .b_std = 0.2}));
}

// --- convolutions ---

struct Filter {
  const char* name;
  std::vector<std::int64_t> shape, strides;
  Padding padding;
};

template <class Slide>
Window slide(const Filter& f, const std::vector<int>& extents, Slide along) {
  const Edge edge = f.padding == Padding::valid  ? Edge::valid
                    : f.padding == Padding::same ? Edge::same
                                                 : Edge::circular;
  Window all;
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    all = all * along(extents[axis], static_cast<int>(f.shape[axis]),
                      static_cast<int>(f.strides[axis]), edge);
  return all;
}

ConvOptions options_of(const Filter& f, double b_std) {
  return {.strides = f.strides, .padding = f.padding, .W_std = 1.3, .b_std = b_std};
}

// Behind a Dense and a ReLU on each pixel, so that the convolution sees pixels that depend on each
// other, and weights before it.
template <class Slide>
FiniteCase convolution_case(const Filter& f, Layer layer, const std::vector<int>& extents,
                            Slide along, Weights weights) {
  Shape sample(extents.begin(), extents.end());
  sample.push_back(2);
  const int pixels = static_cast<int>(element_count(sample)) / 2;
  const DenseOptions dense{.W_std = 1.4, .b_std = 0.3};
  const auto parameterization =
      weights.standard ? Parameterization::standard : Parameterization::ntk;
  Weights first = kFirstWeights;
  first.standard = weights.standard;
  return {f.name, serial({Dense(kWidth, dense), Relu(), std::move(layer)}, parameterization),
          chain(convolution(each(pixels), 2, kWidth, first), relu(),
                convolution(slide(f, extents, along), kWidth, kOutputs, weights)),
          sample};
}

TEST(MonteCarloPixels, Conv) {
  const Filter filters[] = {
      {"Conv 2x3 VALID", {2, 3}, {1, 1}, Padding::valid},
      {"Conv 1x2, strides 2, 1, VALID", {1, 2}, {2, 1}, Padding::valid},
      {"Conv 3x3, strides 1, 2, CIRCULAR", {3, 3}, {1, 2}, Padding::circular},
      {"Conv 2x4 SAME", {2, 4}, {1, 1}, Padding::same},
      {"Conv 2x3, strides 2, SAME", {2, 3}, {2, 2}, Padding::same},
  };
  for (const Filter& f : filters)
    expect_agreement(convolution_case(f, Conv(kOutputs, f.shape, options_of(f, 0.3)), {3, 4},
                                      window, {.W_std = 1.3, .b_std = 0.3}));
}

TEST(MonteCarloPixels, ConvOfSequencesAndVolumes) {
  const Filter sequence{"Conv 3, strides 2, SAME", {3}, {2}, Padding::same};
  expect_agreement(convolution_case(sequence,
                                    Conv(kOutputs, sequence.shape, options_of(sequence, 0.3)), {6},
                                    window, {.W_std = 1.3, .b_std = 0.3}));
  const Filter volume{"Conv 2x1x3 SAME", {2, 1, 3}, {1, 1, 2}, Padding::same};
  expect_agreement(convolution_case(volume, Conv(kOutputs, volume.shape, options_of(volume, 0.3)),
                                    {2, 2, 3}, window, {.W_std = 1.3, .b_std = 0.3}));
}

TEST(MonteCarloPixels, ConvInTheStandardParameterization) {
  const Filter f{"Conv 3x2 SAME, standard", {3, 2}, {2, 1}, Padding::same};
  expect_agreement(convolution_case(f, Conv(kOutputs, f.shape, options_of(f, 0.3)), {3, 4}, window,
                                    {.W_std = 1.3, .b_std = 0.3, .standard = true}));
}

TEST(MonteCarloPixels, ConvTranspose) {
  const Filter filters[] = {
      {"ConvTranspose 3x2, strides 2, 1, SAME", {3, 2}, {2, 1}, Padding::same},
      {"ConvTranspose 2x3, strides 1, 2, VALID", {2, 3}, {1, 2}, Padding::valid},
  };
  for (const Filter& f : filters)
    expect_agreement(convolution_case(f, ConvTranspose(kOutputs, f.shape, options_of(f, 0.3)),
                                      {2, 3}, finite::transposed_window,
                                      {.W_std = 1.3, .b_std = 0.3}));
}

TEST(MonteCarloPixels, ConvLocal) {
  const Filter filters[] = {
      {"ConvLocal 3 SAME", {3}, {1}, Padding::same},
      {"ConvLocal 2, strides 2, VALID", {2}, {2}, Padding::valid},
  };
  for (const Filter& f : filters)
    expect_agreement(convolution_case(f, ConvLocal(kOutputs, f.shape, options_of(f, 0.3)), {5},
                                      window, {.W_std = 1.3, .b_std = 0.3, .local = true}));
}

// --- pixels mixed ---

TEST(MonteCarloPixels, Pools) {
  const Window same = window(3, 2, 2, Edge::same) * window(4, 3, 1, Edge::same);
  const Window circular = window(3, 3, 1, Edge::circular) * window(4, 2, 2, Edge::circular);
  const std::vector<std::int64_t> shape = {2, 3}, strides = {2, 1};
  expect_agreement({"AvgPool SAME", around({AvgPool(shape, strides, Padding::same)}),
                    around(mixing({pool(same, Of::taps)}), same.outputs), kImage});
  expect_agreement({"AvgPool SAME, normalize_edges",
                    around({AvgPool(shape, strides, Padding::same, true)}),
                    around(mixing({pool(same, Of::pixels)}), same.outputs), kImage});
  expect_agreement({"SumPool CIRCULAR", around({SumPool({3, 2}, {1, 2}, Padding::circular)}),
                    around(mixing({pool(circular, Of::nothing)}), circular.outputs), kImage});
}

TEST(MonteCarloPixels, PixelsToVectors) {
  expect_agreement({"GlobalAvgPool", around({GlobalAvgPool()}), around(global_mean(), 1), kImage});
  Matrix sum(1, kPixels);
  sum.v.assign(kPixels, 1);
  expect_agreement({"GlobalSumPool", around({GlobalSumPool()}), around(mixing({sum}), 1), kImage});
  expect_agreement(
      {"Flatten", around({Flatten()}), around(finite::flattening(), 1, kPixels * kWidth), kImage});
}

// Weights by hand: linear to more pixels between the centres of the old ones; to fewer with
// antialiasing those of a triangle as wide as two new pixels, 3/4, 3/4, 1/4 over their sum.
TEST(MonteCarloPixels, ImageResize) {
  const Matrix up = matrix({{1, 0, 0}, {0.6, 0.4, 0}, {0, 1, 0}, {0, 0.4, 0.6}, {0, 0, 1}});
  const double a = 3.0 / 7, b = 1.0 / 7;
  const Matrix down = matrix({{a, a, b, 0}, {0, b, a, a}});
  const Matrix plain = matrix({{0.5, 0.5, 0, 0}, {0, 0, 0.5, 0.5}});
  expect_agreement({"ImageResize linear",
                    around({ImageResize({-1, 5, 2, -1}, ResizeMethod::linear)}),
                    around(mixing({both_axes(up, down)}), 10), kImage});
  expect_agreement({"ImageResize linear, no antialias",
                    around({ImageResize({-1, 5, 2, -1}, ResizeMethod::linear, false)}),
                    around(mixing({both_axes(up, plain)}), 10), kImage});
  const Matrix near_up = matrix({{1, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 1}});
  const Matrix near_down = matrix({{0, 1, 0, 0}, {0, 0, 0, 1}});
  expect_agreement({"ImageResize nearest",
                    around({ImageResize({-1, 5, 2, -1}, ResizeMethod::nearest)}),
                    around(mixing({both_axes(near_up, near_down)}), 10), kImage});
}

TEST(MonteCarloPixels, Slice) {
  const Matrix rows = matrix({{0, 0, 1}, {0, 1, 0}, {1, 0, 0}});
  const Matrix columns = matrix({{0, 1, 0, 0}, {0, 0, 0, 1}});
  const SliceRange all, backwards{.step = -1}, odd{.start = 1, .step = 2};
  expect_agreement({"Slice [:, ::-1, 1::2]", around({Slice({all, backwards, odd})}),
                    around(mixing({both_axes(rows, columns)}), 6), kImage});
  const SliceRange last{.index = -1};
  expect_agreement(
      {"Slice [:, -1]", around({Slice({all, last})}),
       around(mixing({both_axes(matrix({{0, 0, 1}}),
                                matrix({{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}))}),
              4),
       kImage});
}

// A graph of each sample, whose weights are of edges from row to column: neither symmetric.
TEST(MonteCarloPixels, Aggregate) {
  const Matrix p = matrix({{0, 1, 0.5, 0}, {1, 0.3, 0, 0}, {0, -0.6, 1, 1}, {0.7, 0, 0, 0.4}});
  const Matrix q = matrix({{1, 0, 0, 0.2}, {1, 1, 0, 0}, {0, 1, 0.5, 0}, {0, 0, 1, 0.8}});
  const auto transposed = [](const Matrix& m) {
    Matrix t(m.columns, m.rows);
    for (int i = 0; i < t.rows; ++i)
      for (int k = 0; k < t.columns; ++k) t[i][k] = m[k][i];
    return t;
  };
  const Matrix row = matrix({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
  FiniteCase c{
      "Aggregate along columns", around({Aggregate({2})}),
      around(mixing({both_axes(row, transposed(p)), both_axes(row, transposed(q))}), kPixels),
      kImage};
  c.patterns = {p, q};
  expect_agreement(c);
}

// --- pixel by pixel, and joins ---

// Of a Gaussian input, in the place of around()'s ReLU.
TEST(MonteCarloPixels, LayerNorm) {
  const Window w = window(3, 3, 1, Edge::same) * window(4, 3, 1, Edge::same);
  const auto compare = [&](const std::string& name, Layer norm, std::vector<int> group) {
    expect_agreement(
        {name,
         serial(Conv(kWidth, {3, 3}, kFirst), std::move(norm), Relu(),
                Dense(kOutputs, {.W_std = 0.9, .b_std = 0.2})),
         chain(convolution(w, 2, kWidth, kFirstWeights), normalization(std::move(group)), relu(),
               convolution(each(kPixels), kWidth, kOutputs, {.W_std = 0.9, .b_std = 0.2})),
         kImage, 4.0 / kWidth});
  };
  compare("LayerNorm over channels", LayerNorm(), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  compare("LayerNorm over columns", LayerNorm({2, -1}), {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2});
  compare("LayerNorm over images", LayerNorm({1, 2, 3}), std::vector<int>(kPixels, 0));
}

TEST(MonteCarloPixels, Dropout) {
  expect_agreement(
      {"Dropout", around({Dropout(0.6)}), around(finite::dropping(0.6), kPixels), kImage});
}

TEST(MonteCarloPixels, Joins) {
  const Window w = window(3, 3, 1, Edge::same) * window(4, 3, 1, Edge::same);
  const Layers a = {Conv(kWidth, {3, 3}, kFirst), Relu()};
  const Layers b = {Conv(kWidth, {3, 3}, {.padding = Padding::same, .W_std = 0.8})};
  const auto branch_a = [&] { return chain(convolution(w, 2, kWidth, kFirstWeights), relu()); };
  const auto branch_b = [&](int out) { return convolution(w, 2, out, {.W_std = 0.8}); };
  const Layer last = Dense(kOutputs);
  expect_agreement({"FanInProd", serial(Parallel({a, b}, Join::fan_in_prod), last),
                    chain(std::make_unique<finite::Product>(branch_a(), branch_b(kWidth)),
                          convolution(each(kPixels), kWidth, kOutputs)),
                    kImage});
  const Layers wide = {Conv(2 * kWidth, {3, 3}, {.padding = Padding::same, .W_std = 0.8})};
  expect_agreement({"FanInConcat", serial(Parallel({a, wide}, Join::fan_in_concat), last),
                    chain(std::make_unique<finite::Concatenation>(branch_a(), branch_b(2 * kWidth)),
                          convolution(each(kPixels), 3 * kWidth, kOutputs)),
                    kImage});
}

}  // namespace
}  // namespace ntk
