// The interface of kernels/backend.h on one GPU, and the symbol by which the module is loaded.
#include <cstdio>
#include <cstring>
#include <exception>

#include "kernels/backend.h"
#include "kernels/cuda/dense.h"
#include "kernels/cuda/gram.h"
#include "kernels/cuda/pixel_gram.h"

namespace ntk::cuda {
namespace {

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// Throws with the reason if there is no device to use.
int find_device() {
  int count = 0;  // left untouched where there is no driver
  check(cudaGetDeviceCount(&count));
  if (count == 0) throw DeviceError("the driver sees no GPU");
  int device = 0;
  check(cudaGetDevice(&device));
  return device;
}

class CudaBackend final : public Backend {
 public:
  CudaBackend() : device_(find_device()) {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, device_));
    int driver = 0, runtime = 0;
    check(cudaDriverGetVersion(&driver));
    check(cudaRuntimeGetVersion(&runtime));
    char memory[32];
    std::snprintf(memory, sizeof memory, "%.0f GiB",
                  static_cast<double>(properties.totalGlobalMem) / (1u << 30));
    description_ = std::string(properties.name) + ", " + memory + ", driver " +
                   version_text(driver) + ", runtime " + version_text(runtime);
  }

  Device device() const override { return Device::cuda; }
  std::string description() const override { return description_; }
  MemorySpace space() const override { return MemorySpace::cuda; }
  void set_threads(int) override {}

  void* allocate(std::size_t bytes) override {
    use();
    void* p = nullptr;
    check(cudaMalloc(&p, bytes > 0 ? bytes : 1));
    return p;
  }
  void release(void* p) noexcept override { ignore_error(cudaFree(p)); }
  void copy(void* to, const void* from, std::size_t bytes) override {
    use();
    const Stream stream;
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream));
    stream.synchronize();
  }
  std::size_t free_memory() const override {
    use();
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total));
    return free;
  }

  std::unique_ptr<PreparedSamples> prepare(const Program& program, ArrayView x,
                                           DType working) override {
    use();
    if (program.pixels) return std::make_unique<PixelSamples>(program, x, working);
    return std::make_unique<Samples>(program, x, working);
  }
  std::size_t workspace_bytes(const Program& program, std::int64_t rows, std::int64_t columns,
                              std::int64_t width, DType working) const override {
    if (program.pixels) return pixel_gram_bytes(program, rows + columns);
    return Samples::bytes(program, rows, width, working) +
           (columns > 0 ? Samples::bytes(program, columns, width, working) : 0) +
           gram_scratch_bytes(width, working);
  }
  void gram(const Program& program, const PreparedSamples& rows, const PreparedSamples& columns,
            const GramBlock& block, const WorkCallback& progress) override {
    use();
    if (program.pixels)
      return pixel_gram(program, static_cast<const PixelSamples&>(rows),
                        static_cast<const PixelSamples&>(columns), block, progress);
    cuda::gram(program, static_cast<const Samples&>(rows), static_cast<const Samples&>(columns),
               block, progress, lanes_);
  }

  std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda) override {
    use();
    return cuda::cholesky(dtype, n, a, lda);
  }
  void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb) override {
    use();
    cuda::cholesky_solve(dtype, n, columns, l, lda, b, ldb);
  }
  void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                        std::int64_t lda, void* b, std::int64_t ldb) override {
    use();
    cuda::triangular_solve(dtype, n, columns, l, lda, b, ldb);
  }
  void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues) override {
    use();
    cuda::eigen(dtype, n, a, lda, eigenvalues);
  }
  void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n,
                std::int64_t k, double alpha, const void* a, std::int64_t lda, const void* b,
                std::int64_t ldb, double beta, void* c, std::int64_t ldc) override {
    use();
    cuda::multiply(dtype, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
  void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                     std::int64_t lda, const double* b, std::int64_t ldb, double* c,
                     std::int64_t ldc) override {
    use();
    cuda::wide_multiply(m, n, k, a, lda, b, ldb, c, ldc);
  }
  void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                       void* c, std::int64_t ldc) override {
    use();
    cuda::gram_of_columns(dtype, n, k, a, lda, c, ldc);
  }

 private:
  // Any thread may call; the device is a thread's own setting.
  void use() const { check(cudaSetDevice(device_)); }

  int device_;
  std::string description_;
  LanePool lanes_;
};

}  // namespace
}  // namespace ntk::cuda

// The backend, or null with the reason. Never throws: its caller is across a module's border. The
// backend is never destroyed: at the end of a process the driver may be gone before it.
extern "C" NTK_API ntk::Backend* ntk_cuda_backend(char* reason, std::size_t reason_size) {
  static ntk::Backend* backend = nullptr;
  if (backend) return backend;
  try {
    backend = new ntk::cuda::CudaBackend;
  } catch (const std::exception& error) {
    std::strncpy(reason, error.what(), reason_size - 1);
    reason[reason_size - 1] = '\0';
  }
  return backend;
}
