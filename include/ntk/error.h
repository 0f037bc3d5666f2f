// What libntk throws. Every error says what was wrong, where, what was expected and what to do.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace ntk {

// What an error is about. The values are the exit codes of the program `ntk`.
enum class ErrorKind {
  data = 1,         // data or files: missing, torn, NaN (row and column named), unwritable
  usage = 2,        // flags, architectures, arguments, shapes that do not fit each other
  numerical = 3,    // not positive definite, not converged
  device = 4,       // the device asked for is not available
  memory = 5,       // it would not fit in memory (with the number needed and what would fit)
  cancelled = 130,  // a progress callback asked to stop
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

class DataError : public Error {
 public:
  explicit DataError(const std::string& message) : Error(ErrorKind::data, message) {}
};

class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(ErrorKind::usage, message) {}
};

class NumericalError : public Error {
 public:
  explicit NumericalError(const std::string& message) : Error(ErrorKind::numerical, message) {}
};

// A Cholesky factorization stopped at the leading minor of this order (counted from 1).
class NotPositiveDefinite : public NumericalError {
 public:
  NotPositiveDefinite(const std::string& message, std::int64_t minor)
      : NumericalError(message), minor_(minor) {}
  std::int64_t minor() const noexcept { return minor_; }

 private:
  std::int64_t minor_;
};

class DeviceError : public Error {
 public:
  explicit DeviceError(const std::string& message) : Error(ErrorKind::device, message) {}
};

class MemoryError : public Error {
 public:
  explicit MemoryError(const std::string& message) : Error(ErrorKind::memory, message) {}
};

class Cancelled : public Error {
 public:
  explicit Cancelled(const std::string& message) : Error(ErrorKind::cancelled, message) {}
};

}  // namespace ntk
