#include "kernels/cuda/pixel_walk.h"

#include <cstring>
#include <map>

#include "kernels/math/pixels.h"
#include "kernels/math/run.h"

namespace ntk::cuda {
namespace {

constexpr int kThreads = 128;

struct PixelJob {
  const DevicePixelStep* steps;
  int count, slots, pixels, outputs, channels, pairs_count;
  std::int64_t channels_place, deviation_place, block_size, largest, workspace_size;
  const double *a, *b;
  const std::int32_t *pairs, *entry_of;
  double *workspace, *nngp, *ntk;
};

__device__ int stride_of(int pixels) {
  return (pixels + static_cast<int>(PixelLayout::kPadding) - 1) /
         static_cast<int>(PixelLayout::kPadding) * static_cast<int>(PixelLayout::kPadding);
}

// One pair's state and its way through the steps. All threads of a block call each function.
class Walker {
 public:
  __device__ Walker(const PixelJob& job, double* partial, double* memory)
      : job_(job), partial_(partial), memory_(memory) {
    now_ = {buffer(0), buffer(1)};
    next_ = {buffer(2), buffer(3)};
    k_ = buffer(4);
    rows_ = buffer(5);
  }

  __device__ void run(int pair) {
    a_ = job_.a + job_.pairs[2 * pair] * job_.block_size;
    b_ = job_.b + job_.pairs[2 * pair + 1] * job_.block_size;
    begin();
    for (int i = 0; i < job_.count; ++i) step(job_.steps[i]);
    const double *s1 = a_ + job_.deviation_place, *s2 = b_ + job_.deviation_place;
    const int n = job_.outputs, ld = stride_of(n);
    for (int i = threadIdx.x; i < n * n; i += kThreads) {
      const int p = i / n, r = i % n;
      const math::Entry<double> e{now_.v[p * ld + r], now_.theta[p * ld + r]};
      const std::int64_t to =
          static_cast<std::int64_t>(pair) * n * n + job_.entry_of[static_cast<std::int64_t>(i)];
      job_.nngp[to] = s1[p] * s2[r] * e.rho();
      job_.ntk[to] = e.theta;
    }
    __syncthreads();
  }

 private:
  struct Tensor {
    double *v, *theta;
  };

  __device__ double* buffer(int i) const { return memory_ + i * job_.largest; }
  __device__ Tensor slot(int i) const { return {buffer(6 + 2 * i), buffer(7 + 2 * i)}; }

  // Calls visit(p, r, place of the entry) for each pair of pixels, or for p = p' in one row.
  template <class Visit>
  __device__ void each(bool pairs, int pixels, Visit visit) const {
    const int ld = stride_of(pixels), count = pairs ? pixels * pixels : pixels;
    for (int i = threadIdx.x; i < count; i += kThreads) {
      const int p = pairs ? i / pixels : i, r = i % pixels;
      visit(p, r, pairs ? p * ld + r : r);
    }
    __syncthreads();
  }

  __device__ void swap() {
    const Tensor old = now_;
    now_ = next_;
    next_ = old;
  }

  // Half the squared distances of unit pixels are 1 - rho and 1 + rho.
  __device__ void begin() {
    const int ld = stride_of(job_.pixels);
    const double *x = a_ + job_.channels_place, *y = b_ + job_.channels_place;
    const bool pairs = job_.count > 0 && job_.steps[0].pairs_before;
    each(pairs, job_.pixels, [&](int p, int r, int at) {
      double minus = 0, plus = 0;
      for (int c = 0; c < job_.channels; ++c) {
        const double u = x[c * ld + p], v = y[c * ld + r];
        minus += 0.5 * (u - v) * (u - v);
        plus += 0.5 * (u + v) * (u + v);
      }
      math::Entry<double> e{1, 0};
      // Both are 1/4 and less of a zero pixel, which has no angle.
      if (minus + plus > 1.5) e.set_ends(minus, plus);
      now_.v[at] = math::copy_sign(math::smaller(e.m(), 1.0), e.v);
      now_.theta[at] = 0;
    });
  }

  __device__ void step(const DevicePixelStep& s) {
    switch (s.in.op) {
      case Op::convolve:
        convolve(s);
        break;
      case Op::mix:
      case Op::aggregate:
      case Op::attend:
        mix(s);
        return;
      case Op::save:
        copy(s, now_, slot(s.in.slot));
        break;
      case Op::load:
        copy(s, slot(s.in.slot), now_);
        break;
      default:
        pointwise(s);
    }
    if (s.pairs_before && !s.pairs_after) drop_pairs(s.after);
  }

  __device__ void copy(const DevicePixelStep& s, const Tensor& from, const Tensor& to) const {
    each(s.pairs_before, s.before, [&](int, int, int at) {
      to.v[at] = from.v[at];
      to.theta[at] = from.theta[at];
    });
  }

