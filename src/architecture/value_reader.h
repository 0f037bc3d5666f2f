// Values of a text as the types that a layer wants them to be. All functions throw UsageError with
// the place and what the value is instead.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "ntk/architecture.h"
#include "src/architecture/source.h"
#include "src/architecture/value.h"

namespace ntk {

class ValueReader {
 public:
  explicit ValueReader(const Source& source) : source_(source) {}

  const Source& source() const { return source_; }

  // --- keys ---

  void require_keys(const Object& object, const std::string& place,
                    const std::vector<std::string>& known) const;
  const Value& required(const Object& object, const std::string& place,
                        const std::string& key) const;
  // A required key that says which other keys are known, so that nobody asked yet whether they are.
  const Value& guiding(const Object& object, const std::string& place,
                       const std::string& key) const;
  // The value if the key is there and not null.
  static const Value* given(const Object& object, const std::string& key);
  // One parameterization holds for the whole network.
  void require_no_parameterization(const Object& object, const std::string& place) const;

  // --- types ---

  [[noreturn]] void fail_type(const Value& value, const std::string& place,
                              const std::string& expected) const;
  double number(const Value& value, const std::string& place) const;
  std::int64_t whole(const Value& value, const std::string& place) const;
  bool flag(const Value& value, const std::string& place) const;
  std::vector<double> numbers(const Value& value, const std::string& place) const;
  std::vector<std::int64_t> wholes(const Value& value, const std::string& place) const;
  // One number, as neural_tangents has it, or a list.
  std::vector<std::int64_t> axes(const Value& value, const std::string& place) const;
  std::array<double, 2> pair(const Value& value, const std::string& place) const;
  const std::string& as_text(const Value& value, const std::string& place) const;
  const List& as_list(const Value& value, const std::string& place,
                      const std::string& expected) const;
  const Object& as_object(const Value& value, const std::string& place,
                          const std::string& expected) const;

  // --- members of an object ---

  std::int64_t required_whole(const Object& object, const std::string& place,
                              const std::string& key) const {
    return whole(required(object, place, key), join_key(place, key));
  }
  // These leave `result` as it is where the key is not there.
  void read(const Object& object, const std::string& place, const std::string& key,
            double& result) const;
  void read(const Object& object, const std::string& place, const std::string& key,
            bool& result) const;
  // What Dense and convolutions have in common.
  template <class Options>
  void read_weights(const Object& object, const std::string& place, Options& options) const {
    read(object, place, "W_std", options.W_std);
    if (const Value* value = given(object, "b_std"))
      options.b_std = number(*value, join_key(place, "b_std"));
    if (const Value* value = find_member(object, "s"))
      options.s = pair(*value, join_key(place, "s"));
    read(object, place, "trainable", options.trainable);
  }

 private:
  const Source& source_;
};

}  // namespace ntk
