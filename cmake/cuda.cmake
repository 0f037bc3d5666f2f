# The CUDA toolkit, if it is to be used. NTK_CUDA_FOUND says whether the backend is built for the GPU;
# NTK_CUDA_HEADERS whether its sources can at least be compiled and tested on the host.
set(NTK_CUDA_FOUND OFF)
set(NTK_CUDA_HEADERS OFF)
if(NOT NTK_CUDA STREQUAL "OFF")
  find_program(NTK_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH /usr/local/cuda PATH_SUFFIXES bin)
  if(NTK_NVCC)
    set(CMAKE_CUDA_COMPILER ${NTK_NVCC})
    if(NOT CMAKE_CUDA_ARCHITECTURES)
      set(CMAKE_CUDA_ARCHITECTURES 80-real 90-real 90-virtual)
    endif()
    find_package(CUDAToolkit)
    if(CUDAToolkit_FOUND)
      set(NTK_CUDA_HEADERS ON)
      # Sanitized builds test the kernels on the host; they have no use for GPU code.
      if(NOT NTK_SANITIZE)
        enable_language(CUDA)  # its standard, C++20, is set on the target: older CMakes do not know it
        set(NTK_CUDA_FOUND ON)
      endif()
    endif()
  endif()
  if(NTK_CUDA STREQUAL "ON" AND NOT NTK_CUDA_FOUND AND NOT NTK_SANITIZE)
    message(FATAL_ERROR "libntk: NTK_CUDA=ON, but no usable CUDA toolkit was found (nvcc: ${NTK_NVCC}). "
      "Set CUDA_HOME, or use NTK_CUDA=AUTO.")
  endif()
endif()
