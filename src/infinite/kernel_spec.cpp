#include "src/infinite/kernel_spec.h"

#include <algorithm>
#include <initializer_list>

#include "ntk/error.h"
#include "src/architecture/check.h"

namespace ntk {
namespace {

void append(Program& program, Op op, std::initializer_list<double> parameters) {
  Instruction instruction{op};
  std::copy(parameters.begin(), parameters.end(), instruction.p);
  instruction.first_feature = program.features;
  program.features += features_of(instruction);
  program.instructions.push_back(instruction);
}

// The shapes of Op::radial (kernels/math/dual/radial.h).
double shape_of(const ClassicalKernel& kernel) {
  constexpr double kGauss = 3;
  switch (kernel.kind()) {
    case ClassicalKind::rbf:
      return kGauss;
    case ClassicalKind::matern:
      return kernel.nu() - 0.5;
    default:
      return 0;
  }
}

}  // namespace

// The input's K is x.y / width.
Program lower(const ClassicalKernel& kernel, std::int64_t width) {
  if (!kernel.scale())
    throw UsageError("kernel " + kernel.to_text() + ": it has neither gamma nor length");
  const double scale = *kernel.scale(), d = static_cast<double>(width);
  Program program;
  if (kernel.kind() == ClassicalKind::polynomial) {
    append(program, kernel.coef0() > 0 ? Op::affine : Op::scale, {scale * d, kernel.coef0()});
    append(program, Op::hermite, {static_cast<double>(kernel.degree())});
  } else {
    append(program, Op::scale,
           {kernel.kind() == ClassicalKind::rbf ? scale * d : d / scale / scale});
    append(program, Op::radial, {shape_of(kernel)});
  }
  program.features += 1;
  return program;
}

Program lower(const KernelSpec& spec, const Shape& sample, const LowerOptions& options) {
  const auto* const kernel = std::get_if<ClassicalKernel>(&spec);
  if (!kernel) return lower(std::get<Architecture>(spec), sample, options);
  if (options.mask_constant)
    throw UsageError("kernel " + kernel->to_text() +
                     ": a mask constant is for networks of images or sequences");
  return lower(*kernel, element_count(sample));
}

bool takes_images(const KernelSpec& spec) {
  const auto* architecture = std::get_if<Architecture>(&spec);
  return architecture && takes_images(architecture->layers());
}

bool needs_patterns(const KernelSpec& spec) {
  const auto* architecture = std::get_if<Architecture>(&spec);
  return architecture && architecture->needs_patterns();
}

void require_sample_shape(const KernelSpec& spec, const Shape& sample) {
  if (const auto* architecture = std::get_if<Architecture>(&spec))
    architecture->output_shape(sample);
}

}  // namespace ntk
