#include "kernels/reference/images.h"

#include <vector>

#include "kernels/reference/duals.h"

namespace ntk::reference {
namespace {

using Tensor = std::vector<Wide>;

// Of pixel p of one image and r of the other: variances q1[p] and q2[r], K and Theta at p P + r.
struct Pixels {
  Tensor q1, q2, k, theta;
};

class Walk {
 public:
  Walk(const Program& program, const double* x, const double* y, bool own)
      : program_(program), stage_(*program.images), count_(stage_.pixels()), own_(own) {
    const std::int64_t channels = stage_.channels;
    const auto product = [channels](const double* u, const double* v) {
      Wide sum = 0;
      for (std::int64_t c = 0; c < channels; ++c) sum += static_cast<Wide>(u[c]) * v[c];
      return sum / static_cast<Wide>(channels);
    };
    for (std::int64_t p = 0; p < count_; ++p) {
      now_.q1.push_back(product(x + p * channels, x + p * channels));
      now_.q2.push_back(product(y + p * channels, y + p * channels));
      for (std::int64_t r = 0; r < count_; ++r)
        now_.k.push_back(product(x + p * channels, y + r * channels));
    }
    now_.theta.assign(now_.k.size(), 0);
  }

  Pooled run() {
    std::vector<Pixels> slots(static_cast<std::size_t>(stage_.slots));
    for (const Instruction& in : stage_.instructions) {
      const auto slot = static_cast<std::size_t>(in.slot);
      if (in.op == Op::save)
        slots[slot] = now_;
      else if (in.op == Op::load)
        now_ = slots[slot];
      else if (in.op == Op::add)
        add(slots[slot]);
      else if (in.op == Op::multiply)
        multiply(slots[slot]);
      else
        apply(in);
    }
    return pool();
  }

 private:
  static void plus(Tensor& a, const Tensor& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  }
  static void times(Tensor& a, const Tensor& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] *= b[i];
  }

  void add(const Pixels& slot) {
    plus(now_.q1, slot.q1);
    plus(now_.q2, slot.q2);
    plus(now_.k, slot.k);
    plus(now_.theta, slot.theta);
  }

  void multiply(const Pixels& slot) {
    for (std::size_t i = 0; i < now_.theta.size(); ++i)
      now_.theta[i] = now_.theta[i] * slot.k[i] + slot.theta[i] * now_.k[i];
    times(now_.q1, slot.q1);
    times(now_.q2, slot.q2);
    times(now_.k, slot.k);
  }

  void apply(const Instruction& in) {
    switch (in.op) {
      case Op::convolve:
        now_.q1 = mean_of_variances(in.filter, now_.q1);
        now_.q2 = mean_of_variances(in.filter, now_.q2);
        now_.k = mean_of_pairs(in.filter, now_.k);
        now_.theta = mean_of_pairs(in.filter, now_.theta);
        weights(in.p);
        break;
      case Op::scale:
      case Op::affine:
      case Op::affine_standard:
        weights(in.p);
        break;
      case Op::normalize:
        layer_norm(in.p[0]);
        break;
      case Op::dropout:
        dropout(in.p[0]);
        break;
      default:
        nonlinearity(in);
    }
  }

  // K' = w2 K + b2;  Theta' = w2 Theta + out K' + in K + one.
  void weights(const double* p) {
    const Wide w2 = p[0], b2 = p[1], out = p[2], in = p[3], one = p[4];
    for (std::size_t i = 0; i < now_.k.size(); ++i) {
      const Wide before = now_.k[i];
      now_.k[i] = w2 * before + b2;
      now_.theta[i] = w2 * now_.theta[i] + out * now_.k[i] + in * before + one;
    }
    for (Tensor* q : {&now_.q1, &now_.q2})
      for (Wide& value : *q) value = w2 * value + b2;
  }

  bool is_inside(std::int64_t y, std::int64_t x) const {
    return y >= 0 && y < stage_.height && x >= 0 && x < stage_.width;
  }

  Tensor mean_of_variances(const Filter& filter, const Tensor& q) const {
    Tensor mean;
    for (std::int64_t y = 0; y < stage_.height; ++y)
      for (std::int64_t x = 0; x < stage_.width; ++x) {
        Wide sum = 0;
        for (std::int64_t v = -filter.up; v <= filter.down; ++v)
          for (std::int64_t u = -filter.left; u <= filter.right; ++u)
            if (is_inside(y + v, x + u))
              sum += q[static_cast<std::size_t>((y + v) * stage_.width + x + u)];
        mean.push_back(sum / static_cast<Wide>(filter.taps()));
      }
    return mean;
  }

