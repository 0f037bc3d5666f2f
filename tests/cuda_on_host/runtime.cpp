// The CUDA runtime's functions in use, for one device whose memory is the host's. A stream runs its
// work at once. Wrong handles, directions and extents give the errors that CUDA gives.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <set>

#include "cuda_on_host.h"
#include "memory.h"

struct CUstream_st {};
struct CUevent_st {
  std::chrono::steady_clock::time_point time;
};

namespace {

using cuda_on_host::memory;
using cuda_on_host::MemoryKind;

// Few multiprocessors, so that grids chosen after their number stay small.
constexpr int kMultiprocessors = 4;
constexpr int kSharedPerBlock = 48 << 10;
constexpr int kSharedPerBlockOptin = 227 << 10;
constexpr int kSharedPerMultiprocessor = 228 << 10;
constexpr int kRegisters = 1 << 16;
constexpr int kL2Bytes = 32 << 20;

thread_local cudaError_t last_error = cudaSuccess;

cudaError_t report(cudaError_t status) {
  if (status != cudaSuccess) last_error = status;
  return status;
}

cudaError_t report_if(bool wrong, cudaError_t status) {
  return report(wrong ? status : cudaSuccess);
}

// Handles that exist, by their complements: see memory.h.
template <class T>
class Handles {
 public:
  T* create() {
    T* handle = new T;
    const std::lock_guard lock(mutex_);
    complements_.insert(~reinterpret_cast<std::uintptr_t>(handle));
    return handle;
  }
  bool destroy(T* handle) {
    {
      const std::lock_guard lock(mutex_);
      if (complements_.erase(~reinterpret_cast<std::uintptr_t>(handle)) == 0) return false;
    }
    delete handle;
    return true;
  }
  bool contains(T* handle) {
    const std::lock_guard lock(mutex_);
    return complements_.contains(~reinterpret_cast<std::uintptr_t>(handle));
  }

 private:
  std::mutex mutex_;
  std::set<std::uintptr_t> complements_;
};

Handles<CUstream_st> streams;
Handles<CUevent_st> events;

cudaError_t check_stream(cudaStream_t stream) {
  const bool is_default =
      stream == nullptr || stream == cudaStreamLegacy || stream == cudaStreamPerThread;
  return is_default || streams.contains(stream) ? cudaSuccess : cudaErrorInvalidResourceHandle;
}

cudaError_t check_event(cudaEvent_t event) {
  return events.contains(event) ? cudaSuccess : cudaErrorInvalidResourceHandle;
}

bool is_source_valid(const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const bool device = memory().is_device(from, bytes), host = memory().is_host(from, bytes);
  if (kind == cudaMemcpyDefault) return device || host;
  return kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice ? device : host;
}

bool is_target_valid(const void* to, std::size_t bytes, cudaMemcpyKind kind) {
  const bool device = memory().is_device(to, bytes), host = memory().is_host(to, bytes);
  if (kind == cudaMemcpyDefault) return device || host;
  return kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice ? device : host;
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (!is_source_valid(from, bytes, kind) || !is_target_valid(to, bytes, kind)) {
    return cudaErrorInvalidValue;
  }
  if (bytes > 0) std::memmove(to, from, bytes);
  return cudaSuccess;
}

cudaError_t copy_2d(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                    std::size_t width, std::size_t height, cudaMemcpyKind kind) {
  if (width > to_pitch || width > from_pitch) return cudaErrorInvalidPitchValue;
  if (width == 0 || height == 0) return cudaSuccess;
  const bool valid = is_source_valid(from, from_pitch * (height - 1) + width, kind) &&
                     is_target_valid(to, to_pitch * (height - 1) + width, kind);
  if (!valid) return cudaErrorInvalidValue;
  for (std::size_t row = 0; row < height; ++row) {
    std::memmove(static_cast<char*>(to) + row * to_pitch,
                 static_cast<const char*>(from) + row * from_pitch, width);
  }
  return cudaSuccess;
}

cudaError_t set_2d(void* to, std::size_t pitch, int value, std::size_t width, std::size_t height) {
  if (width > pitch) return cudaErrorInvalidPitchValue;
  if (width == 0 || height == 0) return cudaSuccess;
  if (!memory().is_device(to, pitch * (height - 1) + width)) return cudaErrorInvalidValue;
  for (std::size_t row = 0; row < height; ++row) {
    std::memset(static_cast<char*>(to) + row * pitch, value, width);
  }
  return cudaSuccess;
}

// Runs work unless the stream is no stream.
template <class Work>
cudaError_t on_stream(cudaStream_t stream, Work work) {
  const cudaError_t status = check_stream(stream);
  return report(status != cudaSuccess ? status : work());
}

struct ErrorText {
  cudaError_t status;
  const char* name;
  const char* text;
};

constexpr ErrorText kErrorTexts[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidPitchValue, "cudaErrorInvalidPitchValue", "invalid pitch argument"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
};

const ErrorText* find_text(cudaError_t status) {
  const auto* end = std::end(kErrorTexts);
  const auto* found = std::find_if(std::begin(kErrorTexts), end,
                                   [=](const ErrorText& e) { return e.status == status; });
  return found == end ? nullptr : found;
}

}  // namespace

