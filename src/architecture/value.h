// What a text says, before anybody asks whether it makes sense. JSON and expressions both become a
// tree of these, so that one reader is strict for both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ntk {

struct Value;
struct Member;
using List = std::vector<Value>;

// A JSON object, or a call in an expression.
struct Object {
  std::string name;             // of a call; empty for a JSON object
  std::vector<Member> members;  // in the text's order; a positional argument has no key
};

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

struct Value {
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, List, Object> data;
  std::size_t offset = kNowhere;  // in an expression's text
};

struct Member {
  std::string key;
  Value value;
};

// Limits that hold for every text: what hostile ones cost stays small.
constexpr std::size_t kLargestText = std::size_t{16} << 20;
constexpr std::size_t kMostValues = 1'000'000;
constexpr std::size_t kMostKeys = 100;     // of one object or call
constexpr std::size_t kDeepestText = 200;  // brackets inside each other

const Value* find_member(const Object& object, const std::string& key);  // null: it has none
std::string describe(const Value& value);  // `a list`, `the number 1.5`, `the text "many"`
std::string number_text(double value);     // the shortest text that reads back as the same number

}  // namespace ntk
