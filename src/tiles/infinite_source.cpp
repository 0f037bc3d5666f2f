#include <algorithm>
#include <utility>

#include "ntk/error.h"
#include "src/tiles/tile_source.h"

namespace ntk {
namespace {

void include_variance(double q, VarianceRange& range) {
  if (!(q > 0)) return;
  range.lowest = range.highest > 0 ? std::min(range.lowest, q) : q;
  range.highest = std::max(range.highest, q);
}

class InfiniteSource final : public TileSource {
 public:
  InfiniteSource(Backend& backend, Program program, const ArrayView& x1, const ArrayView* x2,
                 DType working)
      : backend_(backend),
        program_(std::move(program)),
        rows_(backend.prepare(program_, x1, working)) {
    if (x2) columns_ = backend.prepare(program_, *x2, working);
  }

  std::int64_t rows() const override { return rows_->count(); }
  std::int64_t columns() const override { return column_samples().count(); }
  bool symmetric() const override { return !columns_; }
  Shape pixel_axes() const override { return ntk::pixel_axes(program_); }
  const double* nngp_diagonal() const override { return rows_->nngp_diagonal(); }
  const double* ntk_diagonal() const override { return rows_->ntk_diagonal(); }

  void tile(const GramBlock& block, const WorkCallback& progress) override {
    backend_.gram(program_, *rows_, column_samples(), block, progress);
  }

 private:
  const PreparedSamples& column_samples() const { return columns_ ? *columns_ : *rows_; }

  Backend& backend_;
  Program program_;
  std::unique_ptr<PreparedSamples> rows_, columns_;
};

template <class T>
void include_rows(const T* x, std::int64_t n, std::int64_t d, VarianceRange& range) {
  for (std::int64_t i = 0; i < n; ++i) {
    double sum = 0;
    for (std::int64_t k = 0; k < d; ++k) sum += static_cast<double>(x[i * d + k]) * x[i * d + k];
    include_variance(sum / static_cast<double>(d), range);
  }
}

// The variances of the samples, from their memory or, on a device, by the backend.
void include_samples(Backend& backend, const ArrayView& x, VarianceRange& range) {
  const std::int64_t n = x.shape[0], d = x.shape[1];
  if (x.space == MemorySpace::host)
    return x.dtype == DType::float32 ? include_rows(x.as<float>(), n, d, range)
                                     : include_rows(x.as<double>(), n, d, range);
  Program identity;
  identity.features = 1;
  const auto samples = backend.prepare(identity, x, DType::float32);
  for (std::int64_t i = 0; i < n; ++i) include_variance(samples->nngp_diagonal()[i], range);
}

// The pattern behind the numbers of a sample.
void require_nodes(const Program& program, const SampleMatrix& x) {
  if (!program.pixels || program.pixels->width() == x.width()) return;
  const std::int64_t nodes = program.pixels->nodes;
  throw UsageError("the network's Aggregate is over " + std::to_string(nodes) + " nodes, so that " +
                   "a pattern must be N x " + std::to_string(nodes) + " x " +
                   std::to_string(nodes) + ", but those given have " +
                   std::to_string(x.width() - element_count(x.sample())) + " numbers a sample");
}

}  // namespace

CompiledNetwork compile(Backend& backend, const KernelSpec& spec, const SampleMatrix& x1,
                        const SampleMatrix* x2, const LowerOptions& options) {
  CompiledNetwork compiled{lower(spec, x1.sample(), options), {}};
  require_nodes(compiled.program, x1);
  if (x2) require_nodes(compiled.program, *x2);
  if (!needs_tables(compiled.program)) return compiled;
  if (compiled.program.pixels) {
    compiled.series_error =
        tabulate_images(compiled.program, x1.view(), x2 ? &x2->view() : nullptr);
    return compiled;
  }
  VarianceRange range;
  include_samples(backend, x1.view(), range);
  if (x2) include_samples(backend, x2->view(), range);
  compiled.series_error = tabulate(compiled.program, range);
  return compiled;
}

Shape pixel_axes(const Program& program) {
  Shape axes;
  if (program.pixels)
    for (const std::int64_t extent : program.pixels->output)
      axes.insert(axes.end(), {extent, extent});
  return axes;
}

std::unique_ptr<TileSource> infinite_source(Backend& backend, Program program, const ArrayView& x1,
                                            const ArrayView* x2, DType working) {
  return std::make_unique<InfiniteSource>(backend, std::move(program), x1, x2, working);
}

std::unique_ptr<TileSource> infinite_source(Backend& backend, const KernelSpec& spec,
                                            const SampleMatrix& x1, const SampleMatrix* x2,
                                            DType working, const LowerOptions& options) {
  return infinite_source(backend, compile(backend, spec, x1, x2, options).program, x1.view(),
                         x2 ? &x2->view() : nullptr, working);
}

std::size_t infinite_source_bytes(Backend& backend, const Program& program, std::int64_t rows,
                                  std::int64_t columns, std::int64_t width, DType working) {
  return backend.workspace_bytes(program, rows, columns, width, working);
}

}  // namespace ntk