  Tensor mean_of_pairs(const Filter& filter, const Tensor& k) const {
    Tensor mean;
    const std::int64_t width = stage_.width;
    for (std::int64_t p = 0; p < count_; ++p)
      for (std::int64_t r = 0; r < count_; ++r) {
        const std::int64_t y1 = p / width, x1 = p % width, y2 = r / width, x2 = r % width;
        Wide sum = 0;
        for (std::int64_t v = -filter.up; v <= filter.down; ++v)
          for (std::int64_t u = -filter.left; u <= filter.right; ++u)
            if (is_inside(y1 + v, x1 + u) && is_inside(y2 + v, x2 + u))
              sum += k[static_cast<std::size_t>(((y1 + v) * width + x1 + u) * count_ +
                                                (y2 + v) * width + x2 + u)];
        mean.push_back(sum / static_cast<Wide>(filter.taps()));
      }
    return mean;
  }

  void nonlinearity(const Instruction& in) {
    for (std::int64_t p = 0; p < count_; ++p)
      for (std::int64_t r = 0; r < count_; ++r) {
        const auto at = static_cast<std::size_t>(p * count_ + r);
        const Dual dual = dual_of(program_, in, now_.q1[static_cast<std::size_t>(p)], now_.k[at],
                                  now_.q2[static_cast<std::size_t>(r)]);
        now_.k[at] = dual.k;
        now_.theta[at] *= dual.derivative;
      }
    for (Tensor* q : {&now_.q1, &now_.q2})
      for (Wide& value : *q) value = dual_of(program_, in, value, value, value).k;
  }

  void layer_norm(Wide epsilon) {
    // A zero pixel stays one, also if epsilon is 0.
    const auto inverse = [epsilon](Wide q) {
      return q + epsilon > 0 ? 1 / (q + epsilon) : Wide(0);
    };
    for (std::int64_t p = 0; p < count_; ++p)
      for (std::int64_t r = 0; r < count_; ++r) {
        const Wide n = wide_sqrt(inverse(now_.q1[static_cast<std::size_t>(p)]) *
                                 inverse(now_.q2[static_cast<std::size_t>(r)]));
        now_.k[static_cast<std::size_t>(p * count_ + r)] *= n;
        now_.theta[static_cast<std::size_t>(p * count_ + r)] *= n;
      }
    for (Tensor* q : {&now_.q1, &now_.q2})
      for (Wide& value : *q) value *= inverse(value);
  }

  // The same pixel of the same image.
  void dropout(Wide rate) {
    for (Tensor* q : {&now_.q1, &now_.q2})
      for (Wide& value : *q) value /= rate;
    for (std::int64_t p = 0; own_ && p < count_; ++p) {
      now_.k[static_cast<std::size_t>(p * count_ + p)] /= rate;
      now_.theta[static_cast<std::size_t>(p * count_ + p)] /= rate;
    }
  }

  Pooled pool() const {
    const auto pixels = static_cast<Wide>(count_);
    Pooled sum{0, 0};
    if (stage_.pooling == Pooling::flatten) {
      for (std::int64_t p = 0; p < count_; ++p) {
        sum.k += now_.k[static_cast<std::size_t>(p * count_ + p)];
        sum.theta += now_.theta[static_cast<std::size_t>(p * count_ + p)];
      }
      return {sum.k / pixels, sum.theta / pixels};
    }
    for (const Wide& value : now_.k) sum.k += value;
    for (const Wide& value : now_.theta) sum.theta += value;
    return {sum.k / (pixels * pixels), sum.theta / (pixels * pixels)};
  }

  const Program& program_;
  const ImageStage& stage_;
  std::int64_t count_;
  bool own_;
  Pixels now_;
};

}  // namespace

Pooled run_images(const Program& program, const double* x, const double* y, bool own) {
  return Walk(program, x, y, own).run();
}

std::size_t image_bytes(const ImageStage& stage) {
  const auto pairs =
      static_cast<std::size_t>(stage.pixels()) * static_cast<std::size_t>(stage.pixels());
  return (static_cast<std::size_t>(stage.slots) + 2) * 2 * pairs * sizeof(Wide);
}

}  // namespace ntk::reference
