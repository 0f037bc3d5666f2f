// Gram matrices in memory: the simplest consumer of tiles.
#include "ntk/gram.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include "ntk/error.h"
#include "src/base/large_memory.h"
#include "src/device/registry.h"
#include "src/tiles/samples.h"
#include "src/tiles/tile_source.h"

namespace ntk {
namespace {

bool wants_nngp(Get get) { return get != Get::ntk; }
bool wants_ntk(Get get) { return get != Get::nngp; }

WorkCallback gram_progress(const ProgressCallback& progress) {
  if (!progress) return {};
  return [&progress](std::int64_t done, std::int64_t total) {
    return progress(Progress{"gram", done, total});
  };
}

void tell(const SeriesError& error, const std::function<void(const std::string&)>& log) {
  constexpr double kWorthSaying = 1e-10;
  if (std::max(error.nngp, error.derivative) <= kWorthSaying) return;
  char text[192];
  std::snprintf(text, sizeof text,
                "at the variances of these samples the series of a function without a closed form "
                "leaves out about %.1e of the NNGP kernel and %.1e of its derivative; scaled "
                "samples need fewer terms",
                error.nngp, error.derivative);
  log(text);
}

// One call's samples, backend and sizes, before anything large is allocated.
class Request {
 public:
  Request(const KernelSpec& spec, const ArrayView& x1, const ArrayView* x2,
          const GramOptions& options)
      : options_(options),
        backend_(backend_for(options.device)),
        working_(options.dtype.value_or(working_dtype(x1))),
        x1_(spec, x1, x2 ? "x1" : "x",
            {options.pattern1 ? &*options.pattern1 : nullptr, "pattern1", options.mask_constant}) {
    if (working_ == DType::int64) throw UsageError("gram: the kernel's dtype must be a float's");
    if (!x2 && options.pattern2)
      throw UsageError("gram: pattern2 belongs to the samples x2, of which there are none");
    if (x2)
      x2_ = std::make_unique<SampleMatrix>(
          spec, *x2, "x2",
          SampleExtras{options.pattern2 ? &*options.pattern2 : nullptr, "pattern2",
                       options.mask_constant});
    if (x2_ && x2_->width() == x1_.width() && x2_->sample() != x1_.sample() && takes_images(spec))
      throw UsageError("gram: the samples of x1 have the shape " + to_string(x1_.sample()) +
                       ", those of x2 " + to_string(x2_->sample()) +
                       "; images must have the same size");
    if (x2_ && x2_->width() != x1_.width())
      throw UsageError("gram: the samples of x1 have " + std::to_string(x1_.width()) +
                       " numbers each, those of x2 " + std::to_string(x2_->width()));
    if (x2_ && x2_->view().space != x1_.view().space)
      throw UsageError("gram: x1 and x2 must be in the same memory, host or device");
    if (x1_.view().space == MemorySpace::cuda && backend_.space() != MemorySpace::cuda)
      throw UsageError(std::string("gram: the samples are on a GPU, but the device is ") +
                       name_of(backend_.device()));
    backend_.set_threads(options.threads);
    network_ = compile(backend_, spec, x1_, x2_.get(), {options.mask_constant});
    if (options.log) tell(network_.series_error, options.log);
  }

  std::int64_t rows() const { return x1_.count(); }
  std::int64_t columns() const { return x2_ ? x2_->count() : x1_.count(); }
  DType working() const { return working_; }
  const SeriesError& series_error() const { return network_.series_error; }

  // The kernels' shape behind this one: with the pixel axes of a network that ends on images.
  Shape with_pixels(Shape shape) const {
    const Shape axes = pixel_axes(network_.program);
    shape.insert(shape.end(), axes.begin(), axes.end());
    return shape;
  }
  std::int64_t entries() const { return entries_of_pair(network_.program); }

