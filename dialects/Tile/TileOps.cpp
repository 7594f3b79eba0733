//===- TileOps.cpp - Assembly and constraints of tile ops -----------------===//
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

//===----------------------------------------------------------------------===//
// tile.kernel
//===----------------------------------------------------------------------===//

/// @name blocks N `(` (role "name" %arg : type),* `)` region
ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  int64_t blocks = 1;
  Builder &builder = parser.getBuilder();
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name),
                             result.attributes) ||
      parser.parseKeyword("blocks") || parser.parseInteger(blocks))
    return failure();
  result.addAttribute(getBlocksAttrName(result.name),
                      builder.getI64IntegerAttr(blocks));
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Attribute> names;
  SmallVector<int32_t> roles;
  auto parseArgument = [&]() -> ParseResult {
    StringRef keyword;
    SMLoc loc = parser.getCurrentLocation();
    StringAttr argName;
    if (parser.parseKeyword(&keyword) || parser.parseAttribute(argName) ||
        parser.parseArgument(arguments.emplace_back(), /*allowType=*/true))
      return failure();
    std::optional<Role> role = symbolizeRole(keyword);
    if (!role)
      return parser.emitError(loc, "expected the role of an argument, got ")
             << keyword;
    names.push_back(argName);
    roles.push_back(static_cast<int32_t>(*role));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren,
                                     parseArgument) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  result.addAttribute(getNamesAttrName(result.name),
                      builder.getArrayAttr(names));
  result.addAttribute(getRolesAttrName(result.name),
                      builder.getDenseI32ArrayAttr(roles));
  return parser.parseRegion(*result.addRegion(), arguments);
}

void KernelOp::print(OpAsmPrinter &printer) {
  printer << " @" << getSymName() << " blocks " << getBlocks();
  printer << " (";
  llvm::interleaveComma(
      getBody().front().getArguments(), printer, [&](BlockArgument argument) {
        printer << stringifyRole(getRole(argument.getArgNumber())) << " \""
                << getName(argument.getArgNumber()) << "\" ";
        printer.printRegionArgument(argument);
      });
  printer << ")";
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(), {getSymNameAttrName(), getBlocksAttrName(),
                            getNamesAttrName(), getRolesAttrName()});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult KernelOp::verify() {
  // kernel_c1
  if (int64_t(getBlocks()) < 1)
    return emitOpError("expected at least one block");
  size_t count = getBody().front().getNumArguments();
  // kernel_c2
  if (getNames().size() != count || getRoles().size() != count)
    return emitOpError("expected a name and a role for each argument");
  for (auto [index, argument] :
       llvm::enumerate(getBody().front().getArguments())) {
    // kernel_c3
    if (!isa<RefType>(argument.getType()))
      return emitOpError("expected arguments of type !tile.ref, got ")
             << argument.getType();
    // kernel_c4
    if (index && getRoles()[index] < getRoles()[index - 1])
      return emitOpError("expected inputs, parameters, initial states, outputs "
                         "and final states in this order");
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// The tile has the shape of the reference, but for its lanes and rows.
template <typename OpT>
static LogicalResult verifyTransfer(OpT op, RankedTensorType tile) {
  RefType ref = op.getRef().getType();
  std::optional<uint64_t> lanes = op.getLanes();
  std::optional<uint64_t> part = op.getPart();
  auto complex = dyn_cast<ComplexType>(ref.getElementType());
  // transfer_c1
  if (complex ? !part || *part > 1 : part.has_value())
    return op.emitOpError("expected part 0 or 1 of a complex tensor, and no "
                          "part of a real one");
  Type element = complex ? complex.getElementType() : ref.getElementType();
  // transfer_c2
  if (tile.getElementType() != element)
    return op.emitOpError("expected a tile of ") << element << ", got " << tile;
  // transfer_c5
  if (op.getRows() ? !op.getTime() : op.getBackwards())
    return op.emitOpError("expected rows at a time, and backwards for rows "
                          "alone");
  int64_t rank = ref.getShape().size();
  ArrayRef<int64_t> sizes = tile.getShape();
  // transfer_c3
  if (tile.getRank() != rank + op.getRows())
    return op.emitOpError("expected a tile of rank ")
           << rank + op.getRows() << ", got " << tile;
  sizes = sizes.take_back(rank);
  for (int64_t axis = 0; axis < rank; ++axis) {
    bool cut = lanes && int64_t(*lanes) == axis;
    int64_t size = ref.getShape()[axis];
    // transfer_c4
    if (cut ? sizes[axis] > size : sizes[axis] != size)
      return op.emitOpError("tile ") << tile << " does not fit " << ref;
  }
  return success();
}

LogicalResult LoadOp::verify() {
  return verifyTransfer(*this, cast<RankedTensorType>(getType()));
}

LogicalResult StoreOp::verify() {
  return verifyTransfer(*this, cast<RankedTensorType>(getTile().getType()));
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

LogicalResult AccessOp::verify() {
  auto source = cast<RankedTensorType>(getSource().getType());
  auto result = cast<RankedTensorType>(getType());
  // access_c1
  if (int64_t(getMap().getNumDims()) != result.getRank() ||
      int64_t(getMap().getNumResults()) != source.getRank() ||
      getMap().getNumSymbols() != 0)
    return emitOpError("expected a map from ")
           << result.getRank() << " to " << source.getRank() << " axes";
  // access_c2
  if (source.getElementType() != result.getElementType())
    return emitOpError("expected equal element types");
  return success();
}

/// The identity access is its source.
OpFoldResult AccessOp::fold(FoldAdaptor) {
  if (getMap().isIdentity() && getSource().getType() == getType())
    return getSource();
  return {};
}

LogicalResult ReduceOp::verify() {
  auto source = cast<RankedTensorType>(getSource().getType());
  auto result = cast<RankedTensorType>(getType());
  SmallVector<int64_t> kept;
  for (int64_t axis = 0; axis < source.getRank(); ++axis)
    if (!llvm::is_contained(getAxes(), axis))
      kept.push_back(source.getDimSize(axis));
  // reduce_c1
  if (result.getShape() != ArrayRef<int64_t>(kept) ||
      result.getElementType() != source.getElementType())
    return emitOpError("expected a result of the axes that remain");
  return success();
}

LogicalResult IotaOp::verify() {
  auto result = cast<RankedTensorType>(getType());
  // iota_c1
  if (result.getRank() != 1 || !isa<FloatType>(result.getElementType()))
    return emitOpError("expected a result of rank 1 of floats");
  return success();
}

LogicalResult ShiftOp::verify() {
  auto past = cast<RankedTensorType>(getPast().getType());
  auto row = cast<RankedTensorType>(getRow().getType());
  // shift_c1
  if (past != getType() || past.getRank() == 0 ||
      past.getShape().drop_front() != row.getShape() ||
      past.getElementType() != row.getElementType())
    return emitOpError("expected a history of rows of type ") << row;
  return success();
}

LogicalResult InverseOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  int64_t rank = type.getRank();
  // inverse_c1
  if (rank < 2 || type.getDimSize(rank - 1) != type.getDimSize(rank - 2) ||
      !isa<FloatType>(type.getElementType()))
    return emitOpError("expected a square matrix of floats in the last two "
                       "axes, got ")
           << type;
  // inverse_c2
  if (!isa<KernelOp>((*this)->getParentOp()))
    return emitOpError("expected directly in tile.kernel");
  return success();
}

#define GET_OP_CLASSES
#include "dialects/Tile/TileOps.cpp.inc"
