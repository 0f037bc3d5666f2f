#!/usr/bin/env bash
# README keeps its word: its commands run, in order, and its C++ is the example that is built and run.
# Arguments: the checkout, the build folder that `build/` stands for, and which half: commands or code.
set -uo pipefail
root=$(cd "$1" && pwd) build=$(cd "$2" && pwd) half=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# blocks LANGUAGE: the fenced blocks of that language, each followed by a line of its own.
blocks() {
  awk -v fence="\`\`\`$1" '$0 == fence {inside = 1; next}
    inside && $0 == "```" {inside = 0; print "--- end of block"; next}
    inside' "$root/README.md"
}

# A folder that looks like the checkout, so that what the commands write does not land in it.
make_checkout() {
  local entry
  for entry in "$root"/*; do
    [[ $(basename "$entry") == build ]] || ln -s "$entry" "$scratch/"
  done
  ln -s "$build" "$scratch/build"
}

# Installing packages, cloning and ./dev itself are tested by whoever runs ./dev.
is_for_people() { [[ $1 =~ ^(sudo|apt-get|git|cd|\./dev|pip|cmake --(preset|build))( |$) ]]; }

run_commands() {
  local commands=() line ran=0
  make_checkout
  cd "$scratch" || exit 2
  while IFS= read -r line; do
    if [[ $line != "--- end of block" ]]; then
      is_for_people "$line" || commands+=("$line")
      continue
    fi
    ((${#commands[@]})) || continue
    printf '%s\n' "${commands[@]}"
    if ! timeout 120 bash -euo pipefail -c "$(printf '%s\n' "${commands[@]}")" </dev/null; then
      echo "README.md: these commands failed"
      exit 1
    fi
    ran=$((ran + 1))
    commands=()
  done < <(blocks sh)
  echo "README.md: $ran blocks of commands ran"
  ((ran > 0))
}

# Every C++ block stands, line for line, in one of the examples.
compare_code() {
  local block="" line compared=0
  while IFS= read -r line; do
    if [[ $line != "--- end of block" ]]; then
      block+=$line$'\n'
      continue
    fi
    if ! is_in_an_example "$block"; then
      printf '%s' "$block"
      echo "README.md: this code stands in no file of examples/"
      exit 1
    fi
    compared=$((compared + 1))
    block=""
  done < <(blocks cpp)
  echo "README.md: $compared blocks of code are the examples'"
  ((compared > 0))
}

is_in_an_example() {
  local file
  for file in "$root"/examples/*.cpp; do
    [[ $(cat "$file"; echo x) == *"$1"* ]] && return 0
  done
  return 1
}

case $half in
  commands) run_commands ;;
  code) compare_code ;;
  *) exit 2 ;;
esac
