// A program's walk: over one sample (its own variance, Theta and features), and over one entry.
#pragma once

#include "kernels/math/dual/all.h"

NTK_MATH_BEGIN

struct SampleResult {
  double nngp, ntk;
  double largest;  // of K and |Theta| on the way: what the working precision must hold
};

// q0: the sample's input variance |x|^2/d. Feature f goes to features[f * stride].
NTK_HD SampleResult run_sample(const Instruction* instructions, int count, const double* tables,
                               double q0, double* features, int64_t stride) {
  double q = q0, theta = 0, largest = q0;
  double slot_q[kMaxSlots] = {}, slot_theta[kMaxSlots] = {};
  double f[kMaxFeatures];
  int last = 0;
  for (int i = 0; i < count; ++i) {
    const Instruction& in = instructions[i];
    switch (in.op) {
      case Op::save:
        slot_q[in.slot] = q, slot_theta[in.slot] = theta;
        break;
      case Op::load:
        q = slot_q[in.slot], theta = slot_theta[in.slot];
        break;
      case Op::add:
        q = Add::sample(q, slot_q[in.slot], f);
        theta += slot_theta[in.slot];
        break;
      case Op::multiply:
        theta = theta * slot_q[in.slot] + slot_theta[in.slot] * q;
        q = Multiply::sample(q, slot_q[in.slot], f);
        break;
      case Op::polynomial:
      case Op::function: {
        double* const own = features + in.first_feature * stride;
        const double* const table = tables + in.table;
        const SampleStep step =
            in.op == Op::polynomial
                ? polynomial_sample(in.terms, static_cast<int>(in.p[0]), table, q, own, stride)
                : function_sample(in.terms, table, q, own, stride);
        theta *= step.derivative, q = step.q;
        break;
      }
#define NTK_CASE(op_name, Struct)                                                        \
  case Op::op_name: {                                                                    \
    const SampleStep step = Struct::sample(in.p, q, f);                                  \
    theta = step.derivative * theta;                                                     \
    if (in.op <= Op::affine_standard) theta += in.p[2] * step.q + in.p[3] * q + in.p[4]; \
    q = step.q;                                                                          \
    break;                                                                               \
  }
        NTK_STEPS(NTK_CASE)
#undef NTK_CASE
    }
    const int n = feature_count(in);
    if (in.op != Op::polynomial && in.op != Op::function)
      for (int k = 0; k < n; ++k) features[(in.first_feature + k) * stride] = f[k];
    last = in.first_feature + n;
    largest = larger(largest, larger(q, abs_of(theta)));
  }
  features[last * stride] = sqrt(q);
  return {q, theta, largest};
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
