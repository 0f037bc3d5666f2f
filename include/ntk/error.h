/// \file
/// What libntk throws. Every error says what was wrong, where, what was expected and what to do.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "ntk/api.h"

namespace ntk {

/// What an error is about. The values are the exit codes of the program `ntk`.
enum class ErrorKind {
  data = 1,         ///< data or files: missing, torn, NaN (row and column named), unwritable
  usage = 2,        ///< flags, architectures, arguments, shapes that do not fit each other
  numerical = 3,    ///< not positive definite, not converged
  device = 4,       ///< the device asked for is not available
  memory = 5,       ///< it would not fit in memory (with the number needed and what would fit)
  cancelled = 130,  ///< a progress callback asked to stop
};

/// The base of all that libntk throws of its own. What callbacks throw, and std::bad_alloc for
/// small memory, pass through as they are.
class NTK_API Error : public std::runtime_error {
 public:
  /// `message`: what what() returns.
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  /// What the error is about: one kind for each class below.
  ErrorKind kind() const noexcept { return kind_; }
  /// The kind as a number, which is what a program may exit with.
  int code() const noexcept { return static_cast<int>(kind_); }

 private:
  ErrorKind kind_;
};

/// Data or files (code 1).
class NTK_API DataError : public Error {
 public:
  /// An error of kind data.
  explicit DataError(const std::string& message) : Error(ErrorKind::data, message) {}
};

/// Arguments, architectures, shapes (code 2).
class NTK_API UsageError : public Error {
 public:
  /// An error of kind usage.
  explicit UsageError(const std::string& message) : Error(ErrorKind::usage, message) {}
};

/// A computation that has no answer (code 3).
class NTK_API NumericalError : public Error {
 public:
  /// An error of kind numerical.
  explicit NumericalError(const std::string& message) : Error(ErrorKind::numerical, message) {}
};

/// A Cholesky factorization stopped (code 3).
class NTK_API NotPositiveDefinite : public NumericalError {
 public:
  /// `minor`: see minor().
  NotPositiveDefinite(const std::string& message, std::int64_t minor)
      : NumericalError(message), minor_(minor) {}
  /// The order of the first leading minor that is not positive, counted from 1.
  std::int64_t minor() const noexcept { return minor_; }

 private:
  std::int64_t minor_;
};

/// A device that cannot be used (code 4).
class NTK_API DeviceError : public Error {
 public:
  /// An error of kind device.
  explicit DeviceError(const std::string& message) : Error(ErrorKind::device, message) {}
};

/// What would not fit in memory (code 5).
class NTK_API MemoryError : public Error {
 public:
  /// An error of kind memory.
  explicit MemoryError(const std::string& message) : Error(ErrorKind::memory, message) {}
};

/// A progress callback returned false (code 130).
class NTK_API Cancelled : public Error {
 public:
  /// An error of kind cancelled.
  explicit Cancelled(const std::string& message) : Error(ErrorKind::cancelled, message) {}
};

}  // namespace ntk
