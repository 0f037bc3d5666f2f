# shellcheck shell=bash
# `./dev gpu`: everything that needs a GPU, in one run of under 10 minutes, into one JSON file. Sourced
# by dev, whose helpers it uses. Needs bash, coreutils and nvidia-smi; binaries are built where nvcc and
# cmake are, and otherwise taken as they lie in build/.

gpu_begin=$SECONDS
gpu_budget=${NTK_GPU_SECONDS:-570}
gpu_failed=0
gpu_json_tests=() gpu_json_benchmarks=() gpu_json_sanitizer=()

readonly gpu_network='serial(Dense(512, W_std=1.4, b_std=0.1), Relu(), Dense(512, W_std=1.4, b_std=0.1), Relu(), Dense(512, W_std=1.4, b_std=0.1), Relu(), Dense(1))'

# json_string TEXT
json_string() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  printf '"%s"' "$(tr -d '\000-\037' <<<"$text")"
}

join_commas() {
  local IFS=,
  printf '%s' "$*"
}

has() { command -v "$1" >/dev/null; }

# timed_for SECONDS COMMAND...: at most so long, and never past the budget.
timed_for() {
  local limit=$1 left=$((gpu_budget - (SECONDS - gpu_begin)))
  ((left > 0)) || return 124
  timeout -k 5 $((left < limit ? left : limit)) "${@:2}"
}

gpu_binaries() {
  if has nvcc && has cmake && has ninja && has g++ && [[ ${1:-} != --prebuilt ]]; then
    need "${build_packages[@]:?}"
    build release
  elif [[ ! -x build/ntk ]]; then
    fail "no nvcc and cmake to build with, and no build/ntk; build elsewhere with ./dev build (CUDA toolkit needed) and bring build/ here"
  else
    say "Using the binaries in build/."
  fi
}

gpu_field() { nvidia-smi -i 0 --query-gpu="$1" --format=csv,noheader 2>/dev/null | head -n 1; }

gpu_machine() {
  local field pairs=()
  for field in name driver_version memory.total power.limit clocks.max.sm clocks.max.memory \
    clocks.current.sm clocks.current.memory temperature.gpu; do
    pairs+=("$(json_string "$field"): $(json_string "$(gpu_field "$field")")")
  done
  pairs+=("\"cuda_of_driver\": $(json_string "$(nvidia-smi | sed -n 's/.*CUDA Version: *\([0-9.]*\).*/\1/p')")")
  pairs+=("\"nvcc\": $(json_string "$(nvcc --version 2>/dev/null | sed -n 's/.*release \([0-9.]*\).*/\1/p')")")
  pairs+=("\"processor\": $(json_string "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)")")
  pairs+=("\"cores\": $(nproc)" "\"system\": $(json_string "$(uname -sr)")")
  printf '{%s}' "$(join_commas "${pairs[@]}")"
}

test_executables() { find build/tests -maxdepth 1 -type f -perm -u+x -name '*_tests' | sort; }

