#include "kernels/reference/pixels.h"

#include <algorithm>
#include <utility>

#include "kernels/reference/duals.h"

namespace ntk::reference {
namespace {

using Matrix = std::vector<Wide>;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// rows x inner times inner x columns.
Matrix product(const Matrix& a, const Matrix& b, std::int64_t inner) {
  const std::int64_t rows = static_cast<std::int64_t>(a.size()) / inner,
                     columns = static_cast<std::int64_t>(b.size()) / inner;
  Matrix c(at(rows * columns), 0);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < inner; ++k) {
      const Wide factor = a[at(i * inner + k)];
      if (factor == 0) continue;
      for (std::int64_t j = 0; j < columns; ++j)
        c[at(i * columns + j)] += factor * b[at(k * columns + j)];
    }
  return c;
}

Matrix transpose(const Matrix& a, std::int64_t columns) {
  const std::int64_t rows = static_cast<std::int64_t>(a.size()) / columns;
  Matrix b(a.size());
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) b[at(j * rows + i)] = a[at(i * columns + j)];
  return b;
}

Wide dot(const Matrix& a, const Matrix& b) {
  Wide sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void plus(Matrix& a, const Matrix& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
}
void times(Matrix& a, const Matrix& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] *= b[i];
}

// K between two samples (and Theta, unless it is one sample on its own), and what is known of each.
class Walk {
 public:
  Walk(const Program& program, const double* x, const double* y, bool own, bool with_theta)
      : program_(program),
        stage_(*program.pixels),
        count_(stage_.pixels()),
        own_(own),
        slots_(at(stage_.slots)) {
    const double* const samples[2] = {x, y};
    for (int s : {0, 1}) {
      const double* const pattern = samples[s] + count_ * stage_.channels;
      pattern_[s].assign(pattern, pattern + stage_.nodes * stage_.nodes);
    }
    now_.k = products(x, y);
    if (with_theta) now_.theta.assign(now_.k.size(), 0);
  }

  std::vector<bool> masked_pixels(const double* x) const {
    std::vector<bool> masked(at(count_), false);
    const std::int64_t channels = stage_.channels;
    for (std::int64_t p = 0; stage_.mask_constant && p < count_; ++p)
      masked[at(p)] = std::all_of(x + p * channels, x + (p + 1) * channels,
                                  [&](double value) { return value == *stage_.mask_constant; });
    return masked;
  }

  // What is between masked pixels is 0, whatever a bias made of it.
  void hide_masked(const std::vector<bool>& rows, const std::vector<bool>& columns) {
    for (Matrix* k : {&now_.k, &now_.theta})
      for (std::size_t i = 0; i < k->size(); ++i)
        if (rows[i / at(count_)] || columns[i % at(count_)]) (*k)[i] = 0;
  }

  // One step of samples of which `a` and `b` are known before it.
  void apply(const PixelStep& step, const OwnPixels& a, const OwnPixels& b) {
    side_[0] = &a;
    side_[1] = &b;
    switch (step.in.op) {
      case Op::save:
        slots_[at(step.in.slot)] = now_;
        break;
      case Op::load:
        now_ = slots_[at(step.in.slot)];
        break;
      case Op::add:
        plus(now_.k, slots_[at(step.in.slot)].k);
        plus(now_.theta, slots_[at(step.in.slot)].theta);
        break;
      case Op::multiply:
        multiply(slots_[at(step.in.slot)]);
        break;
      case Op::mask:
        break;
      case Op::scale:
      case Op::affine:
      case Op::affine_standard:
      case Op::convolve:
        weights(step);
        break;
      case Op::mix:
        linear(mixing(step, a.masked), mixing(step, b.masked));
        break;
      case Op::aggregate:
        linear(pattern_on_pixels(0, step), pattern_on_pixels(1, step));
        break;
      case Op::attend:
        step.attention.linear_scaling ? attend(step.attention) : attend_squared(step.attention);
        break;
      case Op::normalize:
        layer_norm(step);
        break;
      case Op::dropout:
        dropout(step.in.p[0]);
        break;
      default:
        nonlinearity(step.in);
    }
    count_ = step.after;
  }

