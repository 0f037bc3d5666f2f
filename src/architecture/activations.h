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

constexpr int kHighestDegree = 64;

// What a text gives for a parameter, and where a layer keeps it: numbers, whole numbers and flags
// (0 and 1) in `parameters`, a list in `coefficients`, a column in the table of `function`.
enum class ParameterKind { number, whole, flag, list, column };

struct Parameter {
  const char* name;
  std::optional<double> default_value;  // nullopt: it must be given
  double lowest = -kLargestParameter;
  double highest = kLargestParameter;
  ParameterKind kind = ParameterKind::number;
};
bool is_scalar(const Parameter& parameter);

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
  DualForm (*dual_form)(const ActivationLayer& layer);
  // An argument of neural_tangents that changes rounding, never the kernel; expressions may carry
  // it.
  const char* ignored_argument = nullptr;
};

std::size_t scalar_count(const Activation& row);
bool has_parameter(const Activation& row, ParameterKind kind);

const std::vector<Activation>& activations();
const Activation* find_activation(std::string_view name);  // null: there is none

// Of a layer of a checked architecture.
DualForm dual_form(const ActivationLayer& layer);

}  // namespace ntk