gpu_tests() {
  local executable name status begin last
  for executable in $(test_executables); do
    name=$(basename "$executable") status=0 begin=$SECONDS
    NTK_REQUIRE_BACKENDS=cuda timed_for 240 "$executable" >"build/gpu-$name.log" 2>&1 || status=$?
    last=$(grep -E '^ran [0-9]+, skipped' "build/gpu-$name.log" | tail -n 1) || true
    say "test $name: ${last:-did not end} (exit code $status, $((SECONDS - begin)) s)"
    ((status == 0)) || gpu_failed=1
    gpu_json_tests+=("{\"name\": \"$name\", \"exit_code\": $status, \"seconds\": $((SECONDS - begin)), \"result\": $(json_string "$last")}")
  done
  ((${#gpu_json_tests[@]})) || fail "no test executables under build/tests"
}

# gpu_benchmark NAME SECONDS COMMAND...: the command prints a JSON object, within so many seconds.
gpu_benchmark() {
  local name=$1 limit=$2 status=0 output
  shift 2
  output=$(timed_for "$limit" "$@" 2>"build/gpu-bench-$name.log") || status=$?
  if ((status)) || [[ $output != \{* ]]; then
    say "benchmark $name: FAILED (exit code $status): $(tail -n 1 "build/gpu-bench-$name.log")"
    gpu_failed=1
    output="{\"error\": $(json_string "$(tail -n 3 "build/gpu-bench-$name.log")")}"
  else
    say "benchmark $name: $(grep -oE '"([a-z]+_)?seconds": *[0-9.eE+-]+' <<<"$output" | tr '\n' ' ')"
  fi
  gpu_json_benchmarks+=("{\"name\": \"$name\", \"exit_code\": $status, \"command\": $(json_string "$*"), \"sm_clock\": $(json_string "$(gpu_field clocks.current.sm)"), \"result\": $output}")
}

gpu_benchmarks() {
  local width dtype
  for width in 784 3072; do
    for dtype in float32 float64; do
      gpu_benchmark "gram_50000x${width}_$dtype" 90 build/ntk bench gram --arch "$gpu_network" \
        --shape "50000,$width" --dtype "$dtype" --output device --device cuda --json
    done
  done
  gpu_benchmark gram_50000x784_float32_to_host 90 build/ntk bench gram --arch "$gpu_network" \
    --shape 50000,784 --dtype float32 --output host --device cuda --json
  gpu_benchmark solve_10000_float64 60 build/ntk bench solve --n 10000 --dtype float64 --device cuda --json
  gpu_benchmark solve_50000_float64 180 build/ntk bench solve --n 50000 --no-eigen --repeats 2 \
    --dtype float64 --device cuda --json
  if [[ -x build/bench/fit_predict ]]; then
    gpu_benchmark fit_predict_2000_500 60 build/bench/fit_predict 2000 500 784 10 5
    gpu_benchmark fit_predict_20000_2000 90 build/bench/fit_predict 20000 2000 784 10 3
  fi
}

# The tests that run on the GPU, under memcheck, and the smallest of them under racecheck.
gpu_sanitizer() {
  local tool executable name status
  if ! has compute-sanitizer; then
    say "compute-sanitizer is not installed: memcheck and racecheck are left out"
    gpu_json_sanitizer+=("{\"tool\": \"none\", \"result\": \"compute-sanitizer is not installed\"}")
    return
  fi
  for tool in memcheck racecheck; do
    for executable in $(test_executables); do
      "$executable" --gtest_list_tests --gtest_filter='*cuda' 2>/dev/null | grep -q . || continue
      name=$(basename "$executable") status=0
      timed_for 120 compute-sanitizer --tool "$tool" --error-exitcode 86 "$executable" \
        --gtest_filter='*cuda' >"build/gpu-$tool-$name.log" 2>&1 || status=$?
      say "$tool $name: $(grep -E 'SUMMARY' "build/gpu-$tool-$name.log" | tail -n 1) (exit code $status)"
      ((status == 0 || status == 124)) || gpu_failed=1
      gpu_json_sanitizer+=("{\"tool\": \"$tool\", \"name\": \"$name\", \"exit_code\": $status, \"result\": $(json_string "$(grep SUMMARY "build/gpu-$tool-$name.log" | tail -n 1)")}")
    done
  done
}

gpu_main() {
  local name file machine
  nvidia-smi >/dev/null 2>&1 || fail "no NVIDIA GPU here: nvidia-smi is missing or finds none"
  mkdir -p build bench/results
  gpu_binaries "$@"
  machine=$(gpu_machine)
  gpu_tests
  gpu_benchmarks
  gpu_sanitizer
  name=$(gpu_field name | tr '[:upper:] ' '[:lower:]-' | tr -cd 'a-z0-9-')
  file=bench/results/$name-$(date -u +%Y-%m-%d).json
  printf '{"date": "%s",\n "machine": %s,\n "seconds": %d,\n "tests": [\n  %s],\n "benchmarks": [\n  %s],\n "sanitizer": [\n  %s]}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$machine" $((SECONDS - gpu_begin)) \
    "$(join_commas "${gpu_json_tests[@]}")" "$(join_commas "${gpu_json_benchmarks[@]}")" \
    "$(join_commas "${gpu_json_sanitizer[@]}")" >"$file"
  say "Written to $file after $((SECONDS - gpu_begin)) s."
  return $gpu_failed
}
