//===- TensorCore.cpp - Products in bf16 by a warp ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/TensorCore.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;

constexpr int64_t tileRows = 16;
constexpr int64_t tileColumns = 8;
constexpr int64_t tileSum = 16;

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

OperandTile lrc::plainOperand(const Plan &plan, Value tile, unsigned sumAxis) {
  while (!plan.isMaterialized(tile)) {
    Operation *op = tile.getDefiningOp();
    if (auto access = dyn_cast_or_null<tile::AccessOp>(op)) {
      AffineMap map = access.getMap();
      if (!map.isPermutation() || map.getNumDims() != 2)
        break;
      if (!map.isIdentity())
        sumAxis = 1 - sumAxis;
      tile = access.getSource();
      continue;
    }
    // A number of 16 bits is what it was before it was extended.
    auto extended = dyn_cast_or_null<arith::ExtFOp>(op);
    if (!extended || !elementOf(extended.getIn()).isBF16())
      break;
    tile = extended.getIn();
  }
  return {tile, sumAxis};
}

/// The tile of one axis that all columns (rows, for axis 1) of a matrix are.
static Value broadcastAlong(Value tile, unsigned axis) {
  auto access = tile.getDefiningOp<tile::AccessOp>();
  if (!access || access.getMap().getNumDims() != 2 ||
      access.getMap().getNumResults() != 1 ||
      access.getMap().getResult(0) !=
          getAffineDimExpr(axis, access.getContext()))
    return {};
  return access.getSource();
}

/// Takes factors along `axis` off a kept product.
static Value peelFactors(const Plan &plan, Value tile, unsigned sumAxis,
                         unsigned axis, SmallVectorImpl<Value> &factors) {
  Value base = tile;
  SmallVector<Value> found;
  while (auto product = base.getDefiningOp<arith::MulFOp>()) {
    Value lhs = broadcastAlong(product.getLhs(), axis);
    Value rhs = broadcastAlong(product.getRhs(), axis);
    if (!lhs && !rhs)
      break;
    found.push_back(lhs ? lhs : rhs);
    base = lhs ? product.getRhs() : product.getLhs();
  }
  // Only what is in memory anyway is read in its place.
  Value kept = plainOperand(plan, base, sumAxis).tile;
  if (!plan.isMaterialized(kept) || (base != tile && kept == tile))
    return tile;
  llvm::append_range(factors, found);
  return base;
}

OperandTile lrc::operandTile(const Plan &plan, Value tile, unsigned sumAxis) {
  SmallVector<Value, 2> factors;
  if (plan.isMaterialized(tile))
    tile = peelFactors(plan, tile, sumAxis, 1 - sumAxis, factors);
  OperandTile operand = plainOperand(plan, tile, sumAxis);
  operand.factors = factors;
  return operand;
}

OperandTile lrc::peelSums(const Plan &plan, const OperandTile &operand,
                          SmallVectorImpl<Value> &factors) {
  Value base = peelFactors(plan, operand.tile, operand.sumAxis, operand.sumAxis,
                           factors);
  if (base == operand.tile)
    return operand;
  OperandTile result = plainOperand(plan, base, operand.sumAxis);
  result.factors = operand.factors;
  return result;
}

