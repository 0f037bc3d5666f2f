#!/usr/bin/env bash
# Files are short enough to be read, finished, and guarded. Run with the checkout as the argument.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$1" || exit 2
source "$here/sources.sh"

readonly longest=500
readonly unfinished='\b(TO''DO|FIX''ME|XX''X)\b'

all_files() {
  sources include kernels src tests examples bench
  find tests bench tools python examples cmake -name '*.sh' -o -name '*.py' -o -name '*.cmake' 2>/dev/null
  find . -maxdepth 1 -name dev
}

while IFS= read -r file; do
  looked_at=$((looked_at + 1))
  lines=$(wc -l <"$file")
  ((lines <= longest)) || complain "$file" "$lines lines; a file has one subject and at most $longest lines"
  while IFS=: read -r number _; do
    complain "$file:$number" "unfinished work belongs in the tracker"
  done < <(grep -nE "$unfinished" "$file")
  if [[ $file == *.h ]] && ! grep -q '^#pragma once' "$file"; then
    complain "$file" "a header begins with #pragma once"
  fi
done < <(all_files)

while IFS= read -r place; do
  complain "$place" "no build of libntk uses fast math: it breaks NaN checks and the last bits"
done < <(grep -rnE '^[^#]*(-ffast-math|-Ofast|--?use_fast_math)' --include=CMakeLists.txt --include='*.cmake' \
  CMakeLists.txt cmake kernels src tests bench examples CMakePresets.json 2>/dev/null)

finish "files"
