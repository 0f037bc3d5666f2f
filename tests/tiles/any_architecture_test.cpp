// What must hold for the kernels of every network, over hundreds of every op and join, nested four
// deep, in both precisions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/reference/dense.h"
#include "tests/support/backends.h"
#include "tests/support/random_networks.h"

namespace ntk {
namespace {

using testing::Network;

constexpr std::int64_t kWidth = 5;

using testing::kSanitized;

struct Size {
  int architectures;
  std::int64_t samples;  // for blocks: on the CPU more than a tile has
};

Size size_for(const std::string& backend) {
  if (backend == "reference") return {kSanitized ? 3 : 20, 20};
  if (backend == "cuda-host") return {kSanitized ? 2 : 12, 30};
  return {kSanitized ? 30 : 300, 262};
}

// Rows of different kinds: the fourth equals the first, the sixth is zero; the others are ordinary,
// near-duplicates, opposite, nearly opposite, short and long. Close pairs are so few that a float32
// tile is not done in float64.
Array awkward_samples(unsigned seed) {
  Array x = testing::normal_samples(20, kWidth, seed);
  double* const v = x.as<double>();
  const auto row = [&](std::int64_t i) { return v + i * kWidth; };
  for (std::int64_t k = 0; k < kWidth; ++k) {
    row(4)[k] = row(0)[k] * (1 + 1e-5 * row(4)[k]);
    row(6)[k] = -row(0)[k];
    row(7)[k] = -row(0)[k] + 1e-4 * row(8)[k];
    row(9)[k] = 0.1 * row(1)[k];
    row(10)[k] = 3 * row(2)[k];
  }
  // The same numbers for both precisions.
  return x.converted_to(DType::float32).converted_to(DType::float64);
}

// Many samples, the awkward ones at both ends.
Array many_samples(std::int64_t n, unsigned seed) {
  const Array awkward = awkward_samples(seed);
  Array x = testing::normal_samples(n, kWidth, seed).converted_to(DType::float32);
  x = x.converted_to(DType::float64);
  const std::int64_t at_ends = std::min(awkward.size(), x.size());
  std::copy_n(awkward.as<double>(), at_ends, x.as<double>());
  std::copy_n(awkward.as<double>(), at_ends, x.as<double>() + x.size() - at_ends);
  return x;
}

class AnyArchitecture : public ::testing::TestWithParam<std::string> {
 protected:
  // Calls check(i, network, samples(i), precision) for architecture after architecture.
  template <class Samples, class Check>
  void for_each(unsigned seed, const Samples& samples, const Check& check) {
    RandomArchitectures random(seed, Numbers::ordinary, Ops::all);
    const int count = size_for(GetParam()).architectures;
    for (int i = 0; i < count; ++i) {
      const Array x = samples(static_cast<unsigned>(i));
      const Network network = testing::next_network(
          random, x, DType::float32, [&](const Program& program) { return takes(i, program); });
      for (const DType working : {DType::float64, DType::float32}) {
        SCOPED_TRACE(std::string(name_of(working)) + ", " + network.architecture.to_expression());
        check(i, network, x.converted_to(working), working);
      }
    }
    std::printf("worst in epsilons: float64 %.1f, with ELU %.1f; float32 %.1f, with ELU %.1f\n",
                worst_[0][0], worst_[0][1], worst_[1][0], worst_[1][1]);
  }

  // |a - b| over scale is a rounding of many layers; with ELU, whose 1 - rho' is right to a
  // rounding of rho' only, it is one of the angle between near-duplicates.
  void expect_near(double a, double b, double scale, const Network& network, DType working) {
    constexpr double kLayers = 100, kAngle = 0.1;
    const bool elu = testing::has(network.program, {Op::elu});
    const double eps = testing::epsilon(working),
                 root = std::sqrt(testing::epsilon(DType::float64));
    const double difference = a == b ? 0 : std::abs(a - b) / scale;
    EXPECT_LE(difference, elu ? std::max(kLayers * eps, kAngle * root) : kLayers * eps)
        << a << " and " << b;
    double& worst = worst_[working == DType::float32][elu];
    worst = std::max(worst, difference / eps);
  }

