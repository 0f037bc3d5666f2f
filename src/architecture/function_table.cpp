#include "src/architecture/function_table.h"

#include <algorithm>
#include <cmath>

#include "src/architecture/activations.h"
#include "src/architecture/ranges.h"

namespace ntk {
namespace {

struct Point {
  double value, slope;
};

// The cubic in the distance t from its nearer end, `share` of the interval away: there it has
// `value` and `slope`, and at the other end the slope `far`. `chord` is the slope from end to end.
Point cubic(double value, double slope, double far, double chord, double t, double share) {
  const double second = 3 * chord - 2 * slope - far, third = slope + far - 2 * chord;
  return {value + t * (slope + share * (second + share * third)),
          slope + share * (2 * second + share * 3 * third)};
}

class Table {
 public:
  Table(std::vector<double> x, std::vector<double> phi, std::vector<double> dphi)
      : x_(std::move(x)), phi_(std::move(phi)), dphi_(std::move(dphi)) {}

  Point at(double x) const {
    if (!(x > x_.front())) return line(0, x);
    if (!(x < x_.back())) return line(x_.size() - 1, x);
    const auto next = std::upper_bound(x_.begin(), x_.end(), x);
    return between(static_cast<std::size_t>(next - x_.begin()) - 1, x);
  }

 private:
  Point line(std::size_t i, double x) const { return {phi_[i] + dphi_[i] * (x - x_[i]), dphi_[i]}; }

  Point between(std::size_t i, double x) const {
    const double width = x_[i + 1] - x_[i], left = x - x_[i], right = x_[i + 1] - x;
    const double chord = (phi_[i + 1] - phi_[i]) / width;
    if (left <= right) return cubic(phi_[i], dphi_[i], dphi_[i + 1], chord, left, left / width);
    // Seen from the right end, slopes have the other sign.
    const Point mirrored =
        cubic(phi_[i + 1], -dphi_[i + 1], -dphi_[i], -chord, right, right / width);
    return {mirrored.value, -mirrored.slope};
  }

  std::vector<double> x_, phi_, dphi_;
};

void check_column(const std::string& name, const std::vector<double>& column, std::size_t points,
                  const std::string& place, const Source& source) {
  const std::string here = join_key(place, name);
  if (column.size() != points)
    source.fail(here, "must have as many numbers as x, which has " + std::to_string(points) +
                          ", has " + std::to_string(column.size()));
  for (std::size_t i = 0; i < column.size(); ++i)
    require_range(column[i], -kLargestParameter, kLargestParameter, join_index(here, i), source);
}

}  // namespace

std::shared_ptr<const ScalarFunction> interpolate(std::vector<double> x, std::vector<double> phi,
                                                  std::vector<double> dphi) {
  const auto table = std::make_shared<const Table>(x, phi, dphi);
  return std::make_shared<const ScalarFunction>(
      ScalarFunction{"table",
                     [table](double at) { return table->at(at).value; },
                     [table](double at) { return table->at(at).slope; },
                     {},
                     std::move(x),
                     std::move(phi),
                     std::move(dphi)});
}

void check_table(const ScalarFunction& function, const std::string& place, const Source& source) {
  const std::vector<double>& x = function.x;
  if (x.size() < 2)
    source.fail(join_key(place, "x"),
                "must have at least 2 numbers, has " + std::to_string(x.size()));
  check_column("x", x, x.size(), place, source);
  require_ascending(x, join_key(place, "x"), source);
  check_column("phi", function.phi, x.size(), place, source);
  check_column("dphi", function.dphi, x.size(), place, source);
  for (std::size_t i = 1; i < x.size(); ++i)
    if (!(std::abs(function.phi[i] - function.phi[i - 1]) <= kLargestParameter * (x[i] - x[i - 1])))
      source.fail(join_index(join_key(place, "phi"), i),
                  "is too far from the number before it: between two points the slope must be at "
                  "most 1e+100 in size");
}

}  // namespace ntk
