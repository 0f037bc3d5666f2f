// Fits an infinitely wide network to handwritten digits and predicts the ones it has not seen.
#include <cstdio>

#include "ntk/ntk.h"

int main() {
  const ntk::Array x = ntk::read_array("examples/data/digits.npz:x_train");  // 1297 x 8 x 8
  const ntk::Array y = ntk::read_array("examples/data/digits.npz:y_train");  // labels 0 to 9
  const ntk::Array x_test = ntk::read_array("examples/data/digits.npz:x_test");
  const ntk::Array y_test = ntk::read_array("examples/data/digits.npz:y_test");

  auto net = ntk::serial(ntk::Flatten(), ntk::Dense(512, {.W_std = 1.4, .b_std = 0.1}), ntk::Relu(),
                         ntk::Dense(1));
  ntk::Kernels k = ntk::gram(net, x_test, x);  // k.nngp and k.ntk, 500 x 1297
  std::printf("NNGP %.6f, NTK %.6f\n", k.nngp.as<float>()[0], k.ntk.as<float>()[0]);

  ntk::Model model = ntk::fit(net, x, y, {.kernel = ntk::KernelKind::ntk, .diag_reg = 1e-4});
  ntk::Prediction p = model.predict(x_test, {.cov = ntk::Cov::diag});

  const auto digits = model.classify(p.mean);
  int right = 0;
  for (std::size_t i = 0; i < digits.size(); ++i)
    right += digits[i] == y_test.as<std::int64_t>()[i];
  std::printf("%d of %zu right\n", right, digits.size());
}
