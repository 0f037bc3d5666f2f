// The planted faults of faults.cu, each run in several orders of its threads: what this kind of
// build sees of them, and what it misses, must stay as it says here.
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>
#include <ostream>
#include <set>
#include <sstream>
#include <string>

namespace {

enum class Outcome {
  missed,        // ran to its end with the right result
  wrong_result,  // which a test of the kernel would notice
  fault,         // named by the shim
  address,       // reported by AddressSanitizer
  undefined,     // reported by UndefinedBehaviorSanitizer
  race,          // reported by ThreadSanitizer
  crash,
  unclear,  // none of these: an error of the test
};

// By the kind of build.
struct Expectation {
  Outcome plain, address_sanitizer, thread_sanitizer;
};

struct FaultCase {
  const char* name;
  Expectation expected;
};

constexpr Expectation everywhere(Outcome outcome) { return {outcome, outcome, outcome}; }

using enum Outcome;

// Caught means: in at least one of the orders.
constexpr FaultCase kCases[] = {
    {"clean", everywhere(missed)},
    {"clean_across_launches", everywhere(missed)},
    {"static_shared_overrun", {missed, address, missed}},
    {"dynamic_shared_overrun", {missed, address, missed}},
    {"global_overrun", {missed, address, missed}},
    {"stack_overflow", {crash, address, crash}},
    {"barrier_in_branch", everywhere(fault)},
    {"barrier_in_both_branches", everywhere(fault)},
    {"early_return", everywhere(fault)},
    {"shuffle_in_branch", everywhere(fault)},
    {"shuffle_from_outside_mask", everywhere(fault)},
    {"shuffle_without_self", everywhere(fault)},
    {"missing_barrier", {wrong_result, wrong_result, race}},
    {"missing_barrier_in_one_direction", {wrong_result, wrong_result, race}},
    {"missing_warp_barrier", {wrong_result, wrong_result, race}},
    {"missing_barrier_in_loop", {wrong_result, wrong_result, race}},
    // No fiber is interrupted between its load and its store.
    {"race_in_sum", {missed, missed, race}},
    {"race_with_right_result", {missed, missed, race}},
    {"race_between_blocks", {missed, missed, race}},
    {"uninitialised_shared", everywhere(wrong_result)},
    {"uninitialised_dynamic_shared", everywhere(wrong_result)},
    {"stale_shared", everywhere(wrong_result)},
    {"uninitialised_global", everywhere(wrong_result)},
    {"host_pointer", everywhere(fault)},
    {"freed_pointer", everywhere(fault)},
#ifdef CUDA_ON_HOST_TEST_ASAN
    // Elsewhere it depends on the instructions that the compiler chose.
    {"misaligned_vector", everywhere(undefined)},
#endif
};

Outcome expected(const FaultCase& c) {
#if defined(CUDA_ON_HOST_TEST_ASAN)
  return c.expected.address_sanitizer;
#elif defined(CUDA_ON_HOST_TEST_TSAN)
  return c.expected.thread_sanitizer;
#else
  return c.expected.plain;
#endif
}

// ThreadSanitizer's races do not depend on the order, and it is slow.
#ifdef CUDA_ON_HOST_TEST_TSAN
constexpr int kSeeds[] = {0, 3};
#else
constexpr int kSeeds[] = {0, 1, 2, 3};
#endif

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case missed:
      return "missed";
    case wrong_result:
      return "wrong result";
    case fault:
      return "fault named by the shim";
    case address:
      return "AddressSanitizer's report";
    case undefined:
      return "UndefinedBehaviorSanitizer's report";
    case race:
      return "ThreadSanitizer's report of a race";
    case crash:
      return "crash";
    case unclear:
      break;
  }
  return "unclear";
}

void PrintTo(const FaultCase& c, std::ostream* out) { *out << c.name; }

struct Finished {
  std::string output;
  int status;
};

Finished run_program(const std::string& arguments) {
  const std::string command = std::string(CUDA_ON_HOST_FAULTS) + " " + arguments + " 2>&1";
  const auto close = [](FILE* f) { pclose(f); };
  std::unique_ptr<FILE, decltype(close)> pipe(popen(command.c_str(), "r"), close);
  if (pipe == nullptr) return {"could not be started", -1};
  Finished finished{"", 0};
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    finished.output.append(buffer.data(), n);
  }
  finished.status = pclose(pipe.release());
  return finished;
}

// The shell tells of a signal by a status of 128 + its number.
bool has_crashed(int status) {
  return WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) > 128);
}

Outcome classify(const Finished& finished) {
  const auto says = [&](const char* text) {
    return finished.output.find(text) != std::string::npos;
  };
  if (says("ERROR: AddressSanitizer")) return address;
  if (says("runtime error:")) return undefined;
  if (says("WARNING: ThreadSanitizer: data race")) return race;
  if (says("ERROR: ThreadSanitizer: stack-overflow") || has_crashed(finished.status)) return crash;
  if (finished.status != 0) return unclear;
  if (says("fault: cuda_on_host: ")) return fault;
  if (says("wrong result")) return wrong_result;
  return says("right result") ? missed : unclear;
}

class PlantedFault : public testing::TestWithParam<FaultCase> {};

TEST_P(PlantedFault, IsSeenAsExpected) {
  const Outcome wanted = expected(GetParam());
  bool seen = false;
  for (const int seed : kSeeds) {
    const Finished finished =
        run_program(std::string(GetParam().name) + " " + std::to_string(seed));
    const Outcome outcome = classify(finished);
    seen = seen || outcome == wanted;
    EXPECT_TRUE(outcome == wanted || outcome == missed)
        << "order " << seed << ": " << name_of(outcome) << " instead of " << name_of(wanted) << "\n"
        << finished.output;
  }
  EXPECT_TRUE(seen) << "expected in some order: " << name_of(wanted);
}

INSTANTIATE_TEST_SUITE_P(CudaOnHost, PlantedFault, testing::ValuesIn(kCases),
                         [](const auto& c) { return std::string(c.param.name); });

TEST(PlantedFaults, AreAllInTheTable) {
  std::set<std::string> listed{"misaligned_vector"};
  for (const FaultCase& c : kCases) listed.insert(c.name);
  std::set<std::string> planted;
  std::istringstream names(run_program("").output);
  for (std::string name; names >> name;) planted.insert(name);
  EXPECT_EQ(planted, listed);
}

}  // namespace