  // Of `outputs` matrices on the host and the backend's own work.
  void require_memory_for(int outputs) const {
    const std::size_t work = infinite_source_bytes(backend_, network_.program, rows(),
                                                   x2_ ? x2_->count() : 0, x1_.width(), working_);
    const bool on_host = backend_.space() == MemorySpace::host;
    if (!on_host)
      require_memory(work, backend_.free_memory(), "the work on the device",
                     "fewer samples at a time would fit");
    const std::size_t matrix = static_cast<std::size_t>(rows()) *
                               static_cast<std::size_t>(columns()) *
                               static_cast<std::size_t>(entries()) * size_of(working_);
    const std::size_t all = static_cast<std::size_t>(outputs) * matrix;
    require_memory(all + (on_host ? work : 0), options_.memory_limit,
                   "a Gram matrix of " + std::to_string(rows()) + " x " +
                       std::to_string(columns()) + " (" + name_of(working_) +
                       (outputs == 2 ? ", two kernels)" : ")"),
                   what_fits(all, on_host ? work : 0, outputs));
  }

  std::string what_fits(std::size_t matrices, std::size_t work, int outputs) const {
    const std::size_t bound = options_.memory_limit ? options_.memory_limit : available_memory();
    const double left = static_cast<double>(bound) - static_cast<double>(work);
    const double share = std::clamp(left / std::max(1.0, static_cast<double>(matrices)), 0.0, 1.0);
    const double count = static_cast<double>(rows()) * (x2_ ? share : std::sqrt(share));
    return "about " + std::to_string(static_cast<std::int64_t>(count)) +
           (x2_ ? " rows" : " samples") + " would fit" +
           (working_ == DType::float64 ? "; float32 takes half" : "") +
           (outputs == 2 ? "; one kernel at a time takes half" : "");
  }

  std::unique_ptr<TileSource> source() const {
    const ArrayView* x2 = x2_ ? &x2_->view() : nullptr;
    return infinite_source(backend_, network_.program, x1_.view(), x2, working_);
  }

  GramBlock whole() const {
    GramBlock block;
    block.row_end = rows();
    block.column_end = columns();
    block.ld = columns();
    block.dtype = working_;
    return block;
  }

