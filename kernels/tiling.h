// How a block is cut into tiles. Their places do not depend on the block: a tile begins at a
// multiple of its side.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/backend.h"

namespace ntk {

struct TileRange {
  std::int64_t begin, end;
  std::int64_t size() const { return end - begin; }
};

struct Tile {
  TileRange rows, columns;
  bool mirrored;  // its transpose is wanted too
  bool diagonal;  // rows == columns of one symmetric block
};

inline std::vector<TileRange> cut(std::int64_t begin, std::int64_t end, std::int64_t side) {
  std::vector<TileRange> ranges;
  for (std::int64_t at = begin; at < end;) {
    const std::int64_t next = std::min(end, (at / side + 1) * side);
    ranges.push_back({at, next});
    at = next;
  }
  return ranges;
}

inline std::vector<Tile> tiles_of(const GramBlock& block, bool symmetric, std::int64_t side) {
  std::vector<Tile> tiles;
  const auto columns = cut(block.column_begin, block.column_end, side);
  for (const TileRange& r : cut(block.row_begin, block.row_end, side))
    for (const TileRange& c : columns) {
      if (symmetric && c.begin > r.begin) break;
      const bool diagonal = symmetric && c.begin == r.begin;
      tiles.push_back({r, c, symmetric && !diagonal, diagonal});
    }
  return tiles;
}

}  // namespace ntk