  __device__ void pointwise(const DevicePixelStep& s) const {
    const int ld = stride_of(s.before);
    const math::FeatureTable<double> rows{a_ + s.place.before, ld},
        columns{b_ + s.place.before, ld};
    const Tensor other = slot(s.in.slot);
    const bool add = s.in.op == Op::add, join = add || s.in.op == Op::multiply;
    each(s.pairs_before, s.before, [&](int p, int r, int at) {
      math::Entry<double> e{now_.v[at], now_.theta[at]};
      if (join) {
        const double f1[] = {rows.data[p], rows.data[ld + p]},
                     f2[] = {columns.data[r], columns.data[ld + r]};
        const math::Entry<double> saved{other.v[at], other.theta[at]};
        if (add)
          math::Add::step<true>(f1, f2, saved, e);
        else
          math::Multiply::step<true>(f1, f2, saved, e);
      } else {
        e = math::run_entry<true, 0>(&s.in, 1, rows, p, columns, r, e);
      }
      now_.v[at] = e.v;
      now_.theta[at] = e.theta;
    });
  }

  __device__ void convolve(const DevicePixelStep& s) {
    const int ld = stride_of(s.before), after = stride_of(s.after);
    const double *x = a_ + s.place.before, *y = b_ + s.place.before;
    const double *s1 = a_ + s.place.after, *s2 = b_ + s.place.after;
    const auto mean = math::TapMean::of(s.in.p, s.tap_count);
    each(s.pairs_before, s.after, [&](int p, int r, int at) {
      math::Entry<double> e{1, 0};
      if (!s.local || p == r) {
        math::TapSums sum;
        for (int t = 0; t < s.tap_count; ++t) {
          const int u = s.taps[p * s.tap_count + t], v = s.taps[r * s.tap_count + t];
          const bool inside = u >= 0 && v >= 0;
          const int from = s.pairs_before ? u * ld + v : v;
          const math::Entry<double> tap{inside ? now_.v[from] : 1, 0};
          const double a = u >= 0 ? x[u] : 0, b = v >= 0 ? y[v] : 0;
          sum.add(a * s1[after + p], b * s2[after + r], tap.delta());
          sum.covariance += a * b * tap.rho();
          if (inside) sum.theta += now_.theta[from];
        }
        e = mean.finish(sum, s1[p], s1[after + p], s2[r], s2[after + r]);
      }
      next_.v[at] = e.v;
      next_.theta[at] = e.theta;
    });
    swap();
  }

  __device__ void drop_pairs(int pixels) {
    const int ld = stride_of(pixels);
    each(false, pixels, [&](int p, int, int at) {
      next_.v[at] = now_.v[p * ld + p];
      next_.theta[at] = now_.theta[p * ld + p];
    });
    swap();
  }

  // --- steps that mix pixels: on covariances, K in k_ and Theta in now_.theta ---

  __device__ void mix(const DevicePixelStep& s) {
    const int ld = stride_of(s.before);
    const double *s1 = a_ + s.place.before, *s2 = b_ + s.place.before;
    each(true, s.before, [&](int p, int r, int at) {
      const math::Entry<double> e{now_.v[at], 0};
      k_[at] = s1[p] * s2[r] * e.rho();
    });
    const bool attends = s.in.op == Op::attend;
    if (attends && !s.linear_scaling) {
      attend_squared(s, s1 + ld, s2 + ld);
    } else {
      if (attends && s.embed_values) {
        embed(s, s1 + ld, s2 + ld, k_, k_);
        embed(s, s1 + ld, s2 + ld, now_.theta, now_.theta);
      }
      transform(s, k_, next_.v);
      transform(s, now_.theta, next_.theta);
      if (attends)
        each(s.pairs_after, s.after, [&](int, int, int at) {
          next_.theta[at] = s.value_out * (next_.theta[at] + 2 * next_.v[at]) + s.b2;
          next_.v[at] = s.value_out * next_.v[at] + s.b2;
        });
    }
    const int after = stride_of(s.after);
    const double *f1 = a_ + s.place.after, *f2 = b_ + s.place.after;
    each(s.pairs_after, s.after, [&](int p, int r, int at) {
      const double both = f1[p] * f2[r];
      const auto e = math::entry_from_covariance(both * next_.v[at], both * next_.theta[at],
                                                 f1[after + p], f2[after + r]);
      next_.v[at] = e.v;
      next_.theta[at] = e.theta;
    });
    swap();
  }

