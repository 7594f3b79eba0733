//===- TileRowOps.cpp - Ops on tiles with a leading time axis -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each check carries the number of its constraint in dialects/Tile/README.md.
//
//===----------------------------------------------------------------------===//

#include "dialects/Tile/Tile.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace lrc::tile;

static RankedTensorType typeOf(Value tile) {
  return cast<RankedTensorType>(tile.getType());
}

/// The type of one row.
static RankedTensorType rowOf(RankedTensorType rows) {
  return RankedTensorType::get(rows.getShape().drop_front(),
                               rows.getElementType());
}

/// The type of so many rows.
static RankedTensorType rowsOf(int64_t count, RankedTensorType row) {
  SmallVector<int64_t> shape{count};
  llvm::append_range(shape, row.getShape());
  return RankedTensorType::get(shape, row.getElementType());
}

/// Whether a tile is a matrix that takes rows of `rows` to rows of it.
static bool isMatrixOver(RankedTensorType matrix, RankedTensorType rows) {
  return matrix.getRank() == 2 && rows.getRank() > 0 &&
         matrix.getDimSize(0) == rows.getDimSize(0) &&
         matrix.getDimSize(1) == rows.getDimSize(0) &&
         matrix.getElementType() == rows.getElementType();
}

//===----------------------------------------------------------------------===//
// tile.product
//===----------------------------------------------------------------------===//

SmallVector<int64_t> ProductOp::getSizes() {
  SmallVector<int64_t> sizes(getLhsMap().getNumDims(), 1);
  for (auto [map, tile] :
       {std::pair(getLhsMap(), getLhs()), std::pair(getRhsMap(), getRhs())})
    for (auto [index, expr] : llvm::enumerate(map.getResults()))
      sizes[cast<AffineDimExpr>(expr).getPosition()] =
          typeOf(tile).getDimSize(index);
  return sizes;
}

LogicalResult ProductOp::verify() {
  // product_c1
  bool wellFormed = getMaps().size() == 3;
  for (unsigned i = 0; wellFormed && i < 3; ++i)
    wellFormed = getMap(i).isProjectedPermutation() &&
                 getMap(i).getNumDims() == getMap(0).getNumDims();
  if (!wellFormed)
    return emitOpError("expected three maps that pick dimensions of one "
                       "iteration space");
  RankedTensorType types[] = {typeOf(getLhs()), typeOf(getRhs()),
                              typeOf(getResult())};
  for (auto [index, type] : llvm::enumerate(types))
    // product_c2
    if (getMap(index).getNumResults() != unsigned(type.getRank()))
      return emitOpError("expected a map with ")
             << type.getRank() << " results for " << type;
  SmallVector<int64_t> sizes = getSizes();
  llvm::SmallBitVector read(sizes.size());
  for (auto [index, type] : llvm::enumerate(types))
    for (auto [axis, expr] : llvm::enumerate(getMap(index).getResults())) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      if (index < 2)
        read.set(dim);
      // product_c3
      if (type.getDimSize(axis) != sizes[dim] || !read.test(dim))
        return emitOpError("expected one size for dimension ") << dim;
    }
  if (!read.all())
    return emitOpError("expected one size for dimension ")
           << read.find_first_unset();
  for (RankedTensorType type : types)
    // product_c4
    if (!isa<FloatType>(type.getElementType()) ||
        type.getElementType() != types[0].getElementType())
      return emitOpError("expected tiles of one float type");
  // product_c5
  if (getStrictlyLower() && types[0].getRank() != 2)
    return emitOpError("expected a matrix as the strictly lower operand");
  return success();
}

//===----------------------------------------------------------------------===//
// Decayed products and triangular systems
//===----------------------------------------------------------------------===//

