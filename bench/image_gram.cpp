// The Gram matrix of a network of images beside its floor: the arithmetic that it needs, at the
// rate at which this machine does just that on numbers in the innermost cache. Both in turn,
// medians, as JSON.
//
//   image_gram [N,H,W,C] [float32|float64] [repeats] [network]
//
// The network is an expression or JSON (docs/architecture.md); by default 21 convolutions of 3 x 3,
// each followed by ReLU, and GlobalAvgPool. The floor counts such layers: one for each convolution
// and each pair of pixels that it is applied to.
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "bench/image_floor.h"
#include "ntk/ntk.h"
#include "src/infinite/lower.h"

namespace {

constexpr const char* kNetwork =
    "serial(Repeat(21, Conv(64, (3, 3), padding='SAME', W_std=1.4, b_std=0.1), Relu()), "
    "GlobalAvgPool(), Dense(1))";

template <class F>
double seconds(const F& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

ntk::Shape shape_of(const std::string& text) {
  ntk::Shape shape;
  std::istringstream numbers(text);
  for (std::string number; std::getline(numbers, number, ',');)
    shape.push_back(std::strtoll(number.c_str(), nullptr, 10));
  return shape;
}

ntk::Array random_images(const ntk::Shape& shape, ntk::DType dtype) {
  ntk::Array x(ntk::DType::float32, shape);
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (std::int64_t i = 0; i < x.size(); ++i) x.as<float>()[i] = normal(random);
  return x.converted_to(dtype);
}

// Convolutions of one pair of images, times the pairs of pixels.
double entries_of(const ntk::Architecture& net, const ntk::Shape& image) {
  const ntk::Program program = ntk::lower(net, image);
  if (!program.images) throw ntk::UsageError("the network is not one of the fused engine's");
  double entries = 0;
  for (const ntk::ImageStage* stage = &*program.images; stage; stage = stage->next.get()) {
    const auto pixels = static_cast<double>(stage->pixels());
    const bool flatten = stage->pooling == ntk::Pooling::flatten;
    for (const ntk::Instruction& in : stage->instructions)
      if (in.op == ntk::Op::convolve) entries += flatten ? pixels : pixels * pixels;
  }
  return entries;
}

// Seconds that one entry takes with all cores at work.
double floor_of_entry(ntk::DType dtype) {
  constexpr double kEntries = 1e8;
  const int threads = omp_get_max_threads();
  return seconds([&] {
#pragma omp parallel num_threads(threads)
           ntk::bench::compute_entries(dtype, kEntries);
         }) /
         (kEntries * threads);
}

int run(const ntk::Shape& shape, ntk::DType dtype, int repeats, const std::string& network) {
  const ntk::Architecture net = ntk::parse_architecture(network);
  const ntk::Array x = random_images(shape, dtype);
  std::vector<double> gram, floor;
  for (int i = 0; i <= repeats; ++i) {  // the first round is not counted
    const double entry = floor_of_entry(dtype);
    const double all = seconds([&] { ntk::gram(net, x, {.device = ntk::Device::cpu}); });
    if (i == 0) continue;
    floor.push_back(entry), gram.push_back(all);
  }
  const auto n = static_cast<double>(shape[0]);
  const double pairs = n * n / 2;  // an image with itself is one half
  const double entries = entries_of(net, {shape[1], shape[2], shape[3]});
  const double pair = median(gram) / pairs, floor_pair = median(floor) * entries;
  std::printf(
      "{\"seconds\": %.6f, \"seconds_min\": %.6f, \"seconds_max\": %.6f, \"repeats\": %d, "
      "\"milliseconds_per_pair\": %.5f, \"entries_per_pair\": %.0f, "
      "\"nanoseconds_per_entry_floor\": %.4f, \"floor_milliseconds_per_pair\": %.5f, "
      "\"over_floor\": %.3f}\n",
      median(gram), *std::min_element(gram.begin(), gram.end()),
      *std::max_element(gram.begin(), gram.end()), repeats, 1e3 * pair, entries,
      1e9 * median(floor), 1e3 * floor_pair, pair / floor_pair);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const ntk::Shape shape = shape_of(argc > 1 ? argv[1] : "4,32,32,3");
  const std::string dtype = argc > 2 ? argv[2] : "float32";
  const int repeats = argc > 3 ? std::atoi(argv[3]) : 5;
  if (shape.size() != 4 || *std::min_element(shape.begin(), shape.end()) < 1 || repeats < 1 ||
      (dtype != "float32" && dtype != "float64")) {
    std::fprintf(stderr, "usage: image_gram [N,H,W,C] [float32|float64] [repeats] [network]\n");
    return 2;
  }
  try {
    return run(shape, dtype == "float32" ? ntk::DType::float32 : ntk::DType::float64, repeats,
               argc > 4 ? argv[4] : kNetwork);
  } catch (const ntk::Error& error) {
    std::fprintf(stderr, "image_gram: %s\n", error.what());
    return static_cast<int>(error.kind());
  }
}
