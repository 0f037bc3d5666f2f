// Instructions over strips of entries, one instruction set's vectors at a time. Included by files
// that define NTK_ISA.
#pragma once

#include <cstring>

#include "kernels/cpu/lanes.h"
#include "kernels/cpu/strip.h"
#include "kernels/math/run.h"

#define NTK_INLINE __attribute__((always_inline))

namespace ntk::cpu {
namespace {

using math::Entry;
using math::Lanes;

// Where the features of the strip's entries are: those of one row, of a run of columns, or listed.
struct OneRow {
  std::int64_t row;
  template <class T>
  NTK_HD Lanes<T> load(const T* feature, std::int64_t) const {
    return Lanes<T>(feature[row]);
  }
};
struct Run {
  std::int64_t first;
  template <class T>
  NTK_HD Lanes<T> load(const T* feature, std::int64_t j) const {
    return Lanes<T>::load(feature + first + j);
  }
};
struct Listed {
  const std::int32_t* index;
  template <class T>
  NTK_HD Lanes<T> load(const T* feature, std::int64_t j) const {
    return Lanes<T>::gather(feature, index + j);
  }
};

template <class T, class RowAt, class ColumnAt>
struct Strip {
  using L = Lanes<T>;
  const StripJob<T>& job;
  RowAt row_at;
  ColumnAt column_at;

  // Calls visit(j, features of the rows, of the columns, state) for each vector of entries; the
  // state is written back.
  template <int kF, bool kNtk, class Visit>
  NTK_HD void each(std::int32_t first_feature, Visit visit) const {
    const T* rows = job.row_features.data + first_feature * job.row_features.stride;
    const T* columns = job.column_features.data + first_feature * job.column_features.stride;
    const std::int64_t row_stride = job.row_features.stride,
                       column_stride = job.column_features.stride;
    T* v = job.v;
    T* theta = job.theta;
    for (std::int64_t j = 0; j < job.length; j += L::kCount) {
      L f1[kF + 1], f2[kF + 1];
      for (int f = 0; f < kF; ++f) {
        f1[f] = row_at.load(rows + f * row_stride, j);
        f2[f] = column_at.load(columns + f * column_stride, j);
      }
      Entry<L> e{L::load(v + j), kNtk ? L::load(theta + j) : L(0)};
      visit(j, f1, f2, e);
      e.v.store(v + j);
      if (kNtk) e.theta.store(theta + j);
    }
  }

  template <class Struct, bool kNtk>
  void step(const Instruction& in) const {
    const auto constants = Struct::template constants<L>(in.p);
    each<Struct::kFeatures, kNtk>(
        in.first_feature, [&](std::int64_t, const L* f1, const L* f2, Entry<L>& e)
                              NTK_INLINE { Struct::template step<kNtk>(constants, f1, f2, e); });
  }

  // With the state of a slot.
  template <class Struct, bool kNtk>
  void join(const Instruction& in) const {
    const T* v = slot(in.slot);
    const T* theta = v + job.slot_length;
    each<Struct::kFeatures, kNtk>(
        in.first_feature, [&](std::int64_t j, const L* f1, const L* f2, Entry<L>& e) NTK_INLINE {
          const Entry<L> other{L::load(v + j), kNtk ? L::load(theta + j) : L(0)};
          Struct::template step<kNtk>(f1, f2, other, e);
        });
  }

  // The features of an expansion, of the rows or of the columns of the vector of entries at j.
  template <class At>
  struct Expansion {
    const At& at;
    const T* data;
    std::int64_t stride, j;
    const Terms& terms;
    NTK_HD L even(int k) const { return at.load(data + k * stride, j); }
    NTK_HD L odd(int k) const { return at.load(data + (terms.even + k) * stride, j); }
    NTK_HD L ratio() const { return at.load(data + (terms.even + terms.odd) * stride, j); }
  };

  template <bool kNtk>
  void expand(const Instruction& in) const {
    const auto &rows = job.row_features, &columns = job.column_features;
    const T* row_data = rows.data + in.first_feature * rows.stride;
    const T* column_data = columns.data + in.first_feature * columns.stride;
    each<0, kNtk>(
        in.first_feature, [&](std::int64_t j, const L*, const L*, Entry<L>& e) NTK_INLINE {
          math::series_step<kNtk>(
              math::terms_for<L>(in), Expansion<RowAt>{row_at, row_data, rows.stride, j, in.terms},
              Expansion<ColumnAt>{column_at, column_data, columns.stride, j, in.terms}, e);
        });
  }

  // K = s1 s2 rho with the output's standard deviations.
  void finish() const {
    each<1, false>(job.program->features - 1,
                   [&](std::int64_t, const L* f1, const L* f2, Entry<L>& e)
                       NTK_INLINE { e.v = f1[0] * f2[0] * e.rho(); });
  }

  T* slot(std::int32_t i) const { return job.slots + 2 * i * job.slot_length; }

  template <bool kNtk>
  void move(T* to_v, const T* from_v, T* to_theta, const T* from_theta) const {
    const std::size_t bytes = static_cast<std::size_t>(job.length) * sizeof(T);
    std::memcpy(to_v, from_v, bytes);
    if (kNtk) std::memcpy(to_theta, from_theta, bytes);
  }

  template <bool kNtk>
  void run() const {
    if (job.single) return apply<kNtk>(*job.single);
    if (kNtk) std::memset(job.theta, 0, static_cast<std::size_t>(job.length) * sizeof(T));
    for (const Instruction& in : job.program->instructions) apply<kNtk>(in);
    finish();
  }

  template <bool kNtk>
  void apply(const Instruction& in) const {
    switch (in.op) {
      case Op::save:
        move<kNtk>(slot(in.slot), job.v, slot(in.slot) + job.slot_length, job.theta);
        break;
      case Op::load:
        move<kNtk>(job.v, slot(in.slot), job.theta, slot(in.slot) + job.slot_length);
        break;
      case Op::convolve:  // not of one entry alone
      case Op::mix:
      case Op::aggregate:
      case Op::attend:
        break;
      case Op::polynomial:
      case Op::function:
        expand<kNtk>(in);
        break;
#define NTK_CASE(op_name, Struct) \
  case Op::op_name:               \
    join<math::Struct, kNtk>(in); \
    break;
        NTK_JOINS(NTK_CASE)
#undef NTK_CASE
#define NTK_CASE(op_name, Struct) \
  case Op::op_name:               \
    step<math::Struct, kNtk>(in); \
    break;
        NTK_STEPS(NTK_CASE)
#undef NTK_CASE
    }
  }
};

}  // namespace
}  // namespace ntk::cpu
