// The one table of nonlinearities: how each is called, which parameters it takes, and what it is
// for the kernels. A new one is a row of activations.cpp and a file of kernels/math/dual.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "kernels/backend.h"
#include "ntk/architecture.h"

namespace ntk {

// Squares and products of two parameters stay far from overflow.
constexpr double kLargestParameter = 1e100;

struct Parameter {
  const char* name;
  std::optional<double> default_value;  // nullopt: it must be given
  double lowest = -kLargestParameter;
  double highest = kLargestParameter;
};

// A switch of neural_tangents of which libntk knows one position.
struct FixedSwitch {
  const char* name;
  bool value;
  const char* otherwise;  // what to say to someone who asks for the other one
};

// phi(x) = f(x) + shift, where f is what the kernels' op with these parameters stands for. f is odd
// wherever shift may differ from zero, so that K' = K_f' + shift^2.
struct DualForm {
  Op op;
  double p[kMaxParameters] = {};
  double shift = 0;
  std::vector<double> polynomial = {};  // of Op::polynomial: coefficients from degree 0
  std::shared_ptr<const ScalarFunction> function = nullptr;  // of Op::function without a name
};

struct Activation {
  const char* name;
  std::vector<Parameter> parameters;  // in the order of positional arguments
  DualForm (*dual_form)(const double* parameters);
  std::vector<FixedSwitch> switches = {};
  // An argument of neural_tangents that changes rounding, never the kernel; expressions may carry
  // it.
  const char* ignored_argument = nullptr;
};

const std::vector<Activation>& activations();
const Activation* find_activation(std::string_view name);  // null: there is none

// Of a layer of a checked architecture.
DualForm dual_form(const ActivationLayer& layer);

}  // namespace ntk