LogicalResult DecayedProductOp::verify() {
  RankedTensorType rows = typeOf(getQ());
  // decayed_product_c1
  if (!isMatrixOver(typeOf(getResult()), rows) ||
      !isa<FloatType>(rows.getElementType()))
    return emitOpError("expected a result with a row and a column for each "
                       "row of ")
           << rows;
  if (!getDecay())
    return success();
  RankedTensorType decay = typeOf(getDecay());
  // decayed_product_c2
  if (decay != rows &&
      decay != RankedTensorType::get(rows.getShape().take_front(),
                                     rows.getElementType()))
    return emitOpError("expected a decay of the type of q, or one number for "
                       "each row, got ")
           << decay;
  return success();
}

LogicalResult DecayedApplyOp::verify() {
  // decayed_apply_c1
  if (!isMatrixOver(typeOf(getMatrix()), typeOf(getTile())))
    return emitOpError("expected a matrix with a row and a column for each row "
                       "of ")
           << typeOf(getTile());
  return success();
}

LogicalResult SolveOp::verify() {
  // solve_c1
  if (!isMatrixOver(typeOf(getMatrix()), typeOf(getRhs())))
    return emitOpError("expected a matrix with a row and a column for each row "
                       "of ")
           << typeOf(getRhs());
  return success();
}

//===----------------------------------------------------------------------===//
// Rearrangements
//===----------------------------------------------------------------------===//

LogicalResult InterleaveOp::verify() {
  RankedTensorType result = typeOf(getResult());
  int64_t count = getParts().size();
  // interleave_c1
  if (count == 0 || int64_t(getAxis()) >= result.getRank())
    return emitOpError("expected tiles, and an axis of theirs");
  SmallVector<int64_t> shape(result.getShape());
  shape[getAxis()] /= count;
  auto part = RankedTensorType::get(shape, result.getElementType());
  bool fits = shape[getAxis()] * count == result.getDimSize(getAxis());
  // interleave_c2
  if (!fits || llvm::any_of(getParts().getTypes(),
                            [&](Type type) { return type != part; }))
    return emitOpError("expected ")
           << count << " tiles of one type that make up " << result;
  return success();
}

LogicalResult PreviousOp::verify() {
  RankedTensorType rows = typeOf(getRows());
  // previous_c1
  if (rows.getRank() == 0 || typeOf(getInit()) != rowOf(rows))
    return emitOpError("expected a first row of the type of a row of ") << rows;
  return success();
}

LogicalResult WindowOp::verify() {
  RankedTensorType past = typeOf(getPast());
  RankedTensorType rows = typeOf(getRows());
  // window_c1
  if (past.getRank() == 0 || rows.getRank() == 0 ||
      rowOf(past) != rowOf(rows) ||
      typeOf(getResult()) != rowsOf(rows.getDimSize(0), past))
    return emitOpError("expected a past of rows like those of ")
           << rows << ", and a past for each row as the result";
  return success();
}

//===----------------------------------------------------------------------===//
// tile.scan
//===----------------------------------------------------------------------===//

void ScanOp::build(
    OpBuilder &builder, OperationState &state, TypeRange results,
    ValueRange inits, ValueRange rows, bool backwards,
    llvm::function_ref<void(OpBuilder &, Location, ValueRange)> body) {
  state.addOperands(inits);
  state.addOperands(rows);
  auto &properties = state.getOrAddProperties<Properties>();
  properties.operandSegmentSizes = {int32_t(inits.size()),
                                    int32_t(rows.size())};
  if (backwards)
    properties.backwards = builder.getUnitAttr();
  state.addTypes(results);
  Block *block = &state.addRegion()->emplaceBlock();
  for (Value init : inits)
    block->addArgument(init.getType(), init.getLoc());
  for (Value tile : rows)
    block->addArgument(rowOf(typeOf(tile)), tile.getLoc());
  if (!body)
    return;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(block);
  body(builder, state.location, block->getArguments());
}

/// `(` (%arg `=` %operand),* `)`
static ParseResult
parseBindings(OpAsmParser &parser,
              SmallVectorImpl<OpAsmParser::Argument> &arguments,
              SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands) {
  return parser.parseCommaSeparatedList(
      OpAsmParser::Delimiter::Paren, [&]() -> ParseResult {
        return failure(parser.parseArgument(arguments.emplace_back()) ||
                       parser.parseEqual() ||
                       parser.parseOperand(operands.emplace_back()));
      });
}

