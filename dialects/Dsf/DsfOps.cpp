//===- DsfOps.cpp - Assembly and result types of dsf ops ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/Dsf.h"

#include "mlir/IR/Builders.h"

#include <cmath>

using namespace mlir;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

/// labels ::= `[` (keyword (`,` keyword)*)? `]`
static ParseResult parseLabels(OpAsmParser &parser, ArrayAttr &labels) {
  SmallVector<Attribute> names;
  auto parseLabel = [&]() -> ParseResult {
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    names.push_back(parser.getBuilder().getStringAttr(name));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseLabel))
    return failure();
  labels = parser.getBuilder().getArrayAttr(names);
  return success();
}

static void printLabels(OpAsmPrinter &printer, Operation *, ArrayAttr labels) {
  printer << "[";
  llvm::interleaveComma(labels.getAsRange<StringAttr>(), printer,
                        [&](StringAttr name) { printer << name.getValue(); });
  printer << "]";
}

static ParseResult parseOptionalLabels(OpAsmParser &parser, ArrayAttr &labels) {
  // `parseOptionalLSquare` would eat the bracket that `parseLabels` wants.
  SmallVector<Attribute> names;
  if (failed(parser.parseOptionalLSquare()))
    return success();
  if (failed(parser.parseOptionalRSquare())) {
    do {
      StringRef name;
      if (parser.parseKeyword(&name))
        return failure();
      names.push_back(parser.getBuilder().getStringAttr(name));
    } while (succeeded(parser.parseOptionalComma()));
    if (parser.parseRSquare())
      return failure();
  }
  labels = parser.getBuilder().getArrayAttr(names);
  return success();
}

static void printOptionalLabels(OpAsmPrinter &printer, Operation *op,
                                ArrayAttr labels) {
  if (labels)
    printLabels(printer, op, labels);
}

/// number ::= `-`? (`inf` | float)
static ParseResult parseDouble(OpAsmParser &parser, FloatAttr &value) {
  bool negative = succeeded(parser.parseOptionalMinus());
  double number = INFINITY;
  if (failed(parser.parseOptionalKeyword("inf")) && parser.parseFloat(number))
    return failure();
  value = parser.getBuilder().getF64FloatAttr(negative ? -number : number);
  return success();
}

static void printDouble(OpAsmPrinter &printer, Operation *, FloatAttr value) {
  double number = value.getValueAsDouble();
  if (std::isinf(number))
    printer << (number < 0 ? "-inf" : "inf");
  else
    printer.printFloat(value.getValue());
}

//===----------------------------------------------------------------------===//
// dsf.read
//===----------------------------------------------------------------------===//

/// Whether each result of the map is a label or a constant: x[i, 0].
static bool isPlain(AffineMap map) {
  return map.getNumSymbols() == 0 &&
         llvm::all_of(map.getResults(), [](AffineExpr expr) {
           return isa<AffineDimExpr, AffineConstantExpr>(expr);
         });
}

void ReadOp::print(OpAsmPrinter &printer) {
  ValueType type = getResult().getType();
  AffineMap map = getMap();
  printer << " " << getSource();
  if (isPlain(map)) {
    printer << "[";
    llvm::interleaveComma(map.getResults(), printer, [&](AffineExpr expr) {
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        printer << type.getLabels()[dim.getPosition()].getValue();
      else
        printer << cast<AffineConstantExpr>(expr).getValue();
    });
    printer << "]";
  } else {
    printer << " map " << getMapAttr() << " (" << getSymbols() << ")";
  }
  printer.printOptionalAttrDict((*this)->getAttrs(), {getMapAttrName()});
  printer << " : " << getSource().getType() << " -> " << type;
}

namespace {
/// One subscript of the plain form: a label or an integer.
struct Subscript {
  StringAttr label;
  int64_t constant = 0;
};
} // namespace

static ParseResult parseSubscripts(OpAsmParser &parser,
                                   SmallVectorImpl<Subscript> &subscripts) {
  return parser.parseCommaSeparatedList(
      AsmParser::Delimiter::Square, [&]() -> ParseResult {
        Subscript &subscript = subscripts.emplace_back();
        OptionalParseResult number =
            parser.parseOptionalInteger(subscript.constant);
        if (number.has_value())
          return *number;
        StringRef name;
        if (parser.parseKeyword(&name))
          return failure();
        subscript.label = parser.getBuilder().getStringAttr(name);
        return success();
      });
}

