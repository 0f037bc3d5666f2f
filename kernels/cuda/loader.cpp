// Loads the CUDA backend's module when it is first asked for.
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/backend.h"
#include "ntk/error.h"

namespace ntk {
namespace {

// Exported by the module: the backend, or null with the reason.
using CreateBackend = Backend* (*)(char* reason, std::size_t reason_size);

// NTK_CUDA_MODULE; or beside the library or program that this code is in, one folder above it (a
// build folder) and, seen from a program that is installed, where libraries are.
std::vector<std::string> candidates() {
  const std::string name = "libntk_cuda.so";
  std::vector<std::string> paths;
  if (const char* asked = std::getenv("NTK_CUDA_MODULE")) return {asked};
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&cuda_backend), &info) != 0 && info.dli_fname) {
    std::error_code ignored;
    const auto self = std::filesystem::canonical(info.dli_fname, ignored);
    if (!ignored) {
      const auto folder = self.parent_path();
      for (const char* from_there : {".", "..", NTK_LIBRARIES_FROM_PROGRAMS})
        paths.push_back((folder / from_there / name).lexically_normal().string());
    }
  }
  return paths;
}

Backend& load() {
  std::string last_error = "not found";
  for (const std::string& path : candidates()) {
    if (!std::filesystem::exists(path)) continue;
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!module) {
      last_error = dlerror();
      continue;
    }
    auto create = reinterpret_cast<CreateBackend>(dlsym(module, "ntk_cuda_backend"));
    if (!create) {
      last_error = path + " is no module of this libntk";
      continue;
    }
    char reason[512] = "";
    if (Backend* backend = create(reason, sizeof reason)) return *backend;
    throw DeviceError(std::string("cuda: ") + reason);
  }
  throw DeviceError("cuda: the module libntk_cuda.so cannot be loaded: " + last_error);
}

}  // namespace

Backend& cuda_backend() {
  static Backend& backend = load();
  return backend;
}

}  // namespace ntk
