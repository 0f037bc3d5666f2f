#include <gmock/gmock.h>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::HasSubstr;
using testing::Not;

class Demo : public ProgramTest {};

TEST_F(Demo, ReadsHeldOutDigitsAndWritesAReport) {
  const Outcome done = run({"demo", "--out", "page.html", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const Json result = done.json();
  EXPECT_EQ(result.at("training_samples"), 1297);
  EXPECT_EQ(result.at("test_samples"), 500);
  EXPECT_GE(result.at("accuracy").get<double>(), 0.985);
  EXPECT_EQ(result.at("accuracy").get<double>(), result.at("correct").get<double>() / 500);
  const std::string page = read_text(path("page.html"));
  EXPECT_THAT(page, HasSubstr("serial(Flatten(), Dense(512"));
  EXPECT_THAT(page, HasSubstr("</html>"));
  EXPECT_THAT(page, Not(HasSubstr("http")));
}

TEST_F(Demo, AReportThatCannotBeWrittenIsRefusedAtOnce) {
  EXPECT_FAILS(run({"demo", "--out", "no/page.html"}), 1, "no/page.html");
}

TEST_F(Demo, DataOfAnotherKindIsRefused) {
  write("x.npy", {1, 2}, {1, 2});
  EXPECT_FAILS(run({"demo", "--data", "x.npy"}), 1, "x.npy");
}

}  // namespace
}  // namespace ntk::cli_testing