  // to = A from B^T.
  __device__ void transform(const DevicePixelStep& s, const double* from, double* to) const {
    const int n = s.before, ld = stride_of(n);
    const bool sparse = s.in.op == Op::mix;
    const double *left = a_ + s.place.matrix, *right = b_ + s.place.matrix;
    for (int i = threadIdx.x; i < s.after * n; i += kThreads) {
      const int p = i / n, c = i % n;
      double sum = 0;
      if (sparse)
        for (int m = s.mix_begin[p]; m < s.mix_begin[p + 1]; ++m)
          sum += s.mix_weight[m] * from[s.mix_column[m] * ld + c];
      else
        for (int q = 0; q < n; ++q) sum += left[p * n + q] * from[q * ld + c];
      rows_[p * ld + c] = sum;
    }
    __syncthreads();
    each(s.pairs_after, s.after, [&](int p, int r, int at) {
      const double* const row = rows_ + p * ld;
      double sum = 0;
      if (sparse)
        for (int m = s.mix_begin[r]; m < s.mix_begin[r + 1]; ++m)
          sum += s.mix_weight[m] * row[s.mix_column[m]];
      else
        for (int q = 0; q < n; ++q) sum += right[r * n + q] * row[q];
      to[at] = sum;
    });
  }

  // input K + position R between pixels that are not masked.
  __device__ void embed(const DevicePixelStep& s, const double* mask_a, const double* mask_b,
                        const double* from, double* to) const {
    each(true, s.before, [&](int p, int r, int at) {
      to[at] = s.embedding ? s.input * from[at] +
                                 s.position * mask_a[p] * mask_b[r] * s.embedding[p * s.before + r]
                           : from[at];
    });
  }

  __device__ void attend_squared(const DevicePixelStep& s, const double* mask_a,
                                 const double* mask_b) {
    double *c = rows_, *d = next_.theta;
    embed(s, mask_a, mask_b, k_, c);
    embed(s, mask_a, mask_b, now_.theta, d);
    const bool embedded = s.embed_values || !s.embedding;
    double inner = 0, slope = 0;
    each(true, s.before, [&](int, int, int at) {
      inner += c[at] * (embedded ? c[at] : k_[at]);
      slope += embedded ? 2 * c[at] * d[at] : c[at] * now_.theta[at] + k_[at] * d[at];
    });
    inner = sum_over_threads(inner);
    slope = sum_over_threads(slope);
    const double factor = s.query_key * s.value_out;
    const int ld = stride_of(s.before);
    // d is overwritten entry by entry: of p = p' alone its place is another entry's.
    each(true, s.before, [&](int, int, int at) {
      now_.theta[at] = factor * (slope * c[at] + inner * (d[at] + 4 * c[at])) + s.b2;
      now_.v[at] = factor * inner * c[at] + s.b2;
    });
    each(s.pairs_after, s.after, [&](int p, int r, int at) {
      next_.v[at] = now_.v[p * ld + r];
      next_.theta[at] = now_.theta[p * ld + r];
    });
  }

  __device__ double sum_over_threads(double value) const {
    partial_[threadIdx.x] = value;
    __syncthreads();
    for (int half = kThreads / 2; half > 0; half /= 2) {
      if (static_cast<int>(threadIdx.x) < half)
        partial_[threadIdx.x] += partial_[threadIdx.x + half];
      __syncthreads();
    }
    const double sum = partial_[0];
    __syncthreads();
    return sum;
  }

