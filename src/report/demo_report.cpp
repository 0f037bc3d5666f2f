#include "src/report/demo_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/report/figures.h"
#include "src/report/html.h"
#include "src/report/number.h"

namespace ntk::report {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::int64_t wrong_count(const DemoResults& results) {
  return std::count_if(results.verdicts.begin(), results.verdicts.end(),
                       [](const Verdict& verdict) { return !verdict.right(); });
}

double total_seconds(const DemoResults& results) {
  double total = 0;
  for (const auto& [step, seconds] : results.seconds) total += seconds;
  return total;
}

void add_overview(HtmlPage& page, const DemoResults& results) {
  const auto tested = static_cast<std::int64_t>(results.verdicts.size());
  page.add_figures_of_merit(
      {{format_percent(accuracy(results.verdicts)),
        "of " + format_count(tested) + " held-out digits are right"},
       {format_count(wrong_count(results)), "misclassified"},
       {format_seconds(total_seconds(results)), "from reading the data to this page"}});
  page.add_paragraph(
      "A fully-connected network of infinite width, trained by gradient descent on the squared "
      "error, is a kernel method: its neural tangent kernel Θ(x, x′) says all there is to know "
      "about it. So no network was trained here. The kernel of " +
      format_count(results.y_train.size()) +
      " training digits was computed, one linear system was solved, and the predictions are "
      "exact.");
  page.add_code(results.network);
  Table steps({{"step"}, {"time", Align::right}});
  for (const auto& [step, seconds] : results.seconds)
    steps.add_row({step, format_seconds(seconds)});
  page.add_table(steps);
  page.add_paragraph("Computed on " + results.device + ".");
}

Tile tile_of(const DemoResults& results, std::size_t sample) {
  const std::int64_t pixels = results.x_test.size() / results.x_test.shape[0];
  const auto begin = static_cast<std::int64_t>(sample) * pixels;
  Tile tile;
  for (std::int64_t p = begin; p < begin + pixels; ++p)
    tile.pixels.push_back(results.x_test.dtype == DType::float32
                              ? static_cast<double>(results.x_test.as<float>()[p])
                              : results.x_test.as<double>()[p]);
  const Verdict& verdict = results.verdicts[sample];
  const auto name = [&](std::int64_t c) { return std::to_string(results.classes[at(c)]); };
  tile.marked = !verdict.right();
  tile.label = verdict.right() ? "is " + name(verdict.truth)
                               : name(verdict.truth) + ", read as " + name(verdict.predicted);
  return tile;
}

// The wrong ones first, then the right ones that were decided most narrowly.
void add_hard_cases(HtmlPage& page, const DemoResults& results) {
  std::vector<std::size_t> order(results.verdicts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Verdict &left = results.verdicts[a], &right = results.verdicts[b];
    if (left.right() != right.right()) return right.right();
    return left.margin < right.margin;
  });
  constexpr std::size_t kTiles = 14;
  order.resize(std::min(order.size(), kTiles));
  Tiles tiles;
  tiles.rows = results.x_test.shape[1];
  tiles.columns = results.x_test.shape[2];
  Table numbers({{"test digit", Align::right},
                 {"true", Align::right},
                 {"predicted", Align::right},
                 {"margin", Align::right}});
  for (const std::size_t sample : order) {
    const Verdict& verdict = results.verdicts[sample];
    tiles.tiles.push_back(tile_of(results, sample));
    numbers.add_row({std::to_string(sample), std::to_string(results.classes[at(verdict.truth)]),
                     std::to_string(results.classes[at(verdict.predicted)]),
                     format_fixed(verdict.margin, 3)});
  }
  tiles.caption = {"The hardest digits",
                   "Images of the misclassified test digits, then of those that were decided with "
                   "the smallest margins."};
  page.add_heading("The hardest digits");
  page.add_figure(draw(tiles),
                  "Misclassified digits (framed in colour), then those that were right by the "
                  "smallest margins.",
                  &numbers);
}

