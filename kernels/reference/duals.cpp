#include "kernels/reference/duals.h"

#include <cmath>
#include <functional>
#include <vector>

#include "kernels/named_function.h"
#include "kernels/reference/expectation.h"

namespace ntk::reference {
namespace {

Wide clamp(Wide x, Wide low, Wide high) { return x < low ? low : x > high ? high : x; }

// The angle between u and v; a right angle where one of them is zero, and exactly none between a
// sample and itself, so that the variances stay right to the last bit.
Wide angle(Wide q11, Wide q12, Wide q22) {
  if (q11 != 0 && q11 == q12 && q12 == q22) return 0;
  const Wide p = wide_sqrt(q11 * q22);
  if (p == 0) return wide_pi() / 2;
  return wide_acos(clamp(q12 / p, -1, 1));
}

// Cho and Saul 2009, orders 0 and 1, for a min(x, 0) + b max(x, 0).
Dual ab_relu(const double* parameters, Wide q11, Wide q12, Wide q22) {
  const Wide a = parameters[0], b = parameters[1], pi = wide_pi();
  const Wide theta = angle(q11, q12, q22);
  const Wide determinant = q11 * q22 - q12 * q12;
  const Wide s = wide_sqrt(determinant > 0 ? determinant : 0);
  const Wide f = (a - b) * (a - b) / (2 * pi);
  const Wide derivative = (a * a + b * b) / 2 - f * theta;
  return {f * s + derivative * q12, derivative};
}

Dual sign(const double*, Wide q11, Wide q12, Wide q22) {
  return {q11 == 0 || q22 == 0 ? 0 : 1 - 2 * angle(q11, q12, q22) / wide_pi(), 0};
}

// Williams 1997.
Dual erf(const double* parameters, Wide q11, Wide q12, Wide q22) {
  const Wide a = parameters[0], b = parameters[1], pi = wide_pi();
  const Wide u = 1 + 2 * b * b * q11, v = 1 + 2 * b * b * q22, w = 2 * b * b * q12;
  return {a * a * 2 / pi * wide_asin(w / wide_sqrt(u * v)),
          a * a * b * b * 4 / pi / wide_sqrt(u * v - w * w)};
}

// neural_tangents stax.Gelu; Tsuchida et al. 2021.
Dual gelu(const double*, Wide q11, Wide q12, Wide q22) {
  const Wide pi = wide_pi(), p1 = (1 + q11) * (1 + q22), product = q11 * q22;
  const Wide delta2 = p1 - q12 * q12, delta = wide_sqrt(delta2);
  const Wide alpha = wide_atan2(q12, delta);
  const Wide k = ((q12 * q12 + product * delta2) / (p1 * delta) + q12 * alpha) / (2 * pi) + q12 / 4;
  const Wide derivative = q12 / (2 * pi * delta) * (1 / delta2 + (1 - product) / p1 + 1) +
                          Wide(1) / 4 + alpha / (2 * pi);
  return {k, derivative};
}

// neural_tangents stax.Sin.
Dual trigonometric(const double* p, Wide q11, Wide q12, Wide q22) {
  const Wide a2 = Wide(p[0]) * p[0], b2 = Wide(p[1]) * p[1], c = p[2];
  const Wide near = wide_exp(b2 * (q12 - (q11 + q22) / 2));
  const Wide far = wide_cos(2 * c) * wide_exp(-b2 * (q12 + (q11 + q22) / 2));
  return {a2 / 2 * (near - far), a2 * b2 / 2 * (near + far)};
}

Dual exponential(const double* p, Wide q11, Wide q12, Wide q22) {
  const Wide a = p[0], b2 = Wide(p[1]) * p[1];
  const Wide k = a * a * wide_exp(b2 * ((q11 + q22) / 2 + q12));
  return {k, b2 * k};
}

Dual exp_normalized(const double* p, Wide q11, Wide q12, Wide q22) {
  const Wide product = wide_sqrt(q11 * q22);
  const Wide rho = product > 0 ? q12 / product : Wide(0);
  const Wide e = wide_exp(p[0] * (rho + p[1]));
  return {product * e, p[0] * e};
}

Dual gaussian(const double* p, Wide q11, Wide q12, Wide q22) {
  const Wide a = p[0], b = p[1];
  const Wide D = (1 - 2 * b * q11) * (1 - 2 * b * q22) - 4 * b * b * q12 * q12;
  const Wide root = wide_sqrt(D);
  return {a * a / root, 4 * a * a * b * b * q12 / (root * root * root)};
}

// neural_tangents stax.Gabor.
Dual gabor(const double*, Wide q11, Wide q12, Wide q22) {
  const Wide P = q11 * q22, S = q11 + q22, d = 4 * (P - q12 * q12), n = S + d + 2 * q12;
  const Wide m = 2 * S + d + 1, E = wide_exp(-n / (2 * m)), R = wide_exp(2 * q12 / m);
  const Wide h = 1 + 2 * S + 4 * (q12 * q12 + P), g = 4 * q12 * (d + 3 * S + 2);
  const Wide root = wide_sqrt(m);
  return {E * (R - 1) / (2 * root), E * (h - g + R * (h + g)) / (2 * m * m * root)};
}

Wide whole_power(Wide x, int n) {
  Wide y = 1;
  for (int i = 0; i < n; ++i) y *= x;
  return y;
}

Dual hermite(const double* p, Wide, Wide q12, Wide) {
  const int n = static_cast<int>(p[0]);
  return {whole_power(q12, n), n == 0 ? Wide(0) : n * whole_power(q12, n - 1)};
}

// K = x.y / length^2; shapes as in kernels/math/dual/radial.h.
Dual radial(const double* p, Wide q11, Wide q12, Wide q22) {
  const Wide squared = q11 + q22 - 2 * q12, D = wide_sqrt(squared > 0 ? squared : Wide(0));
  const int shape = static_cast<int>(p[0]);
  const Wide u = wide_sqrt(2 * shape + 1) * D;
  if (shape == 0) return {wide_exp(-u), 0};
  if (shape == 1) return {(1 + u) * wide_exp(-u), 0};
  if (shape == 2) return {(1 + u + u * u / 3) * wide_exp(-u), 0};
  return {wide_exp(-squared), 0};
}

// E[u^i v^j] by Stein's identity.
Wide moment(int i, int j, Wide q11, Wide q12, Wide q22) {
  std::vector<std::vector<Wide>> m(static_cast<std::size_t>(i + 1),
                                   std::vector<Wide>(static_cast<std::size_t>(j + 1)));
  for (int a = 0; a <= i; ++a)
    for (int b = 0; b <= j; ++b) {
      auto at = [&](int x, int y) {
        return x < 0 || y < 0 ? Wide(0)
                              : m[static_cast<std::size_t>(x)][static_cast<std::size_t>(y)];
      };
      Wide& here = m[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)];
      if (a == 0 && b == 0)
        here = 1;
      else if (a > 0)
        here = (a - 1) * q11 * at(a - 2, b) + b * q12 * at(a - 1, b - 1);
      else
        here = (b - 1) * q22 * at(a, b - 2);
    }
  return m.back().back();
}

Dual polynomial(const std::vector<double>& c, Wide q11, Wide q12, Wide q22) {
  Dual sum{0, 0};
  const int n = static_cast<int>(c.size());
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const Wide product = Wide(c[static_cast<std::size_t>(i)]) * c[static_cast<std::size_t>(j)];
      if (product == 0) continue;
      sum.k += product * moment(i, j, q11, q12, q22);
      if (i > 0 && j > 0) sum.derivative += product * i * j * moment(i - 1, j - 1, q11, q12, q22);
    }
  return sum;
}