// --- errors, versions, devices ---

const char* cudaGetErrorName(cudaError_t status) {
  const ErrorText* found = find_text(status);
  return found != nullptr ? found->name : "unrecognized error code";
}
const char* cudaGetErrorString(cudaError_t status) {
  const ErrorText* found = find_text(status);
  return found != nullptr ? found->text : "unrecognized error code";
}
cudaError_t cudaGetLastError() {
  const cudaError_t status = last_error;
  last_error = cudaSuccess;
  return status;
}
cudaError_t cudaPeekAtLastError() { return last_error; }

cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) { return report_if(device != 0, cudaErrorInvalidDevice); }
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device != 0) return report(cudaErrorInvalidDevice);
  cudaDeviceProp p{};
  std::snprintf(p.name, sizeof(p.name), "host shim");
  p.totalGlobalMem = memory().limit();
  p.sharedMemPerBlock = kSharedPerBlock;
  p.sharedMemPerBlockOptin = kSharedPerBlockOptin;
  p.sharedMemPerMultiprocessor = kSharedPerMultiprocessor;
  p.reservedSharedMemPerBlock = 1 << 10;
  p.regsPerBlock = p.regsPerMultiprocessor = kRegisters;
  p.warpSize = warpSize;
  p.maxThreadsPerBlock = 1024;
  p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
  p.maxThreadsDim[2] = 64;
  p.maxGridSize[0] = 0x7fffffff;
  p.maxGridSize[1] = p.maxGridSize[2] = 65535;
  p.totalConstMem = 1 << 16;
  p.major = 9;
  p.multiProcessorCount = kMultiprocessors;
  p.maxThreadsPerMultiProcessor = 2048;
  p.maxBlocksPerMultiProcessor = 32;
  p.memoryBusWidth = 64;
  p.l2CacheSize = kL2Bytes;
  p.unifiedAddressing = p.canMapHostMemory = 1;
  *properties = p;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (device != 0) return report(cudaErrorInvalidDevice);
  switch (attribute) {
    case cudaDevAttrMultiProcessorCount:
      *value = kMultiprocessors;
      break;
    case cudaDevAttrMaxThreadsPerBlock:
      *value = 1024;
      break;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      *value = 2048;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *value = kSharedPerBlock;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = kSharedPerBlockOptin;
      break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      *value = kSharedPerMultiprocessor;
      break;
    case cudaDevAttrComputeCapabilityMajor:
      *value = 9;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *value = 0;
      break;
    case cudaDevAttrL2CacheSize:
      *value = kL2Bytes;
      break;
    case cudaDevAttrWarpSize:
      *value = warpSize;
      break;
    default:
      return report(cudaErrorNotSupported);
  }
  return cudaSuccess;
}

// --- kernels ---

cudaError_t cudaFuncSetAttribute(const void*, cudaFuncAttribute attribute, int value) {
  const bool is_size = attribute == cudaFuncAttributeMaxDynamicSharedMemorySize;
  return report_if(is_size && (value < 0 || value > kSharedPerBlockOptin), cudaErrorInvalidValue);
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void*) {
  cudaFuncAttributes a{};
  a.maxThreadsPerBlock = 1024;
  a.numRegs = 32;
  a.ptxVersion = a.binaryVersion = 90;
  a.maxDynamicSharedSizeBytes = kSharedPerBlock;
  *attributes = a;
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void*, int threads,
                                                          std::size_t shared_bytes) {
  if (threads < 1 || threads > 1024) return report(cudaErrorInvalidValue);
  const int by_shared = static_cast<int>(kSharedPerMultiprocessor / (shared_bytes + (1 << 10)));
  *blocks = std::min({32, 2048 / threads, by_shared});
  return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* kernel,
                                                                   int threads,
                                                                   std::size_t shared_bytes,
                                                                   unsigned) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, kernel, threads, shared_bytes);
}

