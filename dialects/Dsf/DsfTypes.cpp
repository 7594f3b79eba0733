//===- DsfTypes.cpp - Types and attributes of the dsf dialect -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/Dsf.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Extents and kinds in assembly
//===----------------------------------------------------------------------===//

/// extent ::= symbol-ref-id | integer
static ParseResult parseExtent(AsmParser &parser, Attribute &extent) {
  int64_t size;
  OptionalParseResult number = parser.parseOptionalInteger(size);
  if (number.has_value()) {
    extent = parser.getBuilder().getI64IntegerAttr(size);
    return *number;
  }
  StringAttr name;
  if (parser.parseSymbolName(name))
    return failure();
  extent = FlatSymbolRefAttr::get(name);
  return success();
}

static void printExtent(AsmPrinter &printer, Attribute extent) {
  if (auto size = dyn_cast<IntegerAttr>(extent))
    printer << size.getInt();
  else
    printer << extent;
}

std::string lrc::dsf::formatExtent(Attribute extent) {
  if (auto size = dyn_cast<IntegerAttr>(extent))
    return std::to_string(size.getInt());
  return cast<FlatSymbolRefAttr>(extent).getValue().str();
}

static ParseResult parseKind(AsmParser &parser, Kind &kind) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<Kind> parsed = symbolizeKind(keyword);
  if (!parsed)
    return parser.emitError(loc, "expected real, complex or bool, got ")
           << keyword;
  kind = *parsed;
  return success();
}

static LogicalResult
verifyExtents(llvm::function_ref<InFlightDiagnostic()> emitError,
              ArrayRef<Attribute> extents) {
  for (Attribute extent : extents) {
    auto size = dyn_cast<IntegerAttr>(extent);
    if (!size && !isa<FlatSymbolRefAttr>(extent))
      return emitError() << "expected an extent that is a dim or an integer";
    // type_c1
    if (size && size.getInt() < 1)
      return emitError() << "expected an extent of at least 1, got "
                         << size.getInt();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// ValueType
//===----------------------------------------------------------------------===//

int64_t ValueType::getPosition(StringAttr label) const {
  auto it = llvm::find(getLabels(), label);
  return it == getLabels().end() ? -1 : it - getLabels().begin();
}

ValueType ValueType::withKind(Kind kind) const {
  return ValueType::get(getContext(), getLabels(), getExtents(), kind);
}

/// `<` `[` (label `:` extent)* `]` `,` kind `>`
Type ValueType::parse(AsmParser &parser) {
  SmallVector<StringAttr> labels;
  SmallVector<Attribute> extents;
  Kind kind;
  auto parseAxis = [&]() -> ParseResult {
    StringRef label;
    Attribute extent;
    if (parser.parseKeyword(&label) || parser.parseColon() ||
        parseExtent(parser, extent))
      return failure();
    labels.push_back(parser.getBuilder().getStringAttr(label));
    extents.push_back(extent);
    return success();
  };
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseAxis) ||
      parser.parseComma() || parseKind(parser, kind) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    labels, extents, kind);
}

void ValueType::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(llvm::zip_equal(getLabels(), getExtents()), printer,
                        [&](auto axis) {
                          printer << std::get<0>(axis).getValue() << ": ";
                          printExtent(printer, std::get<1>(axis));
                        });
  printer << "], " << stringifyKind(getKind()) << ">";
}

LogicalResult
ValueType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                  ArrayRef<StringAttr> labels, ArrayRef<Attribute> extents,
                  Kind) {
  if (labels.size() != extents.size())
    return emitError() << "expected an extent for each label";
  llvm::SmallDenseSet<StringAttr> seen;
  for (StringAttr label : labels)
    // type_c2
    if (!seen.insert(label).second)
      return emitError() << "expected distinct labels, got " << label
                         << " twice";
  return verifyExtents(emitError, extents);
}

//===----------------------------------------------------------------------===//
// Positional types
//===----------------------------------------------------------------------===//

/// `<` `[` extent* `]` `,` kind `>`
template <typename TypeT> static Type parsePositional(AsmParser &parser) {
  SmallVector<Attribute> extents;
  Kind kind;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(
          AsmParser::Delimiter::Square,
          [&] { return parseExtent(parser, extents.emplace_back()); }) ||
      parser.parseComma() || parseKind(parser, kind) || parser.parseGreater())
    return {};
  return TypeT::getChecked([&] { return parser.emitError(loc); },
                           parser.getContext(), extents, kind);
}

template <typename TypeT>
static void printPositional(AsmPrinter &printer, TypeT type) {
  printer << "<[";
  llvm::interleaveComma(type.getExtents(), printer,
                        [&](Attribute e) { printExtent(printer, e); });
  printer << "], " << stringifyKind(type.getKind()) << ">";
}

static LogicalResult
verifyPositional(llvm::function_ref<InFlightDiagnostic()> emitError,
                 ArrayRef<Attribute> extents, Kind kind) {
  return verifyExtents(emitError, extents);
}

