// Gradient flow of the squared loss, mode by mode: what has happened at time t to an eigenvector of
// the training kernel with eigenvalue w (regularization included). s = learning_rate t / y.size.
#pragma once

#include <cstdint>
#include <optional>

namespace ntk::internal {

class FlowTime {
 public:
  static FlowTime infinity() { return {}; }
  // Throws UsageError for a negative time, or a learning rate that is not positive.
  static FlowTime at(std::optional<double> t, double learning_rate, std::int64_t y_size);

  bool is_infinite() const { return !s_; }
  FlowTime doubled() const;
  // Eigenvalues below zero are rounding and count as zero; for a zero mode each is its limit w ->
  // 0.
  double decay(double w) const;  // e^{-w s}
  double drive(double w) const;  // 1 - e^{-w s}
  double gain(double w) const;   // (1 - e^{-w s}) / w; needs w > 0 at t = infinity

 private:
  std::optional<double> s_;
};

}  // namespace ntk::internal
