#include "src/infinite/instructions.h"

#include <algorithm>
#include <cmath>

#include "src/architecture/activations.h"

namespace ntk {
namespace {

double square_or_zero(const std::optional<double>& b_std) { return b_std ? *b_std * *b_std : 0; }

double hermite_part(const std::vector<double>& c, std::int32_t l, std::int32_t i) {
  const auto k = 2 * static_cast<std::size_t>(i) + static_cast<std::size_t>(l);
  if (k >= c.size()) return 0;
  const double exponent = std::lgamma(2.0 * i + l + 1) - i * std::log(2.0) - std::lgamma(i + 1.0) -
                          0.5 * std::lgamma(l + 1.0);
  return c[k] * std::exp(exponent);
}

// sum_k c_k (s z)^k = sum_l a_l h_l(z),  a_l = s^l sum_i c_(2i+l) (2i+l)! / (2^i i! sqrt(l!))
// s^(2i) (neural_tangents stax.Polynomial); the table is described in kernels/math/dual/series.h.
void add_polynomial(std::vector<double> c, Program& program, Instruction& in) {
  while (c.size() > 1 && c.back() == 0) c.pop_back();
  const auto degree = static_cast<std::int32_t>(c.size()) - 1, columns = degree / 2 + 1;
  bool has[2] = {};
  for (std::size_t k = 0; k < c.size(); ++k) has[k % 2] = has[k % 2] || c[k] != 0;
  in.terms = {has[0] ? degree / 2 + 1 : 0, has[1] ? (degree + 1) / 2 : 0};
  in.single_terms = in.terms;
  in.p[0] = columns;
  in.table = static_cast<std::int32_t>(program.tables.size());
  in.function = static_cast<std::int32_t>(program.polynomials.size());
  for (std::int32_t parity : {0, 1})
    for (std::int32_t k = 0; k < (parity == 0 ? in.terms.even : in.terms.odd); ++k)
      for (std::int32_t i = 0; i < columns; ++i)
        program.tables.push_back(hermite_part(c, 2 * k + parity, i));
  program.polynomials.push_back(std::move(c));
}

}  // namespace

Instruction instruction(Op op, std::initializer_list<double> parameters) {
  Instruction in{op};
  std::copy(parameters.begin(), parameters.end(), in.p);
  return in;
}

Instruction dense_instruction(const DenseOptions& o, Parameterization parameterization,
                              std::int64_t fan_in) {
  const double w2 = o.W_std * o.W_std, b2 = square_or_zero(o.b_std);
  if (parameterization == Parameterization::standard && o.trainable)
    return instruction(Op::affine_standard,
                       {w2, b2, 0, static_cast<double>(fan_in) / o.s[0], o.b_std ? 1.0 : 0.0});
  return instruction(b2 > 0 ? Op::affine : Op::scale, {w2, b2, o.trainable ? 1.0 : 0.0});
}

Instruction convolve_instruction(const ConvOptions& o, Parameterization parameterization,
                                 std::int64_t fan_in) {
  const double w2 = o.W_std * o.W_std, b2 = square_or_zero(o.b_std);
  if (parameterization == Parameterization::standard && o.trainable)
    return instruction(Op::convolve,
                       {w2, b2, 0, static_cast<double>(fan_in) / o.s[0], o.b_std ? 1.0 : 0.0});
  return instruction(Op::convolve, {w2, b2, o.trainable ? 1.0 : 0.0});
}

std::vector<Instruction> activation_instructions(const ActivationLayer& layer, Program& program) {
  const DualForm form = dual_form(layer);
  Instruction in{form.op};
  std::copy(std::begin(form.p), std::end(form.p), in.p);
  if (form.op == Op::polynomial) add_polynomial(form.polynomial, program, in);
  if (form.op == Op::function && form.function) {
    in.function = static_cast<std::int32_t>(program.functions.size());
    program.functions.push_back(form.function);
  }
  if (form.shift == 0) return {in};
  return {in, instruction(Op::affine, {1, form.shift * form.shift, 0})};
}

std::int64_t units_after(const DenseLayer& layer) {
  return layer.out_dim * static_cast<std::int64_t>(layer.options.s[1]);
}
std::int64_t units_after(std::int64_t out_chan, const ConvOptions& options) {
  return out_chan * static_cast<std::int64_t>(options.s[1]);
}

}  // namespace ntk
