// Axes, sizes and ranges of layers on images.
#include "src/architecture/pixel_axes.h"

#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Axes = std::vector<std::size_t>;
using Pixels = std::vector<std::int64_t>;

// The pixels of a range, one after the other, as Python's slice.indices defines them.
Pixels pixels_by_steps(const SliceRange& range, std::int64_t extent) {
  const std::int64_t step = range.step.value_or(1);
  const auto wrapped = [&](std::int64_t at) { return at < 0 ? at + extent : at; };
  Pixels pixels;
  if (step > 0) {
    const std::int64_t stop = range.stop ? wrapped(*range.stop) : extent;
    for (std::int64_t at = range.start ? std::max<std::int64_t>(wrapped(*range.start), 0) : 0;
         at < std::min(stop, extent); at += step)
      pixels.push_back(at);
  } else {
    const std::int64_t last = extent - 1;
    const std::int64_t stop = range.stop ? wrapped(*range.stop) : -1;
    for (std::int64_t at = range.start ? std::min(wrapped(*range.start), last) : last;
         at > std::max<std::int64_t>(stop, -1); at += step)
      pixels.push_back(at);
  }
  return pixels;
}

Pixels pixels_of(const Cut& cut) {
  Pixels pixels;
  for (std::int64_t i = 0; i < cut.count; ++i) pixels.push_back(cut.first + i * cut.step);
  return pixels;
}

TEST(Slices, ArePythons) {
  std::vector<std::optional<std::int64_t>> numbers = {std::nullopt};
  for (std::int64_t i = -7; i <= 7; ++i) numbers.emplace_back(i);
  int empty = 0;
  for (std::int64_t extent = 1; extent <= 5; ++extent)
    for (const auto& start : numbers)
      for (const auto& stop : numbers)
        for (const auto& step : numbers) {
          if (step == 0) continue;
          const SliceRange range = {start, stop, step};
          const Pixels expected = pixels_by_steps(range, extent);
          if (expected.empty()) {
            ++empty;
            EXPECT_THAT(refusal_of([&] {
                          cuts_of({{{}, range}}, {extent});
                        }),
                        HasSubstr("slices[1]: the range "));
          } else {
            EXPECT_EQ(pixels_of(cuts_of({{{}, range}}, {extent})[0]), expected);
          }
        }
  EXPECT_GT(empty, 1000);
}

TEST(Slices, OfOnePixelDropTheAxis) {
  const auto cuts = cuts_of({{{}, {.index = -1}, {.start = 1}}}, {4, 3, 2});
  EXPECT_EQ(pixels_of(cuts[0]), Pixels{3});
  EXPECT_TRUE(cuts[0].drops);
  EXPECT_EQ(pixels_of(cuts[2]), (Pixels{0, 1}));
  EXPECT_EQ(outputs_of(cuts), (Shape{2, 2}));
  for (const std::int64_t index : {4, -5})
    EXPECT_THAT(refusal_of([&] {
                  cuts_of({{{}, {.index = index}}}, {4});
                }),
                HasSubstr("there is no pixel " + std::to_string(index)));
}

TEST(Slices, LeaveBatchAndChannelsWhole) {
  EXPECT_EQ(outputs_of(cuts_of({{{.start = 0, .step = 1}, {.stop = 2}, {}}}, {4})), Shape{2});
  EXPECT_THAT(refusal_of([] { cuts_of({{{.stop = 3}}}, {4}, "layers[1]"); }),
              AllOf(HasSubstr("layers[1].slices[0]: axis 0 is the batch"), HasSubstr("is :3")));
  EXPECT_THAT(refusal_of([] { cuts_of({{{.index = 0}}}, {4}); }), HasSubstr("is the batch"));
  EXPECT_THAT(refusal_of([] {
                cuts_of({{{}, {}, {.start = 1}}}, {4}, "layers[1]");
              }),
              HasSubstr("layers[1].slices[2]: axis 2 is the channels"));
  EXPECT_THAT(refusal_of([] { cuts_of({{{}, {}, {}, {}}}, {4}); }), HasSubstr("has 4 ranges"));
  EXPECT_THAT(refusal_of([] { cuts_of({}, {4}); }), HasSubstr("must begin with a range"));
}

TEST(Slices, RefuseNumbersThatAreNoRange) {
  EXPECT_THAT(refusal_of([] { cuts_of({{{}, {.step = 0}}}, {4}); }), HasSubstr("must not be 0"));
  EXPECT_THAT(refusal_of([] {
                cuts_of({{{}, {.start = 1, .index = 2}}}, {4});
              }),
              HasSubstr("but has both"));
  EXPECT_THAT(refusal_of([] {
                cuts_of({{{}, {.stop = std::int64_t{1} << 60}}}, {4});
              }),
              HasSubstr("2^53"));
}

