// A model as a file: a sealed .npz with the arrays x, y and the factor, and a JSON text for the
// rest.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <type_traits>
#include <utility>

#include "src/architecture/json_text.h"
#include "src/architecture/parse.h"
#include "src/io/sealed.h"
#include "src/io/utf8.h"
#include "src/predict/model_impl.h"
#include "src/solve/operand.h"

namespace ntk {
namespace {

using nlohmann::json;

// 1 knew neither names of classes nor normalization.
constexpr int kVersion = 2;
constexpr int kOldestVersion = 1;
const char* const kSolvers[] = {"automatic", "cholesky", "eigen"};
const char* const kDTypes[] = {"float32", "float64"};

bool is_single(const Cholesky* factor) { return factor && factor->dtype() == DType::float32; }

json metadata_of(const internal::ModelState& model, const Cholesky* factor) {
  json text = {{"ntk_model", kVersion},
               {"kernel", model.kernel_name()},
               {"dtype", name_of(model.dtype)},
               {"y_is_vector", model.targets.is_vector},
               {"classes", model.classes},
               {"diag_reg", model.options.regularization.diag_reg},
               {"diag_reg_absolute", model.options.regularization.absolute},
               {"solver", kSolvers[static_cast<int>(model.options.solver)]},
               {"max_jitter", model.options.max_jitter},
               {"ridge", model.ridge},
               {"jitter", factor ? factor->jitter() : 0}};
  text["class_names"] = model.class_names;
  text["normalize"] = internal::name_of(model.normalization.kind);
  if (model.options.pseudo_inverse_cutoff)
    text["pseudo_inverse_cutoff"] = *model.options.pseudo_inverse_cutoff;
  if (model.mask_constant) text["mask_constant"] = *model.mask_constant;
  if (model.architecture) text["architecture"] = json::parse(model.architecture->to_json());
  if (is_single(factor)) text["solve_dtype"] = name_of(DType::float32);
  if (model.classical) text["classical_kernel"] = model.classical->to_text();
  return text;
}

template <class T>
bool is_a(const json& value) {
  if constexpr (std::is_same_v<T, bool>) return value.is_boolean();
  if constexpr (std::is_same_v<T, double>) return value.is_number();
  if constexpr (std::is_same_v<T, std::string>) return value.is_string();
  if constexpr (std::is_same_v<T, std::vector<std::string>>)
    return value.is_array() && std::all_of(value.begin(), value.end(),
                                           [](const json& item) { return item.is_string(); });
  return value.is_array() && std::all_of(value.begin(), value.end(),
                                         [](const json& item) { return item.is_number_integer(); });
}

// Reads a model's file; every mistake is a DataError that names it.
class Reader {
 public:
  Reader(SealedArchive archive, const std::string& path)
      : path_(path), archive_(std::move(archive)) {
    try {
      parse_json(archive_.metadata);  // is stricter: of depth, of keys that stand twice
      text_ = json::parse(archive_.metadata);
    } catch (const UsageError& error) {
      fail(std::string("its description: ") + error.what());
    } catch (const json::exception& error) {
      fail(std::string("its description is no JSON: ") + error.what());
    }
    if (!text_.is_object() || !text_.contains("ntk_model")) fail("it is no model of libntk");
    const json& version = text_["ntk_model"];
    if (!version.is_number_integer() || version < kOldestVersion || version > kVersion)
      fail("it has version " + version.dump() + " of the format; this libntk reads " +
           std::to_string(kOldestVersion) + " to " + std::to_string(kVersion));
    version_ = version.get<int>();
  }

  int version() const { return version_; }

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(path_ + ": not a usable model file: " + what);
  }

  template <class T>
  T value(const char* key) {
    known_.insert(key);
    if (!text_.contains(key)) fail(std::string("'") + key + "' is missing");
    const json& value = text_[key];
    if (!is_a<T>(value)) fail(std::string("'") + key + "' has the wrong type: " + value.dump());
    return value.get<T>();
  }

  double number(const char* key) {
    const double number = value<double>(key);
    if (!(number >= 0) || !std::isfinite(number))
      fail(std::string("'") + key + "' must be 0 or positive");
    return number;
  }

  template <std::size_t count>
  std::size_t choice(const char* key, const char* const (&names)[count]) {
    const auto name = value<std::string>(key);
    for (std::size_t i = 0; i < count; ++i)
      if (name == names[i]) return i;
    fail(std::string("'") + key + "' is '" + name + "'");
  }

  bool has(const char* key) const { return text_.contains(key); }

  std::string text(const char* key) {
    known_.insert(key);
    return text_[key].dump();
  }

  void require_nothing_unknown() {
    for (const auto& [key, unused] : text_.items())
      if (key != "ntk_model" && !known_.count(key)) fail("it has an unknown entry '" + key + "'");
    if (!archive_.arrays.empty()) fail("it has an unknown array '" + archive_.arrays[0].name + "'");
  }

