// Golden cases: tests/data/goldens/README.md.
#pragma once

#include <map>
#include <string>

#include "ntk/architecture.h"
#include "ntk/array.h"
#include "ntk/io.h"

namespace ntk::testing {

struct Golden {
  std::string json;  // the whole description
  Architecture architecture;
  std::map<std::string, Array> arrays;

  const Array& operator[](const std::string& name) const { return arrays.at(name); }
};

Golden load_golden(const std::string& name);

}  // namespace ntk::testing
