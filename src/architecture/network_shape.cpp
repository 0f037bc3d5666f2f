#include "src/architecture/network_shape.h"

#include <algorithm>

#include "src/architecture/check.h"

namespace ntk {
namespace {

// The layers that stand in the network when each Repeat is written out, at most kMostLayers + 1.
class Counter {
 public:
  explicit Counter(const Source& source) : source_(source) {}

  std::int64_t count(const Layers& layers, const std::string& place, int depth = 0) const {
    if (depth > kDeepestLayers)
      source_.fail(place, "layers stand more than " + std::to_string(kDeepestLayers) + " deep");
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < layers.size(); ++i)
      sum = capped(sum + 1 + inside(layers[i], join_index(place, i), depth + 1));
    return sum;
  }

 private:
  std::int64_t inside(const Layer& layer, const std::string& place, int depth) const {
    if (const auto* residual = std::get_if<ResidualLayer>(&layer.value))
      return count(residual->layers, join_key(place, "layers"), depth);
    if (const auto* repeat = std::get_if<RepeatLayer>(&layer.value)) {
      const std::int64_t body = count(repeat->layers, join_key(place, "layers"), depth);
      // At least twice, which is how often the checker runs through it.
      return capped(body * std::clamp<std::int64_t>(repeat->times, 2, kMostLayers + 1));
    }
    std::int64_t sum = 0;
    if (const auto* parallel = std::get_if<ParallelLayer>(&layer.value))
      for (std::size_t b = 0; b < parallel->branches.size(); ++b)
        sum += count(parallel->branches[b], join_index(join_key(place, "branches"), b), depth);
    return capped(sum);
  }

  static std::int64_t capped(std::int64_t count) { return std::min(count, kMostLayers + 1); }

  const Source& source_;
};

bool needs_images(const Layer& layer) {
  struct Needs {
    bool operator()(const ConvLayer&) const { return true; }
    bool operator()(const ConvTransposeLayer&) const { return true; }
    bool operator()(const ConvLocalLayer&) const { return true; }
    bool operator()(const PoolLayer&) const { return true; }
    bool operator()(const GlobalPoolLayer&) const { return true; }
    bool operator()(const GlobalSelfAttentionLayer&) const { return true; }
    bool operator()(const AggregateLayer&) const { return true; }
    bool operator()(const ImageResizeLayer&) const { return true; }
    bool operator()(const SliceLayer&) const { return true; }
    bool operator()(const DenseLayer&) const { return false; }
    bool operator()(const ActivationLayer&) const { return false; }
    bool operator()(const IdentityLayer&) const { return false; }
    bool operator()(const FlattenLayer&) const { return false; }
    bool operator()(const LayerNormLayer&) const { return false; }
    bool operator()(const DropoutLayer&) const { return false; }
    bool operator()(const ResidualLayer&) const { return false; }
    bool operator()(const RepeatLayer&) const { return false; }
    bool operator()(const ParallelLayer&) const { return false; }
  };
  return std::visit(Needs{}, layer.value);
}

// Looks for a layer that says how many axes its input has. Slices before it took some away.
class AxesSearch {
 public:
  std::optional<std::size_t> in(const Layers& layers) {
    for (const Layer& layer : layers)
      if (const auto found =
              std::visit([this](const auto& value) { return at(value); }, layer.value))
        return found;
    return std::nullopt;
  }

 private:
  using Found = std::optional<std::size_t>;

  Found at(const ConvLayer& layer) const { return layer.filter_shape.size() + dropped_; }
  Found at(const ConvTransposeLayer& layer) const { return layer.filter_shape.size() + dropped_; }
  Found at(const ConvLocalLayer& layer) const { return layer.filter_shape.size() + dropped_; }
  Found at(const PoolLayer& layer) const { return layer.window_shape.size() + dropped_; }
  Found at(const ImageResizeLayer& layer) const {
    return std::max<std::size_t>(layer.shape.size(), 2) - 2 + dropped_;
  }
  Found at(const SliceLayer& layer) {
    for (const SliceRange& range : layer.slices) dropped_ += range.index ? 1 : 0;
    return std::nullopt;
  }

  Found at(const ResidualLayer& residual) { return in(residual.layers); }
  Found at(const ParallelLayer& parallel) {
    const std::size_t before = dropped_;
    for (const Layers& branch : parallel.branches) {
      dropped_ = before;
      if (const Found found = in(branch)) return found;
    }
    return std::nullopt;
  }
  Found at(const RepeatLayer& repeat) {
    const std::size_t before = dropped_;
    const Found found = in(repeat.layers);
    // Images have few axes: what is dropped again and again is soon refused.
    if (!found && dropped_ > before) dropped_ += (dropped_ - before) * (repeat.times > 1 ? 1 : 0);
    return found;
  }

  template <class T>
  Found at(const T&) const {
    return std::nullopt;
  }

  std::size_t dropped_ = 0;
};

}  // namespace

void require_not_too_many(const Layers& layers, const Source& source) {
  const std::int64_t count = Counter(source).count(layers, "layers");
  if (count > kMostLayers)
    source.fail("layers", "the network has more than " + std::to_string(kMostLayers) +
                              " layers with every Repeat written out");
}

bool any_layer(const Layers& layers, const std::function<bool(const Layer&)>& such) {
  return std::any_of(layers.begin(), layers.end(), [&](const Layer& layer) {
    if (such(layer)) return true;
    if (const auto* residual = std::get_if<ResidualLayer>(&layer.value))
      return any_layer(residual->layers, such);
    if (const auto* repeat = std::get_if<RepeatLayer>(&layer.value))
      return any_layer(repeat->layers, such);
    const auto* parallel = std::get_if<ParallelLayer>(&layer.value);
    return parallel && std::any_of(parallel->branches.begin(), parallel->branches.end(),
                                   [&](const Layers& branch) { return any_layer(branch, such); });
  });
}

bool takes_images(const Layers& layers) { return any_layer(layers, needs_images); }

std::optional<std::size_t> pixel_axes(const Layers& layers) { return AxesSearch().in(layers); }

}  // namespace ntk
