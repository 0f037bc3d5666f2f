// The report of `ntk demo`: a page about a classifier of small images that was fitted in closed
// form.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ntk/array.h"
#include "src/report/classification.h"

namespace ntk::report {

struct DemoResults {
  std::string network;                                  // as an expression
  std::string device;                                   // "cpu", with what it is
  double ridge = 0;                                     // absolute
  std::vector<std::pair<std::string, double>> seconds;  // step, time
  std::vector<std::int64_t> classes;
  ArrayView x_test;                 // M x H x W, 0 is paper and 1 is ink, float32 or float64
  ArrayView y_train;                // N, int64
  std::vector<Verdict> verdicts;    // M
  ArrayView ntk;                    // N x N, of the training images
  std::vector<double> eigenvalues;  // of `ntk`, ascending
  struct Moment {
    double time, train_accuracy, test_accuracy;
  };
  std::vector<Moment> training;  // accuracy in the course of gradient flow, times ascending
};

// The HTML file's text.
std::string demo_report(const DemoResults& results);

}  // namespace ntk::report
