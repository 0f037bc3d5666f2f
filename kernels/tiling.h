// How a block is cut into tiles. Their places do not depend on the block: a tile begins at a
// multiple of its side, and it is computed alike whatever of it a block wants.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/sample_checks.h"
#include "ntk/error.h"

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

inline std::int64_t wanted_entries(const Tile& tile) {
  return tile.wanted_rows.size() * tile.wanted_columns.size();
}

inline bool is_wanted(const Tile& tile, std::int64_t i, std::int64_t j) {
  return tile.wanted_rows.begin <= i && i < tile.wanted_rows.end &&
         tile.wanted_columns.begin <= j && j < tile.wanted_columns.end;
}

// Whether what is computed for sample i of the rows and sample j of the columns (on the diagonal
// one below it, which stands for the one above) belongs to (i, j), and to (j, i).
struct PlacesOfPair {
  bool direct, mirrored;
  bool any() const { return direct || mirrored; }
};
inline PlacesOfPair places_of(const Tile& tile, std::int64_t i, std::int64_t j) {
  if (tile.diagonal) return {is_wanted(tile, i, j), i != j && is_wanted(tile, j, i)};
  const bool wanted = is_wanted(tile, i, j);
  return {wanted && tile.direct, wanted && tile.mirrored};
}

// Computes one tile after the other, reporting the entries that are done. Throws Cancelled.
template <class Compute>
void run_tiles(const std::vector<Tile>& tiles, const WorkCallback& progress, Compute compute) {
  std::int64_t done = 0, total = 0;
  for (const Tile& tile : tiles) total += wanted_entries(tile);
  for (const Tile& tile : tiles) {
    compute(tile);
    done += wanted_entries(tile);
    if (progress && !progress(done, total)) throw Cancelled("the Gram matrix was cancelled");
  }
}

struct PairOfSamples {
  std::int64_t i, j;
};

// The pairs that a tile's entries come from, without those of a sample with itself.
inline std::vector<PairOfSamples> pairs_of(const Tile& tile) {
  std::vector<PairOfSamples> pairs;
  for (std::int64_t i = tile.rows.begin; i < tile.rows.end; ++i)
    for (std::int64_t j = tile.columns.begin; j < (tile.diagonal ? i : tile.columns.end); ++j)
      if (places_of(tile, i, j).any()) pairs.push_back({i, j});
  return pairs;
}

}  // namespace ntk
