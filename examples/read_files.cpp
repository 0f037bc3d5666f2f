// What is in an array file: a .npy file, a member of an archive (data.npz:name), or all of an
// archive.
#include <cstdio>
#include <limits>
#include <string>

#include "ntk/ntk.h"

void describe(const std::string& name, const ntk::Array& array) {
  const ntk::Array values = array.converted_to(ntk::DType::float64);
  double least = std::numeric_limits<double>::infinity(), most = -least, sum = 0;
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const double value = values.as<double>()[i];
    least = value < least ? value : least, most = value > most ? value : most, sum += value;
  }
  std::printf("%-10s %-14s %-8s %8.4g to %.4g, mean %.4g\n", name.c_str(),
              ntk::to_string(array.shape()).c_str(), ntk::name_of(array.dtype()), least, most,
              sum / static_cast<double>(values.size()));
}

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "examples/data/digits.npz";
  try {
    if (path.ends_with(".npz"))
      for (const ntk::NamedArray& member : ntk::read_npz(path)) describe(member.name, member.array);
    else
      describe("array", ntk::read_array(path));
  } catch (const ntk::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.code();
  }
}