Dual by_quadrature(const std::function<Value(long double)>& phi, Wide q11, Wide q12, Wide q22,
                   bool smooth = false) {
  const Expectation e = (smooth ? smooth_expectation : expectation)(
      phi, static_cast<long double>(wide_sqrt(q11)), static_cast<long double>(wide_sqrt(q22)),
      static_cast<long double>(angle(q11, q12, q22)));
  return {e.k, e.derivative};
}

Dual rectified_monomial(const double* p, Wide q11, Wide q12, Wide q22) {
  const int n = static_cast<int>(p[0]);
  const auto phi = [n](long double x) {
    const bool on = x > 0;
    return Value{on ? std::pow(x, static_cast<long double>(n)) : 0,
                 on && n > 0 ? n * std::pow(x, static_cast<long double>(n - 1)) : 0};
  };
  // At unit variances, where numbers of every size have the same digits.
  const Wide s1 = wide_sqrt(q11), s2 = wide_sqrt(q22), theta = angle(q11, q12, q22);
  const Dual unit = by_quadrature(phi, 1, wide_cos(theta), 1);
  return {unit.k * whole_power(s1 * s2, n),
          n == 0 ? Wide(0) : unit.derivative * whole_power(s1 * s2, n - 1)};
}

Dual elu(const double* p, Wide q11, Wide q12, Wide q22) {
  const long double A = p[0], l = p[1];
  const auto phi = [A, l](long double x) {
    return x > 0 ? Value{l * x, l} : Value{l * A * std::expm1(x), l * A * std::exp(x)};
  };
  return by_quadrature(phi, q11, q12, q22);
}

// Kolmogorov's density, by whichever of its two series converges faster.
Wide kolmogorov(Wide k) {
  const Wide pi = wide_pi();
  Wide sum = 0;
  for (int n = 1; n <= 12; ++n) {
    const Wide odd = 2 * n - 1, a = odd * odd * pi * pi / 8, sign = n % 2 == 1 ? 1 : -1;
    sum += k < Wide(0.9) ? wide_sqrt(2 * pi) * wide_exp(-a / (k * k)) *
                               (2 * a / (k * k * k * k) - 1 / (k * k))
                         : sign * 8 * k * n * n * wide_exp(-2 * n * n * k * k);
  }
  return sum;
}