std::optional<OperandPair> lrc::matchMma(const Plan &plan, tile::ProductOp op) {
  AffineMap result = op.getResultMap();
  if (op.getSizes().size() != 3 || result.getNumResults() != 2 ||
      !elementOf(op.getResult()).isF32())
    return std::nullopt;
  auto dimOf = [](AffineMap map, unsigned axis) {
    return int64_t(cast<AffineDimExpr>(map.getResult(axis)).getPosition());
  };
  int64_t rowDim = dimOf(result, 0);
  int64_t columnDim = dimOf(result, 1);
  int64_t sumDim = 3 - rowDim - columnDim;
  SmallVector<int64_t> sizes = op.getSizes();
  if (!fitsMma(sizes[rowDim], sizes[columnDim], sizes[sumDim]))
    return std::nullopt;
  auto match = [&](int64_t keptDim) -> std::optional<OperandTile> {
    for (auto [tile, map] : {std::pair(op.getLhs(), op.getLhsMap()),
                             std::pair(op.getRhs(), op.getRhsMap())}) {
      if (map.getNumResults() != 2)
        continue;
      for (unsigned sumAxis : {0, 1})
        if (dimOf(map, sumAxis) == sumDim && dimOf(map, 1 - sumAxis) == keptDim)
          return operandTile(plan, tile, sumAxis);
    }
    return std::nullopt;
  };
  std::optional<OperandTile> lhs = match(rowDim);
  std::optional<OperandTile> rhs = match(columnDim);
  if (!lhs || !rhs)
    return std::nullopt;
  for (Value tile : {lhs->tile, rhs->tile})
    if (!plan.isMaterialized(tile) || shapeOf(tile).size() != 2)
      return std::nullopt;
  return std::pair(*lhs, *rhs);
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

MmaNest::Fragment MmaNest::loadMatrices(Value address, unsigned count,
                                        bool transposed) {
  MLIRContext *context = builder.getContext();
  Type i32 = builder.getI32Type();
  SmallVector<Type> words(count, i32);
  Value loaded = NVVM::LdMatrixOp::create(
      builder, loc, LLVM::LLVMStructType::getLiteral(context, words), address,
      builder.getI32IntegerAttr(count),
      NVVM::MMALayoutAttr::get(context, transposed ? NVVM::MMALayout::col
                                                   : NVVM::MMALayout::row),
      NVVM::LdStMatrixShapeAttr::get(context, 8, 8),
      NVVM::LdStMatrixEltTypeAttr::get(context, NVVM::LdStMatrixEltType::B16));
  Fragment fragment;
  for (unsigned word = 0; word < count; ++word)
    fragment.push_back(
        LLVM::ExtractValueOp::create(builder, loc, loaded, word));
  return fragment;
}

MmaNest::Fragment MmaNest::multiply(const Fragment &lhs, ArrayRef<Value> rhs,
                                    const Fragment &sum) {
  SmallVector<Value> operands(lhs.begin(), lhs.end());
  llvm::append_range(operands, rhs);
  llvm::append_range(operands, sum);
  SmallVector<Type> types(4, builder.getF32Type());
  // Pure, so that it can be moved between other instructions.
  Value result =
      LLVM::InlineAsmOp::create(
          builder, loc,
          LLVM::LLVMStructType::getLiteral(builder.getContext(), types),
          operands,
          "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
          "{$0, $1, $2, $3}, {$4, $5, $6, $7}, {$8, $9}, "
          "{$10, $11, $12, $13};",
          "=f,=f,=f,=f,r,r,r,r,r,r,f,f,f,f", /*has_side_effects=*/false,
          /*is_align_stack=*/false, LLVM::TailCallKind::None,
          LLVM::AsmDialectAttr(), ArrayAttr())
          .getResult(0);
  Fragment fragment;
  for (unsigned part = 0; part < 4; ++part)
    fragment.push_back(
        LLVM::ExtractValueOp::create(builder, loc, result, part));
  return fragment;
}

/// Of element (kept, sum) of an operand, in shared memory; i32 subscripts.
Value MmaNest::addressOf(const MmaOperand &operand, Value kept, Value sum) {
  const Storage &storage = operand.storage;
  auto times = [&](Value index, int64_t stride) -> Value {
    return arith::MulIOp::create(builder, loc, index, constant32(stride));
  };
  Value offset = arith::AddIOp::create(
      builder, loc, times(kept, storage.strides[1 - operand.sumAxis]),
      times(sum, storage.strides[operand.sumAxis]));
  auto shared = LLVM::LLVMPointerType::get(builder.getContext(), 3);
  Value base =
      LLVM::AddrSpaceCastOp::create(builder, loc, shared, storage.pointer);
  return LLVM::GEPOp::create(builder, loc, shared, builder.getBF16Type(), base,
                             ArrayRef<LLVM::GEPArg>{offset});
}

Value MmaNest::offsetOf(Value address, const MmaOperand &operand, int64_t kept,
                        int64_t sum) {
  const Storage &storage = operand.storage;
  int64_t offset = kept * storage.strides[1 - operand.sumAxis] +
                   sum * storage.strides[operand.sumAxis];
  if (offset == 0)
    return address;
  return LLVM::GEPOp::create(
      builder, loc, address.getType(), builder.getBF16Type(), address,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
}

//===----------------------------------------------------------------------===//
// The nest
//===----------------------------------------------------------------------===//

/// Warps in a grid that reads the fewest operands again.
MmaNest::Grid MmaNest::chooseGrid(int64_t rows, int64_t columns,
                                  int64_t warps) {
  int64_t rowTiles = rows / tileRows;
  int64_t columnTiles = columns / tileColumns;
  Grid best;
  int64_t bestCost = INT64_MAX;
  for (int64_t across = 1; across <= warps; ++across)
    for (int64_t down = 1; down * across <= warps; ++down) {
      if (rowTiles % down != 0 || columnTiles % across != 0)
        continue;
      Grid grid{down, across, rowTiles / down, columnTiles / across};
      // Of a warp: products, and operands that it loads.
      int64_t cost = 4 * grid.rowTiles * grid.columnTiles + 4 * grid.rowTiles +
                     2 * grid.columnTiles;
      if (cost < bestCost)
        std::tie(best, bestCost) = std::pair(grid, cost);
    }
  return best;
}

/// The lanes of a warp give the addresses of rows of 8 x 8 matrices: lane l of
/// row l % 8 of matrix l / 8. An operand lies with its sum axis consecutive, or
/// is transposed while it is loaded. In the order of matrices `kept` comes
/// before `sum` for the left operand: rows 0-7 and 8-15 of sums 0-7, then of
/// sums 8-15; and behind it for the right one.
Value MmaNest::matrixAddress(const MmaOperand &operand, Value first,
                             bool isLeft) {
  auto add = [&](Value a, Value b) -> Value {
    return arith::AddIOp::create(builder, loc, a, b);
  };
  auto times8 = [&](Value a) -> Value {
    return arith::MulIOp::create(builder, loc, a, constant32(8));
  };
  Value kept = times8(remainder(divide(lane, 8), 2));
  Value sum = times8(divide(lane, 16));
  if (!isLeft)
    std::swap(kept, sum);
  Value &ofRows = operand.sumAxis == 0 ? sum : kept;
  ofRows = add(ofRows, remainder(lane, 8));
  return addressOf(operand, first ? add(first, kept) : kept, sum);
}

void MmaNest::addTerm(const MmaTerm &term, const Grid &grid,
                      MutableArrayRef<Fragment> sums) {
  bool lhsTransposed = term.lhs.sumAxis == 0;
  bool rhsTransposed = term.rhs.sumAxis == 0;
  Value lhs = matrixAddress(term.lhs, firstRow, /*isLeft=*/true);
  Value rhs = matrixAddress(term.rhs, firstColumn, /*isLeft=*/false);
  auto loadRows = [&](int64_t k) {
    SmallVector<Fragment> loaded;
    for (int64_t m = 0; m < grid.rowTiles; ++m)
      loaded.push_back(loadMatrices(offsetOf(lhs, term.lhs, m * tileRows, k), 4,
                                    lhsTransposed));
    return loaded;
  };
  auto loadColumns = [&](int64_t n, int64_t k) {
    bool pair = n + 1 < grid.columnTiles;
    return loadMatrices(offsetOf(rhs, term.rhs, n * tileColumns, k),
                        pair ? 4 : 2, rhsTransposed);
  };
  // Few operands are all loaded before the first is used.
  constexpr int64_t mostLoads = 16;
  int64_t steps = term.sum / tileSum;
  int64_t pairs = llvm::divideCeil(grid.columnTiles, 2);
  bool loadsFirst = steps * (grid.rowTiles + pairs) <= mostLoads;
  std::vector<SmallVector<Fragment>> allRows, allColumns;
  for (int64_t step = 0; loadsFirst && step < steps; ++step) {
    allRows.push_back(loadRows(step * tileSum));
    allColumns.emplace_back();
    for (int64_t n = 0; n < grid.columnTiles; n += 2)
      allColumns.back().push_back(loadColumns(n, step * tileSum));
  }
  for (int64_t step = 0; step < steps; ++step) {
    int64_t k = step * tileSum;
    SmallVector<Fragment> rows = loadsFirst ? allRows[step] : loadRows(k);
    for (int64_t n = 0; n < grid.columnTiles; n += 2) {
      Fragment columns =
          loadsFirst ? allColumns[step][n / 2] : loadColumns(n, k);
      for (int64_t part = 0; part < int64_t(columns.size()) / 2; ++part)
        for (int64_t m = 0; m < grid.rowTiles; ++m) {
          Fragment &sum = sums[m * grid.columnTiles + n + part];
          sum = multiply(rows[m], ArrayRef<Value>(columns).slice(2 * part, 2),
                         sum);
        }
    }
  }
}

Value MmaNest::warpIndex() {
  return divide(context.item.getThread(), warpThreads);
}

void MmaNest::multiplyTile(const Storage &matrix, int64_t apart, Value level,
                           Value row, Value column, Value rows, int64_t sum,
                           llvm::function_ref<void(Place, Value, Value)> done) {
  auto add = [&](Value a, Value b) -> Value {
    return arith::AddIOp::create(builder, loc, a, b);
  };
  auto times = [&](Value a, int64_t by) -> Value {
    return arith::MulIOp::create(builder, loc, a, constant32(by));
  };
  lane = remainder(context.item.getThread(), warpThreads);
  Value inMatrix = remainder(lane, 8);
  Value low = times(remainder(divide(lane, 8), 2), 8);
  Value high = times(divide(lane, 16), 8);
  Value lhsRow = arith::RemUIOp::create(builder, loc, add(low, inMatrix), rows);
  MmaOperand operand{matrix, 1};
  Value behind = times(level, apart);
  auto atLevel = [&](Value address) -> Value {
    return LLVM::GEPOp::create(builder, loc, address.getType(),
                               builder.getBF16Type(), address,
                               ArrayRef<LLVM::GEPArg>{behind});
  };
  Value lhs = atLevel(addressOf(operand, add(row, lhsRow), high));
  Value rhs = atLevel(addressOf(operand, add(column, inMatrix), low));
  Fragment sums(4, neutral(tile::Combine::Sum, builder.getF32Type()));
  for (int64_t k = 0; k < sum; k += tileSum) {
    Fragment left = loadMatrices(offsetOf(lhs, operand, 0, k), 4, false);
    Fragment right = loadMatrices(offsetOf(rhs, operand, 0, k), 2, false);
    sums = multiply(left, right, sums);
  }
  Value ownRow = divide(lane, 4);
  Subscript ownColumn = toSubscript(add(column, times(remainder(lane, 4), 2)));
  ownColumn.vector = true;
  for (int64_t half : {0, 1}) {
    emitter.innermost();
    Value offset = add(ownRow, constant32(8 * half));
    Value inside = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ult, offset, rows);
    Subscript place = toSubscript(add(row, offset));
    Value both = vector::FromElementsOp::create(
        builder, loc, VectorType::get(2, builder.getF32Type()),
        ArrayRef<Value>(sums).slice(2 * half, 2));
    done({place, ownColumn}, inside, both);
  }
}

bool MmaNest::usesAllWarps(int64_t rows, int64_t columns, int64_t threads) {
  Grid grid = chooseGrid(rows, columns, threads / warpThreads);
  return grid.rowWarps * grid.columnWarps == threads / warpThreads;
}

Value MmaNest::factorAt(const MmaTerm &term, Place place) {
  Value product;
  auto multiplyBy = [&](Value factor) {
    emitter.innermost();
    factor = emitter.splat(factor);
    product =
        product ? arith::MulFOp::create(builder, loc, product, factor) : factor;
  };
  for (Value factor : term.rowFactors)
    multiplyBy(emitter.emit(factor, place[0]));
  for (Value factor : term.columnFactors)
    multiplyBy(emitter.emit(factor, place[1]));
  return product;
}

/// A sum that has factors, added to sums that may not have them.
void MmaNest::addScaled(const MmaTerm &term, const Grid &grid,
                        ArrayRef<SmallVector<Subscript>> places, bool fromZero,
                        MutableArrayRef<Fragment> sums) {
  emitter.innermost();
  if (term.rowFactors.empty() && term.columnFactors.empty())
    return addTerm(term, grid, sums);
  SmallVector<Fragment> own(sums.begin(), sums.end());
  if (!fromZero)
    for (Fragment &fragment : own)
      fragment.assign(4, neutral(tile::Combine::Sum, builder.getF32Type()));
  addTerm(term, grid, own);
  for (auto [index, place] : llvm::enumerate(places)) {
    Value factor = factorAt(term, place);
    for (int64_t part : {0, 1}) {
      emitter.innermost();
      Value scale = vector::ExtractOp::create(builder, loc, factor, part);
      int64_t element = index % 2 * 2 + part;
      Value value = own[index / 2][element];
      Value &sum = sums[index / 2][element];
      sum =
          fromZero
              ? Value(arith::MulFOp::create(builder, loc, value, scale))
              : Value(LLVM::FMulAddOp::create(builder, loc, value, scale, sum));
    }
  }
}

void MmaNest::run(int64_t rows, int64_t columns, ArrayRef<MmaTerm> terms,
                  llvm::function_ref<Value(Place)> start,
                  llvm::function_ref<void(Place, Value)> done,
                  llvm::function_ref<Value(Place, Value)> adjust) {
  int64_t warps = context.item.getThreads() / warpThreads;
  Grid grid = chooseGrid(rows, columns, warps);
  int64_t active = grid.rowWarps * grid.columnWarps;
  Value thread = context.item.getThread();
  if (active < warps) {
    emitter.innermost();
    emitter.openGuard(arith::CmpIOp::create(builder, loc,
                                            arith::CmpIPredicate::ult, thread,
                                            constant32(active * warpThreads)));
  }
  emitter.innermost();
  emitter.setVector(2, {});
  lane = remainder(thread, warpThreads);
  Value warp = divide(thread, warpThreads);
  auto times = [&](Value index, int64_t by) -> Value {
    return arith::MulIOp::create(builder, loc, index, constant32(by));
  };
  firstRow = times(divide(warp, grid.columnWarps), grid.rowTiles * tileRows);
  firstColumn =
      times(remainder(warp, grid.columnWarps), grid.columnTiles * tileColumns);
  Subscript ownRow = toSubscript(
      arith::AddIOp::create(builder, loc, firstRow, divide(lane, 4)));
  Subscript ownColumn = toSubscript(arith::AddIOp::create(
      builder, loc, firstColumn, times(remainder(lane, 4), 2)));
  ownColumn.vector = true;

  SmallVector<SmallVector<Subscript>> places;
  for (int64_t m = 0; m < grid.rowTiles; ++m)
    for (int64_t n = 0; n < grid.columnTiles; ++n)
      for (int64_t half : {0, 8})
        places.push_back({emitter.offset(ownRow, m * tileRows + half),
                          emitter.offset(ownColumn, n * tileColumns)});
  SmallVector<Fragment> sums;
  for (auto [index, place] : llvm::enumerate(places)) {
    Value both = start ? start(place) : Value();
    emitter.innermost();
    if (index % 2 == 0)
      sums.emplace_back();
    for (int64_t part : {0, 1})
      sums.back().push_back(
          both ? Value(vector::ExtractOp::create(builder, loc, both, part))
               : neutral(tile::Combine::Sum, builder.getF32Type()));
  }
  emitter.innermost();
  for (auto [index, term] : llvm::enumerate(terms))
    addScaled(term, grid, places, /*fromZero=*/index == 0 && !start, sums);
  SmallVector<Value> results;
  for (auto [index, place] : llvm::enumerate(places)) {
    emitter.innermost();
    ArrayRef<Value> parts =
        ArrayRef<Value>(sums[index / 2]).slice(index % 2 * 2, 2);
    Value both = vector::FromElementsOp::create(
        builder, loc, VectorType::get(2, builder.getF32Type()), parts);
    results.push_back(adjust ? adjust(place, both) : both);
  }
  for (auto [place, both] : llvm::zip_equal(places, results))
    done(place, both);
  if (active < warps)
    emitter.closeLoop();
}

namespace {
class MmaProduct : MmaNest {
public:
  using MmaNest::MmaNest;

  void run(tile::ProductOp op, ArrayRef<OperandPair> operands, Value init) {
    ArrayRef<int64_t> shape = shapeOf(op.getResult());
    auto operandOf = [&](const OperandTile &tile) {
      return MmaOperand{context.forms.lookup(tile.tile), tile.sumAxis};
    };
    SmallVector<MmaTerm, 2> terms;
    for (const auto &[lhs, rhs] : operands)
      terms.push_back({operandOf(lhs), operandOf(rhs),
                       shapeOf(lhs.tile)[lhs.sumAxis], lhs.factors,
                       rhs.factors});
    // A term with factors costs least where the sum is still zero.
    llvm::stable_sort(terms, [](const MmaTerm &a, const MmaTerm &b) {
      auto hasFactors = [](const MmaTerm &term) {
        return !term.rowFactors.empty() || !term.columnFactors.empty();
      };
      return hasFactors(a) > hasFactors(b);
    });
    auto fragments = context.fragments.find(op.getResult());
    SmallVector<Value> *state =
        fragments == context.fragments.end() ? nullptr : &fragments->second;
    unsigned started = 0, finished = 0;
    auto start = [&](Place place) -> Value {
      if (state)
        emitter.define(context.stateOf.lookup(op.getResult()), place,
                       (*state)[started++]);
      Value both = emitter.emit(init, place);
      emitter.innermost();
      return emitter.splat(both);
    };
    auto done = [&](Place place, Value both) {
      finish(op.getResult(), both, place);
      if (state)
        (*state)[finished++] = both;
    };
    if (init)
      MmaNest::run(shape[0], shape[1], terms, start, done);
    else
      MmaNest::run(shape[0], shape[1], terms, {}, done);
  }
};
} // namespace

namespace {
/// Moves a state between memory and the registers of an MmaProduct.
class FragmentMove : MmaNest {
public:
  using MmaNest::MmaNest;

  SmallVector<Value> load(ArrayRef<int64_t> shape, const Storage &storage) {
    SmallVector<Value> values;
    run(shape[0], shape[1], {}, {}, [&](Place place, Value) {
      values.push_back(emitter.load(storage, place));
    });
    return values;
  }

  void store(ArrayRef<int64_t> shape, ArrayRef<Value> values,
             const Storage &storage) {
    unsigned index = 0;
    run(shape[0], shape[1], {}, {}, [&](Place place, Value) {
      emitter.innermost();
      emitter.store(values[index++], storage, place);
    });
  }
};
} // namespace

SmallVector<Value> lrc::loadFragments(BlockContext &context,
                                      ArrayRef<int64_t> shape,
                                      const Storage &storage) {
  return FragmentMove(context).load(shape, storage);
}

void lrc::storeFragments(BlockContext &context, ArrayRef<int64_t> shape,
                         ArrayRef<Value> values, const Storage &storage) {
  FragmentMove(context).store(shape, values, storage);
}

void lrc::emitMmaProduct(BlockContext &context, tile::ProductOp op,
                         ArrayRef<OperandPair> operands, Value init) {
  MmaProduct(context).run(op, operands, init);
}