 private:
  // Networks whose tables or, on the reference, whose quadratures take long are left out; a
  // function of one's own, whose table takes longest, has one network in a hundred.
  static bool takes(int i, const Program& program) {
    constexpr double kLargestVariance = 20;
    const bool slow = GetParam() == "reference";
    if (slow && testing::is_integrated(program)) return false;
    if (testing::has_own_function(program) &&
        (kSanitized || i % 100 != 0 || program.functions.size() > 1))
      return false;
    return program.instructions.size() <= (slow ? 60 : 200) &&
           testing::has_small_tables(program, kLargestVariance);
  }

  double worst_[2][2] = {};
};

double at(const Array& gram, std::int64_t row, std::int64_t column) {
  return testing::value_at(gram, row * gram.shape()[1] + column);
}

bool is_symmetric(const Array& gram) {
  for (std::int64_t i = 0; i < gram.shape()[0]; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      if (at(gram, i, j) != at(gram, j, i)) return false;
  return true;
}

// The smallest eigenvalue of the matrix scaled to a diagonal of ones, so that small samples count
// as much. A sample without variance stands apart.
double smallest_eigenvalue(const Array& gram) {
  const std::int64_t n = gram.shape()[0];
  const auto d = testing::diagonal_of(gram);
  Array scaled(DType::float64, {n, n});
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const double s = std::sqrt(d[static_cast<std::size_t>(i)] * d[static_cast<std::size_t>(j)]);
      scaled.as<double>()[i * n + j] = s > 0 ? at(gram, i, j) / s : i == j;
    }
  std::vector<double> w(static_cast<std::size_t>(n));
  reference::eigen(DType::float64, n, scaled.as<double>(), n, w.data());
  return w.front();
}

TEST_P(AnyArchitecture, HasSymmetricPositiveSemidefiniteKernels) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for_each(11, awkward_samples, [&](int, const Network& network, const Array& x, DType working) {
    const Kernels k = testing::kernels_of(*backend, network.program, x, working);
    for (const Array* gram : {&k.nngp, &k.ntk}) {
      EXPECT_TRUE(is_symmetric(*gram));
      expect_near(std::min(0.0, smallest_eigenvalue(*gram)), 0, 1, network, working);
    }
  });
}

TEST_P(AnyArchitecture, OfPermutedSamplesHasPermutedKernels) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for_each(12, awkward_samples, [&](int i, const Network& network, const Array& x, DType working) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(x.shape()[0]));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(static_cast<unsigned>(i)));
    Array permuted(working, x.shape());
    const std::size_t row_bytes = kWidth * size_of(working);
    for (std::size_t r = 0; r < order.size(); ++r)
      std::memcpy(
          static_cast<char*>(permuted.data()) + r * row_bytes,
          static_cast<const char*>(x.data()) + static_cast<std::size_t>(order[r]) * row_bytes,
          row_bytes);
    const Kernels a = testing::kernels_of(*backend, network.program, x, working);
    const Kernels b = testing::kernels_of(*backend, network.program, permuted, working);
    for (bool ntk : {false, true}) {
      const Array &u = ntk ? a.ntk : a.nngp, &v = ntk ? b.ntk : b.nngp;
      for (std::size_t r = 0; r < order.size(); ++r)
        for (std::size_t c = 0; c < order.size(); ++c)
          expect_near(at(v, static_cast<std::int64_t>(r), static_cast<std::int64_t>(c)),
                      at(u, order[r], order[c]),
                      std::sqrt(at(u, order[r], order[r]) * at(u, order[c], order[c])), network,
                      working);
    }
  });
}

