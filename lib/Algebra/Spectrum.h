//===- Spectrum.h - Eigenvalues, and what they can track --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bounds on the eigenvalues of a transition from the declared ranges, and what
// they let a model of finite precision track over sequences of any length:
// parity needs a negative eigenvalue, counting modulo 3 one that is not real
// (Grazzi et al. 2024, "Unlocking State-Tracking in Linear RNNs Through
// Negative Eigenvalues").
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ALGEBRA_SPECTRUM_H
#define LRC_LIB_ALGEBRA_SPECTRUM_H

#include "lib/Algebra/Classify.h"
#include "lib/Algebra/Transition.h"
#include "lib/Analysis/Ranges.h"

namespace lrc {

struct Spectrum {
  /// Whether all eigenvalues are known to be real.
  bool real = false;
  /// Bounds on them, when they are.
  Interval values;
  /// Bounds on their absolute values.
  Interval modulus{0, INFINITY};
  /// Factors with a negative eigenvalue, which reflect.
  unsigned reflections = 0;
  /// Whether it is a product of symmetric factors without negative eigenvalues.
  bool positive = false;
};

/// Of a group that is linear. `factors` as `factorize` found them, or nothing.
Spectrum boundSpectrum(const GroupClass &group, const Ranges &ranges,
                       const std::optional<TransitionFactors> &factors);

enum class Tracking {
  LTI, // counts positions at most
  T0,  // nothing of the kind
  T1,  // parity
  T2,  // and counting modulo 3
  T3,  // and any regular language, with enough layers
  Unknown,
  T4, // any regular language
};

/// "T0", .., "TL", or "-".
const char *spell(Tracking tracking);

/// The label and one sentence for it.
std::pair<Tracking, std::string> findTracking(const GroupClass &group,
                                              const Spectrum &spectrum);

} // namespace lrc

#endif // LRC_LIB_ALGEBRA_SPECTRUM_H