void add_confusion(HtmlPage& page, const DemoResults& results) {
  ConfusionMatrix matrix;
  for (const std::int64_t c : results.classes) matrix.classes.push_back(std::to_string(c));
  matrix.counts = confusion(results.verdicts, results.classes.size());
  matrix.caption = {"Confusion matrix",
                    "Counts of test digits by true class, downwards, and "
                    "predicted class, across. The diagonal is right."};
  std::vector<Column> columns = {{"true", Align::right}};
  for (const std::string& name : matrix.classes) columns.push_back({"as " + name, Align::right});
  Table numbers(columns);
  for (std::size_t i = 0; i < matrix.classes.size(); ++i) {
    std::vector<std::string> row = {matrix.classes[i]};
    for (std::size_t j = 0; j < matrix.classes.size(); ++j)
      row.push_back(format_count(matrix.counts[i * matrix.classes.size() + j]));
    numbers.add_row(row);
  }
  page.add_heading("What was taken for what");
  page.add_figure(draw(matrix),
                  "Number of test digits of each class (down) that were given each "
                  "class (across).",
                  &numbers);
}

void add_margins(HtmlPage& page, const DemoResults& results) {
  constexpr std::size_t kBins = 26;
  double highest = 0;
  for (const Verdict& verdict : results.verdicts) highest = std::max(highest, verdict.margin);
  const double end = std::max(0.1, std::ceil(highest * 10) / 10);
  Bars right{"right", Tone::accent, std::vector<double>(kBins, 0)};
  Bars wrong{"wrong", Tone::counter, std::vector<double>(kBins, 0)};
  for (const Verdict& verdict : results.verdicts) {
    const auto bin = static_cast<std::size_t>(verdict.margin / end * kBins);
    ++(verdict.right() ? right : wrong).heights[std::min(bin, kBins - 1)];
  }
  Table numbers({{"margin from", Align::right},
                 {"to", Align::right},
                 {"right", Align::right},
                 {"wrong", Align::right}});
  for (std::size_t b = 0; b < kBins; ++b) {
    const auto edge = [&](std::size_t i) { return end * static_cast<double>(i) / kBins; };
    numbers.add_row({format_fixed(edge(b), 3), format_fixed(edge(b + 1), 3),
                     format_fixed(right.heights[b], 0), format_fixed(wrong.heights[b], 0)});
  }
  Histogram histogram;
  histogram.caption = {"Margins",
                       "Histogram of the difference between the largest and the second "
                       "largest output of each test digit, right and wrong ones apart."};
  histogram.x = {"margin: largest output less the second largest (targets are 0.9 and −0.1)", 0,
                 end, Scale::linear};
  histogram.y_title = "test digits";
  histogram.bars = {wrong, right};
  page.add_heading("How clear the decisions were");
  page.add_figure(draw(histogram),
                  "Wrong answers come with small margins: the margin tells when "
                  "to look twice.",
                  &numbers);
}

void add_training(HtmlPage& page, const DemoResults& results) {
  if (results.training.size() < 2) return;
  Series train{"training digits", Tone::counter, {}, true};
  Series test{"held-out digits", Tone::accent, {}, true};
  Table numbers(
      {{"time η·t", Align::right}, {"training", Align::right}, {"held out", Align::right}});
  double lowest = 1;
  for (const auto& moment : results.training) {
    train.points.emplace_back(moment.time, moment.train_accuracy);
    test.points.emplace_back(moment.time, moment.test_accuracy);
    lowest = std::min({lowest, moment.train_accuracy, moment.test_accuracy});
    numbers.add_row({format_significant(moment.time), format_percent(moment.train_accuracy),
                     format_percent(moment.test_accuracy)});
  }
  LinePlot plot;
  plot.caption = {"Accuracy in the course of training",
                  "Accuracy on training and held-out digits against the time of gradient flow, on "
                  "a logarithmic axis."};
  plot.x = {"time of gradient flow η·t (learning rate × steps)", results.training.front().time,
            results.training.back().time, Scale::logarithmic};
  plot.y = {"accuracy (share that is right)", std::floor(lowest * 20) / 20, 1.0, Scale::linear};
  if (plot.y.low >= 1) plot.y.low = 0.95;
  plot.series = {train, test};
  page.add_heading("The course of training");
  page.add_figure(draw(plot),
                  "Gradient flow solved in closed form at each time; nothing was "
                  "iterated.",
                  &numbers);
}

