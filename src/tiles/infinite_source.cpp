#include "src/infinite/lower.h"
#include "src/tiles/tile_source.h"

namespace ntk {
namespace {

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

}  // namespace

std::unique_ptr<TileSource> infinite_source(Backend& backend, const Architecture& architecture,
                                            const ArrayView& x1, const ArrayView* x2,
                                            DType working) {
  return std::make_unique<InfiniteSource>(backend, lower(architecture, x1.shape[1]), x1, x2,
                                          working);
}

std::size_t infinite_source_bytes(Backend& backend, const Architecture& architecture,
                                  std::int64_t rows, std::int64_t columns, std::int64_t width,
                                  DType working) {
  return backend.workspace_bytes(lower(architecture, width), rows, columns, width, working);
}

}  // namespace ntk