// --- memory ---

cudaError_t cudaMalloc(void** p, std::size_t bytes) {
  return report(memory().allocate(p, bytes, MemoryKind::device));
}
cudaError_t cudaFree(void* p) { return report(memory().release(p, MemoryKind::device)); }
cudaError_t cudaMallocAsync(void** p, std::size_t bytes, cudaStream_t stream) {
  return on_stream(stream, [=] { return memory().allocate(p, bytes, MemoryKind::device); });
}
cudaError_t cudaFreeAsync(void* p, cudaStream_t stream) {
  return on_stream(stream, [=] { return memory().release(p, MemoryKind::device); });
}
cudaError_t cudaMallocHost(void** p, std::size_t bytes) {
  return report(memory().allocate(p, bytes, MemoryKind::pinned));
}
cudaError_t cudaHostAlloc(void** p, std::size_t bytes, unsigned) {
  return report(memory().allocate(p, bytes, MemoryKind::pinned));
}
cudaError_t cudaFreeHost(void* p) { return report(memory().release(p, MemoryKind::pinned)); }

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const std::size_t limit = memory().limit();
  *total = limit;
  *free = limit - std::min(limit, memory().allocated());
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* p) {
  cudaPointerAttributes a{};
  a.type = cudaMemoryTypeUnregistered;
  a.device = cudaInvalidDeviceId;
  const auto found = memory().find(p);
  if (found && reinterpret_cast<std::uintptr_t>(p) - found->begin < found->bytes) {
    const bool is_device = found->kind == MemoryKind::device;
    a.type = is_device ? cudaMemoryTypeDevice : cudaMemoryTypeHost;
    a.device = 0;
    a.devicePointer = const_cast<void*>(p);
    a.hostPointer = is_device ? nullptr : const_cast<void*>(p);
  }
  *attributes = a;
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return report(copy(to, from, bytes, kind));
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return on_stream(stream, [=] { return copy(to, from, bytes, kind); });
}
cudaError_t cudaMemcpy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                         std::size_t width, std::size_t height, cudaMemcpyKind kind) {
  return report(copy_2d(to, to_pitch, from, from_pitch, width, height, kind));
}
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t stream) {
  return on_stream(stream,
                   [=] { return copy_2d(to, to_pitch, from, from_pitch, width, height, kind); });
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return report(set_2d(to, bytes, value, bytes, 1));
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return on_stream(stream, [=] { return set_2d(to, bytes, value, bytes, 1); });
}
cudaError_t cudaMemset2DAsync(void* to, std::size_t pitch, int value, std::size_t width,
                              std::size_t height, cudaStream_t stream) {
  return on_stream(stream, [=] { return set_2d(to, pitch, value, width, height); });
}
// A __constant__ variable is a plain one here.
cudaError_t cudaMemcpyToSymbolAsync(const void* symbol, const void* from, std::size_t bytes,
                                    std::size_t offset, cudaMemcpyKind, cudaStream_t stream) {
  return on_stream(stream, [=] {
    auto* to = static_cast<char*>(const_cast<void*>(symbol)) + offset;
    if (bytes > 0) std::memmove(to, from, bytes);
    return cudaSuccess;
  });
}

// --- streams and events ---

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  *stream = streams.create();
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return cudaStreamCreate(stream);
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned, int) {
  return cudaStreamCreate(stream);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return report_if(!streams.destroy(stream), cudaErrorInvalidResourceHandle);
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) { return report(check_stream(stream)); }
cudaError_t cudaStreamQuery(cudaStream_t stream) { return report(check_stream(stream)); }
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return on_stream(stream, [=] { return check_event(event); });
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return on_stream(stream, [=] {
    function(data);
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = events.create();
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return cudaEventCreate(event);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return report_if(!events.destroy(event), cudaErrorInvalidResourceHandle);
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return on_stream(stream, [=] {
    const cudaError_t status = check_event(event);
    if (status == cudaSuccess) event->time = std::chrono::steady_clock::now();
    return status;
  });
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) { return report(check_event(event)); }
cudaError_t cudaEventQuery(cudaEvent_t event) { return report(check_event(event)); }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  if (check_event(begin) != cudaSuccess || check_event(end) != cudaSuccess) {
    return report(cudaErrorInvalidResourceHandle);
  }
  *milliseconds = std::chrono::duration<float, std::milli>(end->time - begin->time).count();
  return cudaSuccess;
}
