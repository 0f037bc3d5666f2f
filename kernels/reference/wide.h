// Arithmetic wide enough that formulas may be written as the papers have them, cancellation and
// all: 113 bits of mantissa.
#pragma once

#if defined(__SIZEOF_FLOAT128__) && defined(__x86_64__)
#if __has_include(<quadmath.h>)
#include <quadmath.h>
#else  // clang has the type and the library, but not GCC's header
extern "C" {
__float128 sqrtq(__float128);
__float128 acosq(__float128);
__float128 asinq(__float128);
__float128 atan2q(__float128, __float128);
__float128 expq(__float128);
__float128 cosq(__float128);
}
#endif
namespace ntk::reference {
using Wide = __float128;
inline Wide wide_sqrt(Wide x) { return sqrtq(x); }
inline Wide wide_acos(Wide x) { return acosq(x); }
inline Wide wide_asin(Wide x) { return asinq(x); }
inline Wide wide_atan2(Wide y, Wide x) { return atan2q(y, x); }
inline Wide wide_exp(Wide x) { return expq(x); }
inline Wide wide_cos(Wide x) { return cosq(x); }
inline Wide wide_pi() { return 4 * atan2q(1, 1); }
}  // namespace ntk::reference
#else
#include <cmath>
namespace ntk::reference {
static_assert(__LDBL_MANT_DIG__ == 113, "the reference backend needs 113 bits of mantissa");
using Wide = long double;
inline Wide wide_sqrt(Wide x) { return std::sqrt(x); }
inline Wide wide_acos(Wide x) { return std::acos(x); }
inline Wide wide_asin(Wide x) { return std::asin(x); }
inline Wide wide_atan2(Wide y, Wide x) { return std::atan2(y, x); }
inline Wide wide_exp(Wide x) { return std::exp(x); }
inline Wide wide_cos(Wide x) { return std::cos(x); }
inline Wide wide_pi() { return 4 * std::atan2(Wide(1), Wide(1)); }
}  // namespace ntk::reference
#endif