  // The weights that each position gives the others.
  Matrix attention_of(const AttentionStep& step, const std::vector<bool>& masked) const {
    Matrix g = embedded(step, now_.k, masked, masked);
    for (std::int64_t p = 0; p < count_; ++p) attend_from(step, masked, &g[at(p * count_)]);
    return g;
  }

  std::vector<Wide> variances() const {
    std::vector<Wide> q;
    for (std::int64_t p = 0; p < count_; ++p) q.push_back(now_.k[at(p * count_ + p)]);
    return q;
  }
  PixelKernels take() && { return std::move(now_); }

 private:
  // Means over the channels.
  Matrix products(const double* x, const double* y) const {
    const std::int64_t channels = stage_.channels;
    Matrix k;
    for (std::int64_t p = 0; p < count_; ++p)
      for (std::int64_t r = 0; r < count_; ++r) {
        Wide sum = 0;
        for (std::int64_t c = 0; c < channels; ++c)
          sum += static_cast<Wide>(x[p * channels + c]) * y[r * channels + c];
        k.push_back(sum / static_cast<Wide>(channels));
      }
    return k;
  }

  void multiply(const PixelKernels& slot) {
    for (std::size_t i = 0; i < now_.theta.size(); ++i)
      now_.theta[i] = now_.theta[i] * slot.k[i] + slot.theta[i] * now_.k[i];
    times(now_.k, slot.k);
  }

