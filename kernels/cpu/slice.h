// The hot loop of convolutional networks. A slice of a pair of images is the pairs of pixels at one
// displacement: a run of places of one image beside a run of the other's (kernels/images.h).
// Convolution keeps the displacement and everything else acts on one pair of pixels, so that a
// slice goes through all layers by itself, in the innermost cache.
#pragma once

#include <cstdint>

#include "kernels/cpu/strip.h"
#include "kernels/images.h"

namespace ntk::cpu {

// One image of a pair. Data of pixel 0 is at the pointers' place 0.
template <class T>
struct ImageSide {
  // Of unit length: channel c of place p at pixels[c * stride + p]. Of a later stage: 1 over the
  // deviations of the pixels, in units of the image's.
  const T* pixels = nullptr;
  Features<T> features;                      // feature f of place p at data[f * stride + p]
  const ConvolutionScale* scales = nullptr;  // one per instruction
};

// Pairs of places of two images at k[p * rows + p'] and theta[...]; K in units of both images.
template <class T>
struct PairState {
  T *k = nullptr, *theta = nullptr;
  std::int64_t rows = 0;
};

template <class T>
struct SliceJob {
  const ImageStage* stage = nullptr;
  const ImageLayout* layout = nullptr;
  ImageSide<T> row, column;
  // Slices of `count` displacements: place p of the row with place p + displacement of the column.
  const std::int64_t* displacements = nullptr;
  std::int64_t count = 0;
  const PairState<T>* from = nullptr;    // of a later stage
  const WindowTable* windows = nullptr;  // of Pooling::windows, ...
  PairState<T>* to = nullptr;            // ... to which its sums are added
  const T* inside = nullptr;             // of the layout's places: 1 where a pixel is, else 0
  T* scratch = nullptr;                  // slice_scratch() elements, finite numbers
  bool ntk = true;
};

// Over the slices' pairs of pixels, with a and b their deviations over those of their images.
struct SliceSums {
  double product = 0;              // a b rho
  double theta = 0;                // Theta
  double difference = 0, sum = 0;  // ((a - b)^2 + 2 a b (1 - rho)) / 2, and with b's sign changed

  SliceSums& operator+=(const SliceSums& more) {
    product += more.product;
    theta += more.theta;
    difference += more.difference;
    sum += more.sum;
    return *this;
  }
};

// Elements of SliceJob::scratch.
std::size_t slice_scratch(const ImageStage& stage, const ImageLayout& layout);

struct SliceKernels {
  SliceSums (*run_f32)(const SliceJob<float>& job);
  SliceSums (*run_f64)(const SliceJob<double>& job);
  SliceSums run(const SliceJob<float>& job) const { return run_f32(job); }
  SliceSums run(const SliceJob<double>& job) const { return run_f64(job); }
};

extern const SliceKernels kSliceSse2, kSliceAvx2, kSliceAvx512;

// As strip_kernels().
const SliceKernels& slice_kernels();

}  // namespace ntk::cpu
