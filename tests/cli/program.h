// Runs the program `ntk` as its users do: a process of its own, in a folder of its own.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "ntk/ntk.h"

namespace ntk::cli_testing {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Outcome {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string out, err;

  Json json() const { return Json::parse(out); }
};

inline std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

using Environment = std::vector<std::pair<std::string, std::string>>;

// A folder that is gone after the test; the program runs in it.
class ProgramTest : public testing::Test {
 protected:
  ProgramTest() {
    std::string pattern = (fs::temp_directory_path() / "ntk_cli_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~ProgramTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  fs::path path(const std::string& name) const { return folder_ / name; }

  // Names of the files in the folder that are not named.
  std::vector<std::string> files_but(const std::vector<std::string>& expected) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (std::find(expected.begin(), expected.end(), name) == expected.end())
        names.push_back(name);
    }
    return names;
  }

  std::string write(const std::string& name, const Array& array) const {
    write_npy(path(name).string(), array);
    return name;
  }
  std::string write(const std::string& name, const std::vector<double>& values, Shape shape) const {
    return write(name, Array::of(values, std::move(shape)));
  }
  std::string write_labels(const std::string& name, const std::vector<std::int64_t>& labels) const {
    return write(name, Array::of(labels, {static_cast<std::int64_t>(labels.size())}));
  }
  std::string write_bytes(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return name;
  }
  Array read(const std::string& name) const { return read_array(path(name).string()); }

  Outcome run(const std::vector<std::string>& arguments, const Environment& environment = {},
              const std::function<void()>& in_child = {}) const {
    std::vector<std::string> words = {NTK_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return execute(words, environment, in_child);
  }

  // Standard output and standard error go to files outside the folder.
  Outcome execute(const std::vector<std::string>& words, const Environment& environment = {},
                  const std::function<void()>& in_child = {}) const {
    const std::string out = folder_.string() + ".out", err = folder_.string() + ".err";
    const pid_t child = fork();
    if (child == 0) {
      redirect(out, STDOUT_FILENO);
      redirect(err, STDERR_FILENO);
      become(words, environment, in_child);
    }
    int status = 0;
    waitpid(child, &status, 0);
    Outcome outcome{exit_code_of(status), read_text(out), read_text(err)};
    fs::remove(out);
    fs::remove(err);
    return outcome;
  }

  static void redirect(const std::string& file, int descriptor) {
    const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(opened, descriptor);
    close(opened);
  }

  [[noreturn]] void become(const std::vector<std::string>& words, const Environment& environment,
                           const std::function<void()>& in_child) const {
    if (chdir(folder_.c_str()) != 0) _exit(126);
    unsetenv("NTK_DEVICE");
    // Threads that spin while they wait make small work on a busy machine many times slower.
    setenv("OMP_WAIT_POLICY", "passive", 0);
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    if (in_child) in_child();
    std::vector<char*> pointers;
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    execvp(pointers[0], pointers.data());
    _exit(127);
  }

  fs::path folder_;
};

// A program whose standard error is a terminal.
class TerminalRun {
 public:
  TerminalRun(const std::function<void()>& child_main) {
    int terminal = -1;
    if (openpty(&master_, &terminal, nullptr, nullptr, nullptr) != 0)
      throw std::runtime_error("no pseudo-terminal");
    child_ = fork();
    if (child_ == 0) {
      dup2(terminal, STDERR_FILENO);
      child_main();
      _exit(127);
    }
    close(terminal);
  }
  ~TerminalRun() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    close(master_);
  }
  TerminalRun(const TerminalRun&) = delete;
  TerminalRun& operator=(const TerminalRun&) = delete;

  // Reads until the text was seen; false when the program ended or the time ran out before.
  bool wait_for(const std::string& text, int milliseconds) {
    while (seen_.find(text) == std::string::npos)
      if (!read_some(milliseconds)) return false;
    return true;
  }
  void signal(int number) const { kill(child_, number); }
  int wait(int milliseconds) {
    while (read_some(milliseconds)) {
    }
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return exit_code_of(status);
  }
  const std::string& seen() const { return seen_; }

 private:
  bool read_some(int milliseconds) {
    pollfd waiting = {master_, POLLIN, 0};
    if (poll(&waiting, 1, milliseconds) <= 0) return false;
    char buffer[4096];
    const ssize_t count = ::read(master_, buffer, sizeof buffer);
    if (count <= 0) return false;
    seen_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int master_ = -1;
  pid_t child_ = -1;
  std::string seen_;
};

// One line, and nothing but it: what an error looks like.
inline bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

// The exit code, and one line on standard error in which a regular expression is found.
inline void expect_failure(const Outcome& outcome, int exit_code, const std::string& words) {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_TRUE(is_one_line(outcome.err)) << outcome.err;
  EXPECT_EQ(outcome.err.rfind("ntk: ", 0), 0u) << outcome.err;
  EXPECT_THAT(outcome.err, testing::ContainsRegex(words));
}

#define EXPECT_FAILS(outcome, exit_code, words)    \
  do {                                             \
    SCOPED_TRACE("");                              \
    expect_failure((outcome), (exit_code), words); \
  } while (false)

}  // namespace ntk::cli_testing
