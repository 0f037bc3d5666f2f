// Kernels into memory of one's own, telling how far it is; and a call that is cancelled half-way.
#include <cstdio>
#include <vector>

#include "ntk/ntk.h"

int main() {
  const std::int64_t n = 3000, width = 20, columns = n + 8;  // rows may lie further apart
  std::vector<float> x(static_cast<std::size_t>(n * width));
  unsigned state = 1;
  for (float& value : x)
    value = static_cast<float>((state = state * 1664525 + 1013904223) >> 8) / (1 << 23) - 1;
  const auto samples = ntk::view_of(x.data(), {n, width});
  const auto net = ntk::serial(ntk::Dense(512, {.W_std = 1.5}), ntk::Gelu(), ntk::Dense(1));

  std::vector<float> memory(static_cast<std::size_t>(n * columns));
  ntk::MutableArrayView kernel = ntk::mutable_view_of(memory.data(), {n, n});
  kernel.strides = {columns, 1};

  ntk::GramOptions options;
  std::int64_t next = 25;
  options.progress = [&next](const ntk::Progress& progress) {
    if (100 * progress.done / progress.total >= next) {
      std::printf("%s: %lld %%\n", progress.stage, static_cast<long long>(next));
      next += 25;
    }
    return true;
  };
  ntk::gram_into(net, samples, {.ntk = kernel}, options);
  std::printf("the NTK of samples 0 and 1: %.6g\n", static_cast<double>(memory[1]));
  std::printf("the same as of 1 and 0: %s\n",
              memory[1] == memory[static_cast<std::size_t>(columns)] ? "yes" : "no");

  options.progress = [](const ntk::Progress& progress) {
    return 2 * progress.done < progress.total;  // false: enough
  };
  try {
    ntk::gram_into(net, samples, {.ntk = kernel}, options);
  } catch (const ntk::Cancelled& error) {
    std::printf("%s (code %d)\n", error.what(), error.code());
  }
}
