// What a user may do wrong, what the program says, and how it exits. Nothing is written in any
// case.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::ElementsAre;

class BadInput : public ProgramTest {
 protected:
  BadInput() { write("x.npy", {1, 2, 3, 4}, {2, 2}); }
  ~BadInput() override {
    EXPECT_FALSE(fs::exists(path("k.npz")));
    EXPECT_FALSE(fs::exists(path("k.npz.partial")));
  }

  Outcome gram_of(const std::string& x1, const std::vector<std::string>& more = {}) const {
    return gram_with(kNetwork, x1, more);
  }
  Outcome gram_with(const std::string& arch, const std::string& x1 = "x.npy",
                    const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"gram", "--arch", arch, "--x1", x1, "--out", "k.npz"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  static constexpr const char* kNetwork = "serial(Dense(8), Relu(), Dense(1))";
};

TEST_F(BadInput, NanIsNamedByRowAndColumn) {
  write("nan.npy", {1, 2, 3, std::nan("")}, {2, 2});
  EXPECT_FAILS(gram_of("nan.npy"), 1, "NaN at row 1, column 1");
  EXPECT_FAILS(gram_of("x.npy", {"--x2", "nan.npy"}), 1, "NaN at row 1, column 1");
}

TEST_F(BadInput, InfinityIsNamedByRowAndColumn) {
  write("inf.npy", {1, std::numeric_limits<double>::infinity(), 3, 4}, {2, 2});
  EXPECT_FAILS(gram_of("inf.npy"), 1, "Inf at row 0, column 1");
}

TEST_F(BadInput, IntegersThatFloat64CannotHoldAreRefused) {
  const std::int64_t past = (std::int64_t{1} << 53) + 1;
  write("i.npy", Array::of<std::int64_t>({1, 2, past, 4}, {2, 2}));
  EXPECT_FAILS(gram_of("i.npy"), 1, "x: 9007199254740993 at \\[1, 0\\].*exactly");
  write("y.npy", Array::of<std::int64_t>({1, past}, {2}));
  EXPECT_FAILS(run({"fit", "--arch", kNetwork, "--x", "x.npy", "--y", "y.npy", "--task",
                    "regression", "--out", "k.npz"}),
               1, "y: 9007199254740993 at \\[1\\]");
}

TEST_F(BadInput, NanInTargetsIsRefused) {
  write("y.npy", {1, std::nan("")}, {2});
  EXPECT_FAILS(run({"fit", "--arch", kNetwork, "--x", "x.npy", "--y", "y.npy", "--out", "k.npz"}),
               1, "NaN at row 1");
}

TEST_F(BadInput, SamplesWithoutFeaturesAreRefused) {
  write("none.npy", Array(DType::float64, {2, 0}));
  EXPECT_FAILS(gram_of("none.npy"), 2, "no features");
}

TEST_F(BadInput, SamplesOfAnotherWidthAreRefused) {
  write("wide.npy", {1, 2, 3}, {1, 3});
  EXPECT_FAILS(gram_of("x.npy", {"--x2", "wide.npy"}), 2, "2 .*3");
}

TEST_F(BadInput, AnUnknownLayerIsAnsweredWithTheNearest) {
  EXPECT_FAILS(gram_with("serial(Dense(8), Rely(), Dense(1))"), 2, "Rely.*Relu");
}

TEST_F(BadInput, AnUnknownKeyIsAnsweredWithTheNearest) {
  EXPECT_FAILS(gram_with(R"({"ntk_architecture": 1, "layers": [)"
                         R"({"op": "Dense", "out_dim": 1, "Wstd": 2}]})"),
               2, "Wstd.*W_std");
}

TEST_F(BadInput, TruncatedJsonIsRefused) {
  EXPECT_FAILS(gram_with(R"({"ntk_architecture": 1, "layers": [{"op": "Den)"), 2, "JSON");
}

TEST_F(BadInput, NanAsAParameterIsRefused) {
  EXPECT_FAILS(gram_with("serial(Dense(1, W_std=nan))"), 2, "nan");
}

TEST_F(BadInput, AMissingFileIsNamed) {
  EXPECT_FAILS(gram_of("nowhere.npy"), 1, "nowhere.npy.*No such file");
}

TEST_F(BadInput, ATornFileIsRefused) {
  const std::string whole = read_text(path("x.npy"));
  write_bytes("torn.npy", whole.substr(0, whole.size() - 5));
  EXPECT_FAILS(gram_of("torn.npy"), 1, "torn.npy");
}

TEST_F(BadInput, AHostileHeaderAllocatesNothing) {
  std::string header =
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}";
  header.resize(117, ' ');
  write_bytes("huge.npy", std::string("\x93NUMPY\x01\x00", 8) + std::string("\x76\x00", 2) +
                              header + "\n" + "12345678");
  EXPECT_FAILS(gram_of("huge.npy"), 1, "huge.npy");
}

TEST_F(BadInput, AMatrixFarPastMemoryIsRefusedBeforeItIsAllocated) {
  write("many.npy", Array(DType::float32, {3000000, 1}));
  const Outcome refused = gram_of("many.npy");
  EXPECT_FAILS(refused, 5, "3000000 x 3000000.*TiB.*free");
  EXPECT_THAT(refused.err, testing::ContainsRegex("would fit"));
}

TEST_F(BadInput, TheMemoryLimitIsKept) {
  write("some.npy", Array(DType::float64, {2000, 2}));
  EXPECT_FAILS(gram_of("some.npy", {"--memory-limit", "4M"}), 5, "4.0 MiB are allowed");
}

TEST_F(BadInput, AMissingFolderIsFoundOutBeforeTheWork) {
  EXPECT_FAILS(run({"gram", "--arch", kNetwork, "--x1", "nowhere.npy", "--out", "no/k.npz"}), 1,
               "no/k.npz: cannot write it: the folder /.*/no does not exist; make it first");
}

TEST_F(BadInput, RowsThatDoNotFitAreNamedWithTheirFiles) {
  write("y.npy", {1, 2, 3}, {3});
  write("flat.npy", {1, 2}, {1, 2});
  const auto fit_to = [&](const std::string& y) {
    return run({"fit", "--arch", kNetwork, "--x", "x.npy", "--y", y, "--out", "k.npz"});
  };
  EXPECT_FAILS(fit_to("y.npy"), 2, "y.npy has 3 rows .*--x x.npy has 2 .*2x2");
  EXPECT_FAILS(fit_to("flat.npy"), 2, "flat.npy has 1 row.*transposed");
  write_bytes("t.csv", "a,b\n1,2\n3,4\n5,7\n");
  EXPECT_FAILS(run({"fit", "--arch", kNetwork, "--x", "x.npy", "--y", "t.csv:b", "--task",
                    "regression", "--out", "k.npz"}),
               2, "t.csv:b has 3 rows.*x.npy has 2");
  EXPECT_FAILS(run({"fit", "--gram", "x.npy", "--y", "y.npy", "--out", "k.npz"}), 2,
               "y.npy has 3 rows.*--gram x.npy has 2");
}

TEST_F(BadInput, ADeviceFileIsNotOverwritten) {
  fs::create_symlink("/dev/full", path("full.npz"));
  EXPECT_FAILS(run({"gram", "--arch", kNetwork, "--x1", "x.npy", "--out", "full.npz"}), 1,
               "full.npz");
}

// A disk that fills up while the file is written.
TEST_F(BadInput, AFileThatCannotGrowIsNotLeftBehind) {
  write("some.npy", Array(DType::float64, {300, 2}));
  const Outcome failed =
      run({"gram", "--arch", "serial(Dense(1, b_std=1))", "--x1", "some.npy", "--out", "k.npz"}, {},
          [] {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit = {100000, 100000};
            setrlimit(RLIMIT_FSIZE, &limit);
          });
  EXPECT_FAILS(failed, 1, "k.npz: cannot write.*(1.4 MiB|too large)");
  EXPECT_THAT(files_but({"x.npy", "some.npy"}), ElementsAre());
}

TEST_F(BadInput, FullStandardOutputIsAnError) {
  const Outcome failed = run({"info"}, {}, [] { redirect("/dev/full", STDOUT_FILENO); });
  EXPECT_FAILS(failed, 1, "standard output");
}

TEST_F(BadInput, TwoKernelsDoNotFitOneNpyFile) {
  EXPECT_FAILS(run({"gram", "--arch", kNetwork, "--x1", "x.npy", "--out", "k.npy"}), 2, "npz");
}

TEST_F(BadInput, AnOutputNeedsAnEndingThatIsKnown) {
  EXPECT_FAILS(run({"gram", "--arch", kNetwork, "--x1", "x.npy", "--out", "k.mat"}), 2,
               "--out.*npz.*k.mat");
}

TEST_F(BadInput, ADeviceThatIsNotThereExitsWithFour) {
  for (const DeviceInfo& info : devices())
    if (info.device == Device::cuda && info.usable) GTEST_SKIP() << "a usable GPU is here";
  EXPECT_FAILS(gram_of("x.npy", {"--device", "cuda"}), 4, "cuda is not usable: .+");
}

TEST_F(BadInput, ASingularKernelExitsWithThree) {
  write("twice.npy", {1, 2, 1, 2}, {2, 2});
  write("y.npy", {1, -1}, {2});
  EXPECT_FAILS(
      run({"fit", "--arch", kNetwork, "--x", "twice.npy", "--y", "y.npy", "--out", "k.npz"}), 3,
      "minor of order 2.*diag_reg");
}

TEST_F(BadInput, JsonErrorsTellKindAndExitCode) {
  const Outcome failed = gram_of("nowhere.npy", {"--json"});
  EXPECT_EQ(failed.exit_code, 1);
  const Json error = failed.json().at("error");
  EXPECT_EQ(error.at("kind"), "data");
  EXPECT_EQ(error.at("exit_code"), 1);
  EXPECT_EQ("ntk: " + error.at("message").get<std::string>() + "\n", failed.err);
}

}  // namespace
}  // namespace ntk::cli_testing