TEST(AxesOf, LayerNormAreThePixelsBesideTheChannels) {
  EXPECT_EQ(axes_of(LayerNormLayer{{-1}}, 2), Axes{});
  EXPECT_EQ(axes_of(LayerNormLayer{{3}}, 2), Axes{});
  EXPECT_EQ(axes_of(LayerNormLayer{{-1, 2, -3}}, 2), (Axes{0, 1}));
  EXPECT_EQ(axes_of(LayerNormLayer{{1, 2, 4}}, 3), (Axes{0, 1}));
  EXPECT_EQ(axes_of(LayerNormLayer{{1}}, 0), Axes{});
  const auto refused = [](std::vector<std::int64_t> axis, std::optional<std::size_t> axes) {
    return refusal_of([&] { axes_of(LayerNormLayer{std::move(axis)}, axes, "layers[1]"); });
  };
  EXPECT_THAT(refused({1, 2}, 2),
              AllOf(HasSubstr("layers[1].axis: must be -1 (or 3), the channels of images"),
                    HasSubstr("is (1, 2)")));
  EXPECT_THAT(refused({}, 2), HasSubstr("must be -1 (or 3)"));
  EXPECT_THAT(refused({-4, 3}, 2), HasSubstr("axis 0 is the batch"));
  EXPECT_THAT(refused({0}, std::nullopt), HasSubstr("axis 0 is the batch"));
  EXPECT_THAT(refused({-2}, std::nullopt), HasSubstr("must be -1, the channels"));
  EXPECT_THAT(refused({-1, 3}, 2), HasSubstr("the channels twice"));
  EXPECT_THAT(refused({-1, 1, -3}, 2), HasSubstr("pixels twice"));
  EXPECT_THAT(refused({1, 1}, std::nullopt), HasSubstr("names the axis 1 twice"));
}

TEST(AxesOf, AggregateArePixels) {
  EXPECT_EQ(axes_of(AggregateLayer{}, 3), (Axes{0, 1, 2}));
  EXPECT_EQ(axes_of(AggregateLayer{{2}, 0, 3}, 2), Axes{1});
  EXPECT_EQ(axes_of(AggregateLayer{{-2, 1}}, 2), (Axes{0, 1}));
  const auto refused = [](const AggregateLayer& layer) {
    return refusal_of([&] { axes_of(layer, 2, "layers[1]"); });
  };
  for (const std::int64_t axis : {0, 3, -1, -4, 7})
    EXPECT_THAT(refused({{axis}}), HasSubstr("layers[1].aggregate_axis: must name axes of pixels "
                                             "(1 to 2), names " +
                                             std::to_string(axis)));
  EXPECT_THAT(refused({{1, 1}}), HasSubstr("twice"));
  EXPECT_THAT(refused({{1, -3}}), HasSubstr("twice"));
  EXPECT_THAT(refused({{1}, 1}), HasSubstr("layers[1].batch_axis: must be 0"));
  EXPECT_THAT(refused({{1}, 0, 2}), HasSubstr("layers[1].channel_axis: must be -1 (or 3)"));
}

TEST(Resized, TakesTheShapeOfTheData) {
  using Method = ResizeMethod;
  EXPECT_EQ(resized({{-1, 4, -1, -1}, Method::nearest}, {7, 5}), (Shape{4, 5}));
  EXPECT_EQ(resized({{-1, 9, -1}, Method::linear}, {7}), Shape{9});
  const auto refused = [](std::vector<std::int64_t> shape) {
    return refusal_of([&] { resized({std::move(shape), Method::linear}, {7, 5}, "layers[1]"); });
  };
  EXPECT_THAT(refused({-1, 4, -1}), HasSubstr("layers[1].shape: must have 4 numbers for the batch, "
                                              "the pixels (7x5) and the channels, has 3"));
  EXPECT_THAT(refused({3, 4, 4, -1}), HasSubstr("layers[1].shape[0]: is the batch"));
  EXPECT_THAT(refused({-1, 4, 4, 8}), HasSubstr("layers[1].shape[3]: is the channels"));
  for (const std::int64_t size : {0, -2, 1 << 20})
    EXPECT_THAT(refused({-1, 4, size, -1}),
                HasSubstr("layers[1].shape[2]: must be a number of pixels from 1 to 65536"));
}

}  // namespace
}  // namespace ntk
