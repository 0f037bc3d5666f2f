// Smooth functions: the trapezoidal rule over two independent Gaussian numbers, which converges
// exponentially for analytic functions.
//
// Functions with a kink at 0: in polar coordinates, u = s1 r cos(t), v = s2 r cos(t - angle) with
// density r exp(-r^2/2)/(2 pi). Both change sign along rays only, so that between the rays the
// integrand is smooth even if phi has a kink at 0, and sectors that are thin (near-duplicates) lose
// no digits. Gauss-Legendre in each sector, with ever more points.
#include "kernels/reference/expectation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "ntk/error.h"

namespace ntk::reference {
namespace {

using Real = long double;
const Real kPi = std::acos(Real(-1));

struct Rule {
  std::vector<Real> x, w;  // on [0, 1]
};

// Newton's method on the Legendre polynomials.
Rule gauss_legendre(int n) {
  Rule rule;
  for (int i = 0; i < n; ++i) {
    Real x = std::cos(kPi * (i + Real(0.75)) / (n + Real(0.5))), slope = 1;
    for (int step = 0; step < 100; ++step) {
      Real p = 1, before = 0;
      for (int k = 0; k < n; ++k) {
        const Real next = ((2 * k + 1) * x * p - k * before) / (k + 1);
        before = p, p = next;
      }
      slope = n * (x * p - before) / (x * x - 1);
      const Real change = p / slope;
      x -= change;
      if (std::abs(change) < Real(1e-19)) break;
    }
    rule.x.push_back((1 - x) / 2);
    rule.w.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

const Rule& rule_of(int n) {
  thread_local std::map<int, Rule> rules;
  const auto found = rules.find(n);
  return found != rules.end() ? found->second : rules.emplace(n, gauss_legendre(n)).first->second;
}

constexpr Real kFar = 12;  // exp(-kFar^2/2) is below a rounding

struct Sector {
  Real from, width;
};

Expectation in_sector(const std::function<Value(Real)>& phi, Real s1, Real s2, Real angle,
                      Sector sector, const Rule& angles, const Rule& radii) {
  Expectation sum{0, 0};
  for (std::size_t i = 0; i < angles.x.size(); ++i) {
    const Real t = sector.from + sector.width * angles.x[i];
    const Real a = s1 * std::cos(t), b = s2 * std::cos(t - angle);
    Expectation ray{0, 0};
    for (std::size_t j = 0; j < radii.x.size(); ++j) {
      const Real r = kFar * radii.x[j], w = kFar * radii.w[j] * r * std::exp(-r * r / 2);
      const Value u = phi(a * r), v = phi(b * r);
      ray.k += w * u.phi * v.phi;
      ray.derivative += w * u.slope * v.slope;
    }
    sum.k += angles.w[i] * sector.width * ray.k;
    sum.derivative += angles.w[i] * sector.width * ray.derivative;
  }
  return sum;
}

Expectation with_points(const std::function<Value(Real)>& phi, Real s1, Real s2, Real angle,
                        int n) {
  const Sector sectors[] = {{angle - kPi / 2, kPi - angle},  // u, v > 0
                            {kPi / 2, angle},                // u < 0 < v
                            {angle + kPi / 2, kPi - angle},  // u, v < 0
                            {3 * kPi / 2, angle}};           // v < 0 < u
  Expectation sum{0, 0};
  for (const Sector& sector : sectors) {
    if (sector.width <= 0) continue;
    const Expectation part = in_sector(phi, s1, s2, angle, sector, rule_of(n / 2), rule_of(n));
    sum.k += part.k / (2 * kPi);
    sum.derivative += part.derivative / (2 * kPi);
  }
  return sum;
}

// u = s1 z, v = s2 (z cos(angle) + y sin(angle)).
Expectation with_step(const std::function<Value(Real)>& phi, Real s1, Real s2, Real angle, Real h) {
  constexpr Real kReach = 9.5L;  // exp(-kReach^2/2) is below a rounding
  const int n = static_cast<int>(std::ceil(kReach / h));
  const Real along = s2 * std::cos(angle), across = s2 * std::sin(angle);
  Expectation sum{0, 0};
  for (int i = -n; i <= n; ++i) {
    const Real z = i * h, density = std::exp(-z * z / 2);
    const Value u = phi(s1 * z);
    Value inner{0, 0};
    if (across == 0) {
      inner = phi(along * z);
    } else {
      for (int j = -n; j <= n; ++j) {
        const Real y = j * h, w = h / std::sqrt(2 * kPi) * std::exp(-y * y / 2);
        const Value v = phi(along * z + across * y);
        inner.phi += w * v.phi;
        inner.slope += w * v.slope;
      }
    }
    sum.k += density * u.phi * inner.phi;
    sum.derivative += density * u.slope * inner.slope;
  }
  const Real unit = h / std::sqrt(2 * kPi);
  return {unit * sum.k, unit * sum.derivative};
}

Real change_between(const Expectation& a, const Expectation& b) {
  return std::max(std::abs(a.k - b.k) / (std::abs(a.k) + Real(1e-3)),
                  std::abs(a.derivative - b.derivative) / (1 + std::abs(a.derivative)));
}

}  // namespace

Expectation smooth_expectation(const std::function<Value(long double)>& phi, long double s1,
                               long double s2, long double angle) {
  Real h = 0.5L / std::max({s1, s2, Real(1)});
  Expectation before = with_step(phi, s1, s2, angle, h);
  for (int halvings = 0; halvings < 8; ++halvings) {
    h /= 2;
    const Expectation now = with_step(phi, s1, s2, angle, h);
    if (change_between(now, before) <= 1e-8L) return now;  // the error is that squared
    before = now;
  }
  throw NumericalError("the reference's quadrature of a nonlinearity did not converge");
}

Expectation expectation(const std::function<Value(long double)>& phi, long double s1,
                        long double s2, long double angle) {
  constexpr Real kTolerance = 1e-13L;  // of the rule before, with half of the points
  Expectation before = with_points(phi, s1, s2, angle, 24);
  for (int n = 48; n <= 4096; n *= 2) {
    const Expectation now = with_points(phi, s1, s2, angle, n);
    if (change_between(now, before) <= kTolerance) return now;
    before = now;
  }
  throw NumericalError("the reference's quadrature of a nonlinearity did not converge");
}

}  // namespace ntk::reference
