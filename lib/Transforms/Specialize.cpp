//===- Specialize.cpp - Fix the sizes of a recurrence ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every region is copied once, with all that is known put in: sizes for dims,
// numbers for micro-loop indices, values for parameters that are not given.
// After the copy no value of type index is left.
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Specialize.h"

#include "lib/Transforms/Subscripts.h"
#include "lib/Transforms/Tidy.h"

#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// Beyond these a recurrence is taken for a mistake, not for a program.
static constexpr int64_t maxIterations = 4096;
static constexpr int64_t maxOperations = int64_t(1) << 18;
static constexpr int64_t maxElements = int64_t(1) << 40;

//===----------------------------------------------------------------------===//
// The request
//===----------------------------------------------------------------------===//

namespace {
/// Reports what is wrong with a Specialization; in the order of names, because
/// that of a StringMap is arbitrary.
class RequestCheck {
public:
  RequestCheck(RecurrenceOp recurrence, const Specialization &request)
      : recurrence(recurrence), request(request) {}
  bool isValid();

private:
  void checkScalar(StringRef name);
  void checkStorage(StringRef name);
  void checkParam(ParamOp param);
  InFlightDiagnostic reject() {
    valid = false;
    return recurrence.emitError("recurrence ")
           << recurrence.getSymName() << " has ";
  }

  RecurrenceOp recurrence;
  const Specialization &request;
  bool valid = true;
};
} // namespace

template <typename KeysT> static SmallVector<StringRef> sortNames(KeysT keys) {
  SmallVector<StringRef> names(keys);
  llvm::sort(names);
  return names;
}

void RequestCheck::checkScalar(StringRef name) {
  auto param = dyn_cast_or_null<ParamOp>(recurrence.lookupSymbol(name));
  if (!param) {
    reject() << "no parameter " << name;
  } else if (!FieldOp(param).getType().getExtents().empty()) {
    param.emitError("expected a tensor for parameter ")
        << name << ", got a number";
    valid = false;
  } else if (request.given.contains(name)) {
    param.emitError("expected a number or a tensor for parameter ")
        << name << ", got both";
    valid = false;
  }
}

void RequestCheck::checkStorage(StringRef name) {
  Operation *op = recurrence.lookupSymbol(name);
  if (!op || !FieldOp::classof(op)) {
    reject() << "no tensor " << name;
    return;
  }
  FieldOp field(op);
  Type storage = request.storage.lookup(name);
  if (isStorageFor(field.getType().getKind(), storage))
    return;
  op->emitError("expected a storage type for ")
      << stringifyKind(field.getType().getKind()) << " numbers for " << name
      << ", got " << storage;
  valid = false;
}

void RequestCheck::checkParam(ParamOp param) {
  StringRef name = param.getSymName();
  if (request.given.contains(name) || request.scalars.contains(name) ||
      !param.getInit().empty())
    return;
  param.emitError("expected a value for parameter ")
      << name << ", which has no default";
  valid = false;
}

bool RequestCheck::isValid() {
  for (StringRef name : sortNames(request.scalars.keys()))
    checkScalar(name);
  for (StringRef name : sortNames(request.storage.keys()))
    checkStorage(name);
  for (StringRef name : sortNames(request.given.keys())) {
    Operation *op = recurrence.lookupSymbol(name);
    if (!op || !FieldOp::classof(op))
      reject() << "no tensor " << name;
  }
  for (ParamOp param : recurrence.getBody().getOps<ParamOp>())
    checkParam(param);
  return valid;
}

//===----------------------------------------------------------------------===//
// The copy
//===----------------------------------------------------------------------===//

namespace {
class Specializer {
public:
  Specializer(RecurrenceOp recurrence, const Specialization &request,
              const llvm::StringMap<int64_t> &sizes);
  LogicalResult run();

private:
  bool isInlined(ParamOp param) {
    return !request.given.contains(param.getSymName());
  }
  Operation *lookup(GetOp get) {
    return SymbolTable::lookupSymbolIn(recurrence, get.getFieldAttr());
  }
  void reject(Operation *op, const Twine &message);

  void specializeField(FieldOp field);
  void copyRegion(Region &region);
  void copyOps(Block &block);
  void copyOp(Operation *op);
  void copyRead(ReadOp read);
  void copyGet(GetOp get);
  void unroll(ForOp loop);
  Value inlineParam(ParamOp param, Location loc);
  void checkSize(Operation *op, Type type);

