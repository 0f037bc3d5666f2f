// A sample that stands in both sets: its entry is its variance, on every backend.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "ntk/ntk.h"
#include "support/backends.h"
#include "support/kernels_on.h"
#include "support/near.h"

namespace ntk::testing {
namespace {

std::vector<Architecture> networks() {
  std::vector<Architecture> all;
  for (const Layer& layer :
       {Relu(), Sign(), Erf(), Gelu(), Sin(), Cos(), Rbf(), Gaussian(), Exp(), ExpNormalized(),
        Gabor(), Hermite(3), RectifiedMonomial(2), Monomial(2), Elu(), Selu(), Tanh()})
    all.push_back(serial(Dense(1), layer, Dense(1)));
  return all;
}

class Duplicates : public ::testing::TestWithParam<std::string> {};

// Five entries: more than one of them lies in a vector register.
TEST_P(Duplicates, HaveTheVarianceForAKernel) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  constexpr double kRoundings = 32;
  const Array x = Array::of<double>({0.3, -0.4, 0.3, -0.4, 1, 2, 0.3, -0.4, 1, 2}, {5, 2});
  for (const DType dtype : {DType::float64, DType::float32})
    for (const Architecture& network : networks()) {
      const Array samples = x.converted_to(dtype);
      const Array cross = kernels_on(*backend, network, samples, &samples, dtype).nngp;
      const Array own = kernels_on(*backend, network, samples, nullptr, dtype).nngp;
      for (const std::int64_t column : {0, 1, 3})
        EXPECT_NEAR(value_at(cross, column), value_at(own, 0),
                    kRoundings * epsilon(dtype) * value_at(own, 0))
            << network.to_expression() << " " << name_of(dtype);
    }
}

std::string name_of_case(const ::testing::TestParamInfo<std::string>& backend) {
  std::string name = "on_" + backend.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(OnBackend, Duplicates, ::testing::ValuesIn(backend_names()), name_of_case);

}  // namespace
}  // namespace ntk::testing
