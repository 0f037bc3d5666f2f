#!/usr/bin/env bash
# The public API is documented: doxygen has nothing to complain of, and its HTML lies in the folder
# that is named. With a planted fault it does complain. Arguments: the checkout, the folder.
set -euo pipefail
root=$1 folder=$2

if ! command -v doxygen >/dev/null; then
  echo "skipped: doxygen is not installed (Debian, Ubuntu: apt-get install doxygen)"
  exit 0
fi

# document CHECKOUT FOLDER
document() {
  mkdir -p "$2"
  (cd "$1" && NTK_VERSION=$(sed -n 's/^project(libntk VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt) \
    NTK_DOCS=$2 doxygen docs/Doxyfile)
}

document "$root" "$folder"
[[ -s $folder/html/index.html ]] || { echo "no page was written" && exit 1; }
for name in gram_into Ensemble NotPositiveDefinite read_array; do
  grep -rqw "$name" "$folder"/html/*.html || { echo "$name is not in the pages" && exit 1; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r "$root"/{CMakeLists.txt,README.md,docs,include} "$scratch"
printf 'namespace ntk {\nint undocumented(int);\n}\n' >>"$scratch/include/ntk/gram.h"
if document "$scratch" "$scratch/pages" 2>/dev/null; then
  echo "a function without a word about it was not found"
  exit 1
fi
echo "documented: include/ntk and docs"