 private:
  const GramOptions& options_;
  Backend& backend_;
  DType working_;
  SampleMatrix x1_;
  std::unique_ptr<SampleMatrix> x2_;
  CompiledNetwork network_;
};

Kernels gram_of(const KernelSpec& spec, const ArrayView& x1, const ArrayView* x2,
                const GramOptions& options) {
  const Request request(spec, x1, x2, options);
  request.require_memory_for(options.get == Get::both ? 2 : 1);
  Kernels kernels;
  kernels.series_error = request.series_error();
  const Shape shape = request.with_pixels({request.rows(), request.columns()});
  GramBlock block = request.whole();
  if (wants_nngp(options.get)) kernels.nngp = Array(request.working(), shape);
  if (wants_ntk(options.get)) kernels.ntk = Array(request.working(), shape);
  block.nngp = kernels.nngp.data();
  block.ntk = kernels.ntk.data();
  if (element_count(shape) > 0) request.source()->tile(block, gram_progress(options.progress));
  return kernels;
}

// A view that receives a kernel: its row stride, once the view is seen to fit.
std::int64_t row_stride(const MutableArrayView& out, const Shape& shape, const char* what) {
  if (out.shape != shape)
    throw UsageError(std::string("gram_into: ") + what + " has the shape " + to_string(out.shape) +
                     ", but the kernel is " + to_string(shape));
  if (out.dtype == DType::int64)
    throw UsageError(std::string("gram_into: ") + what + " must be float32 or float64");
  const Shape strides = out.strides.empty() ? row_major_strides(out.shape) : out.strides;
  if (shape.size() > 2 && strides != row_major_strides(shape))
    throw UsageError(std::string("gram_into: ") + what + " must be row-major, without gaps");
  if (shape.size() > 2) return shape[1];
  if (strides[1] != 1 || strides[0] < shape[1])
    throw UsageError(std::string("gram_into: ") + what + " must be row-major (any row stride)");
  return strides[0];
}

void gram_views(const KernelSpec& spec, const ArrayView& x1, const ArrayView* x2,
                const KernelViews& out, const GramOptions& options) {
  const Request request(spec, x1, x2, options);
  request.require_memory_for(0);
  GramBlock block = request.whole();
  block.stream = out.stream;
  const MutableArrayView* wanted[] = {&out.nngp, &out.ntk};
  const Shape shape = request.with_pixels({request.rows(), request.columns()});
  const MutableArrayView* first = nullptr;
  for (const MutableArrayView* view : wanted) {
    if (!view->data) continue;
    const std::int64_t ld = row_stride(*view, shape, view == &out.nngp ? "nngp" : "ntk");
    if (first && (ld != block.ld || view->dtype != first->dtype || view->space != first->space))
      throw UsageError("gram_into: nngp and ntk must agree in row stride, dtype and memory");
    first = view;
    block.ld = ld;
    block.dtype = view->dtype;
    block.space = view->space;
  }
  if (!first) throw UsageError("gram_into: neither nngp nor ntk has data to be written to");
  block.nngp = out.nngp.data;
  block.ntk = out.ntk.data;
  if (element_count(shape) > 0) request.source()->tile(block, gram_progress(options.progress));
}

Kernels diagonal_of(const KernelSpec& spec, const ArrayView& x, const GramOptions& options) {
  const Request request(spec, x, nullptr, options);
  Kernels kernels;
  kernels.series_error = request.series_error();
  const Shape shape = request.with_pixels({request.rows()});
  if (wants_nngp(options.get)) kernels.nngp = Array(DType::float64, shape);
  if (wants_ntk(options.get)) kernels.ntk = Array(DType::float64, shape);
  if (request.rows() == 0) return kernels;
  const auto source = request.source();
  if (wants_nngp(options.get))
    std::copy_n(source->nngp_diagonal(), element_count(shape), kernels.nngp.as<double>());
  if (wants_ntk(options.get))
    std::copy_n(source->ntk_diagonal(), element_count(shape), kernels.ntk.as<double>());
  return kernels;
}

// A classical kernel has one matrix, in the place of the NNGP kernel's.
void require_no_ntk(const ClassicalKernel& kernel, bool wanted) {
  if (wanted)
    throw UsageError("gram: " + kernel.to_text() +
                     " is a classical kernel and has no NTK; ask for nngp, which is the kernel");
}

GramOptions classical_options(const ClassicalKernel& kernel, GramOptions options) {
  require_no_ntk(kernel, options.get == Get::ntk);
  options.get = Get::nngp;
  return options;
}

}  // namespace

Kernels gram(const Architecture& architecture, const ArrayView& x1, const GramOptions& options) {
  return gram_of(architecture, x1, nullptr, options);
}

Kernels gram(const Architecture& architecture, const ArrayView& x1, const ArrayView& x2,
             const GramOptions& options) {
  return gram_of(architecture, x1, &x2, options);
}

void gram_into(const Architecture& architecture, const ArrayView& x1, const KernelViews& out,
               const GramOptions& options) {
  gram_views(architecture, x1, nullptr, out, options);
}

void gram_into(const Architecture& architecture, const ArrayView& x1, const ArrayView& x2,
               const KernelViews& out, const GramOptions& options) {
  gram_views(architecture, x1, &x2, out, options);
}

Kernels gram_diagonal(const Architecture& architecture, const ArrayView& x,
                      const GramOptions& options) {
  return diagonal_of(architecture, x, options);
}

Kernels gram(const ClassicalKernel& kernel, const ArrayView& x1, const GramOptions& options) {
  return gram_of(complete_kernel(kernel, x1), x1, nullptr, classical_options(kernel, options));
}

Kernels gram(const ClassicalKernel& kernel, const ArrayView& x1, const ArrayView& x2,
             const GramOptions& options) {
  return gram_of(complete_kernel(kernel, x2, nullptr, "x2"), x1, &x2,
                 classical_options(kernel, options));
}

Kernels gram_diagonal(const ClassicalKernel& kernel, const ArrayView& x,
                      const GramOptions& options) {
  return diagonal_of(complete_kernel(kernel, x), x, classical_options(kernel, options));
}

void gram_into(const ClassicalKernel& kernel, const ArrayView& x1, const KernelViews& out,
               const GramOptions& options) {
  require_no_ntk(kernel, out.ntk.data != nullptr);
  gram_views(complete_kernel(kernel, x1), x1, nullptr, out, options);
}

void gram_into(const ClassicalKernel& kernel, const ArrayView& x1, const ArrayView& x2,
               const KernelViews& out, const GramOptions& options) {
  require_no_ntk(kernel, out.ntk.data != nullptr);
  gram_views(complete_kernel(kernel, x2, nullptr, "x2"), x1, &x2, out, options);
}

}  // namespace ntk
