#!/usr/bin/env bash
# Who may include whom. Run with the checkout as the argument.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$1" || exit 2
source "$here/sources.sh"

# Data flows one way: a room of src sees itself and the rooms to its left.
readonly rooms=(base io architecture infinite device tiles solve predict report cli)
readonly libraries='^(cuda|cublas|cusolver|curand|nvrtc|thrust/|cub/|cblas|lapack|openblas|f77blas)'
readonly host_only='^(array|deque|forward_list|fstream|functional|iostream|list|map|memory|queue|set|span|sstream|stack|string|string_view|unordered_map|unordered_set|valarray|vector)$'

room_index() {
  local i
  for i in "${!rooms[@]}"; do
    [[ ${rooms[i]} == "$1" ]] && echo "$i" && return
  done
  echo -1
}

# allowed FILE HEADER PATTERN...: complains unless the header matches one of the patterns.
allowed() {
  local header=$2 pattern
  for pattern in "${@:3}"; do
    # shellcheck disable=SC2053  # a pattern is meant
    [[ $header == $pattern ]] && return
  done
  complain "$1" "includes \"$header\"; here only: ${*:3}"
}

check_src() {
  local place=$1 header=$2 room other
  allowed "$place" "$header" 'ntk/*' 'src/*' kernels/backend.h kernels/math/program.h
  [[ $header == src/* ]] || return
  room=${place#src/} room=${room%%/*}
  other=${header#src/} other=${other%%/*}
  if (($(room_index "$room") < $(room_index "$other"))); then
    complain "$place" "room $room includes \"$header\", but data flows ${rooms[*]}"
  fi
}

check_ours() {
  local place=$1 header=$2
  case $place in
    include/*) allowed "$place" "$header" 'ntk/*' ;;
    kernels/math/*) allowed "$place" "$header" 'kernels/math/*' ;;
    kernels/reference/*) allowed "$place" "$header" 'ntk/*' 'kernels/math/*' 'kernels/reference/*' 'kernels/*.h' ;;
    kernels/cpu/*) allowed "$place" "$header" 'ntk/*' 'kernels/math/*' 'kernels/cpu/*' 'kernels/*.h' ;;
    # The launch wrapper is where the CUDA kernels meet what stands in for CUDA on the host.
    kernels/cuda/launch.h:*) allowed "$place" "$header" 'ntk/*' 'kernels/cuda/*' 'kernels/*.h' cuda_on_host.h ;;
    kernels/cuda/*) allowed "$place" "$header" 'ntk/*' 'kernels/math/*' 'kernels/cuda/*' 'kernels/*.h' ;;
    src/*) check_src "$place" "$header" ;;
    examples/*) allowed "$place" "$header" 'ntk/*' ;;
  esac
}

check_system() {
  local place=$1 header=$2
  if [[ $header =~ $libraries ]]; then
    case $place in
      kernels/cuda/* | kernels/cpu/* | tests/cuda_on_host/*) ;;
      *) complain "$place" "includes <$header>, which belongs to kernels/cuda or kernels/cpu" ;;
    esac
  fi
  if [[ $place == kernels/math/* && $header =~ $host_only ]] &&
    [[ $place != kernels/math/program.h:* || $header != vector ]]; then
    complain "$place" "includes <$header>, which device code does not have"
  fi
  if [[ $place == include/* && ! $header =~ ^[a-z_0-9]+$ ]]; then
    complain "$place" "includes <$header>; public headers are plain C++"
  fi
}

# Every #include of ours as "file:line<TAB>header<TAB>quote".
includes() {
  sources include kernels src tests examples bench | xargs grep -nHE '^ *# *include *["<]' |
    sed -E 's/^([^:]+:[0-9]+): *# *include *(["<])([^">]+)[">].*/\1\t\3\t\2/'
}

while IFS=$'\t' read -r place header quote; do
  looked_at=$((looked_at + 1))
  # Our own headers are in quotes; a library's header counts as one in quotes, too.
  [[ $quote == '"' ]] && check_ours "$place" "$header"
  [[ $quote == '<' || $header =~ $libraries ]] && check_system "$place" "$header"
done < <(includes)

# A public header may say "cuda" in a comment or a name of ours, but mention no type of these libraries.
while IFS= read -r line; do
  complain "$line" "a public header names a type or function of BLAS, CUDA or a JSON library"
done < <(for file in $(sources include); do
  sed 's://.*::' "$file" | grep -nE '\b(cuda[A-Z]\w*|cublas\w*|cusolver\w*|cblas_\w*|CBLAS_\w*|lapack\w*|nlohmann)\b' |
    sed "s|^|$file:|"
done)

finish "includes"
