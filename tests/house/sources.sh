# shellcheck shell=bash
# The files that the checks of the house read; sourced by them. $1 of each check is the checkout.

# sources FOLDER...: C++ and CUDA files under these folders.
sources() {
  local folder existing=()
  for folder in "$@"; do
    [[ -d $folder ]] && existing+=("$folder")
  done
  find "${existing[@]}" -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) | sort
}

found=0
# complain FILE:LINE RULE
complain() {
  printf '%s: %s\n' "$1" "$2"
  found=$((found + 1))
}

# finish WHAT: the check's last line and its exit code. `looked_at` counts what was looked at, so that
# a check that found nothing to look at does not pass.
looked_at=0
finish() {
  printf '%s: looked at %d, %d complaints\n' "$1" "$looked_at" "$found"
  ((found == 0 && looked_at > 0))
}
