// Layers of finite networks (finite_network.h) other than attention.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/finite_network.h"
#include "tests/support/finite_windows.h"

namespace ntk::finite {

// --- layers with weights ---

struct Weights {
  double W_std = 1;
  double b_std = 0;       // 0: no bias
  bool local = false;     // weights of its own for each output pixel
  bool standard = false;  // parameterization
};

class Convolution final : public Layer {
 public:
  Convolution(Window window, int in, int out, Weights weights)
      : window_(std::move(window)),
        in_(in),
        out_(out),
        local_(weights.local),
        places_(weights.local ? window_.outputs : 1),
        W_(places_ * window_.taps * in, out),
        b_(weights.b_std > 0 ? places_ : 0, out) {
    const double slope = weights.W_std / std::sqrt(static_cast<double>(in) * window_.taps);
    factor_ = weights.standard ? 1 : slope;
    bias_factor_ = weights.standard ? 1 : weights.b_std;
    deviation_ = weights.standard ? slope : 1;
    bias_deviation_ = weights.standard ? weights.b_std : 1;
  }

  void draw(Random& random) override {
    draw_normal(W_.v, deviation_, random);
    draw_normal(b_.v, bias_deviation_, random);
  }

  Image forward(const Image& x) override {
    x_ = x;
    Image y(window_.outputs, out_);
    if (window_.centre >= 0) y.there.assign(window_.outputs, 0);
    for (int p = 0; p < y.rows && b_.rows > 0; ++p)
      add_scaled(bias_factor_, b_[local_ ? p : 0], out_, y[p]);
    for (const Link& link : window_.links) {
      for (int c = 0; c < in_; ++c)
        add_scaled(factor_ * x[link.in][c], W_[row(link) + c], out_, y[link.out]);
      if (link.tap == window_.centre) y.there[link.out] = x.there[link.in];
    }
    return y;
  }

  Image backward(const Image& dy, Vector& gradient) override {
    Image dx(window_.inputs, in_);
    double* const dW = grow(gradient, W_.v.size() + b_.v.size());
    double* const db = dW + W_.v.size();
    for (int p = 0; p < dy.rows && b_.rows > 0; ++p)
      add_scaled(bias_factor_, dy[p], out_, db + (local_ ? p : 0) * out_);
    for (const Link& link : window_.links) {
      const double* const d = dy[link.out];
      if (dot(d, d, out_) == 0) continue;
      for (int c = 0; c < in_; ++c) {
        const int w = row(link) + c;
        add_scaled(factor_ * x_[link.in][c], d, out_, dW + w * out_);
        dx[link.in][c] += factor_ * dot(W_[w], d, out_);
      }
    }
    return dx;
  }

 private:
  int row(const Link& link) const {
    return ((local_ ? link.out : 0) * window_.taps + link.tap) * in_;
  }

  Window window_;
  int in_, out_;
  bool local_;
  int places_;
  Matrix W_, b_;
  double factor_, bias_factor_, deviation_, bias_deviation_;
  Image x_;
};

// --- layers without ---

// A nonlinearity.
class Pointwise final : public Layer {
 public:
  using Function = double (*)(double);
  Pointwise(Function value, Function slope) : value_(value), slope_(slope) {}

  Image forward(const Image& x) override {
    x_ = x;
    Image y = x;
    for (double& unit : y.v) unit = value_(unit);
    return y;
  }
  Image backward(const Image& dy, Vector&) override {
    Image dx = dy;
    for (std::size_t i = 0; i < dx.v.size(); ++i)
      if (dx.v[i] != 0) dx.v[i] *= slope_(x_.v[i]);
    return dx;
  }

 private:
  Function value_, slope_;
  Image x_;
};

// Output pixel o is the sum of m[o][p] x[p], with one m for all samples, or one for each.
class Mixing final : public Layer {
 public:
  explicit Mixing(std::vector<Matrix> m) : m_(std::move(m)) {}

