#include "src/architecture/value_reader.h"

#include <algorithm>

#include "src/architecture/names.h"

namespace ntk {

void ValueReader::require_keys(const Object& object, const std::string& place,
                               const std::vector<std::string>& known) const {
  for (const Member& member : object.members)
    if (std::find(known.begin(), known.end(), member.key) == known.end())
      source_.fail(join_key(place, member.key), unknown_name("key", member.key, known));
}

const Value& ValueReader::required(const Object& object, const std::string& place,
                                   const std::string& key) const {
  if (const Value* value = find_member(object, key)) return *value;
  source_.fail(place, "the key " + key + " is missing");
}

const Value& ValueReader::guiding(const Object& object, const std::string& place,
                                  const std::string& key) const {
  if (!find_member(object, key))
    for (const Member& member : object.members)
      if (!nearest_name(member.key, {key}).empty())
        source_.fail(join_key(place, member.key), unknown_name("key", member.key, {key}));
  return required(object, place, key);
}

const Value* ValueReader::given(const Object& object, const std::string& key) {
  const Value* value = find_member(object, key);
  return value && !std::holds_alternative<std::nullptr_t>(value->data) ? value : nullptr;
}

void ValueReader::require_no_parameterization(const Object& object,
                                              const std::string& place) const {
  if (find_member(object, "parameterization"))
    source_.fail(join_key(place, "parameterization"),
                 "a network has one parameterization: the key stands beside layers");
}

void ValueReader::fail_type(const Value& value, const std::string& place,
                            const std::string& expected) const {
  source_.fail(place, "must be " + expected + ", is " + describe(value));
}

double ValueReader::number(const Value& value, const std::string& place) const {
  if (const auto* d = std::get_if<double>(&value.data)) return *d;
  if (const auto* i = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*i);
  fail_type(value, place, "a number");
}

std::int64_t ValueReader::whole(const Value& value, const std::string& place) const {
  if (const auto* i = std::get_if<std::int64_t>(&value.data)) return *i;
  fail_type(value, place, "a whole number of at most 64 bits, without a decimal point");
}

bool ValueReader::flag(const Value& value, const std::string& place) const {
  if (const auto* b = std::get_if<bool>(&value.data)) return *b;
  fail_type(value, place, "true or false");
}

std::vector<double> ValueReader::numbers(const Value& value, const std::string& place) const {
  const List& list = as_list(value, place, "a list of numbers");
  std::vector<double> result;
  for (std::size_t i = 0; i < list.size(); ++i)
    result.push_back(number(list[i], join_index(place, i)));
  return result;
}

std::vector<std::int64_t> ValueReader::wholes(const Value& value, const std::string& place) const {
  const List& list = as_list(value, place, "a list of whole numbers");
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < list.size(); ++i)
    result.push_back(whole(list[i], join_index(place, i)));
  return result;
}

std::vector<std::int64_t> ValueReader::axes(const Value& value, const std::string& place) const {
  if (const auto* one = std::get_if<std::int64_t>(&value.data)) return {*one};
  if (!std::holds_alternative<List>(value.data))
    fail_type(value, place, "an axis or a list of axes");
  return wholes(value, place);
}

std::array<double, 2> ValueReader::pair(const Value& value, const std::string& place) const {
  const List& list = as_list(value, place, "a list of two numbers");
  if (list.size() != 2) fail_type(value, place, "a list of two numbers");
  return {number(list[0], join_index(place, 0)), number(list[1], join_index(place, 1))};
}

const std::string& ValueReader::as_text(const Value& value, const std::string& place) const {
  if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
  fail_type(value, place, "a name in quotes");
}

const List& ValueReader::as_list(const Value& value, const std::string& place,
                                 const std::string& expected) const {
  if (const List* list = std::get_if<List>(&value.data)) return *list;
  fail_type(value, place, expected);
}

const Object& ValueReader::as_object(const Value& value, const std::string& place,
                                     const std::string& expected) const {
  const Object* object = std::get_if<Object>(&value.data);
  if (object && object->name.empty()) return *object;
  fail_type(value, place, expected);
}

void ValueReader::read(const Object& object, const std::string& place, const std::string& key,
                       double& result) const {
  if (const Value* value = find_member(object, key)) result = number(*value, join_key(place, key));
}

void ValueReader::read(const Object& object, const std::string& place, const std::string& key,
                       bool& result) const {
  if (const Value* value = find_member(object, key)) result = flag(*value, join_key(place, key));
}

}  // namespace ntk
