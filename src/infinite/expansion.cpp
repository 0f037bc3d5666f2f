#include "src/infinite/expansion.h"

#include <algorithm>
#include <cmath>

namespace ntk {
namespace {

constexpr double kPi = 3.14159265358979323846;
// Hermite functions are bounded, so that what is left of exp(-z^2/4) out there does not count.
constexpr double kFar = 13;

constexpr int kPoints = 16;  // of one panel
struct Rule {
  double x[kPoints], w[kPoints];  // on [-1, 1]
};

// Newton's method on the Legendre polynomial.
Rule gauss_legendre() {
  Rule rule{};
  for (int i = 0; i < kPoints; ++i) {
    double x = std::cos(kPi * (i + 0.75) / (kPoints + 0.5)), slope = 1;
    for (int step = 0; step < 50; ++step) {
      double p = 1, before = 0;
      for (int k = 0; k < kPoints; ++k) {
        const double next = ((2 * k + 1) * x * p - k * before) / (k + 1);
        before = p, p = next;
      }
      slope = kPoints * (x * p - before) / (x * x - 1);
      x -= p / slope;
      if (std::abs(p / slope) < 1e-16) break;
    }
    rule.x[i] = x;
    rule.w[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return rule;
}

struct Node {
  double z, w;  // the weight holds the density exp(-z^2/4)/(2 pi)^(1/4) of one Hermite function
};

// Panels of [-kFar, kFar] at most `width` wide that end at every break, and that grow away from 0
// from the size that phi's features near 0 have in z.
std::vector<Node> nodes_of(std::vector<double> breaks, double deviation, double width) {
  static const Rule rule = gauss_legendre();
  breaks.insert(breaks.end(), {-kFar, 0.0, kFar});
  for (double z = 2 / deviation; z < width; z *= 2) breaks.insert(breaks.end(), {-z, z});
  std::sort(breaks.begin(), breaks.end());
  std::vector<Node> nodes;
  for (std::size_t b = 0; b + 1 < breaks.size(); ++b) {
    const double low = std::max(breaks[b], -kFar), high = std::min(breaks[b + 1], kFar);
    if (!(high > low)) continue;
    const auto panels = static_cast<int>(std::ceil((high - low) / width));
    for (int i = 0; i < panels; ++i) {
      const double half = (high - low) / (2 * panels), middle = low + half * (2 * i + 1);
      for (int k = 0; k < kPoints; ++k) {
        const double z = middle + half * rule.x[k];
        nodes.push_back({z, half * rule.w[k] * std::exp(-z * z / 4) / std::pow(2 * kPi, 0.25)});
      }
    }
  }
  return nodes;
}

constexpr std::size_t kAtOnce = 8;  // nodes; as many recursions that do not wait for each other

// Hermite functions h_n(z) exp(-z^2/4)/(2 pi)^(1/4) of kAtOnce places, function n of place b at
// [n * kAtOnce + b]:  sqrt(n + 1) psi_(n+1) = z psi_n - sqrt(n) psi_(n-1).
class HermiteFunctions {
 public:
  explicit HermiteFunctions(std::size_t terms)
      : terms_(terms), along_(terms), back_(terms), psi_(terms * kAtOnce) {
    for (std::size_t n = 1; n < terms; ++n) {
      along_[n] = 1 / std::sqrt(static_cast<double>(n));
      back_[n] = std::sqrt(static_cast<double>(n - 1) / static_cast<double>(n));
    }
  }

  const double* at(const double* z) {
    double* psi = psi_.data();
    for (std::size_t b = 0; b < kAtOnce; ++b)
      psi[b] = std::exp(-z[b] * z[b] / 4) / std::pow(2 * kPi, 0.25);
    for (std::size_t b = 0; b < kAtOnce && terms_ > 1; ++b) psi[kAtOnce + b] = z[b] * psi[b];
    for (std::size_t n = 2; n < terms_; ++n) {
      psi += kAtOnce;  // psi_(n-1)
      for (std::size_t b = 0; b < kAtOnce; ++b)
        psi[kAtOnce + b] = along_[n] * z[b] * psi[b] - back_[n] * psi[b - kAtOnce];
    }
    return psi_.data();
  }

 private:
  std::size_t terms_;
  std::vector<double> along_, back_, psi_;
};

// Adds what the nodes contribute, of which `psi` are the Hermite functions.
void add_nodes(const PointwiseFunction& phi, double deviation, const Node* nodes, const double* psi,
               Expansion& e) {
  double weights[kAtOnce];
  for (std::size_t b = 0; b < kAtOnce; ++b) {
    const FunctionPoint at = phi(deviation * nodes[b].z);
    weights[b] = nodes[b].w * at.phi;
    e.variance += nodes[b].w * psi[b] * at.phi * at.phi;
    e.slope_variance += nodes[b].w * psi[b] * at.slope * at.slope;
  }
  for (double& a : e.a) {
    double sum = 0;
    for (std::size_t b = 0; b < kAtOnce; ++b) sum += weights[b] * psi[b];
    a += sum;
    psi += kAtOnce;
  }
}

std::vector<Expansion> with_nodes(const PointwiseFunction& phi, std::vector<Node> nodes,
                                  const std::vector<double>& deviations, int terms) {
  std::vector<Expansion> result(deviations.size());
  for (Expansion& e : result) e.a.assign(static_cast<std::size_t>(terms), 0);
  nodes.resize((nodes.size() + kAtOnce - 1) / kAtOnce * kAtOnce, Node{0, 0});
  HermiteFunctions functions(static_cast<std::size_t>(terms));
  for (std::size_t i = 0; i < nodes.size(); i += kAtOnce) {
    double z[kAtOnce];
    for (std::size_t b = 0; b < kAtOnce; ++b) z[b] = nodes[i + b].z;
    const double* const psi = functions.at(z);
    for (std::size_t d = 0; d < deviations.size(); ++d)
      add_nodes(phi, deviations[d], &nodes[i], psi, result[d]);
  }
  return result;
}

double largest_change(const Expansion& before, const Expansion& now) {
  const double scale = std::sqrt(now.variance) + 1e-300;
  double change = std::abs(now.variance - before.variance) / (scale * scale);
  for (std::size_t n = 0; n < now.a.size(); ++n)
    change = std::max(change, std::abs(now.a[n] - before.a[n]) / scale);
  return change;
}

std::vector<double> breaks_of(const std::vector<double>& kinks, double deviation) {
  std::vector<double> breaks;
  for (double kink : kinks)
    if (kink != 0) breaks.push_back(kink / deviation);
  return breaks;
}

// Panels narrow enough for this deviation.
double panel_width(const PointwiseFunction& phi, const std::vector<double>& kinks, double deviation,
                   int terms) {
  const std::vector<double> breaks = breaks_of(kinks, deviation);
  double width = std::min(1.0, 8 / std::sqrt(static_cast<double>(terms)));
  Expansion before =
      with_nodes(phi, nodes_of(breaks, deviation, width), {deviation}, terms).front();
  for (int halvings = 0; halvings < 6; ++halvings) {
    const Expansion now =
        with_nodes(phi, nodes_of(breaks, deviation, width / 2), {deviation}, terms).front();
    if (largest_change(before, now) < 1e-14) break;
    width /= 2;
    before = now;
  }
  return width;
}

}  // namespace

std::vector<Expansion> expand(const PointwiseFunction& phi, const std::vector<double>& kinks,
                              const std::vector<double>& deviations, int terms) {
  const double largest = *std::max_element(deviations.begin(), deviations.end());
  const double width = panel_width(phi, kinks, largest, terms);
  const bool shared = std::all_of(kinks.begin(), kinks.end(), [](double k) { return k == 0; });
  if (shared) return with_nodes(phi, nodes_of({}, largest, width), deviations, terms);
  std::vector<Expansion> result;
  for (double s : deviations)
    result.push_back(with_nodes(phi, nodes_of(breaks_of(kinks, s), s, width), {s}, terms).front());
  return result;
}

}  // namespace ntk
