// What docs/architecture.md shows can be pasted.
#include <fstream>
#include <sstream>

#include "architecture/refusal.h"
#include "src/architecture/named_networks.h"
#include "src/architecture/names.h"

namespace ntk {
namespace {

std::string document() {
  std::ifstream file(NTK_SOURCE_DIR "/docs/architecture.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The fenced blocks of this language.
std::vector<std::string> blocks(const std::string& text, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  std::vector<std::string> result;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    result.push_back(text.substr(at, text.find("```", at) - at));
  }
  return result;
}

TEST(Documentation, ShowsJsonThatParses) {
  const auto shown = blocks(document(), "json");
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(parse_architecture(shown[0]).layers().size(), 6u);
  EXPECT_EQ(parse_architecture(shown[1]).layers().size(), 3u);
}

TEST(Documentation, ShowsExpressionsThatParse) {
  const auto shown = blocks(document(), "python");
  ASSERT_EQ(shown.size(), 6u);
  EXPECT_EQ(parse_architecture(shown[0]).layers().size(), 5u);
  EXPECT_EQ(parse_architecture(shown[1]).to_expression() + "\n", shown[1]);
  EXPECT_EQ(parse_architecture(shown[2]).to_expression() + "\n", shown[2]);
  EXPECT_EQ(parse_architecture(shown[3]).to_expression() + "\n", shown[3]);
  EXPECT_EQ(parse_architecture(shown[4]).to_expression() + "\n", shown[4]);
  EXPECT_EQ(parse_architecture(shown[5]).layers().size(), 42u);
}

TEST(Documentation, HasEveryOp) {
  const std::string text = document();
  for (const std::string& op : supported_ops())
    EXPECT_NE(text.find("| `" + op + "` |"), std::string::npos) << op;
  for (const NamedNetwork& network : named_networks())
    EXPECT_NE(text.find("`" + std::string(network.name) + "`"), std::string::npos) << network.name;
}

}  // namespace
}  // namespace ntk
