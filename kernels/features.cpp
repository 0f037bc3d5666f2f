#include "kernels/backend.h"
#include "kernels/math/dual/all.h"

namespace ntk {

int features_of(Op op) { return math::feature_count(op); }

}  // namespace ntk
