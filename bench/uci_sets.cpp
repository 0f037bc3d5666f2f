// Every table of a folder through the program's fit and predict, from arrays, .csv and LIBSVM: that
// the answers are equal bit for bit, and how many labels are right. A row of a Markdown table each.
//
//   uci_sets FOLDER [most training samples]
//
// FOLDER holds .npz files with X (float32, samples x features) and y (class labels).
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/cli/uci_files.h"

namespace {

namespace fs = std::filesystem;
using ntk::Array;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Runs the program in the folder.
void run(const std::string& arguments) {
  const int status = std::system((std::string(NTK_PROGRAM) + ' ' + arguments).c_str());
  if (status == 0) return;
  std::fprintf(stderr, "uci_sets: this failed: ntk %s\n", arguments.c_str());
  std::exit(1);
}

struct Answer {
  std::vector<Array> arrays;
  nlohmann::json said;
  double seconds;
};

Answer answer(const std::string& train, const std::string& test) {
  const auto begin = std::chrono::steady_clock::now();
  run("fit --arch 'serial(Dense(64, W_std=1.5, b_std=0.3), Relu(), Dense(1))' --normalize standard "
      "--diag-reg 0.02 --device cpu --quiet --out model.npz " +
      train + " > fit.txt");
  run("predict --model model.npz --cov diag --device cpu --quiet --json --out p.npz " + test +
      " > p.json");
  Answer result{{}, {}, seconds_since(begin)};
  for (const char* name : {"p.npz:mean", "p.npz:cov", "p.npz:labels"})
    result.arrays.push_back(ntk::read_array(name));
  std::ifstream("p.json") >> result.said;
  return result;
}

bool same(const Answer& a, const Answer& b) {
  for (std::size_t i = 0; i < a.arrays.size(); ++i)
    if (a.arrays[i].shape() != b.arrays[i].shape() ||
        std::memcmp(a.arrays[i].data(), b.arrays[i].data(), a.arrays[i].bytes()) != 0)
      return false;
  return a.said.at("accuracy") == b.said.at("accuracy");
}

bool try_set(const fs::path& file, std::int64_t most_training) {
  const std::int64_t rows = ntk::read_array(file.string() + ":y").shape().at(0);
  const std::int64_t step = std::max<std::int64_t>(2, (rows + most_training - 1) / most_training);
  const ntk::uci::Counts counts = ntk::uci::write_files(file.string(), step, fs::current_path());
  const Answer arrays = answer("--x data.npz:x_train --y data.npz:y_train",
                               "--x data.npz:x_test --y data.npz:y_test");
  const std::string as_text = " --task classification --dtype float32";
  const bool equal = same(arrays, answer("--x train.csv --y train.csv:label" + as_text,
                                         "--x test.csv --y test.csv:label")) &&
                     same(arrays, answer("--x train.libsvm" + as_text, "--x test.libsvm"));
  std::printf("| %s | %ld | %ld | %ld | %zu | %.1f %% | %s | %.1f s |\n", file.stem().c_str(),
              static_cast<long>(counts.training), static_cast<long>(counts.test),
              static_cast<long>(counts.features), arrays.said.at("classes").size(),
              100 * arrays.said.at("accuracy").get<double>(), equal ? "yes" : "NO", arrays.seconds);
  std::fflush(stdout);
  return equal;
}

}  // namespace

int main(int argc, char** argv) {
  const long most_training = argc > 2 ? std::atol(argv[2]) : 10000;
  if (argc < 2 || most_training < 1) {
    std::fprintf(stderr, "usage: uci_sets FOLDER [most training samples]\n");
    return 2;
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::absolute(argv[1])))
    if (entry.path().extension() == ".npz") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::string folder = (fs::temp_directory_path() / "ntk_uci_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  fs::current_path(folder);
  std::printf("| set | training | test | features | classes | right | equal from text | time |\n");
  std::printf("|---|---:|---:|---:|---:|---:|---|---:|\n");
  bool all = true;
  for (const fs::path& file : files) all = try_set(file, most_training) && all;
  fs::current_path("/");
  fs::remove_all(folder);
  return all ? 0 : 1;
}
