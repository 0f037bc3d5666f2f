// A program's walk: over one sample (its own variance, Theta and features), and over one entry.
#pragma once

#include "kernels/math/dual/all.h"

NTK_MATH_BEGIN

// A sample's own kernels.
struct SampleState {
  double q, theta;
};

// One instruction of a sample; `slot` is the state in the instruction's slot. Feature f of the
// instruction goes to features[f * stride].
NTK_HD void run_sample_step(const Instruction& in, const double* tables, SampleState& x,
                            SampleState& slot, double* features, int64_t stride) {
  double f[kMaxFeatures];
  switch (in.op) {
    case Op::save:
      slot = x;
      return;
    case Op::load:
      x = slot;
      return;
    case Op::convolve:  // not of one sample alone
    case Op::mix:
    case Op::aggregate:
    case Op::attend:
      return;
    case Op::polynomial:
    case Op::function: {
      const double* const table = tables + in.table;
      const SampleStep step =
          in.op == Op::polynomial
              ? polynomial_sample(in.terms, static_cast<int>(in.p[0]), table, x.q, features, stride)
              : function_sample(in.terms, table, x.q, features, stride);
      x = {step.q, x.theta * step.derivative};
      return;
    }
    case Op::add:
      x = {Add::sample(x.q, slot.q, f), x.theta + slot.theta};
      break;
    case Op::multiply:
      x.theta = x.theta * slot.q + slot.theta * x.q;
      x.q = Multiply::sample(x.q, slot.q, f);
      break;
#define NTK_CASE(op_name, Struct)                                                            \
  case Op::op_name: {                                                                        \
    const SampleStep step = Struct::sample(in.p, x.q, f);                                    \
    x.theta = step.derivative * x.theta;                                                     \
    if (in.op <= Op::affine_standard) x.theta += in.p[2] * step.q + in.p[3] * x.q + in.p[4]; \
    x.q = step.q;                                                                            \
    break;                                                                                   \
  }
      NTK_STEPS(NTK_CASE)
#undef NTK_CASE
  }
  const int n = feature_count(in);
  for (int k = 0; k < n; ++k) features[k * stride] = f[k];
}

struct SampleResult {
  double nngp, ntk;
  double largest;  // of K and |Theta| on the way: what the working precision must hold
};

// x: the sample's input variance |x|^2/d (and what Theta is there, behind images). Feature f goes
// to features[f * stride].
NTK_HD SampleResult run_sample(const Instruction* instructions, int count, const double* tables,
                               SampleState x, double* features, int64_t stride) {
  double largest = larger(x.q, abs_of(x.theta));
  SampleState slots[kMaxSlots] = {};
  int last = 0;
  for (int i = 0; i < count; ++i) {
    const Instruction& in = instructions[i];
    run_sample_step(in, tables, x, slots[in.slot], features + in.first_feature * stride, stride);
    last = in.first_feature + feature_count(in);
    largest = larger(largest, larger(x.q, abs_of(x.theta)));
  }
  features[last * stride] = sqrt(x.q);
  return {x.q, x.theta, largest};
}

// Features of a row and of a column: feature f of sample i at data[f * stride + i].
template <class T>
struct FeatureTable {
  const T* data;
  int64_t stride;
};

// A sample's features of an expansion.
template <class T>
struct SeriesFeatures {
  const T* data;
  int64_t stride;
  Terms terms;
  NTK_HD T even(int k) const { return data[k * stride]; }
  NTK_HD T odd(int k) const { return data[(terms.even + k) * stride]; }
  NTK_HD T ratio() const { return data[(terms.even + terms.odd) * stride]; }
};

template <class T>
NTK_HD Terms terms_for(const Instruction& in) {
  return is_single<T>() ? in.single_terms : in.terms;
}

// One entry through the whole program, its state in registers. kSlots: 0 where the program has
// none.
template <bool kNtk, int kSlots, class T>
NTK_HD Entry<T> run_entry(const Instruction* instructions, int count, FeatureTable<T> rows,
                          int64_t row, FeatureTable<T> columns, int64_t column, Entry<T> e) {
  Entry<T> slots[kSlots > 0 ? kSlots : 1];
  for (int i = 0; i < count; ++i) {
    const Instruction& in = instructions[i];
    const T* r = rows.data + in.first_feature * rows.stride + row;
    const T* c = columns.data + in.first_feature * columns.stride + column;
    switch (in.op) {
      case Op::save:
        if (kSlots > 0) slots[in.slot] = e;
        break;
      case Op::load:
        if (kSlots > 0) e = slots[in.slot];
        break;
      case Op::convolve:  // not of one entry alone
      case Op::mix:
      case Op::aggregate:
      case Op::attend:
        break;
#define NTK_CASE(op_name, Struct)                                              \
  case Op::op_name:                                                            \
    if (kSlots > 0) {                                                          \
      const T f1[] = {r[0], r[rows.stride]}, f2[] = {c[0], c[columns.stride]}; \
      Struct::step<kNtk>(f1, f2, slots[in.slot], e);                           \
    }                                                                          \
    break;
        NTK_JOINS(NTK_CASE)
#undef NTK_CASE
      case Op::polynomial:
      case Op::function:
        series_step<kNtk>(terms_for<T>(in), SeriesFeatures<T>{r, rows.stride, in.terms},
                          SeriesFeatures<T>{c, columns.stride, in.terms}, e);
        break;
#define NTK_CASE(op_name, Struct)                                                \
  case Op::op_name: {                                                            \
    T f1[Struct::kFeatures + 1], f2[Struct::kFeatures + 1];                      \
    for (int k = 0; k < Struct::kFeatures; ++k)                                  \
      f1[k] = r[k * rows.stride], f2[k] = c[k * columns.stride];                 \
    Struct::template step<kNtk>(Struct::template constants<T>(in.p), f1, f2, e); \
    break;                                                                       \
  }
        NTK_STEPS(NTK_CASE)
#undef NTK_CASE
    }
  }
  return e;
}

NTK_MATH_END
