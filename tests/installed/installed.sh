#!/usr/bin/env bash
# What is installed, and what others make of it. Arguments: the step, the checkout, the build folder,
# and the folder of libraries in a prefix. CXX: the compiler; NTK_HAS_CUDA: whether there is a module.
set -euo pipefail
step=$1 root=$2 build=$3 libraries=$4
prefix=$build/installed
readonly step root build libraries prefix

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Installed in one place and moved to another: nothing may remember the first.
install() {
  rm -rf "$prefix" "$prefix.first"
  cmake --install "$build" --prefix "$prefix.first" >/dev/null
  mv "$prefix.first" "$prefix"
  local file
  for file in bin/ntk include/ntk/ntk.h "$libraries"/{libntk.so,pkgconfig/libntk.pc} \
    "$libraries"/cmake/libntk/libntkConfig{,Version}.cmake \
    share/doc/libntk/LICENSE share/libntk/examples/data/digits.npz; do
    [[ -f $prefix/$file ]] || fail "$file is not installed"
  done
  if grep -rIlF "$prefix.first" "$prefix" || grep -rIlF "$root" "$prefix"; then
    fail "these files name folders of the machine that built them"
  fi
}

exported() { nm -D --defined-only --format=posix "$1" | awk '{print $1}' | c++filt | sort -u; }

# Exported is what namespace ntk has in its headers: no namespace within it, no name that is not there.
symbols() {
  local library=$prefix/$libraries/libntk.so symbol name count=0 leaks=0
  readelf -d "$library" | grep -qE 'SONAME.*\[libntk\.so\.[0-9]+\.[0-9]+\]' ||
    fail "libntk.so has no versioned soname"
  while IFS= read -r symbol; do
    count=$((count + 1))
    name=$(sed -E 's/^(typeinfo name|typeinfo|vtable) for //; s/\[abi:[a-z0-9]+\]//; s/\(.*//' <<<"$symbol")
    if [[ ! $name =~ ^ntk::([A-Z][A-Za-z]*::)*[~A-Za-z_=\ ]+$ || $name == *::Impl::* ]] ||
      ! grep -qrwF -- "$(sed 's/.*:://; s/^~//' <<<"$name")" "$prefix/include/ntk"; then
      echo "exported, but not public: $symbol"
      leaks=$((leaks + 1))
    fi
  done < <(exported "$library")
  echo "libntk.so exports $count symbols, $leaks of them not public"
  ((leaks == 0 && count > 50))
  if [[ $NTK_HAS_CUDA == ON ]]; then
    [[ $(exported "$prefix/$libraries/libntk_cuda.so") == ntk_cuda_backend ]] ||
      fail "libntk_cuda.so exports something else than ntk_cuda_backend"
  fi
}

consumer_cmake() {
  local folder=$build/consumer
  rm -rf "$folder"
  cmake -S "$root/tests/consumer" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
  cmake --build "$folder"
  "$folder/consumer"
}

consumer_pkg_config() {
  command -v pkg-config >/dev/null || { echo "skipped: pkg-config is not installed" && return; }
  local flags program=$build/consumer_by_hand
  export PKG_CONFIG_PATH=$prefix/$libraries/pkgconfig
  read -ra flags <<<"$(pkg-config --cflags --libs libntk)"
  "$CXX" -std=c++20 "$root/tests/consumer/main.cpp" "${flags[@]}" \
    -Wl,-rpath,"$(pkg-config --variable=libdir libntk)" -o "$program"
  "$program"
}

# In an empty folder, with nothing of the build folder within reach.
program() {
  local folder info
  folder=$(mktemp -d)
  cd "$folder"
  info=$("$prefix/bin/ntk" info)
  printf '%s\n' "$info"
  if [[ $NTK_HAS_CUDA == ON && $info == *"cannot be loaded"* ]]; then
    # The module is found; where the machine lacks CUDA's libraries it cannot be loaded all the same.
    [[ $info == *"libcu"*"cannot open shared object"* ]] || fail "the CUDA module is not found"
  fi
  "$prefix/bin/ntk" demo --quiet --out report.html
  [[ -s report.html ]] || fail "no report was written"
  rm -rf "$folder"
}

"$step"
