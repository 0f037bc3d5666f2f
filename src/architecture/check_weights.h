// Whether a layer with weights or windows is one, by itself.
#pragma once

#include <optional>
#include <string>

#include "ntk/architecture.h"
#include "src/architecture/source.h"

namespace ntk {

constexpr std::int64_t kLargestWidth = std::int64_t{1} << 53;

// Throw UsageError naming the place of the first number that is wrong. They give the number of
// units, or of channels: the standard parameterization scales it by s[1].
std::int64_t check_dense(const DenseLayer& layer, Parameterization parameterization,
                         const std::string& place, const Source& source);
std::int64_t check_conv(const ConvLayer& layer, Parameterization parameterization,
                        const std::string& place, const Source& source);
std::int64_t check_conv(const ConvTransposeLayer& layer, Parameterization parameterization,
                        const std::string& place, const Source& source);
std::int64_t check_conv(const ConvLocalLayer& layer, Parameterization parameterization,
                        const std::string& place, const Source& source);
// `channels`: of the input, if they are known.
std::int64_t check_attention(const GlobalSelfAttentionLayer& layer,
                             const std::optional<std::int64_t>& channels, const std::string& place,
                             const Source& source);
void check_pool(const PoolLayer& layer, const std::string& place, const Source& source);

}  // namespace ntk