void add_kernel(HtmlPage& page, const DemoResults& results) {
  const auto* labels = results.y_train.as<std::int64_t>();
  std::vector<std::int64_t> order(at(results.y_train.size()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return labels[a] < labels[b]; });
  HeatMap map;
  map.size = std::min<std::int64_t>(100, results.y_train.size());
  map.cells = block_means(results.ntk, order, map.size);
  Table numbers(
      {{"class", Align::right}, {"training digits", Align::right}, {"mean Θ(x, x)", Align::right}});
  for (const std::int64_t c : results.classes) {
    double count = 0, diagonal = 0;
    for (std::int64_t i = 0; i < results.y_train.size(); ++i) {
      if (labels[i] != c) continue;
      const std::int64_t place = i * (results.ntk.shape[1] + 1);
      diagonal += results.ntk.dtype == DType::float32
                      ? static_cast<double>(results.ntk.as<float>()[place])
                      : results.ntk.as<double>()[place];
      ++count;
    }
    map.groups.emplace_back(std::to_string(c), count);
    numbers.add_row(
        {std::to_string(c), format_fixed(count, 0), format_significant(diagonal / count)});
  }
  map.axis_title = "training digits, by class";
  map.value_title = "Θ(x, x′), no unit";
  map.caption = {"The kernel matrix",
                 "Shades of the neural tangent kernel between the training "
                 "digits, sorted by class: stronger blocks on the diagonal are "
                 "digits of one class, which are like each other."};
  page.add_heading("The kernel");
  const std::string side =
      format_count(std::max<std::int64_t>(1, results.y_train.size() / map.size));
  page.add_figure(draw(map),
                  "Means over blocks of about " + side + " × " + side +
                      " digits. The stronger the shade, the more alike.",
                  &numbers);
}

void add_spectrum(HtmlPage& page, const DemoResults& results) {
  Series spectrum{"eigenvalues", Tone::accent, {}, false};
  const auto n = results.eigenvalues.size();
  for (std::size_t i = 0; i < n; ++i)
    if (results.eigenvalues[n - 1 - i] > 0)
      spectrum.points.emplace_back(static_cast<double>(i + 1), results.eigenvalues[n - 1 - i]);
  if (spectrum.points.size() < 2) return;
  Table numbers({{"index", Align::right}, {"eigenvalue", Align::right}});
  for (std::size_t i = 0; i < spectrum.points.size(); i = i < 10 ? i + 1 : i * 2)
    numbers.add_row({format_count(static_cast<std::int64_t>(i) + 1),
                     format_significant(spectrum.points[i].second, 4)});
  const auto decade = [](double value, double (*towards)(double)) {
    return std::pow(10, towards(std::log10(value)));
  };
  const double smallest = spectrum.points.back().second;
  const double low = results.ridge > 0 ? std::min(smallest, results.ridge) : smallest;
  LinePlot plot;
  plot.caption = {"The spectrum",
                  "Eigenvalues of the kernel matrix in descending order, on two "
                  "logarithmic axes, with the ridge that was added."};
  plot.x = {"index of the eigenvalue", 1, spectrum.points.back().first, Scale::logarithmic};
  plot.y = {"eigenvalue of Θ (no unit)", decade(low, [](double v) { return std::floor(v); }),
            decade(spectrum.points.front().second, [](double v) { return std::ceil(v); }),
            Scale::logarithmic};
  plot.series = {spectrum};
  if (results.ridge > 0)
    plot.references.push_back({results.ridge, "ridge " + format_significant(results.ridge)});
  page.add_heading("Its spectrum");
  page.add_figure(draw(plot),
                  "Condition number " +
                      format_significant(spectrum.points.front().second / smallest) +
                      " before the ridge. Directions with large eigenvalues are "
                      "learned first.",
                  &numbers);
}

}  // namespace

std::string demo_report(const DemoResults& results) {
  HtmlPage page("Handwritten digits, by an infinitely wide network",
                "A report by ntk demo: fitted in closed form, predicted exactly.");
  add_overview(page, results);
  add_hard_cases(page, results);
  add_confusion(page, results);
  add_margins(page, results);
  add_training(page, results);
  add_kernel(page, results);
  add_spectrum(page, results);
  return page.str();
}

}  // namespace ntk::report
