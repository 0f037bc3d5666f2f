// The layers of a network, one a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ntk/architecture.h"
#include "src/cli/image_plan.h"
#include "src/report/table.h"

namespace ntk::cli {

// What leaves a layer.
struct LayerOutput {
  std::optional<Shape> shape;  // for samples of the given shape
  bool gaussian = false;
  bool image = false;
  bool ntk = false;  // whether an entry's Theta may differ from 0
  int saved = 0;     // entries of layers around this one that wait to be joined
};

struct LayerLine {
  std::string place;       // as in error messages: layers[2].branches[0][1]
  int depth;               // of nesting
  std::string op;          // Dense
  std::string parameters;  // 512, W_std=1.5
  LayerOutput output;
  // Per entry, with the layers inside and, of a Repeat, all its rounds. Layers on images: of all
  // pairs of pixels that are asked for; without a sample's shape, of one.
  std::int64_t operations;
};

struct LayerList {
  std::vector<LayerLine> lines;  // layers inside others follow the layer that holds them
  std::int64_t operations = 0;   // per entry, of all layers
  Shape input;                   // as the first layer sees it
  // Of the products of two samples that an entry begins as; 0 without a sample's shape.
  std::int64_t input_operations = 0;
  std::optional<ImagePlan> images;  // of a network of images and a sample's shape
};

// Without `sample` there are no output shapes.
LayerList list_layers(const Architecture& architecture, const std::optional<Shape>& sample);
report::Table layer_table(const LayerList& list);

}  // namespace ntk::cli