/// bindings `rows` bindings `backwards`? attributes `:` functional-type region
ParseResult ScanOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  if (parseBindings(parser, arguments, operands))
    return failure();
  int32_t states = operands.size();
  if (parser.parseKeyword("rows") || parseBindings(parser, arguments, operands))
    return failure();
  auto &properties = result.getOrAddProperties<Properties>();
  properties.operandSegmentSizes = {states, int32_t(operands.size()) - states};
  if (succeeded(parser.parseOptionalKeyword("backwards")))
    properties.backwards = parser.getBuilder().getUnitAttr();
  FunctionType type;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseColonType(type) ||
      parser.resolveOperands(operands, type.getInputs(), loc, result.operands))
    return failure();
  result.addTypes(type.getResults());
  for (auto [index, argument] : llvm::enumerate(arguments)) {
    auto tile = dyn_cast<RankedTensorType>(type.getInput(index));
    bool isRow = int32_t(index) >= states;
    if (!tile || (isRow && tile.getRank() == 0))
      return parser.emitError(loc, "expected a tile")
             << (isRow ? " with rows" : "") << ", got " << type.getInput(index);
    argument.type = isRow ? rowOf(tile) : tile;
  }
  return parser.parseRegion(*result.addRegion(), arguments);
}

void ScanOp::print(OpAsmPrinter &printer) {
  auto printBindings = [&](Block::BlockArgListType arguments,
                           OperandRange operands) {
    printer << "(";
    llvm::interleaveComma(llvm::zip_equal(arguments, operands), printer,
                          [&](auto binding) {
                            printer.printOperand(std::get<0>(binding));
                            printer << " = " << std::get<1>(binding);
                          });
    printer << ")";
  };
  printer << " ";
  printBindings(getStateArguments(), getInits());
  printer << " rows ";
  printBindings(getRowArguments(), getRows());
  if (getBackwards())
    printer << " backwards";
  printer.printOptionalAttrDict(
      (*this)->getAttrs(),
      {getBackwardsAttrName(), getOperandSegmentSizesAttrName()});
  printer << " : ";
  printer.printFunctionalType(getOperandTypes(), getResultTypes());
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult ScanOp::verify() {
  // scan_c1
  if (getInits().empty() || getResults().size() != getInits().size())
    return emitOpError("expected a result for each of at least one state");
  RankedTensorType state = typeOf(getInits().front());
  if (typeOf(getResults().front()).getRank() == 0)
    return emitOpError("expected results with rows");
  int64_t count = typeOf(getResults().front()).getDimSize(0);
  for (auto [init, result] : llvm::zip_equal(getInits(), getResults()))
    // scan_c2
    if (typeOf(init).getShape() != state.getShape() ||
        typeOf(result) != rowsOf(count, typeOf(init)))
      return emitOpError("expected states of one shape and ")
             << count << " rows of each as results";
  for (Value tile : getRows())
    // scan_c3
    if (typeOf(tile).getShape() != rowsOf(count, state).getShape())
      return emitOpError("expected ")
             << count << " rows of the shape of a state, got "
             << tile.getType();
  return success();
}

LogicalResult ScanOp::verifyRegions() {
  SmallVector<Type> expected(getInits().getTypes());
  // scan_c5
  auto yield = dyn_cast<YieldOp>(getBody().front().getTerminator());
  if (!yield || SmallVector<Type>(yield.getOperandTypes()) != expected)
    return emitOpError("expected the body to yield the next states");
  for (Value tile : getRows())
    expected.push_back(rowOf(typeOf(tile)));
  // scan_c4
  if (SmallVector<Type>(getBody().getArgumentTypes()) != expected)
    return emitOpError("expected the states and a row of each of the rows as "
                       "arguments of the body");
  return success();
}
