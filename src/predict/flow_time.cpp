#include "src/predict/flow_time.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "ntk/error.h"

namespace ntk::internal {

FlowTime FlowTime::at(std::optional<double> t, double learning_rate, std::int64_t y_size) {
  if (!(learning_rate > 0) || !std::isfinite(learning_rate))
    throw UsageError("learning_rate must be a positive number, not " +
                     std::to_string(learning_rate));
  if (t && !(*t >= 0))
    throw UsageError("time must be 0 or positive, or infinity, not " + std::to_string(*t));
  FlowTime time;
  if (!t) return time;
  const double s = learning_rate * *t / static_cast<double>(y_size);
  if (std::isfinite(s)) time.s_ = s;
  return time;
}

FlowTime FlowTime::doubled() const {
  FlowTime time = *this;
  if (time.s_) *time.s_ *= 2;
  return time;
}

double FlowTime::decay(double w) const {
  if (s_) return std::exp(-std::max(w, 0.0) * *s_);
  return w > 0 ? 0 : 1;
}

double FlowTime::drive(double w) const {
  if (s_) return -std::expm1(-std::max(w, 0.0) * *s_);
  return w > 0 ? 1 : 0;
}

double FlowTime::gain(double w) const {
  if (w > 0) return drive(w) / w;
  return s_.value();
}

}  // namespace ntk::internal