  bool has_array(const std::string& name) const {
    for (const NamedArray& named : archive_.arrays)
      if (named.name == name) return true;
    return false;
  }

  // Takes the array out; checks that it is finite.
  Array array(const std::string& name, std::size_t axes) {
    for (auto at = archive_.arrays.begin(); at != archive_.arrays.end(); ++at) {
      if (at->name != name) continue;
      Array found = std::move(at->array);
      archive_.arrays.erase(at);
      if (axes > 0 && found.shape().size() != axes)
        fail("the array '" + name + "' has the shape " + to_string(found.shape()));
      require_finite(found, path_ + ": " + name);
      return found;
    }
    fail("the array '" + name + "' is missing");
  }

  Array doubles(const std::string& name, std::size_t axes) {
    return numbers(name, axes, DType::float64);
  }

  Array numbers(const std::string& name, std::size_t axes, DType dtype) {
    Array found = array(name, axes);
    if (found.dtype() != dtype) fail("the array '" + name + "' must be " + name_of(dtype));
    return found;
  }

 private:
  std::string path_;
  SealedArchive archive_;
  json text_;
  int version_ = 0;
  std::set<std::string> known_;
};

void read_targets(Reader& reader, internal::ModelState& model) {
  model.targets.values = reader.doubles("y", 2);
  model.targets.is_vector = reader.value<bool>("y_is_vector");
  model.classes = reader.value<std::vector<std::int64_t>>("classes");
  const auto outputs = model.targets.outputs();
  const auto classes = static_cast<std::int64_t>(model.classes.size());
  if (model.n() == 0 || outputs == 0) reader.fail("y is empty");
  if (model.targets.is_vector && outputs != 1) reader.fail("y is no vector");
  if (classes > 0 && (classes != outputs || classes < 2))
    reader.fail("the classes do not go with y");
  for (std::size_t i = 1; i < model.classes.size(); ++i)
    if (model.classes[i - 1] >= model.classes[i]) reader.fail("the classes are not ascending");
}

void read_class_names(Reader& reader, internal::ModelState& model) {
  model.class_names = reader.value<std::vector<std::string>>("class_names");
  const std::vector<std::string>& names = model.class_names;
  if (names.empty()) return;
  if (names.size() != model.classes.size()) reader.fail("the class_names do not go with classes");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (model.classes[i] != static_cast<std::int64_t>(i))
      reader.fail("the classes of class_names are not 0, 1, ...");
    if (!is_plain_text(names[i]) || (i > 0 && names[i - 1] >= names[i]))
      reader.fail("the class_names are not ascending texts");
  }
}

// After x, whose features it is about.
void read_normalization(Reader& reader, internal::ModelState& model) {
  const char* const kinds[] = {"none", "unit", "standard"};
  internal::Normalization& normalization = model.normalization;
  normalization.kind = static_cast<Normalize>(reader.choice("normalize", kinds));
  if (normalization.kind != Normalize::none && !model.has_samples())
    reader.fail("'normalize' goes with samples only");
  if (normalization.kind != Normalize::standard) return;
  normalization.mean = reader.doubles("normalize_mean", 1);
  normalization.scale = reader.doubles("normalize_scale", 1);
  const Shape width = {model.x.size() / model.n()};
  if (normalization.mean.shape() != width || normalization.scale.shape() != width)
    reader.fail("normalize_mean and normalize_scale do not go with x");
  const double* const scale = normalization.scale.as<double>();
  if (std::any_of(scale, scale + width[0], [](double s) { return s < 0; }))
    reader.fail("normalize_scale is negative");
}

void read_options(Reader& reader, internal::ModelState& model) {
  const char* const kernels[] = {"nngp", "ntk"};
  model.kernel_kind = reader.choice("kernel", kernels) == 1 ? KernelKind::ntk : KernelKind::nngp;
  model.dtype = reader.choice("dtype", kDTypes) == 1 ? DType::float64 : DType::float32;
  model.options.regularization = {reader.number("diag_reg"),
                                  reader.value<bool>("diag_reg_absolute")};
  model.options.solver = static_cast<Solver>(reader.choice("solver", kSolvers));
  model.options.max_jitter = reader.number("max_jitter");
  model.ridge = reader.number("ridge");
  if (reader.has("pseudo_inverse_cutoff"))
    model.options.pseudo_inverse_cutoff = reader.number("pseudo_inverse_cutoff");
  internal::require_options(model.options);
}

void read_classical_kernel(Reader& reader, internal::ModelState& model) {
  if (reader.has("architecture")) reader.fail("it has both a network and a classical kernel");
  model.classical = parse_kernel(reader.value<std::string>("classical_kernel"));
  if (!model.classical->scale()) reader.fail("its classical kernel has neither gamma nor length");
  if (model.kernel_kind == KernelKind::ntk) reader.fail("a classical kernel has no NTK");
}