struct MixtureNode {
  Wide square, weight;
};
// The trapezoidal rule in log k.
const std::vector<MixtureNode>& kolmogorov_nodes() {
  static const std::vector<MixtureNode> nodes = [] {
    const Wide step = Wide(8) / 100;
    std::vector<MixtureNode> made;
    for (int i = -32; i <= 25; ++i) {
      const Wide k = wide_exp(step * i);
      made.push_back({k * k, step * k * kolmogorov(k)});
    }
    return made;
  }();
  return nodes;
}

// a tanh(b x) as a mixture of error functions (kernels/math/dual/tanh.h), whose quadrature does not
// grow with the variance.
Dual tanh(const double* parameters, Wide q11, Wide q12, Wide q22) {
  const std::vector<MixtureNode>& nodes = kolmogorov_nodes();
  const Wide a = parameters[0], b = parameters[1], b2 = b * b;
  const Wide x = b2 * q11, y = b2 * q22, c = b2 * q12;
  Wide k = 0, derivative = 0;
  for (const MixtureNode& m : nodes)
    for (const MixtureNode& n : nodes) {
      // (m + x)(n + y) - c^2
      const Wide rest = m.square * n.square + m.square * y + n.square * x + (x * y - c * c);
      const Wide root = wide_sqrt(rest > 0 ? rest : 0), weight = m.weight * n.weight;
      k += weight * wide_atan2(c, root);
      derivative += weight / root;
    }
  const Wide scale = a * a * 2 / wide_pi();
  return {scale * k, scale * b2 * derivative};
}

// softplus and swish as mixtures of smoothed ReLUs and of x Phi(x/a), a = 2k
// (kernels/math/dual/smooth_relu.h), written out by parts.
Dual smooth_relu(bool is_swish, Wide q11, Wide q12, Wide q22) {
  const Wide pi = wide_pi(), c = q12, determinant = q11 * q22 - c * c;
  Wide k = 0, derivative = 0;
  for (const MixtureNode& m : kolmogorov_nodes())
    for (const MixtureNode& n : kolmogorov_nodes()) {
      const Wide a2 = 4 * m.square, b2 = 4 * n.square, v1 = q11 + a2, v2 = q22 + b2;
      const Wide d2 = a2 * b2 + a2 * q22 + b2 * q11 + (determinant > 0 ? determinant : 0);
      const Wide d = wide_sqrt(d2), weight = m.weight * n.weight;
      const Wide p = (pi - wide_atan2(d, c)) / (2 * pi), both = 1 / (2 * pi * d);
      if (is_swish) {
        k += weight * (c * p + both * (q11 * q22 + c * c - c * c * (q11 / v1 + q22 / v2)));
        derivative += weight * (p + both * c * (3 - q11 / v1 - q22 / v2) +
                                both * c / d2 * (q11 * q22 + c * c - q11 * v2 - q22 * v1));
      } else {
        k += weight * (c * p + d / (2 * pi));
        derivative += weight * p;
      }
    }
  return {k, derivative};
}

Dual function(const Program& program, const Instruction& in, Wide q11, Wide q12, Wide q22) {
  const auto named = static_cast<NamedFunction>(static_cast<int>(in.p[0]));
  if (named != NamedFunction::none)
    return by_quadrature(
        [&](long double x) {
          const auto v = value_of<long double>(named, x);
          return Value{v.phi, v.slope};
        },
        q11, q12, q22, true);
  const ScalarFunction& user = *program.functions[static_cast<std::size_t>(in.function)];
  return by_quadrature(
      [&](long double x) {
        const auto at = static_cast<double>(x);
        return Value{user.value(at), user.derivative(at)};
      },
      q11, q12, q22);
}

}  // namespace

Dual dual_of(const Program& program, const Instruction& in, Wide q11, Wide q12, Wide q22) {
  switch (in.op) {
    case Op::ab_relu:
      return ab_relu(in.p, q11, q12, q22);
    case Op::sign:
      return sign(in.p, q11, q12, q22);
    case Op::erf:
      return erf(in.p, q11, q12, q22);
    case Op::gelu:
      return gelu(in.p, q11, q12, q22);
    case Op::elu:
      return elu(in.p, q11, q12, q22);
    case Op::trigonometric:
      return trigonometric(in.p, q11, q12, q22);
    case Op::exponential:
      return exponential(in.p, q11, q12, q22);
    case Op::exp_normalized:
      return exp_normalized(in.p, q11, q12, q22);
    case Op::gaussian:
      return gaussian(in.p, q11, q12, q22);
    case Op::gabor:
      return gabor(in.p, q11, q12, q22);
    case Op::hermite:
      return hermite(in.p, q11, q12, q22);
    case Op::rectified_monomial:
      return rectified_monomial(in.p, q11, q12, q22);
    case Op::radial:
      return radial(in.p, q11, q12, q22);
    case Op::tanh:
      return tanh(in.p, q11, q12, q22);
    case Op::softplus:
    case Op::swish:
      return smooth_relu(in.op == Op::swish, q11, q12, q22);
    case Op::polynomial:
      return polynomial(program.polynomials[static_cast<std::size_t>(in.function)], q11, q12, q22);
    case Op::function:
      return function(program, in, q11, q12, q22);
    default:
      return {0, 0};  // no nonlinearity
  }
}

}  // namespace ntk::reference
