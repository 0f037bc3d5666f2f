// Runs the tests of one executable and says in the last line how many ran and how many were
// skipped.
#include <gtest/gtest.h>

#include <cstdio>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int result = RUN_ALL_TESTS();
  const auto& all = *testing::UnitTest::GetInstance();
  if (testing::GTEST_FLAG(list_tests)) return result;
  std::printf("ran %d, skipped %d, failed %d\n", all.test_to_run_count() - all.skipped_test_count(),
              all.skipped_test_count(), all.failed_test_count());
  if (all.test_to_run_count() == 0) std::printf("no test ran\n");
  return all.test_to_run_count() == 0 ? 1 : result;
}
