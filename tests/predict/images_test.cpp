// Models of convolutional networks: images go through fitting, files and predicting as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "ntk/gram.h"
#include "ntk/model.h"
#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

TEST(ImageModel, PredictsAsItsKernelsDoAndComesBackFromItsFile) {
  const Array x = random_matrix(9, 5 * 4 * 2, 1).reshaped({9, 5, 4, 2}), y = random_matrix(9, 2, 2),
              x_test = random_matrix(3, 5 * 4 * 2, 3).reshaped({3, 5, 4, 2});
  for (const Layer& pooling : {Flatten(), GlobalAvgPool()}) {
    const Architecture net =
        serial(Conv(8, {3, 3}, {.padding = Padding::same, .b_std = 0.2}), Relu(),
               Conv(8, {3, 3}, {.padding = Padding::same}), Relu(), pooling, Dense(1));
    FitOptions fitting;
    fitting.device = Device::cpu;
    fitting.diag_reg = 1e-3;
    PredictOptions predicting;
    predicting.device = Device::cpu;
    const Model model = fit(net, x, y, fitting);
    EXPECT_EQ(model.sample_shape(), (Shape{5, 4, 2}));
    const Array mean = model.predict(x_test, predicting).mean;

    const GramOptions on_cpu = {.get = Get::ntk, .device = Device::cpu};
    const Model of_gram = fit_gram(gram(net, x, on_cpu).ntk, y, fitting);
    const Array expected =
        of_gram.predict_from_gram(gram(net, x_test, x, on_cpu).ntk, {}, predicting).mean;
    EXPECT_LE(relative_error(mean, expected), 1e-12);

    const std::string file = ::testing::TempDir() + "/images_model.npz";
    model.save(file);
    const Model again = Model::load(file);
    std::remove(file.c_str());
    EXPECT_EQ(again.architecture().value(), net);
    EXPECT_LE(relative_error(again.predict(x_test, predicting).mean, mean), 1e-12);
  }
}

// A model needs one number for two samples, and has no place for their graphs.
TEST(ImageModel, RefusesNetworksThatEndOnImagesOrNeedPatterns) {
  using ::testing::AllOf;
  using ::testing::HasSubstr;
  const Array x = random_matrix(9, 5 * 4 * 2, 1).reshaped({9, 5, 4, 2}), y = random_matrix(9, 2, 2);
  const auto message_of_fit = [&](const Architecture& net) -> std::string {
    FitOptions options;
    options.device = Device::cpu;
    try {
      fit(net, x, y, options);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "nothing was refused";
  };
  EXPECT_THAT(message_of_fit(serial(Conv(8, {2, 3}), Relu(), Dense(3))),
              AllOf(HasSubstr("ends on images of 4x2x3"), HasSubstr("Flatten")));
  EXPECT_THAT(message_of_fit(serial(Dense(8), Aggregate({1}), Flatten(), Dense(1))),
              AllOf(HasSubstr("pattern"), HasSubstr("Aggregate"), HasSubstr("Gram")));
}

}  // namespace
}  // namespace ntk::testing
