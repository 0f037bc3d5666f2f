// Layers on pixels in the words of neural_tangents, and texts that are none.
#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(PixelTexts, AreReadInTheWordsOfNeuralTangents) {
  const auto same = [](const std::string& text, const Layer& layer) {
    EXPECT_EQ(parse_architecture("stax.serial(stax.Dense(3), " + text + ")"),
              serial(Dense(3), layer));
  };
  same("stax.ConvTranspose(4, (3,), (2,), padding='SAME', b_std=None, dimension_numbers=None)",
       ConvTranspose(4, {3}, {.strides = {2}, .padding = Padding::same}));
  same("stax.ConvLocal(4, [3, 2], parameterization='ntk')", ConvLocal(4, {3, 2}));
  same("stax.AvgPool((2, 2), (2, 2), 'SAME', True, 0, -1)",
       AvgPool({2, 2}, {2, 2}, Padding::same, true));
  same("stax.SumPool((2,), None, 'CIRCULAR', 0, -1)", SumPool({2}, {}, Padding::circular));
  same("stax.GlobalSumPool(batch_axis=0, channel_axis=-1)", GlobalSumPool());
  same(
      "stax.GlobalSelfAttention(8, 8, 8, 2, True, 1.2, 1.1, 0.9, 1.05, 0.1, 'ABS', 'SUM', 1, None, "
      "None, 2, True, 0, -1)",
      GlobalSelfAttention(8, 8, 8, 2,
                          {.W_key_std = 1.2,
                           .W_value_std = 1.1,
                           .W_query_std = 0.9,
                           .W_out_std = 1.05,
                           .b_std = 0.1,
                           .mechanism = AttentionMechanism::abs,
                           .pos_emb_type = PositionalEmbedding::sum,
                           .pos_emb_p_norm = 1,
                           .W_pos_emb_std = 2,
                           .val_pos_emb = true}));
  same("stax.Aggregate((1, 2), 0, 3, implementation='SPARSE')", Aggregate({1, 2}, 0, 3));
  same("stax.ImageResize((-1, 4, 4, -1), method='bilinear', antialias=False)",
       ImageResize({-1, 4, 4, -1}, ResizeMethod::linear, false));
  same("stax.Index(idx=stax.Slice[:, ::2, -3:None, 1, ...])",
       Slice({{}, {.step = 2}, {.start = -3}, {.index = 1}}));
  EXPECT_EQ(parse_architecture("serial(Conv(3, (1, 1)), LayerNorm(axis=(1, 2, 3)))"),
            serial(Conv(3, {1, 1}), LayerNorm({1, 2, 3})));
}

struct Refusal {
  const char *text, *position, *what;
};

class PixelRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(PixelRefusals, NameTheColumn) {
  const Refusal& refusal = GetParam();
  EXPECT_THAT(refusal_of_text(refusal.text),
              AllOf(HasSubstr(std::string(refusal.position) + ": "), HasSubstr(refusal.what)));
}

INSTANTIATE_TEST_SUITE_P(
    Slices, PixelRefusals,
    testing::Values(
        Refusal{"serial(Dense(3), Slice[:, 1])", "column 18", "write Index(Slice[...])"},
        Refusal{"serial(Dense(3), Index(3))", "column 24", "as in Index(Slice[:, 1:7:2])"},
        Refusal{"serial(Dense(3), Index())", "column 18", "as in Index(Slice[:, 1:7:2])"},
        Refusal{"serial(Dense(3), Index(Slice[..., 0]))", "column 30", "at the end only"},
        Refusal{"serial(Dense(3), Index(Slice[:, 1.5]))", "column 33 (layers[1].slices[1])",
                "the number of a pixel, or a list of start"},
        Refusal{"serial(Dense(3), Index(Slice[:, ::'2']))", "column 35 (layers[1].slices[1][2])",
                "must be a whole number"},
        Refusal{"serial(Dense(3), Index(Slice[:, ::0]))", "column 33 (layers[1].slices[1])",
                "must not be 0"},
        Refusal{"serial(Dense(3), Index(Slice[0]))", "column 30 (layers[1].slices[0])",
                "axis 0 is the batch"},
        Refusal{"serial(Dense(3), Index(Slice[]))", "column 24 (layers[1].slices)",
                "must begin with a range for the batch"},
        Refusal{"serial(Dense(3), Index(Slice[:,,]))", "column 32", "expected a range"},
        Refusal{"serial(Dense(3), Index(Slice[1:2:3:4]))", "column 35", "expected ',' or ']'"},
        Refusal{"serial(Dense(3), Index(Slice[:)", "column 31", "expected ',' or ']'"},
        Refusal{"serial(Dense(3), Index(Slice[:", "column 31", "expected ']' for the '['"},
        Refusal{"serial(Dense(3), Index(np.s_[:, 1]))", "column 24", "nothing is evaluated"},
        Refusal{"serial(layers[0])", "column 8", "takes no [...]"},
        Refusal{"serial(Dense(3), Index(Slice[:], batch_axis=1))", "column 45",
                "batch_axis must be 0"}));

