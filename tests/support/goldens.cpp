#include "tests/support/goldens.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ntk::testing {

Golden load_golden(const std::string& name) {
  const std::string stem = std::string(NTK_TEST_DATA) + "/goldens/" + name;
  std::ifstream file(stem + ".json");
  std::stringstream text;
  text << file.rdbuf();
  const auto json = nlohmann::json::parse(text.str());
  Golden golden{text.str(), parse_architecture(json.at("architecture").dump()), {}};
  for (NamedArray& array : read_npz(stem + ".npz"))
    golden.arrays.emplace(array.name, std::move(array.array));
  return golden;
}

}  // namespace ntk::testing
