// Somebody else's program: the main path, and every error caught by its type across the border of
// the library. Prints what was not as it should be, and fails.
#include <ntk/ntk.h>

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

int complaints = 0;

void expect(bool holds, const std::string& what) {
  if (holds) return;
  std::printf("not so: %s\n", what.c_str());
  ++complaints;
}

// `call` throws an E, which is also an Error of this code.
template <class E, class F>
void expect_error(int code, const std::string& what, const F& call) {
  try {
    call();
  } catch (const E& error) {
    const ntk::Error* base = dynamic_cast<const ntk::Error*>(&error);
    expect(base && base->code() == code && static_cast<int>(base->kind()) == code,
           what + " has the code " + std::to_string(code));
    expect(std::string(error.what()).size() > 10, what + " says what is wrong");
    return;
  } catch (const std::exception& error) {
    expect(false, what + ": another error, " + error.what());
    return;
  }
  expect(false, what + " throws");
}

}  // namespace

int main() {
  const std::vector<double> x = {1, 0, 0, 1, 1, 1, -1, 2}, y = {1, -1, 0.5, 0};
  const ntk::ArrayView samples = ntk::view_of(x.data(), {4, 2});
  const ntk::ArrayView targets = ntk::view_of(y.data(), {4});
  const auto net =
      ntk::serial(ntk::Dense(8, {.W_std = std::sqrt(2.0)}), ntk::Relu(), ntk::Dense(1));

  const ntk::Kernels k = ntk::gram(net, samples);
  expect(std::abs(k.nngp.as<double>()[0] - 0.5) < 1e-14, "K(x, x) = |x|^2 / d");
  const ntk::Model model = ntk::fit(net, samples, targets, {.diag_reg = 1e-10});
  const ntk::Prediction p = model.predict(samples, {.cov = ntk::Cov::diag});
  for (std::size_t i = 0; i < y.size(); ++i)
    expect(std::abs(p.mean.as<double>()[i] - y[i]) < 1e-6, "the targets are met");
  expect(!ntk::devices().empty() && ntk::devices().back().usable, "the reference is usable");

  expect_error<ntk::UsageError>(2, "a network without layers", [] { ntk::serial(ntk::Layers{}); });
  expect_error<ntk::DataError>(1, "a missing file", [] { ntk::read_array("no_such_file.npy"); });
  expect_error<ntk::NotPositiveDefinite>(3, "a singular kernel", [&] {
    const std::vector<double> ones(4, 1.0);
    ntk::fit_gram(ntk::view_of(ones.data(), {2, 2}), ntk::view_of(y.data(), {2}));
  });
  expect_error<ntk::NumericalError>(3, "a kernel beyond float64", [&] {
    const std::vector<double> large = {1e300, 1e300};
    ntk::gram(net, ntk::view_of(large.data(), {1, 2}));
  });
  expect_error<ntk::MemoryError>(5, "a matrix that does not fit",
                                 [&] { ntk::gram(net, samples, {.memory_limit = 10}); });
  expect_error<ntk::Cancelled>(130, "a call that is cancelled", [&] {
    ntk::gram(net, samples, {.progress = [](const ntk::Progress&) { return false; }});
  });
  expect_error<ntk::UsageError>(2, "another type of elements", [&] { k.ntk.as<float>(); });
  for (const ntk::DeviceInfo& info : ntk::devices())
    if (!info.usable)
      expect_error<ntk::DeviceError>(4, "a device that is not here",
                                     [&] { ntk::gram(net, samples, {.device = info.device}); });
  try {
    ntk::gram(net, samples,
              {.progress = [](const ntk::Progress&) -> bool { throw std::out_of_range("ours"); }});
    expect(false, "what a callback throws arrives");
  } catch (const std::out_of_range&) {
  }

  std::printf(complaints == 0 ? "all as it should be\n" : "%d complaints\n", complaints);
  return complaints == 0 ? 0 : 1;
}
