#include "src/infinite/lower.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/backend.h"
#include "ntk/error.h"
#include "src/architecture/activations.h"

namespace ntk {
namespace {

class Lowering {
 public:
  Lowering(Parameterization parameterization, std::int64_t width)
      : parameterization_(parameterization), width_(width) {}

  void run(const Layers& layers) {
    for (const Layer& layer : layers)
      std::visit([this](const auto& value) { add(value); }, layer.value);
  }

  Program finish() && {
    program_.features = next_feature_ + 1;
    return std::move(program_);
  }

 private:
  void emit(Op op, std::initializer_list<double> parameters, std::int32_t slot = 0) {
    Instruction instruction{op, slot, next_feature_, {}};
    std::copy(parameters.begin(), parameters.end(), instruction.p);
    next_feature_ += features_of(op);
    program_.instructions.push_back(instruction);
  }

  // K' = w2 K + b2 and Theta' = w2 Theta + (trainable: what this layer's own parameters add).
  //   ntk:      K'                      z = W_std/sqrt(n) W x + b_std b
  //   standard: n/s0 K + [has bias]     z = 1/sqrt(s0) W x + b
  void add(const DenseLayer& layer) {
    const DenseOptions& o = layer.options;
    const double w2 = o.W_std * o.W_std, b2 = o.b_std ? *o.b_std * *o.b_std : 0;
    if (parameterization_ == Parameterization::standard && o.trainable)
      emit(Op::affine_standard,
           {w2, b2, 0, static_cast<double>(width_) / o.s[0], o.b_std ? 1.0 : 0.0});
    else
      emit(b2 > 0 ? Op::affine : Op::scale, {w2, b2, o.trainable ? 1.0 : 0.0});
    width_ = layer.out_dim * static_cast<std::int64_t>(o.s[1]);
  }

  void add(const ActivationLayer& layer) {
    const DualForm form = dual_form(layer);
    Instruction instruction{form.op, 0, next_feature_, {}};
    std::copy(std::begin(form.p), std::end(form.p), instruction.p);
    next_feature_ += features_of(form.op);
    program_.instructions.push_back(instruction);
    if (form.shift != 0) emit(Op::affine, {1, form.shift * form.shift, 0});
  }

  void add(const LayerNormLayer&) { pending("LayerNorm"); }
  void add(const DropoutLayer&) { pending("Dropout"); }
  [[noreturn]] static void pending(const std::string& what) {
    throw UsageError("architecture: the kernel of " + what + " is not yet supported");
  }

  void add(const IdentityLayer&) {}
  void add(const FlattenLayer&) {}

  void add(const ResidualLayer& layer) {
    const std::int32_t input = take_slot();
    emit(Op::save, {}, input);
    run(layer.layers);
    emit(Op::add, {}, input);
    give_slot();
  }

  void add(const ParallelLayer& layer) {
    if (layer.join == Join::fan_in_prod) pending("FanInProd");
    if (layer.join == Join::fan_in_concat) pending("FanInConcat");
    const std::int64_t width = width_;
    const std::int32_t input = take_slot(), sum = take_slot();
    emit(Op::save, {}, input);
    for (std::size_t i = 0; i < layer.branches.size(); ++i) {
      if (i > 0) {
        emit(Op::save, {}, sum);
        emit(Op::load, {}, input);
        width_ = width;
      }
      run(layer.branches[i]);
      if (i > 0) emit(Op::add, {}, sum);
    }
    give_slot();
    give_slot();
  }

  void add(const RepeatLayer& layer) {
    for (std::int64_t i = 0; i < layer.times; ++i) run(layer.layers);
  }

  std::int32_t take_slot() {
    if (slots_in_use_ == kMaxSlots)
      throw UsageError("architecture: sums are nested too deeply; at most " +
                       std::to_string(kMaxSlots) +
                       " intermediate states fit (a Residual takes one, a Parallel two)");
    program_.slots = std::max(program_.slots, slots_in_use_ + 1);
    return slots_in_use_++;
  }
  void give_slot() { --slots_in_use_; }

  Parameterization parameterization_;
  std::int64_t width_;
  Program program_;
  std::int32_t next_feature_ = 0;
  std::int32_t slots_in_use_ = 0;
};

}  // namespace

Program lower(const Architecture& architecture, std::int64_t width) {
  Lowering lowering(architecture.parameterization(), width);
  lowering.run(architecture.layers());
  return std::move(lowering).finish();
}

}  // namespace ntk