  // K' = w2 A(K) + b2;  Theta' = w2 A(Theta) + out K' + in A(K) + one. Of independent weights what
  // is between two outputs is 0.
  void weights(const PixelStep& step) {
    const double* const p = step.in.p;
    const Wide w2 = p[0], b2 = p[1], out = p[2], in = p[3], one = p[4];
    const Matrix mean = mean_over_taps(step, now_.k);
    Matrix theta = mean_over_taps(step, now_.theta);
    now_.k.assign(mean.size(), 0);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      const bool independent = step.local && static_cast<std::int64_t>(i) % (step.after + 1) != 0;
      now_.k[i] = independent ? Wide(0) : w2 * mean[i] + b2;
      if (theta.empty()) continue;
      theta[i] = independent ? Wide(0) : w2 * theta[i] + out * now_.k[i] + in * mean[i] + one;
    }
    now_.theta = std::move(theta);
  }

  // Dense has one tap, the pixel itself.
  static Matrix mean_over_taps(const PixelStep& step, const Matrix& k) {
    if (step.in.op != Op::convolve || k.empty()) return k;
    const std::int64_t taps = step.taps->count;
    Matrix mean;
    for (std::int64_t p = 0; p < step.after; ++p)
      for (std::int64_t r = 0; r < step.after; ++r) {
        Wide sum = 0;
        for (std::int64_t t = 0; t < taps; ++t) {
          const std::int64_t u = (*step.taps)(p, t), v = (*step.taps)(r, t);
          if (u >= 0 && v >= 0) sum += k[at(u * step.before + v)];
        }
        mean.push_back(sum / static_cast<Wide>(taps));
      }
    return mean;
  }

  // K' = A K B^T.
  void linear(const Matrix& a, const Matrix& b) {
    for (Matrix* k : {&now_.k, &now_.theta})
      if (!k->empty()) *k = product(product(a, *k, count_), transpose(b, count_), count_);
  }

  // Pools, resizing, slices. A masked mean is over the pixels that are not masked.
  static Matrix mixing(const PixelStep& step, const std::vector<bool>& masked) {
    Matrix m(at(step.after * step.before), 0);
    for (std::int64_t p = 0; p < step.after; ++p) {
      Wide all = 0, kept = 0;
      for (std::int32_t k = step.mix.begin[at(p)]; k < step.mix.begin[at(p + 1)]; ++k) {
        const std::int64_t from = step.mix.column[at(k)];
        m[at(p * step.before + from)] += step.mix.weight[at(k)];
        all += step.mix.weight[at(k)];
        if (!masked[at(from)]) kept += step.mix.weight[at(k)];
      }
      for (std::int64_t r = 0; step.in.p[0] != 0 && kept > 0 && r < step.before; ++r)
        m[at(p * step.before + r)] *= all / kept;
    }
    return m;
  }

  // The transpose of the pattern, from nodes to pixels: what is elsewhere stays apart.
  Matrix pattern_on_pixels(int s, const PixelStep& step) const {
    Matrix m;
    for (std::int64_t p = 0; p < count_; ++p)
      for (std::int64_t r = 0; r < count_; ++r)
        m.push_back(step.rest[at(p)] == step.rest[at(r)]
                        ? pattern_[s][at(step.node[at(r)] * stage_.nodes + step.node[at(p)])]
                        : Wide(0));
    return m;
  }

  // --- attention ---

  // input K + position R, with R of pixels that are not masked.
  Matrix embedded(const AttentionStep& step, const Matrix& k, const std::vector<bool>& rows,
                  const std::vector<bool>& columns) const {
    if (step.embedding.empty()) return k;
    Matrix c(k.size());
    for (std::size_t i = 0; i < k.size(); ++i) {
      c[i] = static_cast<Wide>(step.input) * k[i];
      if (!rows[i / at(count_)] && !columns[i % at(count_)])
        c[i] += static_cast<Wide>(step.position) * step.embedding[i];
    }
    return c;
  }
  Matrix embedded(const AttentionStep& step, const Matrix& k) const {
    return embedded(step, k, side_[0]->masked, side_[1]->masked);
  }

  void attend_from(const AttentionStep& step, const std::vector<bool>& masked, Wide* row) const {
    Wide largest = 0, sum = 0;
    bool first = true;
    for (std::int64_t r = 0; r < count_; ++r) {
      row[r] = masked[at(r)] ? Wide(0) : static_cast<Wide>(step.query_key) * row[r];
      if (step.attention == Attention::abs) row[r] = row[r] < 0 ? -row[r] : row[r];
      if (step.attention == Attention::relu) row[r] = row[r] < 0 ? Wide(0) : row[r];
      if (masked[at(r)]) continue;
      largest = first || row[r] > largest ? row[r] : largest;
      first = false;
    }
    if (step.attention != Attention::softmax) return;
    for (std::int64_t r = 0; r < count_; ++r) {
      row[r] = masked[at(r)] ? Wide(0) : wide_exp(row[r] - largest);
      sum += row[r];
    }
    for (std::int64_t r = 0; sum > 0 && r < count_; ++r) row[r] /= sum;
  }

  void attend(const AttentionStep& step) {
    if (step.embed_values) {
      now_.k = embedded(step, now_.k);
      if (!now_.theta.empty()) now_.theta = embedded(step, now_.theta);
    }
    linear(side_[0]->attention, side_[1]->attention);
    const Wide ov = step.value_out, b2 = step.b2;
    for (std::size_t i = 0; i < now_.theta.size(); ++i)
      now_.theta[i] = ov * now_.theta[i] + b2 + 2 * ov * now_.k[i];
    for (Wide& k : now_.k) k = ov * k + b2;
  }

  void attend_squared(const AttentionStep& step) {
    const Wide factor = static_cast<Wide>(step.query_key) * step.value_out, b2 = step.b2;
    const Matrix c = embedded(step, now_.k);
    const bool embed = step.embed_values || step.embedding.empty();
    const Wide inner = dot(c, embed ? c : now_.k);
    if (!now_.theta.empty()) {
      const Matrix d = embedded(step, now_.theta);
      const Wide slope = embed ? 2 * dot(c, d) : dot(c, now_.theta) + dot(now_.k, d);
      for (std::size_t i = 0; i < c.size(); ++i)
        now_.theta[i] = factor * (slope * c[i] + inner * (d[i] + 4 * c[i])) + b2;
    }
    for (std::size_t i = 0; i < c.size(); ++i) now_.k[i] = factor * inner * c[i] + b2;
  }

  // --- pixel by pixel ---

  void nonlinearity(const Instruction& in) {
    for (std::int64_t p = 0; p < count_; ++p)
      for (std::int64_t r = 0; r < count_; ++r) {
        const std::size_t i = at(p * count_ + r);
        const Dual dual = dual_of(program_, in, side_[0]->q[at(p)], now_.k[i], side_[1]->q[at(r)]);
        now_.k[i] = dual.k;
        if (!now_.theta.empty()) now_.theta[i] *= dual.derivative;
      }
  }

  // By the mean variance of the pixels of a group that are not masked. A zero pixel stays one, also
  // if epsilon is 0.
  static std::vector<Wide> norms(const PixelStep& step, const OwnPixels& own) {
    std::vector<Wide> scale;
    for (std::size_t p = 0; p < own.q.size(); ++p) {
      Wide sum = 0, pixels = 0;
      for (std::size_t r = 0; r < own.q.size(); ++r)
        if (step.group[r] == step.group[p] && !own.masked[r]) sum += own.q[r], pixels += 1;
      const Wide norm = (pixels > 0 ? sum / pixels : Wide(0)) + step.in.p[0];
      scale.push_back(norm > 0 ? 1 / wide_sqrt(norm) : Wide(0));
    }
    return scale;
  }

  void layer_norm(const PixelStep& step) {
    const std::vector<Wide> rows = norms(step, *side_[0]), columns = norms(step, *side_[1]);
    for (Matrix* k : {&now_.k, &now_.theta})
      for (std::size_t i = 0; i < k->size(); ++i)
        (*k)[i] *= rows[i / at(count_)] * columns[i % at(count_)];
  }

  // The same pixel of the same image.
  void dropout(Wide rate) {
    for (Matrix* k : {&now_.k, &now_.theta})
      for (std::size_t i = 0; own_ && i < k->size(); i += at(count_) + 1) (*k)[i] /= rate;
  }

  const Program& program_;
  const PixelStage& stage_;
  std::int64_t count_;  // pixels
  bool own_;
  Matrix pattern_[2];
  PixelKernels now_;
  std::vector<PixelKernels> slots_;
  const OwnPixels* side_[2] = {};
};

