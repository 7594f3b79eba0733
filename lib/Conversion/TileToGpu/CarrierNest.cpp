//===- CarrierNest.cpp - Lanes of a chunk in registers of warps -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/CarrierNest.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lrc;

constexpr int64_t tileColumns = 8;
constexpr int64_t tileSum = 16;
/// Halves of the 16 rows of an instruction, of which a thread has one row each.
constexpr int64_t halves = 2;

CarrierNest::CarrierNest(BlockContext &context) : MmaNest(context) {
  emitter.setVector(2, {});
  lane = remainder(context.item.getThread(), warpThreads);
  firstLane = arith::MulIOp::create(builder, loc, warpIndex(),
                                    constant32(carrierLanes));
  Subscript first = toSubscript(
      arith::AddIOp::create(builder, loc, firstLane, divide(lane, 4)));
  for (int64_t half = 0; half < halves; ++half)
    rows.push_back(emitter.offset(first, 8 * half));
  Subscript column = toSubscript(
      arith::MulIOp::create(builder, loc, remainder(lane, 4), constant32(2)));
  column.vector = true;
  columns.push_back(column);
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

int64_t CarrierNest::laneAxis(Value tile) const {
  return context.plan.getLaneAxis(tile);
}

/// Tiles of 8 along the axis that has no lanes.
int64_t CarrierNest::countColumns(Value tile) const {
  return shapeOf(tile)[1 - laneAxis(tile)] / tileColumns;
}

/// One subscript for each, so that what is known at a place is found.
const Subscript &CarrierNest::columnAt(int64_t tile) {
  while (int64_t(columns.size()) <= tile)
    columns.push_back(
        emitter.offset(columns.front(), columns.size() * tileColumns));
  return columns[tile];
}

/// Of value `index` of a tile: halves of rows, for each 8 columns.
SmallVector<Subscript> CarrierNest::placeOf(Value tile, int64_t index) {
  SmallVector<Subscript> place(2);
  place[laneAxis(tile)] = rows[index % halves];
  place[1 - laneAxis(tile)] = columnAt(index / halves);
  return place;
}

void CarrierNest::define(Value tile, const Values &values) {
  for (auto [index, value] : llvm::enumerate(values)) {
    emitter.innermost();
    emitter.define(tile, placeOf(tile, index), value);
  }
  fragments[tile] = values;
}

const CarrierNest::Values &CarrierNest::valuesOf(Value tile) const {
  return fragments.find(tile)->second;
}

CarrierNest::Values CarrierNest::load(Value tile, const Storage &storage) {
  Values values;
  for (int64_t index = 0; index < halves * countColumns(tile); ++index)
    values.push_back(emitter.load(storage, placeOf(tile, index)));
  return values;
}

void CarrierNest::store(Value tile, const Values &values,
                        const Storage &storage) {
  for (auto [index, value] : llvm::enumerate(values))
    emitter.store(value, storage, placeOf(tile, index));
}

/// What is kept in fewer bits than its tile has.
Value CarrierNest::extendTo(Value both, Type element) {
  auto type = cast<VectorType>(both.getType());
  if (type.getElementType() == element)
    return both;
  return arith::ExtFOp::create(builder, loc, type.clone(element), both);
}

/// Keeps what lies in shared memory in f32, to be multiplied.
void CarrierNest::widen(Value tile) {
  if (fragments.count(tile))
    return;
  take(tile);
  Values values;
  for (int64_t index = 0; index < halves * countColumns(tile); ++index) {
    Value both = emitter.emit(tile, placeOf(tile, index));
    emitter.innermost();
    values.push_back(extendTo(both, builder.getF32Type()));
  }
  fragments[tile] = values;
}

void CarrierNest::take(Value tile) {
  if (fragments.count(tile) || !taken.insert(tile).second)
    return;
  // What is read as an operand has a form, others are their own.
  Storage storage =
      context.forms.try_emplace(tile, context.frame.storage.lookup(tile))
          .first->second;
  OperandTile operand{tile, unsigned(1 - laneAxis(tile)), {}};
  Values values;
  for (int64_t step = 0; step < countColumns(tile) / 2; ++step)
    for (Value word : ownOperand(operand, step)) {
      Value both = LLVM::BitcastOp::create(
          builder, loc, VectorType::get(2, storage.element), word);
      values.push_back(extendTo(both, elementOf(tile)));
    }
  for (auto [index, value] : llvm::enumerate(values))
    emitter.define(tile, placeOf(tile, index), value);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Four pairs of numbers in bf16.
MmaNest::Fragment CarrierNest::pack(ArrayRef<Value> values) {
  Fragment words;
  for (Value both : values)
    words.push_back(
        LLVM::BitcastOp::create(builder, loc, builder.getI32Type(),
                                convertTo(both, builder.getBF16Type())));
  return words;
}

/// Two neighbouring results.
MmaNest::Fragment CarrierNest::pack(const Fragment &first,
                                    const Fragment &second) {
  SmallVector<Value, 4> values;
  for (const Fragment *fragment : {&first, &second})
    for (int64_t half = 0; half < halves; ++half)
      values.push_back(vector::FromElementsOp::create(
          builder, loc, VectorType::get(2, builder.getF32Type()),
          ArrayRef<Value>(*fragment).slice(2 * half, 2)));
  return pack(values);
}

/// 16 lanes by 16 of the sum: from registers, or from shared memory.
MmaNest::Fragment CarrierNest::ownOperand(const OperandTile &operand,
                                          int64_t step) {
  emitter.innermost();
  auto known = fragments.find(operand.tile);
  if (known != fragments.end()) {
    SmallVector<Value> values(
        ArrayRef<Value>(known->second).slice(4 * step, 4));
    if (!operand.sumFactors.empty())
      for (auto [index, value] : llvm::enumerate(values)) {
        Value factor = sumFactorAt(operand, 2 * step + index / halves);
        emitter.innermost();
        value = arith::MulFOp::create(builder, loc, value, factor);
      }
    return pack(values);
  }
  MmaOperand own{context.forms.lookup(operand.tile), operand.sumAxis};
  Value address = matrixAddress(own, firstLane, /*isLeft=*/true);
  return loadMatrices(offsetOf(address, own, 0, step * tileSum), 4,
                      /*transposed=*/own.sumAxis == 0);
}

/// Factors of two neighbouring terms of the sums.
Value CarrierNest::sumFactorAt(const OperandTile &operand, int64_t column) {
  Value product;
  for (Value factor : operand.sumFactors) {
    Value both = emitter.emit(factor, columnAt(column));
    emitter.innermost();
    both = emitter.splat(both);
    product = product
                  ? Value(arith::MulFOp::create(builder, loc, product, both))
                  : both;
  }
  return product;
}

/// Of 16 rows of the other operand, whose sums are 16.
Value CarrierNest::otherAddress(const MmaOperand &operand) {
  emitter.innermost();
  return matrixAddress(operand, {}, /*isLeft=*/false);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// Whether a matrix [t, s] is 0 where s > t, with t along the result.
static bool isLower(const OperandTile &operand) {
  ArrayRef<int64_t> shape = shapeOf(operand.tile);
  return operand.sumAxis == 1 && shape[0] == shape[1] &&
         operand.tile.getDefiningOp<tile::DecayedProductOp>();
}

/// The operand in shared memory.
struct CarrierNest::Factor {
  MmaOperand operand;
  Value address;
  bool isLower;
  int64_t sum;
};

CarrierNest::Factor CarrierNest::factorOf(const OperandTile &other) {
  MmaOperand operand{context.forms.lookup(other.tile), other.sumAxis};
  return {operand, otherAddress(operand), isLower(other),
          shapeOf(other.tile)[other.sumAxis]};
}

/// Adds 16 terms of the sums.
void CarrierNest::addStep(const Factor &other, int64_t k, const Fragment &left,
                          MutableArrayRef<Fragment> sums) {
  int64_t count = sums.size();
  auto isZero = [&](int64_t tile) {
    return other.isLower && k >= (tile + 1) * tileColumns;
  };
  for (int64_t n = 0; n < count; n += 2) {
    int64_t parts = std::min<int64_t>(2, count - n);
    if (isZero(n + parts - 1))
      continue;
    Fragment right =
        loadMatrices(offsetOf(other.address, other.operand, n * tileColumns, k),
                     2 * parts, other.operand.sumAxis == 0);
    for (int64_t part = 0; part < parts; ++part)
      if (!isZero(n + part))
        sums[n + part] = multiply(
            left, ArrayRef<Value>(right).slice(2 * part, 2), sums[n + part]);
  }
}

void CarrierNest::addTerm(const OperandTile &own, const OperandTile &other,
                          MutableArrayRef<Fragment> sums) {
  if (!own.sumFactors.empty())
    widen(own.tile);
  Factor factor = factorOf(other);
  for (int64_t k = 0; k < factor.sum; k += tileSum)
    addStep(factor, k, ownOperand(own, k / tileSum), sums);
}

SmallVector<MmaNest::Fragment> CarrierNest::zeros(Value result) {
  return SmallVector<Fragment>(
      countColumns(result),
      Fragment(4, neutral(tile::Combine::Sum, builder.getF32Type())));
}

void CarrierNest::multiplyFirst(Value own, ArrayRef<Term> terms) {
  SmallVector<Factor> factors;
  emitter.innermost();
  for (const Term &term : terms) {
    const auto &[first, second] = *term.operands;
    factors.push_back(factorOf(first.tile == own ? second : first));
    multiplied[term.operands] = zeros(term.result);
  }
  OperandTile operand{own, unsigned(1 - laneAxis(own)), {}};
  int64_t sum = countColumns(own) * tileColumns;
  for (int64_t k = 0; k < sum; k += tileSum) {
    Fragment left = ownOperand(operand, k / tileSum);
    for (auto [term, factor] : llvm::zip_equal(terms, factors))
      addStep(factor, k, left, multiplied[term.operands]);
  }
}

/// A term that may have factors, added to sums that may not have them.
void CarrierNest::addScaled(Value result, const OperandPair &operands,
                            bool fromZero, MutableArrayRef<Fragment> sums) {
  const auto &[first, second] = operands;
  bool lanesLast = laneAxis(result) == 1;
  const OperandTile &own = lanesLast ? second : first;
  const OperandTile &other = lanesLast ? first : second;
  MmaTerm term;
  term.rowFactors = first.factors;
  term.columnFactors = second.factors;
  bool hasFactors = !term.rowFactors.empty() || !term.columnFactors.empty();
  auto known = multiplied.find(&operands);
  if (!hasFactors && known == multiplied.end())
    return addTerm(own, other, sums);
  SmallVector<Fragment> products =
      known == multiplied.end() ? zeros(result) : std::move(known->second);
  if (known == multiplied.end())
    addTerm(own, other, products);
  for (int64_t index = 0; index < int64_t(sums.size()) * halves; ++index) {
    Value factor =
        hasFactors ? factorAt(term, placeOf(result, index)) : Value();
    for (int64_t part : {0, 1}) {
      emitter.innermost();
      int64_t element = index % halves * 2 + part;
      Value value = products[index / halves][element];
      Value &sum = sums[index / halves][element];
      if (!factor) {
        sum = fromZero ? value
                       : Value(arith::AddFOp::create(builder, loc, sum, value));
        continue;
      }
      Value scale = vector::ExtractOp::create(builder, loc, factor, part);
      sum =
          fromZero
              ? Value(arith::MulFOp::create(builder, loc, value, scale))
              : Value(LLVM::FMulAddOp::create(builder, loc, value, scale, sum));
    }
  }
}

/// What sums start from: a tile's values, or 0.
SmallVector<MmaNest::Fragment> CarrierNest::startOf(Value result, Value init) {
  SmallVector<Fragment> sums(countColumns(result));
  for (int64_t index = 0; index < int64_t(sums.size()) * halves; ++index) {
    Value both = init ? emitter.emit(init, placeOf(result, index)) : Value();
    emitter.innermost();
    if (both)
      both = emitter.splat(both);
    for (int64_t part : {0, 1})
      sums[index / halves].push_back(
          both ? Value(vector::ExtractOp::create(builder, loc, both, part))
               : neutral(tile::Combine::Sum, builder.getF32Type()));
  }
  return sums;
}

void CarrierNest::emitProduct(tile::ProductOp op,
                              ArrayRef<OperandPair> operands, Value init) {
  Value result = op.getResult();
  SmallVector<Fragment> sums = startOf(result, init);
  // A term with factors, or one that is there, costs least where the sum is
  // still zero.
  SmallVector<const OperandPair *> terms;
  for (const OperandPair &pair : operands)
    terms.push_back(&pair);
  llvm::stable_sort(terms, [&](const OperandPair *a, const OperandPair *b) {
    auto isFirst = [&](const OperandPair *pair) {
      return !pair->first.factors.empty() || !pair->second.factors.empty() ||
             multiplied.count(pair);
    };
    return isFirst(a) > isFirst(b);
  });
  for (auto [index, pair] : llvm::enumerate(terms))
    addScaled(result, *pair, /*fromZero=*/index == 0 && !init, sums);
  finish(result, sums);
}

/// As SolveNest, but that each warp has the solution of its lanes in registers.
void CarrierNest::emitSolve(tile::SolveOp op, const OperandPair &operands,
                            const Storage &inverses) {
  Value result = op.getResult();
  MmaOperand matrix{context.forms.lookup(operands.first.tile), 1};
  MmaOperand inverse{inverses, 1};
  SmallVector<Fragment> known = startOf(result, op.getRhs());
  Value matrixAddress = otherAddress(matrix);
  Value inverseAddress = otherAddress(inverse);
  constexpr int64_t blockTiles = solveBlockRows / tileColumns;
  auto add = [&](const Fragment &left, const Fragment &right,
                 MutableArrayRef<Fragment> sums) {
    for (int64_t part = 0; part < blockTiles; ++part)
      sums[part] =
          multiply(left, ArrayRef<Value>(right).slice(2 * part, 2), sums[part]);
  };
  int64_t blocks = known.size() / blockTiles;
  for (int64_t block = 0; block < blocks; ++block) {
    MutableArrayRef<Fragment> own =
        MutableArrayRef<Fragment>(known).slice(block * blockTiles, blockTiles);
    int64_t row = block * solveBlockRows;
    for (int64_t earlier = 0; earlier < block; ++earlier)
      add(pack(known[earlier * blockTiles], known[earlier * blockTiles + 1]),
          loadMatrices(
              offsetOf(matrixAddress, matrix, row, earlier * solveBlockRows), 4,
              /*transposed=*/false),
          own);
    Fragment sums = pack(own[0], own[1]);
    for (Fragment &fragment : own)
      fragment.assign(4, neutral(tile::Combine::Sum, builder.getF32Type()));
    add(sums,
        loadMatrices(offsetOf(inverseAddress, inverse, row, 0), 4,
                     /*transposed=*/false),
        own);
  }
  finish(result, known);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void CarrierNest::finish(Value tile, ArrayRef<Fragment> sums) {
  Values values;
  emitter.innermost();
  for (const Fragment &fragment : sums)
    for (int64_t half = 0; half < halves; ++half)
      values.push_back(vector::FromElementsOp::create(
          builder, loc, VectorType::get(2, builder.getF32Type()),
          ArrayRef<Value>(fragment).slice(2 * half, 2)));
  finish(tile, values);
}

void CarrierNest::finish(Value tile, const Values &values) {
  define(tile, values);
  auto joined = context.joined.find(tile);
  if (joined != context.joined.end())
    for (Value other : joined->second)
      emitPointwise(other);
  auto stores = context.stores.find(tile);
  if (stores != context.stores.end())
    for (tile::StoreOp op : stores->second)
      emitStore(op);
}

void CarrierNest::emitPointwise(Value tile) {
  Values values;
  for (int64_t index = 0; index < halves * countColumns(tile); ++index) {
    Value both = emitter.compute(tile, placeOf(tile, index));
    emitter.innermost();
    values.push_back(emitter.splat(both));
  }
  finish(tile, values);
}

/// 8 x 8 numbers of 16 bits across a warp.
Value CarrierNest::transpose(Value word) {
  return LLVM::InlineAsmOp::create(
             builder, loc, builder.getI32Type(), ValueRange{word},
             "movmatrix.sync.aligned.m8n8.trans.b16 $0, $1;", "=r,r",
             /*has_side_effects=*/false, /*is_align_stack=*/false,
             LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr())
      .getResult(0);
}

/// Rows of memory are steps: numbers of 16 bits are transposed, so that two of
/// neighbouring lanes are written at once.
void CarrierNest::emitStore(tile::StoreOp op) {
  Value tile = op.getTile();
  emitter.innermost();
  Storage target = emitter.storageOf(op, tile);
  bool isHalf = target.element.getIntOrFloatBitWidth() == 16;
  Value ownRow = divide(lane, 4);
  Value ownLane = arith::AddIOp::create(
      builder, loc, firstLane,
      arith::MulIOp::create(builder, loc, remainder(lane, 4), constant32(2)));
  for (int64_t index = 0; index < halves * countColumns(tile); ++index) {
    SmallVector<Subscript> place = placeOf(tile, index);
    Value both = emitter.emit(tile, place);
    emitter.innermost();
    both = convertTo(emitter.splat(both), target.element);
    if (!isHalf) {
      emitter.store(both, target, place);
      continue;
    }
    Value word = transpose(
        LLVM::BitcastOp::create(builder, loc, builder.getI32Type(), both));
    both = LLVM::BitcastOp::create(builder, loc,
                                   VectorType::get(2, target.element), word);
    auto plus = [&](Value a, int64_t by) {
      return toSubscript(
          arith::AddIOp::create(builder, loc, a, constant32(by)));
    };
    place[1 - laneAxis(tile)] = plus(ownRow, index / halves * tileColumns);
    place[laneAxis(tile)] = plus(ownLane, index % halves * 8);
    place[laneAxis(tile)].vector = true;
    emitter.store(both, target, place);
  }
}
