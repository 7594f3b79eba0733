//===- Tidy.cpp - Simplify a recurrence between passes --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Tidy.h"

#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace lrc::dsf;

void lrc::tidy(RecurrenceOp recurrence) {
  RewritePatternSet patterns(recurrence.getContext());
  ReadOp::getCanonicalizationPatterns(patterns, recurrence.getContext());
  FrozenRewritePatternSet frozen(std::move(patterns));
  // Not converging leaves the program right, only less tidy.
  (void)applyPatternsGreedily(recurrence, frozen);
  IRRewriter rewriter(recurrence.getContext());
  DominanceInfo dominance(recurrence);
  eliminateCommonSubExpressions(rewriter, dominance, recurrence);
}
