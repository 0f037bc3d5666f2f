// Finite networks on images in plain loops: each layer as its definition says
// (docs/architecture.md), and derivatives by backward propagation. Nothing here is libntk's own.
#pragma once

#include <cstddef>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace ntk::finite {

using Vector = std::vector<double>;
using Random = std::mt19937_64;

struct Matrix {
  Matrix() = default;
  Matrix(int r, int c) : rows(r), columns(c), v(static_cast<std::size_t>(r) * c) {}
  double* operator[](int row) { return v.data() + static_cast<std::ptrdiff_t>(row) * columns; }
  const double* operator[](int row) const {
    return v.data() + static_cast<std::ptrdiff_t>(row) * columns;
  }

  int rows = 0, columns = 0;
  Vector v;
};

// Pixels x channels.
struct Image : Matrix {
  Image() = default;
  Image(int pixels, int channels) : Matrix(pixels, channels), there(pixels, 1) {}

  std::vector<char> there;  // whether a pixel is, and not masked
  int sample = 0;           // whose pattern an Aggregate takes
};

inline void add_scaled(double a, const double* x, int n, double* y) {
  for (int i = 0; i < n; ++i) y[i] += a * x[i];
}

// Four sums, for speed.
inline double dot(const double* x, const double* y, int n) {
  double sum[4] = {};
  int i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; ++k) sum[k] += x[i + k] * y[i + k];
  for (; i < n; ++i) sum[0] += x[i] * y[i];
  return sum[0] + sum[1] + (sum[2] + sum[3]);
}

inline Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.columns);
  for (int i = 0; i < a.rows; ++i)
    for (int k = 0; k < a.columns; ++k) add_scaled(a[i][k], b[k], b.columns, c[i]);
  return c;
}

// a b^T.
inline Matrix product_with_transposed(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.rows);
  for (int i = 0; i < a.rows; ++i)
    for (int k = 0; k < b.rows; ++k) c[i][k] = dot(a[i], b[k], a.columns);
  return c;
}

// a^T b.
inline Matrix product_of_transposed(const Matrix& a, const Matrix& b) {
  Matrix c(a.columns, b.columns);
  for (int k = 0; k < a.rows; ++k)
    for (int i = 0; i < a.columns; ++i) add_scaled(a[k][i], b[k], b.columns, c[i]);
  return c;
}

inline Matrix scaled(double a, Matrix m) {
  for (double& x : m.v) x *= a;
  return m;
}

inline void add_to(Matrix& sum, const Matrix& m) {
  add_scaled(1, m.v.data(), static_cast<int>(m.v.size()), sum.v.data());
}

// n more numbers, zero, at the end.
inline double* grow(Vector& v, std::size_t n) {
  v.resize(v.size() + n);
  return v.data() + (v.size() - n);
}

inline void draw_normal(Vector& v, double deviation, Random& random) {
  std::normal_distribution<double> normal(0, 1);
  for (double& x : v) x = deviation * normal(random);
}

// forward keeps what backward of the same sample needs. Layers append the derivatives by their
// weights to `gradient`, always in one order, so that gradients of two samples can be multiplied.
class Layer {
 public:
  virtual ~Layer() = default;
  virtual void draw(Random&) {}
  virtual Image forward(const Image& x) = 0;
  virtual Image backward(const Image& dy, Vector& gradient) = 0;
};
using LayerPointer = std::unique_ptr<Layer>;

// Pixels that are not there are 0 before and after every layer.
class Serial final : public Layer {
 public:
  template <class... L>
  explicit Serial(std::unique_ptr<L>... layers) {
    (layers_.push_back(std::move(layers)), ...);
  }

  void draw(Random& random) override {
    for (LayerPointer& layer : layers_) layer->draw(random);
  }

  Image forward(const Image& x) override {
    there_.clear();
    Image y = x;
    for (LayerPointer& layer : layers_) {
      y = layer->forward(y);
      y.sample = x.sample;
      hide(y, y.there);
      there_.push_back(y.there);
    }
    return y;
  }

  Image backward(const Image& dy, Vector& gradient) override {
    Image d = dy;
    for (std::size_t i = layers_.size(); i-- > 0;) {
      hide(d, there_[i]);
      d = layers_[i]->backward(d, gradient);
    }
    return d;
  }

 private:
  static void hide(Image& image, const std::vector<char>& there) {
    for (int p = 0; p < image.rows; ++p)
      for (int c = 0; c < image.columns && !there[p]; ++c) image[p][c] = 0;
  }

  std::vector<LayerPointer> layers_;
  std::vector<std::vector<char>> there_;
};

template <class... L>
LayerPointer chain(std::unique_ptr<L>... layers) {
  return std::make_unique<Serial>(std::move(layers)...);
}

}  // namespace ntk::finite
