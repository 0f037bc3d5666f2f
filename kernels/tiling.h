// How a block is cut into tiles. Their places do not depend on the block: a tile begins at a
// multiple of its side, and it is computed alike whatever of it a block wants.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/sample_checks.h"

namespace ntk {

struct TileRange {
  std::int64_t begin, end;
  std::int64_t size() const { return end - begin; }
};

// Of the fixed tile only a window may be wanted; what decides how entries are computed (a GEMM's
// extents, how many entries are near an end, which ones share a vector) is taken from all of it.
struct Tile {
  TileRange rows, columns;                // all of the tile, as far as there are samples
  TileRange wanted_rows, wanted_columns;  // within these
  bool diagonal;                          // rows == columns of one set: each pair only once
  bool direct, mirrored;                  // the window is wanted, its transpose is wanted
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

inline TileRange whole_tile(const TileRange& part, std::int64_t count, std::int64_t side) {
  const std::int64_t begin = part.begin / side * side;
  return {begin, std::min(count, begin + side)};
}

// Among one set of samples the pairs above the diagonal are the mirror images of those below it.
inline std::vector<Tile> tiles_of(const GramBlock& block, const PreparedSamples& rows,
                                  const PreparedSamples& columns, std::int64_t side) {
  const bool one_set = &rows == &columns, symmetric = is_symmetric_block(rows, columns, block);
  std::vector<Tile> tiles;
  const auto column_parts = cut(block.column_begin, block.column_end, side);
  for (const TileRange& r : cut(block.row_begin, block.row_end, side))
    for (const TileRange& c : column_parts) {
      const TileRange all_r = whole_tile(r, rows.count(), side),
                      all_c = whole_tile(c, columns.count(), side);
      const bool diagonal = one_set && all_r.begin == all_c.begin,
                 above = one_set && all_r.begin < all_c.begin;
      if (!above)
        tiles.push_back({all_r, all_c, r, c, diagonal, true, symmetric && !diagonal});
      else if (!symmetric)
        tiles.push_back({all_c, all_r, c, r, false, false, true});
    }
  return tiles;
}

}  // namespace ntk
