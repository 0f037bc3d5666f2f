// Attention of finite networks (finite_network.h).
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "tests/support/finite_layers.h"
#include "tests/support/finite_network.h"

namespace ntk::finite {

// L with L L^T = a, lower triangular.
inline Matrix cholesky(const Matrix& a) {
  Matrix l(a.rows, a.rows);
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j <= i; ++j) {
      const double rest = a[i][j] - dot(l[i], l[j], j);
      l[i][j] = i == j ? std::sqrt(rest) : rest / l[j][j];
    }
  return l;
}

struct Heads {
  int in = 0, out = 0, key = 0, value = 0, heads = 1;
  bool tied = true;     // keys are queries, products over their number; else over its root
  bool softmax = true;  // else products as they are
  double key_query_std = 1, value_out_std = 1, b_std = 0;
  int position_channels = 0;  // of embeddings beside the channels; -1: added to them; 0: none
  double position_std = 1;
  Matrix position_covariance = {};
  bool position_in_values = false;
};

// Hron et al. 2020, with the scales of neural_tangents.
class Attention final : public Layer {
 public:
  explicit Attention(const Heads& o)
      : o_(o),
        side_(o.position_channels > 0 ? o.position_channels : 0),
        in_keys_(o.in + side_),
        in_values_(o.in + (o.position_in_values ? side_ : 0)),
        b_(o.b_std > 0 ? 1 : 0, o.out) {
    if (o.position_channels != 0) {
      root_ = cholesky(o.position_covariance);
      embedding_ = Matrix(root_.rows, side_ ? side_ : o.in);
    }
    for (int h = 0; h < o.heads; ++h)
      heads_.push_back({Matrix(in_keys_, o.key), Matrix(o.tied ? 0 : in_keys_, o.key),
                        Matrix(in_values_, o.value), Matrix(o.value, o.out)});
    scale_ = o.key_query_std / (in_keys_ * (o.tied ? o.key : std::sqrt(o.key)));
    out_scale_ = o.value_out_std / std::sqrt(static_cast<double>(o.value) * o.heads * in_values_);
  }

  void draw(Random& random) override {
    for (Head& h : heads_)
      for (Matrix* w : {&h.W_key, &h.W_query, &h.W_value, &h.W_out}) draw_normal(w->v, 1, random);
    draw_normal(embedding_.v, 1, random);
    draw_normal(b_.v, 1, random);
  }

  Image forward(const Image& x) override {
    keys_in_ = with_positions(x);
    values_in_ = o_.position_in_values ? keys_in_ : x;
    Image y(x.rows, o_.out);
    y.there = x.there;
    for (Head& h : heads_) {
      h.keys = product(keys_in_, h.W_key);
      h.queries = o_.tied ? h.keys : product(keys_in_, h.W_query);
      h.weights = scaled(scale_, product_with_transposed(h.queries, h.keys));
      attend(h.weights);
      h.values = product(values_in_, h.W_value);
      h.mixed = product(h.weights, h.values);
      add_to(y, scaled(out_scale_, product(h.mixed, h.W_out)));
    }
    for (int p = 0; p < y.rows && b_.rows > 0; ++p) add_scaled(o_.b_std, b_[0], o_.out, y[p]);
    return y;
  }

  Image backward(const Image& dy, Vector& gradient) override {
    const auto append = [&](const Matrix& d) {
      gradient.insert(gradient.end(), d.v.begin(), d.v.end());
    };
    Matrix d_keys_in(dy.rows, in_keys_), d_values_in(dy.rows, in_values_), db(b_.rows, o_.out);
    for (const Head& h : heads_) {
      append(scaled(out_scale_, product_of_transposed(h.mixed, dy)));
      const Matrix d_mixed = scaled(out_scale_, product_with_transposed(dy, h.W_out));
      const Matrix d_values = product_of_transposed(h.weights, d_mixed);
      append(product_of_transposed(values_in_, d_values));
      add_to(d_values_in, product_with_transposed(d_values, h.W_value));

      const Matrix d_products =
          scaled(scale_, through_mechanism(h.weights, product_with_transposed(d_mixed, h.values)));
      Matrix d_keys = product_of_transposed(d_products, h.queries);
      const Matrix d_queries = product(d_products, h.keys);
      if (o_.tied) {
        add_to(d_keys, d_queries);
      } else {
        append(product_of_transposed(keys_in_, d_queries));
        add_to(d_keys_in, product_with_transposed(d_queries, h.W_query));
      }
      append(product_of_transposed(keys_in_, d_keys));
      add_to(d_keys_in, product_with_transposed(d_keys, h.W_key));
    }
    for (int p = 0; p < dy.rows && b_.rows > 0; ++p) add_scaled(o_.b_std, dy[p], o_.out, db[0]);
    append(db);
    return to_channels(d_keys_in, d_values_in, append);
  }

 private:
  struct Head {
    Matrix W_key, W_query, W_value, W_out;
    Matrix keys = {}, queries = {}, weights = {}, values = {}, mixed = {};
  };

  Image with_positions(const Image& x) {
    if (o_.position_channels == 0) return x;
    Matrix e = scaled(o_.position_std, product(root_, embedding_));
    hide(e, x.there);
    if (side_) return beside(x, e);
    Image sum = x;
    add_to(sum, e);
    return sum;
  }

  // Nothing attends to a pixel that is not there.
  void attend(Matrix& weights) const {
    for (int p = 0; p < weights.rows; ++p) {
      double all = 0;
      for (int q = 0; q < weights.columns; ++q) {
        double& w = weights[p][q];
        w = !keys_in_.there[q] ? 0 : o_.softmax ? std::exp(w) : w;
        all += w;
      }
      for (int q = 0; q < weights.columns && o_.softmax; ++q) weights[p][q] /= all;
    }
  }

  Matrix through_mechanism(const Matrix& weights, Matrix d) const {
    for (int p = 0; p < d.rows; ++p) {
      const double mean = dot(d[p], weights[p], d.columns);
      for (int q = 0; q < d.columns; ++q) {
        if (o_.softmax) d[p][q] = weights[p][q] * (d[p][q] - mean);
        if (!keys_in_.there[q]) d[p][q] = 0;
      }
    }
    return d;
  }

  // Derivatives by the inputs of keys and values, as derivatives by channels and embeddings.
  template <class Append>
  Image to_channels(const Matrix& d_keys_in, const Matrix& d_values_in, const Append& append) {
    Image dx = columns_of(d_keys_in, 0, o_.in);
    add_to(dx, columns_of(d_values_in, 0, o_.in));
    if (o_.position_channels == 0) return dx;
    Matrix de = columns_of(d_keys_in, side_ ? o_.in : 0, in_keys_);
    if (o_.position_in_values) add_to(de, columns_of(d_values_in, side_ ? o_.in : 0, in_values_));
    hide(de, keys_in_.there);
    append(scaled(o_.position_std, product_of_transposed(root_, de)));
    return dx;
  }

  static void hide(Matrix& m, const std::vector<char>& there) {
    for (int p = 0; p < m.rows; ++p)
      if (!there[p]) std::fill(m[p], m[p] + m.columns, 0.0);
  }

  Heads o_;
  int side_, in_keys_, in_values_;
  Matrix b_, root_, embedding_;
  std::vector<Head> heads_;
  double scale_, out_scale_;
  Image keys_in_, values_in_;
};

inline LayerPointer attention(const Heads& heads) { return std::make_unique<Attention>(heads); }

}  // namespace ntk::finite