  Image forward(const Image& x) override {
    sample_ = x.sample;
    const Matrix& m = of_sample();
    Image y(m.rows, x.columns);
    for (int o = 0; o < m.rows; ++o)
      for (int p = 0; p < m.columns; ++p) add_scaled(m[o][p], x[p], x.columns, y[o]);
    if (m.rows == m.columns) y.there = x.there;
    return y;
  }
  Image backward(const Image& dy, Vector&) override {
    const Matrix& m = of_sample();
    Image dx(m.columns, dy.columns);
    for (int o = 0; o < m.rows; ++o)
      for (int p = 0; p < m.columns; ++p) add_scaled(m[o][p], dy[o], dy.columns, dx[p]);
    return dx;
  }

 private:
  const Matrix& of_sample() const { return m_[m_.size() == 1 ? 0 : sample_]; }

  std::vector<Matrix> m_;
  int sample_ = 0;
};

// The mean over the pixels that are there.
class GlobalMean final : public Layer {
 public:
  Image forward(const Image& x) override {
    there_ = x.there;
    count_ = 0;
    for (const char there : there_) count_ += there;
    Image y(1, x.columns);
    for (int p = 0; p < x.rows; ++p)
      if (there_[p]) add_scaled(1.0 / count_, x[p], x.columns, y[0]);
    return y;
  }
  Image backward(const Image& dy, Vector&) override {
    Image dx(static_cast<int>(there_.size()), dy.columns);
    for (int p = 0; p < dx.rows; ++p)
      if (there_[p]) add_scaled(1.0 / count_, dy[0], dy.columns, dx[p]);
    return dx;
  }

 private:
  std::vector<char> there_;
  int count_ = 0;
};

// All pixels and channels as one vector.
class Flattening final : public Layer {
 public:
  Image forward(const Image& x) override {
    pixels_ = x.rows;
    return reshaped(x, 1);
  }
  Image backward(const Image& dy, Vector&) override { return reshaped(dy, pixels_); }

 private:
  static Image reshaped(const Image& x, int pixels) {
    Image y(pixels, static_cast<int>(x.v.size()) / pixels);
    y.v = x.v;
    return y;
  }
  int pixels_ = 0;
};

// (x - mean) / sqrt(variance), over all channels of the pixels of a group that are there.
class Normalization final : public Layer {
 public:
  explicit Normalization(std::vector<int> group) : group_(std::move(group)) {}

  Image forward(const Image& x) override {
    y_ = x;
    deviation_.assign(group_.size(), 1);
    for (const int g : group_) {
      const double mean = mean_of(x, x, g, 0);
      const double deviation = std::sqrt(mean_of(x, x, g, 1) - mean * mean);
      for (int p = 0; p < x.rows; ++p) {
        if (group_[p] != g) continue;
        deviation_[p] = deviation;
        for (int c = 0; c < x.columns; ++c) y_[p][c] = (x[p][c] - mean) / deviation;
      }
    }
    return y_;
  }

  Image backward(const Image& dy, Vector&) override {
    Image dx(dy.rows, dy.columns);
    for (int p = 0; p < dy.rows; ++p) {
      const double mean = mean_of(dy, y_, group_[p], 0), along = mean_of(dy, y_, group_[p], 1);
      for (int c = 0; c < dy.columns; ++c)
        dx[p][c] = (dy[p][c] - mean - y_[p][c] * along) / deviation_[p];
    }
    return dx;
  }

 private:
  // Of a, or of the product a b.
  double mean_of(const Matrix& a, const Matrix& b, int group, int power) const {
    double sum = 0;
    int count = 0;
    for (int p = 0; p < a.rows; ++p) {
      if (group_[p] != group || !y_.there[p]) continue;
      count += a.columns;
      for (int c = 0; c < a.columns; ++c) sum += a[p][c] * (power ? b[p][c] : 1);
    }
    return count ? sum / count : 0;
  }

  std::vector<int> group_;
  Image y_;
  Vector deviation_;
};

// Drawn anew for every sample.
class Dropping final : public Layer {
 public:
  explicit Dropping(double keep) : keep_(keep) {}

  void draw(Random& random) override { random_.seed(random()); }
  Image forward(const Image& x) override {
    std::bernoulli_distribution kept(keep_);
    factors_.assign(x.v.size(), 0);
    for (double& factor : factors_) factor = kept(random_) ? 1 / keep_ : 0;
    return dropped(x);
  }
  Image backward(const Image& dy, Vector&) override { return dropped(dy); }