INSTANTIATE_TEST_SUITE_P(
    Layers, PixelRefusals,
    testing::Values(
        Refusal{"serial(AvgPool((2, 2), padding='FULL'))", "column 32 (layers[0].padding)",
                "unknown padding"},
        Refusal{"serial(AvgPool(2))", "column 16 (layers[0].window_shape)", "a list of whole"},
        Refusal{"serial(SumPool((2, 2), normalize_edges=True))", "column 40",
                "unknown argument of SumPool"},
        Refusal{"serial(AvgPool((2, 2), channel_axis=1))", "column 37", "channel_axis must be -1"},
        Refusal{"serial(ConvLocal(2, (3,), dimension_numbers=1))", "column 45", "must be None"},
        Refusal{"serial(Aggregate(1, to_dense=3))", "column 30", "to_dense must be None"},
        Refusal{"serial(Aggregate(1, 1))", "column 21 (layers[0].batch_axis)", "must be 0"},
        Refusal{"serial(ImageResize((-1, 2, -1), 'cubic'))", "column 33 (layers[0].method)",
                "known: nearest, linear"},
        Refusal{"serial(ImageResize((-1, 2, -1)))", "column 8 (layers[0])", "method is missing"},
        Refusal{"serial(GlobalSelfAttention(8, 8, 8))", "column 8 (layers[0])",
                "n_heads is missing"},
        Refusal{"serial(GlobalSelfAttention(8, 8, 8, 2, attention_mechanism='SOFT'))",
                "column 60 (layers[0].attention_mechanism)", "known: SOFTMAX, IDENTITY"},
        Refusal{"serial(GlobalSelfAttention(8, 8, 8, 2, pos_emb_type='ADD'))",
                "column 53 (layers[0].pos_emb_type)", "unknown pos_emb_type"},
        Refusal{"serial(GlobalSelfAttention(8, 8, 8, 2, pos_emb_decay_fn=exp()))", "column 57",
                "as in exp(2)"},
        Refusal{"serial(GlobalSelfAttention(8, 8, 8, 2, pos_emb_decay_fn=exp(length=2)))",
                "column 68", "no keyword"},
        Refusal{"serial(GlobalSelfAttention(8, 8, 8, 2, pos_emb_decay_fn=linear(2)))",
                "column 64 (layers[0].pos_emb_decay_fn.linear)", "unknown decay"},
        Refusal{"serial(GlobalSelfAttention(8, 8, 8, 2, pos_emb_decay_fn=exp(-2)))",
                "column 57 (layers[0].pos_emb_decay_fn)", "a positive length"},
        Refusal{"serial(GlobalSelfAttention(8, 8, 8, 2, pos_emb_decay_fn='exp'))",
                "column 57 (layers[0].pos_emb_decay_fn)", "must be null, {\"exp\": length}"}));

TEST(PixelTexts, OfJsonAreReadStrictly) {
  const auto refused = [](const std::string& layer) {
    return refusal_of_text(json_of(R"({"op": "Dense", "out_dim": 4}, )" + layer));
  };
  EXPECT_THAT(refused(R"({"op": "Index", "slices": []})"), HasSubstr("here it is called Slice"));
  EXPECT_THAT(refused(R"({"op": "Slice", "slices": [[null, null, null], [1, 2]]})"),
              HasSubstr("layers[1].slices[1]: must be the number of a pixel, or a list of start"));
  EXPECT_THAT(refused(R"({"op": "Slice", "slices": [null]})"), HasSubstr("is null"));
  EXPECT_THAT(refused(R"({"op": "SumPool", "window_shape": [2], "normalize_edges": false})"),
              HasSubstr("layers[1].normalize_edges: unknown key"));
  EXPECT_THAT(refused(R"({"op": "GlobalSumPool", "axis": 1})"), HasSubstr("layers[1].axis: "));
  EXPECT_THAT(refused(R"({"op": "Aggregate", "aggregate_axis": 1.5})"),
              HasSubstr("layers[1].aggregate_axis: must be an axis or a list of axes"));
  const std::string attention =
      R"({"op": "GlobalSelfAttention", "n_chan_out": 4, "n_chan_key": 4, "n_chan_val": 4, )"
      R"("n_heads": 1, "pos_emb_decay_fn": )";
  EXPECT_THAT(refused(attention + R"({"exp": 1, "rational": 2}})"),
              HasSubstr("layers[1].pos_emb_decay_fn: must be null, "));
  EXPECT_THAT(refused(attention + R"({"exp": null}})"),
              HasSubstr("layers[1].pos_emb_decay_fn.exp: must be a number"));
  EXPECT_THAT(refused(attention + R"({"gauss": 1}})"),
              HasSubstr("layers[1].pos_emb_decay_fn.gauss: unknown decay"));
  EXPECT_NO_THROW(parse_architecture(json_of(attention + "null}")));
  EXPECT_THAT(refused(R"({"op": "ConvLocal", "out_chan": 4, "filter_shape": [2], )"
                      R"("parameterization": "ntk"})"),
              HasSubstr("layers[1].parameterization: a network has one"));
}

}  // namespace
}  // namespace ntk