static FailureOr<AffineMap> makePlainMap(OpAsmParser &parser, SMLoc loc,
                                         ArrayRef<Subscript> subscripts,
                                         ValueType type) {
  SmallVector<AffineExpr> exprs;
  for (const Subscript &subscript : subscripts) {
    if (!subscript.label) {
      exprs.push_back(
          parser.getBuilder().getAffineConstantExpr(subscript.constant));
      continue;
    }
    int64_t position = type.getPosition(subscript.label);
    if (position < 0)
      return parser.emitError(loc, "index variable ")
             << subscript.label << " is not a label of the result";
    exprs.push_back(parser.getBuilder().getAffineDimExpr(position));
  }
  return AffineMap::get(type.getLabels().size(), 0, exprs, parser.getContext());
}

ParseResult ReadOp::parse(OpAsmParser &parser, OperationState &result) {
  OpAsmParser::UnresolvedOperand source;
  SmallVector<OpAsmParser::UnresolvedOperand> symbols;
  SmallVector<Subscript> subscripts;
  AffineMapAttr map;
  Type sourceType;
  Type resultType;
  if (parser.parseOperand(source))
    return failure();
  SMLoc loc = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalKeyword("map"))) {
    if (parser.parseAttribute(map) ||
        parser.parseOperandList(symbols, AsmParser::Delimiter::Paren))
      return failure();
  } else if (parseSubscripts(parser, subscripts)) {
    return failure();
  }
  if (parser.parseOptionalAttrDict(result.attributes) || parser.parseColon() ||
      parser.parseType(sourceType) || parser.parseArrow() ||
      parser.parseType(resultType))
    return failure();
  auto valueType = dyn_cast<ValueType>(resultType);
  if (!valueType)
    return parser.emitError(loc, "expected a !dsf.value result, got ")
           << resultType;
  if (!map) {
    FailureOr<AffineMap> plain =
        makePlainMap(parser, loc, subscripts, valueType);
    if (failed(plain))
      return failure();
    map = AffineMapAttr::get(*plain);
  }
  result.addAttribute(getMapAttrName(result.name), map);
  result.addTypes(valueType);
  return failure(parser.resolveOperand(source, sourceType, result.operands) ||
                 parser.resolveOperands(symbols,
                                        parser.getBuilder().getIndexType(),
                                        result.operands));
}

//===----------------------------------------------------------------------===//
// Result types
//===----------------------------------------------------------------------===//

/// The union of the labels, in order of appearance.
static FailureOr<ValueType> joinLabels(std::optional<Location> loc, Kind kind,
                                       ArrayRef<ValueType> types) {
  SmallVector<StringAttr> labels;
  SmallVector<Attribute> extents;
  for (ValueType type : types)
    for (auto [label, extent] :
         llvm::zip_equal(type.getLabels(), type.getExtents())) {
      auto it = llvm::find(labels, label);
      if (it == labels.end()) {
        labels.push_back(label);
        extents.push_back(extent);
      } else if (extents[it - labels.begin()] != extent) {
        // value_c1
        return emitOptionalError(loc, "label ", label, " has extent ",
                                 formatExtent(extents[it - labels.begin()]),
                                 " and ", formatExtent(extent));
      }
    }
  return ValueType::get(types.front().getContext(), labels, extents, kind);
}

/// Kind of a unary result; none when the function refuses the operand.
static std::optional<Kind> getUnaryKind(UnaryKind fn, Kind operand) {
  switch (fn) {
  case UnaryKind::Not:
    return operand == Kind::Bool ? std::optional(Kind::Bool) : std::nullopt;
  case UnaryKind::Neg:
  case UnaryKind::Exp:
  case UnaryKind::Conj:
    return operand == Kind::Bool ? std::nullopt : std::optional(operand);
  case UnaryKind::Abs:
  case UnaryKind::Re:
  case UnaryKind::Im:
    return operand == Kind::Bool ? std::nullopt : std::optional(Kind::Real);
  default:
    return operand == Kind::Real ? std::optional(Kind::Real) : std::nullopt;
  }
}

static std::optional<Kind> getBinaryKind(BinaryKind fn, Kind lhs, Kind rhs) {
  bool anyBool = lhs == Kind::Bool || rhs == Kind::Bool;
  bool real = lhs == Kind::Real && rhs == Kind::Real;
  switch (fn) {
  case BinaryKind::And:
  case BinaryKind::Or:
    return lhs == Kind::Bool && rhs == Kind::Bool ? std::optional(Kind::Bool)
                                                  : std::nullopt;
  case BinaryKind::Add:
  case BinaryKind::Sub:
  case BinaryKind::Mul:
  case BinaryKind::Div:
    if (anyBool)
      return std::nullopt;
    return real ? Kind::Real : Kind::Complex;
  case BinaryKind::Lt:
  case BinaryKind::Le:
  case BinaryKind::Gt:
  case BinaryKind::Ge:
  case BinaryKind::Eq:
  case BinaryKind::Ne:
    return real ? std::optional(Kind::Bool) : std::nullopt;
  case BinaryKind::Complex:
    return real ? std::optional(Kind::Complex) : std::nullopt;
  default:
    return real ? std::optional(Kind::Real) : std::nullopt;
  }
}

