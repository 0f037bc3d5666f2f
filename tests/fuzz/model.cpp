// Any bytes as a model's file; and, because no seal fits random bytes, as the description in a file
// whose arrays are good ones. The first byte then chooses the arrays.
#include <string>

#include "ntk/error.h"
#include "src/io/sealed.h"
#include "src/predict/model_impl.h"
#include "targets.h"

namespace ntk::fuzz {
namespace {

enum Choice : unsigned {
  kX = 1,
  kCholesky = 2,
  kEigen = 4,
  kNormalize = 8,
  kTwoOutputs = 16,
  kSingle = 128
};
constexpr std::int64_t kSamples = 4, kFeatures = 3;

Array identity() {
  Array matrix(DType::float64, {kSamples, kSamples});
  for (std::int64_t i = 0; i < kSamples; ++i) matrix.as<double>()[i * (kSamples + 1)] = 1;
  return matrix;
}

Array filled(Shape shape, double value) {
  Array array(DType::float64, std::move(shape));
  for (std::int64_t i = 0; i < array.size(); ++i) array.as<double>()[i] = value;
  return array;
}

SealedArchive archive_of(unsigned choice, std::string metadata) {
  SealedArchive archive;
  archive.metadata = std::move(metadata);
  const auto add = [&](const char* name, Array array) {
    archive.arrays.push_back({name, std::move(array)});
  };
  add("y", filled({kSamples, choice & kTwoOutputs ? 2 : 1}, 0.5));
  if (choice & kX) add("x", filled({kSamples, kFeatures}, 1));
  const Array factor = filled({kSamples * (kSamples + 1) / 2}, 1);
  if (choice & kCholesky)
    add("cholesky", factor.converted_to(choice & kSingle ? DType::float32 : DType::float64));
  if (choice & kSingle) add("coefficients", filled({kSamples, choice & kTwoOutputs ? 2 : 1}, 0.25));
  if (choice & kEigen) {
    add("eigenvalues", filled({kSamples}, 1));
    add("eigenvectors", identity());
  }
  if (choice & kNormalize) {
    add("normalize_mean", filled({kFeatures}, 0.5));
    add("normalize_scale", filled({kFeatures}, 2));
  }
  return archive;
}

void load(SealedArchive archive) {
  internal::ModelState state;
  internal::load_state(state, std::move(archive), "fuzz.npz");
  require(state.n() > 0 && state.targets.outputs() > 0, "a model has samples and outputs");
  require(state.class_names.empty() || state.class_names.size() == state.classes.size(),
          "every class has a name, or none");
  require(state.any_kernel()->cholesky() || state.any_kernel()->eigen(), "a model has a factor");
}

}  // namespace

bool model(const std::uint8_t* data, std::size_t size) {
  const MemorySource source(data, size, "fuzz.npz");
  if (refused_or_done<DataError>([&] { load(read_sealed_npz_from(source)); })) return true;
  if (size == 0) return false;
  return refused_or_done<DataError>([&] {
    load(archive_of(data[0], std::string(reinterpret_cast<const char*>(data) + 1, size - 1)));
  });
}

}  // namespace ntk::fuzz