Type ArrayType::parse(AsmParser &p) { return parsePositional<ArrayType>(p); }
Type StateType::parse(AsmParser &p) { return parsePositional<StateType>(p); }
Type ParamType::parse(AsmParser &p) { return parsePositional<ParamType>(p); }
void ArrayType::print(AsmPrinter &p) const { printPositional(p, *this); }
void StateType::print(AsmPrinter &p) const { printPositional(p, *this); }
void ParamType::print(AsmPrinter &p) const { printPositional(p, *this); }

LogicalResult
ArrayType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                  ArrayRef<Attribute> extents, Kind kind) {
  return verifyPositional(emitError, extents, kind);
}
LogicalResult
StateType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                  ArrayRef<Attribute> extents, Kind kind) {
  return verifyPositional(emitError, extents, kind);
}
LogicalResult
ParamType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                  ArrayRef<Attribute> extents, Kind kind) {
  return verifyPositional(emitError, extents, kind);
}

ArrayRef<Attribute> PositionalType::getExtents() const {
  return llvm::TypeSwitch<Type, ArrayRef<Attribute>>(*this)
      .Case<ArrayType, StateType, ParamType>(
          [](auto type) { return type.getExtents(); });
}

Kind PositionalType::getKind() const {
  return llvm::TypeSwitch<Type, Kind>(*this)
      .Case<ArrayType, StateType, ParamType>(
          [](auto type) { return type.getKind(); });
}

SmallVector<int64_t> PositionalType::getShape() const {
  SmallVector<int64_t> shape;
  for (Attribute extent : getExtents())
    shape.push_back(cast<IntegerAttr>(extent).getInt());
  return shape;
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

/// bound ::= `-`? (`inf` | float)
static ParseResult parseBound(AsmParser &parser, double &bound) {
  bool negative = succeeded(parser.parseOptionalMinus());
  if (succeeded(parser.parseOptionalKeyword("inf")))
    bound = INFINITY;
  else if (parser.parseFloat(bound))
    return failure();
  if (negative)
    bound = -bound;
  return success();
}

static void printBound(AsmPrinter &printer, double bound) {
  if (std::isinf(bound))
    printer << (bound < 0 ? "-inf" : "inf");
  else
    printer.printFloat(llvm::APFloat(bound));
}

/// `<` (`open` | `closed`) bound `,` (`open` | `closed`) bound `>`
Attribute IntervalAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  bool open[2];
  double bound[2];
  auto parseEnd = [&](int end) -> ParseResult {
    open[end] = succeeded(parser.parseOptionalKeyword("open"));
    if (!open[end] && parser.parseKeyword("closed"))
      return failure();
    return parseBound(parser, bound[end]);
  };
  if (parser.parseLess() || parseEnd(0) || parser.parseComma() || parseEnd(1) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    parser.getBuilder().getF64FloatAttr(bound[0]),
                    parser.getBuilder().getF64FloatAttr(bound[1]), open[0],
                    open[1]);
}

void IntervalAttr::print(AsmPrinter &printer) const {
  printer << "<" << (getLowerOpen() ? "open " : "closed ");
  printBound(printer, getLower());
  printer << ", " << (getUpperOpen() ? "open " : "closed ");
  printBound(printer, getUpper());
  printer << ">";
}

LogicalResult
IntervalAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                     FloatAttr lowerBound, FloatAttr upperBound, bool, bool) {
  double lower = lowerBound.getValueAsDouble();
  double upper = upperBound.getValueAsDouble();
  // range_c1; false for NaN as well
  if (!(lower <= upper))
    return emitError() << "expected a lower bound that is not above the upper "
                          "bound, got "
                       << lower << " and " << upper;
  return success();
}

/// `<` number (`,` number)* `>`
Attribute ChoiceAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<double> values;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, [&] {
        return parseBound(parser, values.emplace_back());
      }))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    parser.getBuilder().getDenseF64ArrayAttr(values));
}

void ChoiceAttr::print(AsmPrinter &printer) const {
  printer << "<";
  llvm::interleaveComma(getValues(), printer,
                        [&](double value) { printBound(printer, value); });
  printer << ">";
}

LogicalResult
ChoiceAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   DenseF64ArrayAttr values) {
  // range_c2
  if (values.empty())
    return emitError() << "expected at least one value";
  return success();
}

LogicalResult
ScheduleAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                     ScheduleKind, int64_t chunk, int64_t lanes,
                     int64_t segments, BlockAttr) {
  // schedule_c1
  if (chunk < 1 || segments < 1 || lanes < 0)
    return emitError() << "expected at least one step in a chunk and one "
                          "segment, and no negative number of lanes";
  return success();
}

#define GET_ATTRDEF_CLASSES
#include "dialects/Dsf/DsfAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Dsf/DsfTypes.cpp.inc"

void DsfDialect::registerTypesAndAttributes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Dsf/DsfTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Dsf/DsfAttrs.cpp.inc"
      >();
}