 private:
  Image dropped(Image x) const {
    for (std::size_t i = 0; i < factors_.size(); ++i) x.v[i] *= factors_[i];
    return x;
  }

  double keep_;
  Random random_;
  Vector factors_;
};

// --- joins ---

// The branches' outputs multiplied unit by unit.
class Product final : public Layer {
 public:
  Product(LayerPointer a, LayerPointer b) : a_(std::move(a)), b_(std::move(b)) {}

  void draw(Random& random) override { a_->draw(random), b_->draw(random); }
  Image forward(const Image& x) override {
    y_a_ = a_->forward(x), y_b_ = b_->forward(x);
    return times(y_a_, y_b_);
  }
  Image backward(const Image& dy, Vector& gradient) override {
    Image dx = a_->backward(times(dy, y_b_), gradient);
    add_to(dx, b_->backward(times(dy, y_a_), gradient));
    return dx;
  }

 private:
  static Image times(Image a, const Image& b) {
    for (std::size_t i = 0; i < a.v.size(); ++i) a.v[i] *= b.v[i];
    return a;
  }
  LayerPointer a_, b_;
  Image y_a_, y_b_;
};

// Rows of a, then of b, beside each other.
inline Image beside(const Image& a, const Matrix& b) {
  Image y(a.rows, a.columns + b.columns);
  y.there = a.there;
  for (int p = 0; p < a.rows; ++p) {
    std::copy(a[p], a[p] + a.columns, y[p]);
    std::copy(b[p], b[p] + b.columns, y[p] + a.columns);
  }
  return y;
}

inline Image columns_of(const Matrix& m, int begin, int end) {
  Image part(m.rows, end - begin);
  for (int p = 0; p < m.rows; ++p) std::copy(m[p] + begin, m[p] + end, part[p]);
  return part;
}

// The branches' channels beside each other.
class Concatenation final : public Layer {
 public:
  Concatenation(LayerPointer a, LayerPointer b) : a_(std::move(a)), b_(std::move(b)) {}

  void draw(Random& random) override { a_->draw(random), b_->draw(random); }
  Image forward(const Image& x) override {
    const Image y = a_->forward(x);
    channels_ = y.columns;
    return beside(y, b_->forward(x));
  }
  Image backward(const Image& dy, Vector& gradient) override {
    Image dx = a_->backward(columns_of(dy, 0, channels_), gradient);
    add_to(dx, b_->backward(columns_of(dy, channels_, dy.columns), gradient));
    return dx;
  }

 private:
  LayerPointer a_, b_;
  int channels_ = 0;
};

// --- in short ---

inline LayerPointer convolution(const Window& w, int in, int out, Weights weights = {}) {
  return std::make_unique<Convolution>(w, in, out, weights);
}
inline LayerPointer relu() {
  return std::make_unique<Pointwise>([](double x) { return x > 0 ? x : 0; },
                                     [](double x) { return x > 0 ? 1.0 : 0.0; });
}
inline LayerPointer erf() {
  return std::make_unique<Pointwise>(
      [](double x) { return std::erf(x); },
      [](double x) { return 2 / std::sqrt(std::acos(-1.0)) * std::exp(-x * x); });
}
inline LayerPointer mixing(std::vector<Matrix> m) { return std::make_unique<Mixing>(std::move(m)); }
inline LayerPointer global_mean() { return std::make_unique<GlobalMean>(); }
inline LayerPointer flattening() { return std::make_unique<Flattening>(); }
inline LayerPointer dropping(double keep) { return std::make_unique<Dropping>(keep); }
inline LayerPointer normalization(std::vector<int> group) {
  return std::make_unique<Normalization>(std::move(group));
}

// Of pixels that go one by one through a Dense.
inline Window each(int pixels) { return window(pixels, 1, 1, Edge::valid); }

inline Matrix matrix(const std::vector<std::vector<double>>& rows) {
  Matrix m(static_cast<int>(rows.size()), static_cast<int>(rows[0].size()));
  for (int i = 0; i < m.rows; ++i) std::copy(rows[i].begin(), rows[i].end(), m[i]);
  return m;
}

}  // namespace ntk::finite
