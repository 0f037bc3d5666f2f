option(BUILD_SHARED_LIBS "Build libntk.so; OFF: libntk.a" ON)
option(NTK_BUILD_TESTS "Build the tests" ON)
option(NTK_BUILD_BENCH "Build the micro-benchmarks" ON)
option(NTK_BUILD_EXAMPLES "Build the examples" ON)
option(NTK_FUZZ "Build the fuzzers (clang only)" OFF)
option(NTK_WERROR "Treat warnings as errors" OFF)
set(NTK_CUDA AUTO CACHE STRING "CUDA backend: AUTO (built if nvcc is found), ON, OFF")
set(NTK_SANITIZE "" CACHE STRING "Sanitizers for everything: empty, address,undefined or thread")
set_property(CACHE NTK_CUDA PROPERTY STRINGS AUTO ON OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# What include/ntk marks with NTK_API is all that leaves the library.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

# Warnings for our own code; no -ffast-math anywhere.
add_library(ntk_warnings INTERFACE)
target_compile_options(ntk_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    # g++ 12 sees overlapping copies in every short string concatenation (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>>)
if(NTK_WERROR AND NOT NTK_SANITIZE)
  target_compile_options(ntk_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()

if(NTK_SANITIZE)
  # They make g++ see uninitialised variables that are none; the other builds look for them.
  target_compile_options(ntk_warnings INTERFACE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${NTK_SANITIZE}>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>)
  add_link_options(-fsanitize=${NTK_SANITIZE})
endif()

if(NTK_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "libntk: NTK_FUZZ needs clang's libFuzzer, the compiler is "
      "${CMAKE_CXX_COMPILER_ID}. Use -DCMAKE_CXX_COMPILER=clang++, or ./dev fuzz.")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
