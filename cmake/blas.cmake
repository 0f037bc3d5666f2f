# BLAS and LAPACK: OpenBLAS in its OpenMP flavour, so that it shares our threads. Reference BLAS is two
# hundred times slower and is never taken unless it is asked for: -DNTK_BLAS=/path/to/libblas.so
# (with -DNTK_LAPACK=... if LAPACK is a library of its own).
set(NTK_BLAS "" CACHE STRING "BLAS library to link instead of OpenBLAS (a full path)")
set(NTK_LAPACK "" CACHE STRING "LAPACK library, where it is not in NTK_BLAS (a full path)")

add_library(ntk_blas INTERFACE)
if(NTK_BLAS)
  set(NTK_BLAS_LIBRARIES ${NTK_LAPACK} ${NTK_BLAS})
  set(NTK_BLAS_FOUND "${NTK_BLAS} (as asked)")
else()
  file(GLOB openblas_dirs /usr/lib/*/openblas-openmp)
  find_library(NTK_OPENBLAS NAMES openblas
    HINTS ${openblas_dirs} ENV OPENBLAS_ROOT ENV OpenBLAS_HOME PATH_SUFFIXES lib openblas-openmp)
  if(NOT NTK_OPENBLAS)
    message(FATAL_ERROR "libntk: OpenBLAS was not found. Install its OpenMP flavour "
      "(Debian, Ubuntu: apt-get install libopenblas-openmp-dev), set OPENBLAS_ROOT, or name another "
      "BLAS with -DNTK_BLAS=/path/to/lib.so. Reference BLAS is not taken silently.")
  endif()
  set(NTK_BLAS_LIBRARIES ${NTK_OPENBLAS})
  # Debian's flavours share one soname: without this the loader may take another one.
  get_filename_component(NTK_BLAS_RPATH ${NTK_OPENBLAS} DIRECTORY)
  target_link_options(ntk_blas INTERFACE -Wl,-rpath,${NTK_BLAS_RPATH})
  set(NTK_BLAS_FOUND "${NTK_OPENBLAS}")
  if(NOT NTK_OPENBLAS MATCHES "openmp")
    string(APPEND NTK_BLAS_FOUND " (make sure that it is the OpenMP flavour)")
  endif()
endif()
target_link_libraries(ntk_blas INTERFACE ${NTK_BLAS_LIBRARIES})
find_package(OpenMP REQUIRED COMPONENTS CXX)
