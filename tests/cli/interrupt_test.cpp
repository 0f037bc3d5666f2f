// Progress on a terminal, and what is left when the work is stopped.
#include <gmock/gmock.h>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kPatience = 60000;  // milliseconds; a machine may be busy

class LongWork : public ProgramTest {
 protected:
  // The reference backend takes minutes for this.
  LongWork() { write("x.npy", Array(DType::float64, {4000, 8})); }

  std::vector<std::string> command() const {
    return {"gram",      "--arch", "serial(Dense(8, b_std=1), Relu(), Dense(8), Relu(), Dense(1))",
            "--x1",      "x.npy",  "--device",
            "reference", "--out",  "k.npz"};
  }
  std::function<void()> on_terminal(std::vector<std::string> words) const {
    words.insert(words.begin(), NTK_PROGRAM);
    return [this, words] {
      redirect("/dev/null", STDOUT_FILENO);
      become(words, {}, [] {});
    };
  }
};

TEST_F(LongWork, ShowsProgressOnATerminal) {
  TerminalRun program(on_terminal(command()));
  ASSERT_TRUE(program.wait_for(" %", kPatience)) << program.seen();
  ASSERT_TRUE(program.wait_for("left", kPatience)) << program.seen();
  EXPECT_THAT(program.seen(), ContainsRegex("gram +[0-9]+ %"));
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(kPatience), 130);
}

TEST_F(LongWork, StopsAtCtrlCAndLeavesNothing) {
  for (const int signal : {SIGINT, SIGTERM}) {
    TerminalRun program(on_terminal(command()));
    ASSERT_TRUE(program.wait_for(" %", kPatience)) << program.seen();
    program.signal(signal);
    EXPECT_EQ(program.wait(kPatience), 130);
    EXPECT_THAT(files_but({"x.npy"}), ElementsAre());
    // The line of progress is gone; what remains is one line that says it.
    const std::string seen = program.seen();
    const std::size_t cleared = seen.rfind("\r\033[K");
    ASSERT_NE(cleared, std::string::npos);
    EXPECT_THAT(seen.substr(cleared), testing::MatchesRegex("\r\033\\[Kntk: [^\n]+\n"));
  }
}

TEST_F(LongWork, ASecondCtrlCEndsItAtOnce) {
  TerminalRun program(on_terminal(command()));
  ASSERT_TRUE(program.wait_for(" %", kPatience)) << program.seen();
  program.signal(SIGINT);
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(kPatience), 130);
  EXPECT_THAT(files_but({"x.npy"}), ElementsAre());
}

TEST_F(LongWork, AnOldResultSurvivesWorkThatWasStopped) {
  write_bytes("k.npz", "what was here before");
  TerminalRun program(on_terminal(command()));
  ASSERT_TRUE(program.wait_for(" %", kPatience)) << program.seen();
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(kPatience), 130);
  EXPECT_EQ(read_text(path("k.npz")), "what was here before");
}

TEST_F(LongWork, QuietShowsNothingOnATerminal) {
  std::vector<std::string> words = command();
  words.push_back("--quiet");
  TerminalRun program(on_terminal(words));
  EXPECT_FALSE(program.wait_for("%", 1500));
  EXPECT_EQ(program.seen(), "");
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(kPatience), 130);
}

TEST_F(ProgramTest, ShortWorkWritesNothingToStandardError) {
  write("x.npy", Array(DType::float64, {600, 8}));
  const Outcome done = run({"gram", "--arch", "serial(Dense(8), Relu(), Dense(1))", "--x1", "x.npy",
                            "--device", "cpu", "--out", "k.npz"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.err, "");
}

}  // namespace
}  // namespace ntk::cli_testing