  RecurrenceOp recurrence;
  const Specialization &request;
  const llvm::StringMap<int64_t> &sizes;
  AttrTypeReplacer replacer;
  OpBuilder builder;
  /// From values before to values after, and the values of type index.
  IRMapping mapping;
  llvm::DenseMap<Value, int64_t> indices;
  /// Values of inlined parameters in the region that is being filled.
  llvm::DenseMap<Operation *, Value> inlined;
  /// Ops that have a diagnostic; an unrolled op may fail many times.
  llvm::SmallPtrSet<Operation *, 4> rejected;
  int64_t operations = 0;
};
} // namespace

Specializer::Specializer(RecurrenceOp recurrence, const Specialization &request,
                         const llvm::StringMap<int64_t> &sizes)
    : recurrence(recurrence), request(request), sizes(sizes),
      builder(recurrence.getContext()) {
  replacer.addReplacement(
      [this](SymbolRefAttr extent) -> std::optional<Attribute> {
        auto it = this->sizes.find(extent.getLeafReference());
        if (it == this->sizes.end())
          return std::nullopt;
        return builder.getI64IntegerAttr(it->second);
      });
}

/// Emits a diagnostic at `op` unless it has one already.
void Specializer::reject(Operation *op, const Twine &message) {
  if (rejected.insert(op).second)
    op->emitError(message);
}

void Specializer::checkSize(Operation *op, Type type) {
  ArrayRef<Attribute> extents;
  if (auto value = dyn_cast<ValueType>(type))
    extents = value.getExtents();
  else if (auto positional = dyn_cast<PositionalType>(type))
    extents = positional.getExtents();
  SmallVector<std::string> shape;
  int64_t elements = 1;
  bool fits = true;
  for (Attribute extent : extents) {
    int64_t size = cast<IntegerAttr>(extent).getInt();
    shape.push_back(std::to_string(size));
    fits = fits && !llvm::MulOverflow(elements, size, elements) &&
           elements <= maxElements;
  }
  if (!fits)
    reject(op, "expected at most " + Twine(maxElements) + " elements, got " +
                   llvm::join(shape, " x "));
}

void Specializer::specializeField(FieldOp field) {
  Operation *op = field;
  Type type = replacer.replace(field.getType());
  op->setAttr("type", TypeAttr::get(type));
  checkSize(op, type);
  auto storage = request.storage.find(field.getName());
  if (storage != request.storage.end())
    op->setAttr("storage", TypeAttr::get(storage->second));
}

/// The value of `param`, computed in the region that is being filled.
Value Specializer::inlineParam(ParamOp param, Location loc) {
  if (Value known = inlined.lookup(param))
    return known;
  auto type = cast<ParamType>(replacer.replace(FieldOp(param).getType()));
  Value value;
  ArrayAttr labels;
  auto scalar = request.scalars.find(param.getSymName());
  if (scalar != request.scalars.end()) {
    value = ConstantOp::create(builder, loc,
                               builder.getF64FloatAttr(scalar->second));
    labels = builder.getArrayAttr({});
  } else {
    Block &block = param.getInit().front();
    copyOps(block);
    auto yield = cast<YieldOp>(block.back());
    value = mapping.lookup(yield.getValues().front());
    labels = yield.getLabelsAttr();
  }
  auto array =
      ArrayType::get(type.getContext(), type.getExtents(), type.getKind());
  checkSize(param, array);
  return inlined[param] = PackOp::create(builder, loc, array, value, labels);
}

void Specializer::copyGet(GetOp get) {
  auto param = dyn_cast<ParamOp>(lookup(get));
  if (param && isInlined(param)) {
    // The default may read this parameter's own operands: map it afterwards.
    Value value = inlineParam(param, get.getLoc());
    mapping.map(get.getResult(), value);
    return;
  }
  Operation *copy = builder.clone(*get, mapping);
  copy->getResult(0).setType(replacer.replace(get.getType()));
}

void Specializer::copyRead(ReadOp read) {
  SmallVector<int64_t> symbols;
  SmallVector<AffineExpr> replacements;
  for (Value symbol : read.getSymbols()) {
    symbols.push_back(indices.at(symbol));
    replacements.push_back(builder.getAffineConstantExpr(symbols.back()));
  }
  auto type = cast<ValueType>(replacer.replace(read.getType()));
  checkSize(read, type);
  SmallVector<int64_t> labelSizes;
  for (Attribute extent : type.getExtents())
    labelSizes.push_back(cast<IntegerAttr>(extent).getInt());
  Value source = mapping.lookup(read.getSource());
  auto shape = cast<PositionalType>(source.getType()).getShape();
  // Substitution folds: what is out of range must not reach it.
  if (rejected.contains(read) ||
      failed(checkSubscripts(read, shape, labelSizes, symbols)))
    rejected.insert(read);
  AffineMap map = read.getMap();
  if (!rejected.contains(read))
    map = map.replaceDimsAndSymbols({}, replacements, map.getNumDims(), 0);
  Value copy = ReadOp::create(builder, read.getLoc(), type, source,
                              ValueRange(), AffineMapAttr::get(map));
  mapping.map(read.getResult(), copy);
}