static LogicalResult inferScalar(MLIRContext *context,
                                 SmallVectorImpl<Type> &results) {
  results.push_back(ValueType::get(context, Kind::Real));
  return success();
}

#define LRC_INFER(OpT)                                                         \
  LogicalResult OpT::inferReturnTypes(                                         \
      MLIRContext *context, std::optional<Location> loc, ValueRange operands,  \
      DictionaryAttr attributes, OpaqueProperties properties,                  \
      RegionRange regions, SmallVectorImpl<Type> &results)

LRC_INFER(ConstantOp) { return inferScalar(context, results); }
LRC_INFER(TimeOp) { return inferScalar(context, results); }
LRC_INFER(HeadOp) { return inferScalar(context, results); }
LRC_INFER(HeadsOp) { return inferScalar(context, results); }
LRC_INFER(NumberOp) { return inferScalar(context, results); }

static ValueType typeOf(Value value) {
  return cast<ValueType>(value.getType());
}

LRC_INFER(UnaryOp) {
  Adaptor adaptor(operands, attributes, properties, regions);
  ValueType type = typeOf(adaptor.getOperand());
  std::optional<Kind> kind = getUnaryKind(adaptor.getFn(), type.getKind());
  // unary_c1
  if (!kind)
    return emitOptionalError(loc, stringifyUnaryKind(adaptor.getFn()),
                             " does not apply to a ",
                             stringifyKind(type.getKind()), " operand");
  results.push_back(type.withKind(*kind));
  return success();
}

LRC_INFER(BinaryOp) {
  Adaptor adaptor(operands, attributes, properties, regions);
  ValueType lhs = typeOf(adaptor.getLhs());
  ValueType rhs = typeOf(adaptor.getRhs());
  std::optional<Kind> kind =
      getBinaryKind(adaptor.getFn(), lhs.getKind(), rhs.getKind());
  // binary_c1
  if (!kind)
    return emitOptionalError(loc, stringifyBinaryKind(adaptor.getFn()),
                             " does not apply to ",
                             stringifyKind(lhs.getKind()), " and ",
                             stringifyKind(rhs.getKind()), " operands");
  FailureOr<ValueType> type = joinLabels(loc, *kind, {lhs, rhs});
  if (failed(type))
    return failure();
  results.push_back(*type);
  return success();
}

LRC_INFER(SelectOp) {
  Adaptor adaptor(operands, attributes, properties, regions);
  ValueType condition = typeOf(adaptor.getCondition());
  ValueType onTrue = typeOf(adaptor.getOnTrue());
  ValueType onFalse = typeOf(adaptor.getOnFalse());
  // select_c1
  if (condition.getKind() != Kind::Bool)
    return emitOptionalError(loc, "expected a bool condition, got ",
                             stringifyKind(condition.getKind()));
  // select_c2
  if (onTrue.getKind() != onFalse.getKind() &&
      (onTrue.getKind() == Kind::Bool || onFalse.getKind() == Kind::Bool))
    return emitOptionalError(loc, "expected two numbers or two bools");
  Kind kind = std::max(onTrue.getKind(), onFalse.getKind());
  FailureOr<ValueType> type =
      joinLabels(loc, kind, {onTrue, onFalse, condition});
  if (failed(type))
    return failure();
  results.push_back(*type);
  return success();
}

LRC_INFER(ReduceOp) {
  Adaptor adaptor(operands, attributes, properties, regions);
  ValueType type = typeOf(adaptor.getOperand());
  // reduce_c1
  if (type.getKind() == Kind::Bool ||
      (type.getKind() == Kind::Complex &&
       llvm::is_contained({ReduceKind::Max, ReduceKind::Min}, adaptor.getFn())))
    return emitOptionalError(loc, stringifyReduceKind(adaptor.getFn()),
                             " does not apply to a ",
                             stringifyKind(type.getKind()), " operand");
  // reduce_c2
  for (auto label : adaptor.getLabels().getAsRange<StringAttr>())
    if (type.getPosition(label) < 0)
      return emitOptionalError(loc, "operand has no label ", label);
  SmallVector<StringAttr> labels;
  SmallVector<Attribute> extents;
  for (auto [label, extent] :
       llvm::zip_equal(type.getLabels(), type.getExtents()))
    if (!llvm::is_contained(adaptor.getLabels(), label)) {
      labels.push_back(label);
      extents.push_back(extent);
    }
  results.push_back(ValueType::get(context, labels, extents, type.getKind()));
  return success();
}

#define GET_OP_CLASSES
#include "dialects/Dsf/DsfOps.cpp.inc"
