//===- Transition.h - A transition as a product of factors ------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The transition of one state in the order in which the step applies it:
//
//   S' = F_n .. F_2 F_1 S + ..       F = c I + sum_p u_p w_p^T
//
// A decay followed by a delta rule is (I - beta k k^T) exp(g). That order is
// lost in the normal form, and eigenvalues need it. Nothing is rewritten.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ALGEBRA_TRANSITION_H
#define LRC_LIB_ALGEBRA_TRANSITION_H

#include "lib/Analysis/StateGroups.h"

#include <optional>
#include <vector>

namespace lrc {

/// number * factors / divisors.
struct Product {
  double number = 1;
  llvm::SmallVector<mlir::Value> factors;
  llvm::SmallVector<mlir::Value> divisors;

  bool isOne() const {
    return number == 1 && factors.empty() && divisors.empty();
  }
};

/// along * (weight^T X): `contraction` is the sum.
struct RankOne {
  Product along;
  Product weight;
  dsf::ReduceOp contraction;
};

/// sum of decays, plus outer products.
struct TransitionFactor {
  std::vector<Product> decays;
  std::vector<RankOne> ranks;

  bool isIdentity() const {
    return ranks.empty() && decays.size() == 1 && decays.front().isOne();
  }
};

using TransitionFactors = std::vector<TransitionFactor>;

/// The factors of the transition of the only state of a group, the first one
/// applied first; nothing where the step does not have this form.
std::optional<TransitionFactors> factorize(const StateGroups &groups,
                                           const StateGroups::Group &group);

} // namespace lrc

#endif // LRC_LIB_ALGEBRA_TRANSITION_H