void Specializer::unroll(ForOp loop) {
  int64_t count = cast<IntegerAttr>(replacer.replace(loop.getCount())).getInt();
  if (count > maxIterations) {
    reject(loop, "expected a micro-loop of at most " + Twine(maxIterations) +
                     " iterations, got " + Twine(count));
    count = 1;
  }
  Block &body = loop.getBody().front();
  SmallVector<Value> carried;
  for (Value init : loop.getInits())
    carried.push_back(mapping.lookup(init));
  for (int64_t i = 0; i < count && operations <= maxOperations; ++i) {
    indices[body.getArgument(0)] = i;
    for (auto [argument, value] :
         llvm::zip_equal(body.getArguments().drop_front(), carried))
      mapping.map(argument, value);
    copyOps(body);
    for (auto [next, value] :
         llvm::zip_equal(carried, cast<YieldOp>(body.back()).getValues()))
      next = mapping.lookup(value);
  }
  if (operations > maxOperations)
    reject(loop, "micro-loops unroll to more than " + Twine(maxOperations) +
                     " operations");
  for (auto [result, value] : llvm::zip_equal(loop.getResults(), carried))
    mapping.map(result, value);
}

void Specializer::copyOp(Operation *op) {
  ++operations;
  llvm::APInt integer;
  if (auto extent = dyn_cast<ExtentOp>(op)) {
    indices[extent] = sizes.at(extent.getDim());
  } else if (op->getNumResults() == 1 &&
             matchPattern(op->getResult(0), m_ConstantInt(&integer))) {
    indices[op->getResult(0)] = integer.getSExtValue();
  } else if (auto number = dyn_cast<NumberOp>(op)) {
    double value = indices.at(number.getIndex());
    mapping.map(number.getResult(),
                ConstantOp::create(builder, op->getLoc(),
                                   builder.getF64FloatAttr(value))
                    .getResult());
  } else if (auto read = dyn_cast<ReadOp>(op)) {
    copyRead(read);
  } else if (auto get = dyn_cast<GetOp>(op)) {
    copyGet(get);
  } else if (auto loop = dyn_cast<ForOp>(op)) {
    unroll(loop);
  } else {
    Operation *copy = builder.clone(*op, mapping);
    for (Value result : copy->getResults()) {
      result.setType(replacer.replace(result.getType()));
      checkSize(op, result.getType());
    }
  }
}

/// Copies all but the dsf.yield at the end.
void Specializer::copyOps(Block &block) {
  for (Operation &op : block)
    if (!isa<YieldOp>(op))
      copyOp(&op);
}

void Specializer::copyRegion(Region &region) {
  if (region.empty())
    return;
  Block &before = region.front();
  auto *after = new Block;
  region.push_back(after);
  builder.setInsertionPointToEnd(after);
  inlined.clear();
  copyOps(before);
  if (!before.empty())
    if (auto yield = dyn_cast<YieldOp>(before.back()))
      builder.clone(*yield, mapping);
  before.erase();
}

LogicalResult Specializer::run() {
  auto ops = recurrence.getBody().getOps();
  for (Operation &op : ops)
    if (FieldOp::classof(&op))
      specializeField(FieldOp(&op));
  if (!rejected.empty())
    return failure();
  for (Operation &op : ops)
    if (isa<StateOp>(op) || isPhase(&op))
      for (Region &region : op.getRegions())
        copyRegion(region);
  if (!rejected.empty())
    return failure();
  for (Operation &op : llvm::make_early_inc_range(ops)) {
    auto param = dyn_cast<ParamOp>(op);
    if (isa<DimOp>(op) || (param && isInlined(param)))
      op.erase();
    else if (param)
      param.getInit().getBlocks().clear();
  }
  return success();
}

LogicalResult lrc::specialize(RecurrenceOp recurrence,
                              const Specialization &specialization) {
  FailureOr<llvm::StringMap<int64_t>> sizes =
      evaluateDims(recurrence, specialization.dims);
  bool valid = RequestCheck(recurrence, specialization).isValid();
  if (failed(sizes) || !valid)
    return failure();
  if (failed(Specializer(recurrence, specialization, *sizes).run()))
    return failure();
  tidy(recurrence);
  return success();
}
