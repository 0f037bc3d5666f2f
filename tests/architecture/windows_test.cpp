// Which pixels filters and windows see, against plain loops over padded lines.
#include "src/architecture/windows.h"

#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::int64_t kNone = -1;
constexpr Padding kPaddings[] = {Padding::valid, Padding::same, Padding::circular};

// The places of a line of `in` pixels with `before` and `after` more, that of padding being kNone.
std::vector<std::int64_t> padded(std::int64_t in, std::int64_t before, std::int64_t after,
                                 bool circular) {
  std::vector<std::int64_t> line;
  for (std::int64_t i = -before; i < in + after; ++i)
    line.push_back(i >= 0 && i < in ? i : circular ? (i % in + in) % in : kNone);
  return line;
}

std::int64_t input(const Window& window, std::int64_t output, std::int64_t tap) {
  return window.input(output, tap).value_or(kNone);
}

// What XLA says of SAME: ceil(in / stride) windows, and as little padding as they need, of which
// the smaller half comes before.
TEST(Windows, SlideOverAPaddedLine) {
  for (const Padding padding : kPaddings)
    for (std::int64_t in = 1; in <= 9; ++in)
      for (std::int64_t size = 1; size <= 7; ++size)
        for (std::int64_t stride = 1; stride <= 4; ++stride) {
          if (padding == Padding::valid && size > in) continue;
          SCOPED_TRACE(testing::Message() << in << ' ' << size << ' ' << stride);
          std::int64_t out = (in + stride - 1) / stride, around = 0;
          if (padding == Padding::valid)
            out = (in - size + stride) / stride;
          else
            while (around + in < (out - 1) * stride + size) ++around;
          const auto line =
              padded(in, around / 2, around - around / 2, padding == Padding::circular);
          const Window window = window_of(in, size, stride, padding);
          ASSERT_EQ(window.out, out);
          for (std::int64_t o = 0; o < out; ++o)
            for (std::int64_t t = 0; t < size; ++t)
              EXPECT_EQ(input(window, o, t), line[static_cast<std::size_t>(o * stride + t)]);
        }
}

TEST(Windows, OfEvenFiltersHaveThePixelMoreBehind) {
  const Window window = window_of(5, 4, 1, Padding::same);
  EXPECT_EQ(window.before, 1);
  EXPECT_EQ(input(window, 0, 0), kNone);
  EXPECT_EQ(input(window, 4, 1), 4);
  EXPECT_EQ(input(window, 4, 3), kNone);
}

TEST(Windows, ThatDoNotFitHaveNoOutput) {
  EXPECT_EQ(window_of(2, 3, 1, Padding::valid).out, 0);
  EXPECT_EQ(window_of(2, 3, 1, Padding::same).out, 2);
  EXPECT_EQ(window_of(kUnknown, 3, 1, Padding::valid).out, kUnknown);
  EXPECT_EQ(transposed_window_of(kUnknown, 3, 2, Padding::same).out, kUnknown);
}

// A transposed convolution is the derivative of a convolution of its output by its input, with the
// taps in the opposite order.
TEST(Windows, OfTransposedConvolutionsAreThoseOfConvolutionsReversed) {
  for (const Padding padding : kPaddings)
    for (std::int64_t in = 1; in <= 6; ++in)
      for (std::int64_t size = 1; size <= 7; ++size)
        for (std::int64_t stride = 1; stride <= 4; ++stride) {
          SCOPED_TRACE(testing::Message() << in << ' ' << size << ' ' << stride);
          const Window window = transposed_window_of(in, size, stride, padding);
          const Window forward = window_of(window.out, size, stride, padding);
          ASSERT_EQ(forward.out, in);
          for (std::int64_t o = 0; o < window.out; ++o)
            for (std::int64_t t = 0; t < size; ++t) {
              std::int64_t expected = kNone;
              for (std::int64_t i = 0; i < in; ++i)
                if (input(forward, i, size - 1 - t) == o) expected = i;
              EXPECT_EQ(input(window, o, t), expected);
            }
        }
}

TEST(Windows, OfTransposedConvolutionsByHand) {
  const Window same = transposed_window_of(3, 3, 2, Padding::same);
  EXPECT_EQ(same.out, 6);
  const std::int64_t expected[6][3] = {{kNone, kNone, 0}, {kNone, 0, kNone}, {0, kNone, 1},
                                       {kNone, 1, kNone}, {1, kNone, 2},     {kNone, 2, kNone}};
  for (std::int64_t o = 0; o < 6; ++o)
    for (std::int64_t t = 0; t < 3; ++t) EXPECT_EQ(input(same, o, t), expected[o][t]) << o << t;
  EXPECT_EQ(transposed_window_of(3, 3, 2, Padding::valid).out, 7);
  EXPECT_EQ(transposed_window_of(3, 2, 5, Padding::valid).out, 15);
}

TEST(Windows, OfALayerAreOnePerAxis) {
  const auto conv = ConvLayer{4, {3, 2}, {.strides = {2, 1}, .padding = Padding::same}};
  const auto windows = windows_of(conv, {7, 5});
  EXPECT_EQ(outputs_of(windows), (Shape{4, 5}));
  EXPECT_EQ(windows[0].before, 1);
  EXPECT_EQ(windows[1].before, 0);
  EXPECT_EQ(outputs_of(windows_of(ConvTransposeLayer{4, {3}, {.strides = {2}}}, {4})), Shape{9});
  EXPECT_EQ(outputs_of(windows_of(PoolLayer{Pool::sum, {2, 2, 2}}, {4, 3, 2})), (Shape{3, 2, 1}));
}

TEST(Windows, NameBothShapesIfTheyDoNotFit) {
  EXPECT_THAT(refusal_of([] {
                windows_of(ConvLocalLayer{4, {3, 2}, {}}, {5, 1}, "layers[3]");
              }),
              AllOf(HasSubstr("layers[3]: ConvLocal's filter of 3x2 pixels is larger than its "
                              "input of 5x1 pixels"),
                    HasSubstr("'SAME'")));
  EXPECT_THAT(refusal_of([] {
                windows_of(PoolLayer{Pool::average, {2}}, {4, 4}, "layers[3]");
              }),
              HasSubstr("layers[3]: AvgPool has a window of 1 axis (2 pixels), but its input has 2 "
                        "axes of pixels (4x4)"));
}

}  // namespace
}  // namespace ntk
