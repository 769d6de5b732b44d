// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#else
#include <cfenv>
#endif

namespace bnstudio {

/// While it lives, the calling thread computes as IEEE 754 does by default: rounding to nearest, denormal numbers kept.
/// Other code of the process may have chosen otherwise; a library linked with -ffast-math does so when it is loaded.
class StandardArithmetic {
public:
    StandardArithmetic(const StandardArithmetic&) = delete;
    StandardArithmetic& operator=(const StandardArithmetic&) = delete;

#if defined(__SSE2__)
    StandardArithmetic() : m_before(_mm_getcsr()) {
        if ((m_before & modes) != 0)
            _mm_setcsr(m_before & ~modes);
    }
    ~StandardArithmetic() {
        if ((m_before & modes) != 0)
            _mm_setcsr((_mm_getcsr() & ~modes) | (m_before & modes));
    }

private:
    static constexpr unsigned modes =
        0x8000 /* flush to zero */ | 0x6000 /* rounding */ | 0x0040 /* denormals are zeros */;
    unsigned m_before;
#else
    StandardArithmetic() {
        std::fegetenv(&m_before);
        std::fesetenv(FE_DFL_ENV);
    }
    ~StandardArithmetic() {
        std::fesetenv(&m_before);
    }

private:
    std::fenv_t m_before;
#endif
};

}  // namespace bnstudio
