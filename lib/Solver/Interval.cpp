//===- Interval.cpp - Bounds of the values of a program -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Interval.h"

#include <algorithm>

using namespace llvm;
using namespace lrc::solver;

/// Each operation of two operands but the comparisons is monotone in each of
/// them as long as a divisor keeps its sign: the corners bound it.
static std::optional<Interval> boundByCorners(ExprKind kind, Interval a,
                                              Interval b) {
  bool divides = kind == ExprKind::FloorDiv || kind == ExprKind::CeilDiv;
  if (divides && b.low <= 0 && b.high >= 0)
    return std::nullopt;
  std::optional<Interval> result;
  for (int64_t x : {a.low, a.high})
    for (int64_t y : {b.low, b.high}) {
      std::optional<int64_t> corner = apply(kind, x, y);
      if (!corner)
        return std::nullopt;
      if (!result)
        result = Interval{*corner, *corner};
      result->low = std::min(result->low, *corner);
      result->high = std::max(result->high, *corner);
    }
  return result;
}

std::optional<std::vector<Interval>>
lrc::solver::boundValues(const Program &program, const Problem &problem) {
  std::vector<Interval> bounds;
  for (const Program::Operation &operation : program.getOperations()) {
    std::optional<Interval> bound;
    auto operand = [&](unsigned i) { return bounds[operation.operands[i]]; };
    if (operation.kind == ExprKind::Constant) {
      bound = Interval{operation.value, operation.value};
    } else if (operation.kind == ExprKind::Variable) {
      std::vector<int64_t> choices = problem.getChoices(operation.value);
      bound = Interval{choices.front(), choices.back()};
    } else if (operation.kind == ExprKind::Select) {
      bound = Interval{std::min(operand(1).low, operand(2).low),
                       std::max(operand(1).high, operand(2).high)};
    } else if (isComparison(operation.kind)) {
      bound = Interval{0, 1};
    } else {
      bound = boundByCorners(operation.kind, operand(0), operand(1));
    }
    if (!bound)
      return std::nullopt;
    bounds.push_back(*bound);
  }
  return bounds;
}
