//===- AffineCoupling.cpp - States that enter each other's update --------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/AffineGroup.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// [C, C + 1], 1 where the column is that of the row's own write.
Value AffineGroup::onePerRow() {
  Location loc = step.tiles.getLocation();
  OpBuilder &at = step.before;
  Type element = step.frame.compute;
  auto makeIota = [&](int64_t size) -> Value {
    return tile::IotaOp::create(at, loc, RankedTensorType::get(size, element),
                                /*lanes=*/false);
  };
  auto type = RankedTensorType::get({step.rows, step.rows + 1}, element);
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(
        at, loc, DenseElementsAttr::get(type, at.getFloatAttr(element, value)));
  };
  MLIRContext *context = at.getContext();
  Value row = step.tiles.access(makeIota(step.rows), mapTo(context, 2, {0}),
                                type.getShape());
  Value column = step.tiles.access(makeIota(step.rows + 1),
                                   mapTo(context, 2, {1}), type.getShape());
  Value next = arith::AddFOp::create(at, loc, row, constant(1));
  Value isOwn =
      arith::CmpFOp::create(at, loc, arith::CmpFPredicate::OEQ, next, column);
  return arith::SelectOp::create(at, loc, isOwn, constant(1), constant(0));
}

/// w_aq of each row, for all columns of effects, at a * count + q; null is 0.
std::vector<Value> AffineGroup::couplingWeights() {
  size_t count = states.size();
  std::vector<Value> weights(count * count);
  SmallVector<int64_t> shape{step.rows, step.rows + 1};
  auto widen = [&](Value rows) {
    return step.tiles.access(rows, mapTo(rows.getContext(), 2, {0}), shape);
  };
  for (auto [a, state] : llvm::enumerate(states)) {
    auto evolve = cast<EvolveOp>(groups.getDefinition(state.op));
    if (Value own = state.decay.rows) {
      weights[a * count + a] = widen(own);
    } else {
      Value one = step.tiles.coerce(step.tiles.constant(1), false).re;
      weights[a * count + a] = step.tiles.access(
          one, AffineMap::get(2, 0, builder.getContext()), shape);
    }
    if (!evolve.getCoupled())
      continue;
    for (auto [name, value] :
         llvm::zip_equal(evolve.getCoupled()->getAsRange<FlatSymbolRefAttr>(),
                         evolve.getCouplings()))
      for (auto [q, other] : llvm::enumerate(states))
        if (other.op.getSymName() == name.getValue())
          weights[a * count + q] =
              widen(step.place(value, false, {}, {}, /*withRows=*/true).re);
  }
  return weights;
}

/// The effects E_ab before the first row: the start is worth 1 in its own
/// state.
SmallVector<Value> AffineGroup::firstEffects() {
  Location loc = step.tiles.getLocation();
  auto type = RankedTensorType::get({step.rows + 1}, step.frame.compute);
  auto filled = [&](double value) {
    return step.tiles.access(
        step.tiles.coerce(step.tiles.constant(value), false).re,
        AffineMap::get(1, 0, builder.getContext()), type.getShape());
  };
  Value zeros = filled(0);
  Value iota = tile::IotaOp::create(step.before, loc, type, false);
  Value first = arith::CmpFOp::create(step.before, loc,
                                      arith::CmpFPredicate::OEQ, iota, zeros);
  Value start =
      arith::SelectOp::create(step.before, loc, first, filled(1), zeros);
  size_t count = states.size();
  SmallVector<Value> effects;
  for (size_t pair = 0; pair < count * count; ++pair)
    effects.push_back(pair / count == pair % count ? start : zeros);
  return effects;
}

/// One row of effects: sum_q w_aq E_qb + (a = b) * own, for all a and b.
static SmallVector<Value> nextEffects(OpBuilder &builder, Location loc,
                                      ValueRange effects,
                                      ArrayRef<Value> weights, Value own,
                                      size_t count) {
  constexpr auto contract = arith::FastMathFlags::contract;
  SmallVector<Value> next;
  for (size_t a = 0; a < count; ++a)
    for (size_t b = 0; b < count; ++b) {
      Value sum = a == b ? own : Value();
      for (size_t q = 0; q < count; ++q) {
        if (!weights[a * count + q])
          continue;
        Value part = arith::MulFOp::create(builder, loc, weights[a * count + q],
                                           effects[q * count + b], contract);
        sum = sum ? arith::AddFOp::create(builder, loc, sum, part, contract)
                        .getResult()
                  : part;
      }
      next.push_back(sum ? sum : effects[a * count + b]);
    }
  return next;
}

/// Runs the couplings over the rows: with the effects E_ab of unit writes,
/// E_ab' = sum_q w_aq E_qb + (a = b) * own write.
LogicalResult AffineGroup::couple() {
  size_t count = states.size();
  Location loc = step.tiles.getLocation();
  std::vector<Value> weights = couplingWeights();
  SmallVector<Value> inits = firstEffects();
  SmallVector<Value> rows{onePerRow()};
  for (Value weight : weights)
    if (weight)
      rows.push_back(weight);
  SmallVector<Type> types(
      inits.size(),
      RankedTensorType::get({step.rows, step.rows + 1}, step.frame.compute));
  auto scan = tile::ScanOp::create(
      step.inside, loc, types, inits, rows, /*backwards=*/false,
      [&](OpBuilder &inner, Location loc, ValueRange arguments) {
        SmallVector<Value> ofRow(count * count);
        unsigned used = count * count + 1;
        for (auto [index, weight] : llvm::enumerate(weights))
          if (weight)
            ofRow[index] = arguments[used++];
        tile::YieldOp::create(
            inner, loc,
            nextEffects(inner, loc, arguments.take_front(count * count), ofRow,
                        arguments[count * count], count));
      });
  for (auto [pair, result] : llvm::enumerate(scan.getResults())) {
    Value before = tile::PreviousOp::create(step.inside, loc, result.getType(),
                                            result, inits[pair]);
    auto last = AffineMap::get(1, 0,
                               {builder.getAffineConstantExpr(step.rows - 1),
                                builder.getAffineDimExpr(0)},
                               builder.getContext());
    couplings.push_back(
        {before, step.tiles.access(result, last, {step.rows + 1})});
  }
  return success();
}

AffineGroup::Coupling &AffineGroup::couplingOf(const State &a, const State &b) {
  return couplings[(&a - states.data()) * states.size() + (&b - states.data())];
}

Value AffineGroup::columnOf(Value before) {
  auto map = AffineMap::get(
      1, 0, {builder.getAffineDimExpr(0), builder.getAffineConstantExpr(0)},
      builder.getContext());
  return step.tiles.access(before, map, {step.rows});
}

Value AffineGroup::columnsOf(Value before) {
  auto map = AffineMap::get(
      2, 0, {builder.getAffineDimExpr(0), builder.getAffineDimExpr(1) + 1},
      builder.getContext());
  return step.tiles.access(before, map, {step.rows, step.rows});
}