  const PixelJob& job_;
  double *partial_, *memory_;
  Tensor now_, next_;
  double *k_, *rows_;
  const double *a_ = nullptr, *b_ = nullptr;
};

__global__ void __launch_bounds__(kThreads) pixel_pairs_kernel(PixelJob job) {
  NTK_SHARED(double[kThreads], partial);
  Walker walker(job, partial, job.workspace + blockIdx.x * job.workspace_size);
  for (int pair = blockIdx.x; pair < job.pairs_count; pair += gridDim.x) walker.run(pair);
}

// Tables one behind the other, to be copied to the device at once.
class TableWriter {
 public:
  template <class T>
  std::size_t add(const std::vector<T>& values) {
    const std::size_t at = (bytes.size() + alignof(std::max_align_t) - 1) /
                           alignof(std::max_align_t) * alignof(std::max_align_t);
    bytes.resize(at + values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(bytes.data() + at, values.data(), values.size() * sizeof(T));
    return at;
  }
  std::vector<char> bytes;
};

// Where a step's tables are; kNone: it has none.
struct TablePlaces {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t taps = kNone, begin = kNone, column = kNone, weight = kNone, embedding = kNone;
};

std::vector<TablePlaces> write_tables(const PixelStage& stage, TableWriter& tables) {
  std::map<const TapTable*, std::size_t> taps;
  std::vector<TablePlaces> places;
  for (const PixelStep& step : stage.steps) {
    TablePlaces place;
    if (step.taps) {
      if (!taps.count(step.taps.get())) taps[step.taps.get()] = tables.add(step.taps->source);
      place.taps = taps[step.taps.get()];
    }
    if (step.in.op == Op::mix) {
      place.begin = tables.add(step.mix.begin);
      place.column = tables.add(step.mix.column);
      place.weight = tables.add(step.mix.weight);
    }
    if (!step.attention.embedding.empty()) place.embedding = tables.add(step.attention.embedding);
    places.push_back(place);
  }
  return places;
}

}  // namespace

DevicePixelStage::DevicePixelStage(const Program& program)
    : layout_(*program.pixels),
      entries_(entries_of_pair(program)),
      slots_(program.pixels->slots),
      pixels_(static_cast<int>(program.pixels->pixels())),
      outputs_(static_cast<int>(program.pixels->outputs())),
      channels_(static_cast<int>(program.pixels->channels)),
      count_(static_cast<int>(program.pixels->steps.size())) {
  const PixelStage& stage = *program.pixels;
  TableWriter tables;
  const std::vector<TablePlaces> places = write_tables(stage, tables);
  std::vector<std::int32_t> entry_of;
  for (std::int64_t p = 0; p < outputs_; ++p)
    for (std::int64_t r = 0; r < outputs_; ++r)
      entry_of.push_back(static_cast<std::int32_t>(stage.entry(p, r)));
  const std::size_t entry_place = tables.add(entry_of);
  tables_.reserve(tables.bytes.size());
  const auto table = [this](std::size_t at, auto* type) {
    using T = const std::remove_pointer_t<decltype(type)>;
    return at == TablePlaces::kNone ? nullptr : reinterpret_cast<T*>(tables_.data() + at);
  };
  entry_of_ = table(entry_place, static_cast<std::int32_t*>(nullptr));
  const std::size_t until = stage.last_of_pairs();
  const bool ends_on_pixels = !stage.output.empty();
  std::vector<DevicePixelStep> steps;
  for (std::size_t k = 0; k < stage.steps.size(); ++k) {
    const PixelStep& from = stage.steps[k];
    const AttentionStep& attention = from.attention;
    DevicePixelStep step{};
    step.in = from.in;
    step.in.first_feature = 0;
    step.place = layout_.steps[k];
    step.before = static_cast<int>(from.before);
    step.after = static_cast<int>(from.after);
    step.pairs_before = k < until;
    step.pairs_after = k + 1 < until || ends_on_pixels;
    step.local = from.local;
    step.tap_count = from.taps ? static_cast<int>(from.taps->count) : 0;
    step.taps = table(places[k].taps, static_cast<std::int32_t*>(nullptr));
    step.mix_begin = table(places[k].begin, static_cast<std::int32_t*>(nullptr));
    step.mix_column = table(places[k].column, static_cast<std::int32_t*>(nullptr));
    step.mix_weight = table(places[k].weight, static_cast<double*>(nullptr));
    step.linear_scaling = attention.linear_scaling;
    step.embed_values = attention.embed_values;
    step.query_key = attention.query_key;
    step.value_out = attention.value_out;
    step.b2 = attention.b2;
    step.input = attention.input;
    step.position = attention.position;
    step.embedding = table(places[k].embedding, static_cast<double*>(nullptr));
    steps.push_back(step);
  }
  steps_.reserve(steps.size());
  const Stream stream;
  check(cudaMemcpyAsync(steps_.data(), steps.data(), steps.size() * sizeof(DevicePixelStep),
                        cudaMemcpyHostToDevice, stream));
  check(cudaMemcpyAsync(tables_.data(), tables.bytes.data(), tables.bytes.size(),
                        cudaMemcpyHostToDevice, stream));
  stream.synchronize();
}

std::size_t DevicePixelStage::bytes(const Program& program) {
  TableWriter tables;
  write_tables(*program.pixels, tables);
  return tables.bytes.size() + program.pixels->steps.size() * sizeof(DevicePixelStep);
}

void DevicePixelStage::run(const double* a, const double* b, const std::int32_t* pairs, int count,
                           double* memory, int teams, double* nngp, double* ntk,
                           cudaStream_t stream) const {
  PixelJob job{};
  job.steps = steps_.data();
  job.count = count_;
  job.slots = slots_;
  job.pixels = pixels_;
  job.outputs = outputs_;
  job.channels = channels_;
  job.pairs_count = count;
  job.channels_place = layout_.channels;
  job.deviation_place = layout_.deviation;
  job.block_size = layout_.size;
  job.largest = layout_.largest;
  job.workspace_size = workspace();
  job.a = a;
  job.b = b;
  job.pairs = pairs;
  job.entry_of = entry_of_;
  job.workspace = memory;
  job.nngp = nngp;
  job.ntk = ntk;
  launch(pixel_pairs_kernel, static_cast<unsigned>(std::min(teams, count)), kThreads, 0,
         LaunchStream{stream}, job);
}

}  // namespace ntk::cuda
