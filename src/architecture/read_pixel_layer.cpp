#include "src/architecture/read_pixel_layer.h"

#include "src/architecture/names.h"

namespace ntk {
namespace {

// One of an enumeration's names.
template <class Find>
auto named(const ValueReader& reader, const Value& value, const std::string& kind,
           const std::vector<std::string>& names, Find&& find, const std::string& place) {
  const std::string& name = reader.as_text(value, place);
  const auto known = find(name);
  if (!known) reader.source().fail(place, unknown_name(kind, name, names));
  return *known;
}

void read_padding(const ValueReader& reader, const Object& object, const std::string& place,
                  Padding& padding) {
  if (const Value* value = find_member(object, "padding"))
    padding =
        named(reader, *value, "padding", padding_names(), find_padding, join_key(place, "padding"));
}

void read_strides(const ValueReader& reader, const Object& object, const std::string& place,
                  std::vector<std::int64_t>& strides) {
  if (const Value* value = ValueReader::given(object, "strides"))
    strides = reader.wholes(*value, join_key(place, "strides"));
}

template <class Convolution>
Convolution convolution(const ValueReader& reader, const Object& object, const std::string& place) {
  reader.require_no_parameterization(object, place);
  reader.require_keys(
      object, place,
      {"op", "out_chan", "filter_shape", "strides", "padding", "W_std", "b_std", "s", "trainable"});
  Convolution conv{reader.required_whole(object, place, "out_chan"),
                   reader.wholes(reader.required(object, place, "filter_shape"),
                                 join_key(place, "filter_shape")),
                   {}};
  read_strides(reader, object, place, conv.options.strides);
  read_padding(reader, object, place, conv.options.padding);
  reader.read_weights(object, place, conv.options);
  return conv;
}

PoolLayer pool(Pool kind, const ValueReader& reader, const Object& object,
               const std::string& place) {
  std::vector<std::string> keys = {"op", "window_shape", "strides", "padding"};
  if (kind == Pool::average) keys.emplace_back("normalize_edges");
  reader.require_keys(object, place, keys);
  PoolLayer layer{kind, reader.wholes(reader.required(object, place, "window_shape"),
                                      join_key(place, "window_shape"))};
  read_strides(reader, object, place, layer.strides);
  read_padding(reader, object, place, layer.padding);
  reader.read(object, place, "normalize_edges", layer.normalize_edges);
  return layer;
}

GlobalPoolLayer global_pool(Pool kind, const ValueReader& reader, const Object& object,
                            const std::string& place) {
  reader.require_keys(object, place, {"op"});
  return {kind};
}

// {"exp": length} or {"rational": length}.
PositionalDecay decay(const ValueReader& reader, const Value& value, const std::string& place) {
  const std::string expected = "null, {\"exp\": length} or {\"rational\": length}";
  const Object& object = reader.as_object(value, place, expected);
  if (object.members.size() != 1) reader.fail_type(value, place, expected);
  const Member& member = object.members.front();
  const auto kind = find_decay(member.key);
  if (!kind)
    reader.source().fail(join_key(place, member.key),
                         unknown_name("decay", member.key, decay_names()));
  return {*kind, reader.number(member.value, join_key(place, member.key))};
}

void read_positions(const ValueReader& reader, const Object& object, const std::string& place,
                    AttentionOptions& o) {
  if (const Value* value = find_member(object, "pos_emb_type"))
    o.pos_emb_type = named(reader, *value, "pos_emb_type", embedding_names(), find_embedding,
                           join_key(place, "pos_emb_type"));
  reader.read(object, place, "pos_emb_p_norm", o.pos_emb_p_norm);
  if (const Value* value = ValueReader::given(object, "pos_emb_decay_fn"))
    o.pos_emb_decay_fn = decay(reader, *value, join_key(place, "pos_emb_decay_fn"));
  if (const Value* value = ValueReader::given(object, "n_chan_pos_emb"))
    o.n_chan_pos_emb = reader.whole(*value, join_key(place, "n_chan_pos_emb"));
  reader.read(object, place, "W_pos_emb_std", o.W_pos_emb_std);
  reader.read(object, place, "val_pos_emb", o.val_pos_emb);
}

GlobalSelfAttentionLayer attention(const ValueReader& reader, const Object& object,
                                   const std::string& place) {
  reader.require_keys(
      object, place,
      {"op", "n_chan_out", "n_chan_key", "n_chan_val", "n_heads", "linear_scaling", "W_key_std",
       "W_value_std", "W_query_std", "W_out_std", "b_std", "attention_mechanism", "pos_emb_type",
       "pos_emb_p_norm", "pos_emb_decay_fn", "n_chan_pos_emb", "W_pos_emb_std", "val_pos_emb"});
  GlobalSelfAttentionLayer layer{reader.required_whole(object, place, "n_chan_out"),
                                 reader.required_whole(object, place, "n_chan_key"),
                                 reader.required_whole(object, place, "n_chan_val"),
                                 reader.required_whole(object, place, "n_heads"),
                                 {}};
  AttentionOptions& o = layer.options;
  reader.read(object, place, "linear_scaling", o.linear_scaling);
  reader.read(object, place, "W_key_std", o.W_key_std);
  reader.read(object, place, "W_value_std", o.W_value_std);
  reader.read(object, place, "W_query_std", o.W_query_std);
  reader.read(object, place, "W_out_std", o.W_out_std);
  if (const Value* value = ValueReader::given(object, "b_std"))
    o.b_std = reader.number(*value, join_key(place, "b_std"));
  if (const Value* value = find_member(object, "attention_mechanism"))
    o.mechanism = named(reader, *value, "attention_mechanism", mechanism_names(), find_mechanism,
                        join_key(place, "attention_mechanism"));
  read_positions(reader, object, place, o);
  return layer;
}

AggregateLayer aggregate(const ValueReader& reader, const Object& object,
                         const std::string& place) {
  reader.require_keys(object, place, {"op", "aggregate_axis", "batch_axis", "channel_axis"});
  AggregateLayer layer;
  if (const Value* value = ValueReader::given(object, "aggregate_axis"))
    layer.aggregate_axis = reader.axes(*value, join_key(place, "aggregate_axis"));
  if (const Value* value = find_member(object, "batch_axis"))
    layer.batch_axis = reader.whole(*value, join_key(place, "batch_axis"));
  if (const Value* value = find_member(object, "channel_axis"))
    layer.channel_axis = reader.whole(*value, join_key(place, "channel_axis"));
  return layer;
}

ImageResizeLayer image_resize(const ValueReader& reader, const Object& object,
                              const std::string& place) {
  reader.require_keys(object, place, {"op", "shape", "method", "antialias"});
  ImageResizeLayer layer{
      reader.wholes(reader.required(object, place, "shape"), join_key(place, "shape")),
      named(reader, reader.required(object, place, "method"), "method", resize_method_names(),
            find_resize_method, join_key(place, "method"))};
  reader.read(object, place, "antialias", layer.antialias);
  return layer;
}

// A pixel's number, or [start, stop, step] with null where Python leaves one out.
SliceRange range(const ValueReader& reader, const Value& value, const std::string& place) {
  const char* const expected = "the number of a pixel, or a list of start, stop and step (or null)";
  if (std::holds_alternative<std::int64_t>(value.data))
    return {.index = reader.whole(value, place)};
  const List& list = reader.as_list(value, place, expected);
  if (list.size() != 3) reader.fail_type(value, place, expected);
  const auto part = [&](std::size_t i) -> std::optional<std::int64_t> {
    if (std::holds_alternative<std::nullptr_t>(list[i].data)) return std::nullopt;
    return reader.whole(list[i], join_index(place, i));
  };
  return {part(0), part(1), part(2)};
}

SliceLayer slice(const ValueReader& reader, const Object& object, const std::string& place) {
  reader.require_keys(object, place, {"op", "slices"});
  const std::string here = join_key(place, "slices");
  const List& list =
      reader.as_list(reader.required(object, place, "slices"), here, "a list of ranges");
  SliceLayer layer;
  for (std::size_t i = 0; i < list.size(); ++i)
    layer.slices.push_back(range(reader, list[i], join_index(here, i)));
  return layer;
}

}  // namespace

std::optional<Layer> read_pixel_layer(const std::string& op, const Object& object,
                                      const std::string& place, const ValueReader& reader) {
  if (op == "Conv") return Layer{convolution<ConvLayer>(reader, object, place)};
  if (op == "ConvTranspose") return Layer{convolution<ConvTransposeLayer>(reader, object, place)};
  if (op == "ConvLocal") return Layer{convolution<ConvLocalLayer>(reader, object, place)};
  if (op == "AvgPool") return Layer{pool(Pool::average, reader, object, place)};
  if (op == "SumPool") return Layer{pool(Pool::sum, reader, object, place)};
  if (op == "GlobalAvgPool") return Layer{global_pool(Pool::average, reader, object, place)};
  if (op == "GlobalSumPool") return Layer{global_pool(Pool::sum, reader, object, place)};
  if (op == "GlobalSelfAttention") return Layer{attention(reader, object, place)};
  if (op == "Aggregate") return Layer{aggregate(reader, object, place)};
  if (op == "ImageResize") return Layer{image_resize(reader, object, place)};
  if (op == "Slice") return Layer{slice(reader, object, place)};
  return std::nullopt;
}

}  // namespace ntk
