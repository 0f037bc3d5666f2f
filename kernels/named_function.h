// The nonlinearities without a closed form that have names, in whatever floating-point type: tables
// are made from them in double, the reference integrates them in long double.
#pragma once

#include <cmath>

namespace ntk {

enum class NamedFunction { none, tanh, sigmoid, softplus, swish, mish };

template <class T>
struct FunctionValue {
  T phi, slope;
};

template <class T>
T sigmoid_of(T x) {
  const T e = std::exp(-std::abs(x));
  return (x < 0 ? e : T(1)) / (1 + e);
}
template <class T>
T softplus_of(T x) {
  return (x > 0 ? x : T(0)) + std::log1p(std::exp(-std::abs(x)));
}
// phi(x) and phi'(x).
template <class T>
FunctionValue<T> value_of(NamedFunction function, T x) {
  switch (function) {
    case NamedFunction::tanh: {
      const T t = std::tanh(x);
      return {t, (1 - t) * (1 + t)};
    }
    case NamedFunction::sigmoid:
      return {sigmoid_of(x), sigmoid_of(x) * sigmoid_of(-x)};
    case NamedFunction::softplus:
      return {softplus_of(x), sigmoid_of(x)};
    case NamedFunction::swish:
      return {x * sigmoid_of(x), sigmoid_of(x) * (1 + x * sigmoid_of(-x))};
    case NamedFunction::mish: {
      const T t = std::tanh(softplus_of(x));
      return {x * t, t + x * (1 - t) * (1 + t) * sigmoid_of(x)};
    }
    case NamedFunction::none:
      break;
  }
  return {};
}

}  // namespace ntk
