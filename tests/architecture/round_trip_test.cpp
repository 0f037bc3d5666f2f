// Architecture, JSON and expression say the same; no text makes the parsers fall.
#include <fstream>
#include <nlohmann/json.hpp>

#include "architecture/refusal.h"
#include "src/architecture/names.h"
#include "src/architecture/parse.h"
#include "tests/support/random_architecture.h"

namespace ntk {
namespace {

using testing::HasSubstr;

nlohmann::json read_data(const std::string& name) {
  std::ifstream file(std::string(NTK_TEST_DATA) + "/" + name);
  return nlohmann::json::parse(file);
}

void expect_round_trips(const Architecture& net) {
  EXPECT_EQ(parse_architecture(net.to_json()), net);
  EXPECT_EQ(parse_architecture(net.to_json(true)), net);
  EXPECT_EQ(parse_architecture(net.to_expression()), net);
  EXPECT_EQ(nlohmann::json::parse(net.to_json()), nlohmann::json::parse(net.to_json(true)));
}

// Whether only ops that are supported stand in these layers.
bool in_scope(const nlohmann::json& layers) {
  for (const auto& layer : layers) {
    if (is_planned_op(layer.at("op").get<std::string>())) return false;
    if (layer.contains("join") && layer.at("join") != "FanInSum") return false;
    if (layer.value("approximate", false)) return false;
    if (layer.contains("layers") && !in_scope(layer.at("layers"))) return false;
    if (layer.contains("branches"))
      for (const auto& branch : layer.at("branches"))
        if (!in_scope(branch)) return false;
  }
  return true;
}

TEST(RoundTrip, OfKnownArchitectures) {
  int supported = 0;
  const auto architectures = read_data("architectures.json");
  for (const auto& [name, json] : architectures.items()) {
    SCOPED_TRACE(name);
    if (!in_scope(json.at("layers"))) {
      EXPECT_THAT(refusal_of_text(json.dump()), HasSubstr("not yet supported"));
      continue;
    }
    ++supported;
    const Architecture net = parse_architecture(json.dump());
    expect_round_trips(net);
    EXPECT_EQ(net.layers().size(), json.at("layers").size());
    EXPECT_EQ(net.parameterization() == Parameterization::standard,
              json.at("parameterization") == "standard");
  }
  EXPECT_EQ(supported, 31);
}

TEST(RoundTrip, OfRandomArchitectures) {
  RandomArchitectures architectures(1);
  for (int i = 0; i < 500; ++i) {
    SCOPED_TRACE(i);
    expect_round_trips(architectures.next());
  }
}

TEST(RoundTrip, OfTheDeepestArchitecture) {
  Layer layer = Dense(3);
  for (int i = 0; i < 64; ++i) layer = Parallel({{std::move(layer)}});
  expect_round_trips(serial(std::move(layer)));
}

TEST(RoundTrip, OfALongArchitecture) {
  Layers layers;
  for (int i = 0; i < 20'000; ++i)
    layers.push_back(Dense(3, {.W_std = 0.1 + i, .b_std = 1e-5 * i}));
  expect_round_trips(serial(std::move(layers)));
}

TEST(Equality, SeesEveryDifference) {
  const std::vector<Architecture> all = {
      serial(Dense(3)),
      serial({Dense(3)}, Parameterization::standard),
      serial(Dense(4)),
      serial(Dense(3, {.W_std = 2})),
      serial(Dense(3, {.b_std = 0})),
      serial(Dense(3, {.trainable = false})),
      serial({Dense(3, {.s = {2, 1}})}, Parameterization::standard),
      serial(Dense(3), Dense(3)),
      serial(Dense(3), Relu()),
      serial(Dense(3), LeakyRelu(0.1)),
      serial(Dense(3), LeakyRelu(0.2)),
      serial(Identity()),
      serial(Flatten()),
      serial(Dense(3), Residual({Dense(3)})),
      serial(Dense(3), Parallel({{Dense(3)}})),
      serial(Dense(3), Parallel({{Dense(3)}, {}})),
      serial(Dense(3), Repeat(1, {Dense(3)})),
      serial(Dense(3), Repeat(2, {Dense(3)}))};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all.size(); ++j)
      EXPECT_EQ(all[i] == all[j], i == j) << all[i].to_json() << '\n' << all[j].to_json();
}

TEST(Writer, LeavesDefaultsOut) {
  const Architecture net =
      serial(Dense(512, {.W_std = 1.5}), Erf(1, 2), Dense(4), Residual({Dense(4)}));
  EXPECT_EQ(net.to_expression(),
            "serial(Dense(512, W_std=1.5), Erf(b=2), Dense(4), Residual(Dense(4)))");
  EXPECT_EQ(net.to_json(),
            R"({"ntk_architecture": 1, "parameterization": "ntk", "layers": [)"
            R"({"op": "Dense", "out_dim": 512, "W_std": 1.5}, {"op": "Erf", "b": 2}, )"
            R"({"op": "Dense", "out_dim": 4}, )"
            R"({"op": "Residual", "layers": [{"op": "Dense", "out_dim": 4}]}]})");
}

TEST(Writer, PutsEachLayerOnALineWhenPretty) {
  EXPECT_EQ(serial(Dense(2), Residual({Dense(2)})).to_json(true), R"({
  "ntk_architecture": 1,
  "parameterization": "ntk",
  "layers": [
    {"op": "Dense", "out_dim": 2},
    {"op": "Residual", "layers": [
      {"op": "Dense", "out_dim": 2}
    ]}
  ]
})");
}

// The reason that each refusal must give, by a part of the stated one.
TEST(Refusals, SayWhy) {
  const std::vector<std::pair<std::string, std::string>> reasons = {
      {"unknown op", "nearest known name: Relu"},
      {"misspelt key", "nearest known name: W_std"},
      {"unknown version", "unknown version"},
      {"negative standard deviation", "standard deviation and must not be negative"},
      {"string where a number belongs", "must be a whole number"},
      {"LayerNorm after", "LayerNorm is known to the plan of libntk but not yet supported"},
      {"two nonlinearities in a row", "Erf needs a Gaussian input, but it comes from Relu"},
      {"FanInSum of branches that are not Gaussian", "adds Gaussian branches"},
      {"FanInSum of branches with unequal shapes", "Conv is known to the plan"},
      {"a network without layers", "at least one layer"},
      {"convolution on vectors", "Conv is known to the plan"},
      {"filter larger than the image", "Conv is known to the plan"},
      {"a nonlinearity on raw data", "a weight layer such as Dense must come before"}};
  const auto cases = read_data("refusals.json");
  ASSERT_EQ(cases.size(), reasons.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(cases[i].at("why").get<std::string>().rfind(reasons[i].first, 0), 0u);
    EXPECT_THAT(refusal_of_text(cases[i].at("architecture").dump()), HasSubstr(reasons[i].second));
  }
}

// A network that parses must survive; anything else must be refused as what it is.
void expect_parsed_or_refused(const std::string& text) {
  SCOPED_TRACE(text);
  try {
    const Architecture net = parse_architecture_text(text);
    EXPECT_EQ(parse_architecture_text(net.to_json()), net);
    EXPECT_EQ(parse_architecture_text(net.to_expression()), net);
  } catch (const UsageError& error) {
    EXPECT_GT(std::string(error.what()).size(), std::string("architecture: ").size());
  }
}

TEST(Robustness, RandomBytesAreRefused) {
  std::mt19937 random(2);
  for (int i = 0; i < 3000; ++i) {
    std::string text = i % 2 ? "{" : "serial(";
    for (std::size_t n = random() % 60; n > 0; --n) text += static_cast<char>(random() % 256);
    expect_parsed_or_refused(text);
  }
}

TEST(Robustness, MutatedTextsAreParsedOrRefused) {
  const std::vector<std::string> pieces = {
      "{",     "}",     "[",      "]",       "(",       ")",        ",",        ":",        "\"",
      "op",    "null",  "true",   "-1",      "1e999",   "0",        "Relu()",   "Dense(",   "=",
      "W_std", "None",  "layers", "serial(", "FanOut(", "Repeat(2", "parallel", "\xff\xfe", "times",
      "1.5",   "join=", "'ntk'",  "{\"op\"", "stax.",   "branches", "s=(1,2)",  "\n",       "#"};
  std::mt19937 random(3);
  RandomArchitectures architectures(4);
  for (int i = 0; i < 3000; ++i) {
    const Architecture net = architectures.next();
    std::string text = i % 2 ? net.to_json() : net.to_expression();
    for (std::size_t n = 1 + random() % 3; n > 0; --n) {
      const std::size_t at = random() % (text.size() + 1);
      switch (random() % 4) {
        case 0:
          text.insert(at, pieces[random() % pieces.size()]);
          break;
        case 1:
          text.erase(at, random() % 8);
          break;
        case 2:
          text.resize(at);
          break;
        default:
          text.insert(at, text.substr(random() % (text.size() + 1), random() % 30));
          break;
      }
    }
    expect_parsed_or_refused(text);
  }
}

}  // namespace
}  // namespace ntk
