// The layers of a network, one a line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ntk/architecture.h"
#include "src/report/table.h"

namespace ntk::cli {

struct LayerLine {
  std::string place;            // as in error messages: layers[2].branches[0][1]
  int depth;                    // of nesting
  std::string op;               // Dense
  std::string parameters;       // 512, W_std=1.5
  std::optional<Shape> output;  // for samples of the given shape
};

// Layers inside others follow the layer that holds them. Without `sample` there are no output
// shapes.
std::vector<LayerLine> layer_lines(const Architecture& architecture,
                                   const std::optional<Shape>& sample);
report::Table layer_table(const std::vector<LayerLine>& lines);

}  // namespace ntk::cli