void read_network(Reader& reader, internal::ModelState& model) {
  model.architecture = parse_architecture_text(reader.text("architecture"));
  if (reader.has("mask_constant")) model.mask_constant = reader.number("mask_constant");
}

void read_samples(Reader& reader, internal::ModelState& model) {
  if (reader.has("classical_kernel"))
    read_classical_kernel(reader, model);
  else if (reader.has("architecture"))
    read_network(reader, model);
  else
    return;
  model.x = reader.array("x", 0);
  if (model.x.dtype() == DType::int64) reader.fail("x must be float32 or float64");
  if (model.x.shape().size() < 2 || model.x.shape()[0] != model.n())
    reader.fail("x has the shape " + to_string(model.x.shape()) + ", but y has " +
                std::to_string(model.n()) + " rows");
  require_sample_shape(model.spec(), Shape(model.x.shape().begin() + 1, model.x.shape().end()));
}

// A factor in float32 stands beside the solution that was refined from it.
DType read_solve_dtype(Reader& reader, internal::ModelState& model) {
  if (!reader.has("solve_dtype") || reader.choice("solve_dtype", kDTypes) == 1)
    return DType::float64;
  if (!reader.has_array("cholesky")) reader.fail("'solve_dtype' goes with a Cholesky factor only");
  Array refined = reader.doubles("coefficients", 2);
  if (refined.shape() != model.targets.values.shape())
    reader.fail("the coefficients have the shape " + to_string(refined.shape()) + ", but y has " +
                to_string(model.targets.values.shape()));
  model.refined = std::make_shared<const Array>(std::move(refined));
  return DType::float32;
}

// On the cpu, which is always there; another device gets its copy when it is asked for.
void read_factor(Reader& reader, internal::ModelState& model) {
  SolveOptions how;
  how.dtype = read_solve_dtype(reader, model);
  how.device = Device::cpu;
  how.backend = &internal::backend_of(how);
  std::shared_ptr<const Cholesky> cholesky;
  std::shared_ptr<const Eigen> eigen;
  const double jitter = reader.number("jitter");
  if (reader.has_array("cholesky"))
    cholesky = std::make_shared<const Cholesky>(
        Cholesky::from_packed_factor(reader.numbers("cholesky", 1, how.dtype), jitter, how));
  else
    eigen = std::make_shared<const Eigen>(Eigen::from_basis(
        reader.doubles("eigenvalues", 1), reader.doubles("eigenvectors", 2), how));
  if ((cholesky ? cholesky->n() : eigen->n()) != model.n())
    reader.fail("the factor has another size than y");
  const bool needs_eigen =
      model.options.solver == Solver::eigen || model.options.pseudo_inverse_cutoff;
  if (needs_eigen != (eigen != nullptr)) reader.fail("the factor is not that of its solver");
  model.kernels.emplace(how.backend, std::make_shared<internal::TrainKernel>(
                                         model.n(), model.ridge, model.options, cholesky, eigen));
}

}  // namespace

void Model::save(const std::string& path) const {
  const auto kernel = impl_->any_kernel();
  const auto cholesky = kernel->cholesky();
  const auto eigen = cholesky ? nullptr : kernel->eigen();
  std::vector<std::pair<std::string, ArrayView>> arrays = {{"y", impl_->targets.values}};
  if (impl_->has_samples()) arrays.emplace_back("x", impl_->x);
  if (impl_->normalization.kind == Normalize::standard) {
    arrays.emplace_back("normalize_mean", impl_->normalization.mean);
    arrays.emplace_back("normalize_scale", impl_->normalization.scale);
  }
  Array factor, vectors;
  if (cholesky) {
    factor = cholesky->packed_factor();
    arrays.emplace_back("cholesky", factor);
  } else {
    factor = Array::of(eigen->eigenvalues(), {eigen->n()});
    vectors = eigen->eigenvectors();
    arrays.emplace_back("eigenvalues", factor);
    arrays.emplace_back("eigenvectors", vectors);
  }
  if (is_single(cholesky.get())) arrays.emplace_back("coefficients", *impl_->refined);
  write_sealed_npz(path, arrays, metadata_of(*impl_, cholesky.get()).dump(1));
}

void internal::load_state(ModelState& model, SealedArchive archive, const std::string& name) {
  Reader reader(std::move(archive), name);
  try {
    read_targets(reader, model);
    read_options(reader, model);
    read_samples(reader, model);
    if (reader.version() > 1) {
      read_class_names(reader, model);
      read_normalization(reader, model);
    }
    read_factor(reader, model);
    reader.require_nothing_unknown();
  } catch (const UsageError& error) {  // an architecture or an option that nobody could have saved
    reader.fail(error.what());
  }
}

Model Model::load(const std::string& path) {
  auto impl = std::make_shared<Impl>();
  internal::load_state(*impl, read_sealed_npz(path), path);
  Model model;
  model.impl_ = std::move(impl);
  return model;
}

}  // namespace ntk