// Samples 0 and 3. With Dropout a sample's kernel with itself is not that with its duplicate.
TEST_P(AnyArchitecture, OfDuplicatesHasEqualRows) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for_each(13, awkward_samples, [&](int, const Network& network, const Array& x, DType working) {
    const Kernels k = testing::kernels_of(*backend, network.program, x, working);
    for (const Array* gram : {&k.nngp, &k.ntk}) {
      const double own = at(*gram, 0, 0);
      EXPECT_EQ(own, at(*gram, 3, 3));
      if (!testing::has(network.program, {Op::dropout}))
        expect_near(at(*gram, 3, 0), own, own, network, working);
      for (std::int64_t c = 0; c < x.shape()[0]; ++c)
        if (c != 0 && c != 3)
          expect_near(at(*gram, 0, c), at(*gram, 3, c), std::sqrt(own * at(*gram, c, c)), network,
                      working);
    }
  });
}

// How many entries of the source's block are not, bit by bit, those of the whole matrix.
std::int64_t different_bits(TileSource& source, const Kernels& whole, const GramBlock& block,
                            DType working) {
  const Kernels part = testing::block_of(source, block, working);
  std::int64_t different = 0;
  for (bool ntk : {false, true})
    for (std::int64_t i = block.row_begin; i < block.row_end; ++i)
      for (std::int64_t j = block.column_begin; j < block.column_end; ++j)
        different += at(ntk ? part.ntk : part.nngp, i - block.row_begin, j - block.column_begin) !=
                     at(ntk ? whole.ntk : whole.nngp, i, j);
  return different;
}

std::pair<std::int64_t, std::int64_t> range_below(std::int64_t n, std::mt19937& random) {
  std::uniform_int_distribution<std::int64_t> place(0, n);
  const std::int64_t a = place(random), b = place(random);
  return a == b ? std::pair{std::int64_t{0}, n} : std::minmax({a, b});
}

// A block anywhere, one of a few entries at the matrix's end, and one on the diagonal.
std::vector<GramBlock> some_blocks(std::int64_t rows, std::int64_t columns, std::mt19937& random) {
  std::vector<GramBlock> blocks(3);
  std::tie(blocks[0].row_begin, blocks[0].row_end) = range_below(rows, random);
  std::tie(blocks[0].column_begin, blocks[0].column_end) = range_below(columns, random);
  blocks[1].row_begin = rows - 5, blocks[1].row_end = rows;
  blocks[1].column_begin = columns - 3, blocks[1].column_end = columns - 1;
  std::tie(blocks[2].row_begin, blocks[2].row_end) = range_below(std::min(rows, columns), random);
  blocks[2].column_begin = blocks[2].row_begin, blocks[2].column_end = blocks[2].row_end;
  return blocks;
}

TEST_P(AnyArchitecture, HasTheSameBitsInBlocksOfAnySize) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const std::int64_t n = size_for(GetParam()).samples;
  const auto samples = [n](unsigned seed) { return many_samples(n, seed); };
  for_each(14, samples, [&](int i, const Network& network, const Array& x, DType working) {
    if ((i % 2 == 0) == (working == DType::float32)) return;
    std::mt19937 random(static_cast<unsigned>(i));
    const ArrayView rows = x, all = x;
    for (const ArrayView* columns : {static_cast<const ArrayView*>(nullptr), &all}) {
      const auto source = infinite_source(*backend, network.program, rows, columns, working);
      const Kernels whole = testing::whole_of(*source, working);
      for (const GramBlock& block : some_blocks(n, n, random))
        EXPECT_EQ(different_bits(*source, whole, block, working), 0)
            << "rows from " << block.row_begin << " to " << block.row_end << ", columns from "
            << block.column_begin << " to " << block.column_end
            << (columns ? " of two sets" : " of one set");
    }
  });
}

std::string name_of_case(const ::testing::TestParamInfo<std::string>& backend) {
  std::string name = backend.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, AnyArchitecture, ::testing::ValuesIn(testing::backend_names()),
                         name_of_case);

}  // namespace
}  // namespace ntk
