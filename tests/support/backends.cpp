#include "tests/support/backends.h"

#include <cstdlib>
#include <sstream>

#include "ntk/error.h"

#ifdef NTK_CUDA_ON_HOST
extern "C" ntk::Backend* ntk_cuda_backend(char* reason, std::size_t reason_size);
#endif

namespace ntk::testing {
namespace {

Backend* cuda_on_host([[maybe_unused]] std::string* reason) {
#ifdef NTK_CUDA_ON_HOST
  char text[512] = "";
  Backend* backend = ntk_cuda_backend(text, sizeof text);
  if (!backend) *reason = text;
  return backend;
#else
  *reason = "not built (it needs the CUDA toolkit's headers)";
  return nullptr;
#endif
}

}  // namespace

const std::vector<std::string>& backend_names() {
  static const std::vector<std::string> names = {"reference", "cpu", "cuda-host", "cuda"};
  return names;
}

Backend* usable_backend(const std::string& name, std::string* reason) {
  try {
    if (name == "reference") return &reference_backend();
    if (name == "cpu") return &cpu_backend();
    if (name == "cuda-host") return cuda_on_host(reason);
    if (name == "cuda") return &cuda_backend();
    *reason = "no such backend";
  } catch (const Error& error) {
    *reason = error.what();
  }
  return nullptr;
}

bool is_required(const std::string& name) {
  const char* list = std::getenv("NTK_REQUIRE_BACKENDS");
  std::istringstream stream(list ? list : "");
  for (std::string item; std::getline(stream, item, ',');)
    if (item == name) return true;
  return false;
}

}  // namespace ntk::testing