// What is masked in both branches stays masked; an output is if all that it sees is.
std::vector<bool> masked_after(const PixelStep& step, const std::vector<bool>& masked) {
  std::vector<bool> after;
  if (step.mask.begin.empty()) {
    after = masked;
    after.resize(at(step.after));
    return after;
  }
  for (std::size_t p = 0; p + 1 < step.mask.begin.size(); ++p) {
    bool all = true;
    for (std::int32_t k = step.mask.begin[p]; k < step.mask.begin[p + 1]; ++k)
      all = all && masked[at(step.mask.column[at(k)])];
    after.push_back(all);
  }
  return after;
}

}  // namespace

PixelSample::PixelSample(const Program& program, const double* sample) : x(sample) {
  const PixelStage& stage = *program.pixels;
  Walk walk(program, x, x, true, false);
  std::vector<bool> masked = walk.masked_pixels(x);
  std::vector<std::vector<bool>> slots(at(stage.slots));
  walk.hide_masked(masked, masked);
  for (const PixelStep& step : stage.steps) {
    OwnPixels own{walk.variances(), masked, {}};
    if (step.in.op == Op::attend && step.attention.linear_scaling)
      own.attention = walk.attention_of(step.attention, masked);
    walk.apply(step, own, own);
    const std::size_t slot = at(step.in.slot);
    if (step.in.op == Op::save) slots[slot] = masked;
    if (step.in.op == Op::load) masked = slots[slot];
    if (step.in.op == Op::add || step.in.op == Op::multiply)
      for (std::size_t p = 0; p < masked.size(); ++p) masked[p] = masked[p] && slots[slot][p];
    masked = masked_after(step, masked);
    walk.hide_masked(masked, masked);
    before.push_back(std::move(own));
  }
  before.push_back({walk.variances(), masked, {}});
}

PixelKernels run_pixels(const Program& program, const PixelSample& x, const PixelSample& y,
                        bool own) {
  const PixelStage& stage = *program.pixels;
  Walk walk(program, x.x, y.x, own, true);
  walk.hide_masked(x.before[0].masked, y.before[0].masked);
  for (std::size_t k = 0; k < stage.steps.size(); ++k) {
    walk.apply(stage.steps[k], x.before[k], y.before[k]);
    walk.hide_masked(x.before[k + 1].masked, y.before[k + 1].masked);
  }
  return std::move(walk).take();
}

std::size_t pixel_bytes(const PixelStage& stage) {
  std::int64_t most = stage.pixels();
  for (const PixelStep& step : stage.steps) most = std::max(most, step.after);
  return (at(stage.slots) + 3) * 2 * at(most * most) * sizeof(Wide);
}

}  // namespace ntk::reference
