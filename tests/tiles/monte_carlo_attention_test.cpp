// Attention of finite networks, written out with plain loops, and networks with masks have the
// kernels that libntk computes.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ntk/gram.h"
#include "tests/support/finite_attention.h"
#include "tests/support/finite_case.h"
#include "tests/support/finite_layers.h"
#include "tests/support/finite_windows.h"

namespace ntk {
namespace {

using finite::chain;
using finite::convolution;
using finite::each;
using finite::Edge;
using finite::global_mean;
using finite::matrix;
using finite::Matrix;
using finite::normalization;
using finite::relu;
using finite::Weights;
using finite::Window;
using finite::window;
using testing::expect_agreement;
using testing::FiniteCase;
using testing::kOutputs;
using testing::kWidth;

const ConvOptions kFirst{.padding = Padding::same, .W_std = 1.4, .b_std = 0.3};
const Weights kFirstWeights{.W_std = 1.4, .b_std = 0.3};

// --- attention ---

// Behind a Dense and an Erf on each pixel of 2 x 2: Erf because a kernel of the third degree in
// that of the layer before shows how much this one varies, which with ReLU is more.
FiniteCase attention_case(const char* name, const AttentionOptions& o, finite::Heads heads) {
  heads.in = kWidth, heads.out = kOutputs;
  return {name,
          serial(Dense(kWidth, {.W_std = 1.4, .b_std = 0.3}), Erf(),
                 GlobalSelfAttention(kOutputs, heads.key, heads.value, heads.heads, o)),
          chain(convolution(each(4), 2, kWidth, kFirstWeights), finite::erf(), attention(heads)),
          {2, 2, 2},
          4.0 / kWidth};
}

// exp(-2 d), d the squared distance of pixels of 2 x 2.
Matrix decaying() {
  const double a = std::exp(-2.0), b = std::exp(-4.0);
  return matrix({{1, a, a, b}, {a, 1, b, a}, {a, b, 1, a}, {b, a, a, 1}});
}
const PositionalDecay kDecay{.kind = PositionalDecay::Kind::exp, .length = 0.5};

AttentionOptions stds(AttentionOptions o) {
  o.W_key_std = 3, o.W_query_std = 1.2, o.W_value_std = 0.8, o.W_out_std = 1.3, o.b_std = 0.4;
  return o;
}
constexpr double kKeyQuery = 3 * 1.2, kValueOut = 0.8 * 1.3;

TEST(MonteCarloPixels, AttentionWithLinearScaling) {
  finite::Heads heads{.key = 128,
                      .value = 32,
                      .heads = 1,
                      .key_query_std = kKeyQuery,
                      .value_out_std = kValueOut,
                      .b_std = 0.4};
  expect_agreement(attention_case("attention, linear, SOFTMAX", stds({}), heads));

  heads.position_channels = -1, heads.position_std = 1.5;
  heads.position_covariance = decaying(), heads.position_in_values = true;
  expect_agreement(attention_case("attention, linear, SUM in values",
                                  stds({.pos_emb_type = PositionalEmbedding::sum,
                                        .pos_emb_decay_fn = kDecay,
                                        .W_pos_emb_std = 1.5,
                                        .val_pos_emb = true}),
                                  heads));

  heads.position_channels = kWidth / 4, heads.position_in_values = false;
  expect_agreement(attention_case("attention, linear, CONCAT",
                                  stds({.pos_emb_type = PositionalEmbedding::concat,
                                        .pos_emb_decay_fn = kDecay,
                                        .n_chan_pos_emb = kWidth / 4,
                                        .W_pos_emb_std = 1.5}),
                                  heads));
}

TEST(MonteCarloPixels, AttentionWithRootScaling) {
  finite::Heads heads{.key = 4,
                      .value = 4,
                      .heads = 32,
                      .tied = false,
                      .softmax = false,
                      .key_query_std = kKeyQuery,
                      .value_out_std = kValueOut,
                      .b_std = 0.4};
  AttentionOptions o = stds({.linear_scaling = false});
  o.mechanism = AttentionMechanism::identity;
  expect_agreement(attention_case("attention, root, IDENTITY", o, heads));

  heads.position_channels = kWidth / 2, heads.position_std = 1.5;
  heads.position_covariance = decaying();
  o.pos_emb_type = PositionalEmbedding::concat, o.pos_emb_decay_fn = kDecay;
  o.n_chan_pos_emb = kWidth / 2, o.W_pos_emb_std = 1.5;
  expect_agreement(attention_case("attention, root, CONCAT", o, heads));
}

// --- masks ---

// Of a sequence of 6, whose last two are not there in the second sample.
TEST(MonteCarloPixels, Masks) {
  const Window strided = window(6, 3, 2, Edge::same), same = window(6, 3, 1, Edge::same);
  FiniteCase convolved{
      "masks through Conv",
      serial(Conv(kWidth, {3}, kFirst), Relu(),
             Conv(kOutputs, {3}, {.strides = {2}, .padding = Padding::same, .b_std = 0.3})),
      chain(convolution(same, 2, kWidth, kFirstWeights), relu(),
            convolution(strided, kWidth, kOutputs, {.b_std = 0.3})),
      {6, 2}};
  convolved.masked = {4, 5};
  expect_agreement(convolved);

  FiniteCase pooled{"masks through GlobalAvgPool",
                    serial(Conv(kWidth, {3}, kFirst), Relu(), GlobalAvgPool(), Dense(kOutputs)),
                    chain(convolution(same, 2, kWidth, kFirstWeights), relu(), global_mean(),
                          convolution(each(1), kWidth, kOutputs)),
                    {6, 2}};
  pooled.masked = {4, 5};
  expect_agreement(pooled);

  FiniteCase attending = attention_case("masks through attention", stds({}),
                                        {.key = 128,
                                         .value = 32,
                                         .heads = 1,
                                         .key_query_std = kKeyQuery,
                                         .value_out_std = kValueOut,
                                         .b_std = 0.4});
  attending.masked = {1};
  expect_agreement(attending);
}

TEST(MonteCarloPixels, MasksThroughLayerNorm) {
  FiniteCase c{
      "masks through LayerNorm over pixels",
      serial(Conv(kWidth, {3}, kFirst), LayerNorm({1, 2}), Relu(), Dense(kOutputs)),
      chain(convolution(window(6, 3, 1, Edge::same), 2, kWidth, kFirstWeights),
            normalization({0, 0, 0, 0, 0, 0}), relu(), convolution(each(6), kWidth, kOutputs)),
      {6, 2},
      4.0 / kWidth};
  c.masked = {4, 5};
  expect_agreement(c);
}

}  // namespace
}  // namespace ntk
