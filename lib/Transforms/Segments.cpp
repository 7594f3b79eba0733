//===- Segments.cpp - Time in segments that run in parallel ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Segments.h"

#include "lib/Analysis/Lanes.h"
#include "lib/Analysis/Pointwise.h"
#include "lib/Transforms/Carried.h"
#include "lib/Transforms/Tangent.h"
#include "lib/Transforms/Tidy.h"
#include "lib/Transforms/Tropical.h"

#include "mlir/IR/IRMapping.h"

#include <cmath>

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

namespace {
/// How a group of states passes a segment.
enum class Passage { Shift, Scaled, Tropical, Mixed };

/// One group: makes its summary and its combination.
class StageBuilder {
public:
  StageBuilder(RecurrenceOp base, unsigned index)
      : base(base), summary(base.clone()), index(index),
        builder(base.getContext()) {
    OpBuilder(base).insert(summary);
    summary.setSymName((base.getSymName() + "." + Twine(index)).str());
  }

  llvm::Expected<SegmentStage> run();

private:
  llvm::Error refuse(const Twine &why);
  void dropOthers(const StateGroups &groups);
  void findPassage(const StateGroups &groups);
  bool addProducts(bool withLanes, std::string &why);
  StateOp addProductState(StateOp of, StateOp by);
  bool keepsAxis(StateOp state, int64_t axis) const;
  void findConstantAxes();
  SmallVector<std::string> productNames();
  void dropProducts();
  Value readProduct(StateOp product, StateOp of, ReadOp like);
  void startNeutral(double value);

  RecurrenceOp takeMatrices();
  static bool reaches(Operation *op, ArrayRef<std::string> states);
  void returnOnly(RecurrenceOp part, ArrayRef<StateOp> states);
  RecurrenceOp makeCombine();
  Value combineState(StateOp state, OpBuilder &at);
  Value readWhole(OpBuilder &at, StringRef field, Type type,
                  ArrayRef<StringAttr> labels);

  Block &body() { return summary.getPhase<StepOp>().getBody().front(); }
  StringAttr label(const Twine &name) { return builder.getStringAttr(name); }
  /// Labels l0, l1, .. of a state's axes.
  SmallVector<StringAttr> labelsOf(StateOp state, StringRef prefix);

  RecurrenceOp base;
  RecurrenceOp summary;
  unsigned index;
  OpBuilder builder;
  StateGroups::Group group;
  Passage passage = Passage::Mixed;
  BinaryKind combine = BinaryKind::Max;
  /// Axis of each state that its combination need not mix, or -1.
  llvm::DenseMap<Operation *, int64_t> lanes;
  /// (state, by which state) -> product.
  llvm::MapVector<std::pair<Operation *, Operation *>, StateOp> products;
  bool productsHaveLanes = false;
  /// Axes of a scaled state along which its product does not differ.
  llvm::SmallDenseSet<int64_t> constantAxes;
};
} // namespace

llvm::Error StageBuilder::refuse(const Twine &why) {
  std::string names;
  for (StateOp state : group)
    names += (names.empty() ? "" : ", ") + state.getSymName().str();
  std::string message =
      (group.size() > 1 ? "states " : "state ") + names + ": " + why.str();
  summary.erase();
  return llvm::createStringError(message);
}

SmallVector<StringAttr> StageBuilder::labelsOf(StateOp state,
                                               StringRef prefix) {
  SmallVector<StringAttr> labels;
  size_t rank = FieldOp(state).getType().getExtents().size();
  for (size_t axis = 0; axis < rank; ++axis)
    labels.push_back(label(prefix + Twine(axis)));
  return labels;
}

//===----------------------------------------------------------------------===//
// The summary
//===----------------------------------------------------------------------===//

/// Erases fields, what is set of them, and what only they needed.
static void eraseFields(RecurrenceOp part, ArrayRef<std::string> names) {
  Block &steps = part.getPhase<StepOp>().getBody().front();
  for (SetOp set : llvm::make_early_inc_range(steps.getOps<SetOp>()))
    if (llvm::is_contained(names, set.getField()))
      set.erase();
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(steps.getOperations())))
    if (op.use_empty() && !isa<SetOp>(op))
      op.erase();
  for (const std::string &name : names)
    part.lookupSymbol(name)->erase();
}

/// Erases outputs, the states of later groups, and what only they needed.
void StageBuilder::dropOthers(const StateGroups &groups) {
  llvm::DenseSet<Operation *> kept;
  for (unsigned number = 0; number <= index; ++number)
    for (StateOp state : groups.getGroups()[number])
      kept.insert(state);
  SmallVector<std::string> names;
  for (Operation &op : summary.getBody().getOps())
    if (isa<OutOp>(op) || (isa<StateOp>(op) && !kept.contains(&op)))
      names.push_back(SymbolTable::getSymbolName(&op).str());
  eraseFields(summary, names);
}

void StageBuilder::findPassage(const StateGroups &groups) {
  if (isShift(groups, group))
    passage = Passage::Shift;
  else if (isPointwise(groups, group) && group.size() == 1)
    passage = Passage::Scaled;
}

static std::string productName(StateOp of, StateOp by) {
  if (of == by)
    return (of.getSymName() + ".product").str();
  return (of.getSymName() + ".by." + by.getSymName()).str();
}

/// Yields 1 where the labels of each pair are equal, in the init region.
static void buildIdentity(StateOp state, ArrayRef<StringAttr> labels,
                          ArrayRef<std::pair<StringAttr, StringAttr>> pairs) {
  OpBuilder builder(state.getContext());
  Block *block = builder.createBlock(&state.getInit());
  builder.setInsertionPointToStart(block);
  Location loc = state.getLoc();
  Arithmetic arithmetic(builder, loc);
  PositionalType type = FieldOp(state).getType();
  auto indexOf = [&](StringAttr label) -> Value {
    size_t axis = llvm::find(labels, label) - labels.begin();
    return IndexOp::create(builder, loc,
                           ValueType::get(builder.getContext(), label,
                                          type.getExtents()[axis], Kind::Real));
  };
  Value value = arithmetic.number(1);
  for (auto [a, b] : pairs) {
    Value equal =
        BinaryOp::create(builder, loc, BinaryKind::Eq, indexOf(a), indexOf(b));
    value = arithmetic.select(equal, value, {});
  }
  SmallVector<Attribute> names(labels.begin(), labels.end());
  YieldOp::create(builder, loc, value, builder.getArrayAttr(names));
}

/// The state that says what the segment does to a unit of state `by` in state
/// `of`: the kept axes of `of`, then those of `by` without lanes.
StateOp StageBuilder::addProductState(StateOp of, StateOp by) {
  SmallVector<Attribute> extents;
  SmallVector<StringAttr> labels;
  SmallVector<std::pair<StringAttr, StringAttr>> pairs;
  auto addAxes = [&](StateOp state, StringRef prefix,
                     llvm::function_ref<bool(int64_t)> keeps) {
    for (auto [axis, extent] :
         llvm::enumerate(FieldOp(state).getType().getExtents()))
      if (keeps(axis)) {
        labels.push_back(label(prefix + Twine(axis)));
        extents.push_back(extent);
      }
  };
  addAxes(of, "l", [&](int64_t axis) { return keepsAxis(of, axis); });
  if (passage == Passage::Mixed)
    addAxes(by, "e", [&](int64_t axis) { return axis != lanes.lookup(by); });
  PositionalType like = FieldOp(of).getType();
  OpBuilder at(of);
  at.setInsertionPointAfter(of);
  auto product = StateOp::create(
      at, of.getLoc(), at.getStringAttr(productName(of, by)),
      TypeAttr::get(StateType::get(at.getContext(), extents, like.getKind())),
      FieldOp(of).getStorageAttr(), Attribute(), UnitAttr());
  if (of == by) {
    for (StringAttr own : labels)
      for (StringAttr other : labels)
        if (own.getValue().front() == 'l' && other.getValue().front() == 'e' &&
            own.getValue().drop_front() == other.getValue().drop_front())
          pairs.push_back({own, other});
    if (passage == Passage::Tropical)
      pairs.clear();
    else
      buildIdentity(product, labels, pairs);
  }
  return product;
}

/// A read of the product in place of the read `like` of the state.
Value StageBuilder::readProduct(StateOp product, StateOp of, ReadOp like) {
  PositionalType type = FieldOp(product).getType();
  SmallVector<StringAttr> labels;
  for (auto [axis, expr] : llvm::enumerate(like.getMap().getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return {};
    if (!keepsAxis(of, axis))
      continue;
    StringAttr name = like.getType().getLabels()[dim.getPosition()];
    if (llvm::is_contained(labels, name))
      return {};
    labels.push_back(name);
  }
  for (size_t axis = labels.size(); axis < type.getExtents().size(); ++axis)
    labels.push_back(label("segment.e" + Twine(axis)));
  Value array =
      GetOp::create(builder, like.getLoc(), type, product.getSymName());
  return ReadOp::create(
      builder, like.getLoc(),
      ValueType::get(builder.getContext(), labels, type.getExtents(),
                     type.getKind()),
      array, ValueRange(),
      AffineMapAttr::get(builder.getMultiDimIdentityMap(labels.size())));
}

/// One column of products: what becomes of a unit of each state.
bool StageBuilder::addProducts(bool withLanes, std::string &why) {
  productsHaveLanes = withLanes;
  for (StateOp by : group)
    for (StateOp of : group)
      products[{of, by}] = addProductState(of, by);
  for (StateOp by : group) {
    bool irregular = false;
    Tangent tangent(summary, body(), builder,
                    [&](StateOp state, ReadOp read) -> Value {
                      auto it = products.find({state, by});
                      if (it == products.end())
                        return {};
                      Value value = readProduct(it->second, state, read);
                      irregular |= !value;
                      return value;
                    });
    if (!tangent.run()) {
      why = tangent.getReason().str();
      return false;
    }
    if (irregular) {
      why = "it is read at other than plain indices";
      return false;
    }
    for (StateOp of : group) {
      StateOp product = products.lookup({of, by});
      SetOp set;
      for (SetOp each : body().getOps<SetOp>())
        if (summary.lookupSymbol(each.getField()) == of)
          set = each;
      builder.setInsertionPoint(set);
      Value value = tangent.of(set.getValue());
      SmallVector<Attribute> labels;
      for (auto [axis, name] : llvm::enumerate(set.getLabels()))
        if (keepsAxis(of, axis))
          labels.push_back(name);
      for (size_t axis = labels.size();
           axis < FieldOp(product).getType().getExtents().size(); ++axis)
        labels.push_back(label("segment.e" + Twine(axis)));
      if (!value)
        value = Arithmetic(builder, set.getLoc()).number(0);
      for (StringAttr name : cast<ValueType>(value.getType()).getLabels())
        if (!llvm::is_contained(labels, Attribute(name))) {
          why = "what it is multiplied by differs along its lanes";
          return false;
        }
      SetOp::create(builder, set.getLoc(), product.getSymName(), value,
                    builder.getArrayAttr(labels));
    }
  }
  return true;
}

SmallVector<std::string> StageBuilder::productNames() {
  SmallVector<std::string> names;
  for (auto &[pair, product] : products)
    names.push_back(product.getSymName().str());
  return names;
}

/// Removes the products from the summary.
void StageBuilder::dropProducts() {
  eraseFields(summary, productNames());
  products.clear();
}

bool StageBuilder::keepsAxis(StateOp state, int64_t axis) const {
  if (passage == Passage::Mixed)
    return productsHaveLanes || axis != lanes.lookup(state);
  return !constantAxes.contains(axis);
}

/// Labels of what the values that are made of a state are multiplied by.
static void collectFactorLabels(Value value, StringRef state,
                                llvm::DenseMap<Value, bool> &isMade,
                                llvm::DenseSet<Attribute> &labels) {
  auto [known, isNew] = isMade.try_emplace(value, false);
  if (!isNew)
    return;
  Operation *op = value.getDefiningOp();
  if (auto get = dyn_cast<GetOp>(op)) {
    isMade[value] = get.getField() == state;
    return;
  }
  bool made = false;
  for (Value operand : op->getOperands()) {
    collectFactorLabels(operand, state, isMade, labels);
    made |= isMade.lookup(operand);
  }
  isMade[value] = made;
  if (!made)
    return;
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<ValueType>(operand.getType());
        type && !isMade.lookup(operand))
      for (StringAttr name : type.getLabels())
        labels.insert(name);
}

/// The axes along which a state's product is the same everywhere: decays of one
/// number, or of one for each key.
void StageBuilder::findConstantAxes() {
  StateOp product = products.begin()->second;
  for (SetOp set : body().getOps<SetOp>()) {
    if (set.getField() != product.getSymName())
      continue;
    llvm::DenseMap<Value, bool> isMade;
    llvm::DenseSet<Attribute> labels;
    collectFactorLabels(set.getValue(), product.getSymName(), isMade, labels);
    if (!isMade.lookup(set.getValue()))
      return;
    for (auto [axis, name] : llvm::enumerate(set.getLabels()))
      if (!labels.contains(name))
        constantAxes.insert(axis);
  }
}

/// What a segment starts at when it is summarised.
void StageBuilder::startNeutral(double value) {
  for (StateOp state : group) {
    if (!state.getInit().empty())
      state.getInit().front().erase();
    if (value == 0)
      continue;
    Block *block = builder.createBlock(&state.getInit());
    builder.setInsertionPointToStart(block);
    Value start = Arithmetic(builder, state.getLoc()).number(value);
    SmallVector<Attribute> names;
    for (StringAttr name : labelsOf(state, "l"))
      names.push_back(name);
    YieldOp::create(builder, state.getLoc(), start,
                    builder.getArrayAttr(names));
  }
}

llvm::Expected<SegmentStage> StageBuilder::run() {
  {
    StateGroups groups(summary, body());
    group = groups.getGroups()[index];
    findPassage(groups);
    Lanes axes(summary);
    for (StateOp state : group)
      lanes[state] = axes.getAxis(state.getOperation());
    dropOthers(groups);
  }
  startNeutral(0);
  StateGroups groups(summary, body());
  std::string why;
  if (passage == Passage::Shift) {
    // The last rows of a segment are the register.
  } else if (addProducts(false, why)) {
    // Diagonal, or a matrix for all lanes.
    if (passage == Passage::Scaled)
      findConstantAxes();
    if (!constantAxes.empty()) {
      dropProducts();
      bool again = addProducts(false, why);
      assert(again && "products depend on their own axes alone");
      (void)again;
    }
  } else {
    dropProducts();
    auto set = cast<SetOp>(groups.getDefinition(group.front()));
    builder.setInsertionPoint(set);
    std::optional<TropicalStep> tropical =
        findTropicalStep(builder, groups, group);
    if (tropical) {
      passage = Passage::Tropical;
      combine = tropical->combine;
      startNeutral(combine == BinaryKind::Min ? INFINITY : -INFINITY);
      StateOp state = group.front();
      StateOp product = addProductState(state, state);
      products[{state, state}] = product;
      builder.setInsertionPoint(set);
      Value total =
          readWhole(builder, product.getSymName(), FieldOp(product).getType(),
                    llvm::to_vector(set.getLabels().getAsRange<StringAttr>()));
      total = Arithmetic(builder, set.getLoc()).add(total, tropical->shift);
      SetOp::create(builder, set.getLoc(), product.getSymName(), total,
                    set.getLabels());
    } else if (passage != Passage::Mixed || !addProducts(true, why)) {
      return refuse(why);
    }
  }
  SegmentStage stage;
  for (StateOp state : group) {
    stage.states.push_back(state.getSymName().str());
    int64_t rank = FieldOp(state).getType().getExtents().size();
    int64_t inner = rank - (lanes.lookup(state) >= 0 ? 1 : 0);
    stage.mixes |= passage == Passage::Mixed && inner > 0;
  }
  stage.combine = makeCombine();
  if (stage.mixes)
    stage.matrices = takeMatrices();
  SmallVector<StateOp> returned(group.begin(), group.end());
  for (auto &[pair, product] : products)
    returned.push_back(product);
  returnOnly(summary, returned);
  tidy(summary);
  stage.summary = summary;
  return stage;
}

/// Names what a part returns.
void StageBuilder::returnOnly(RecurrenceOp part, ArrayRef<StateOp> states) {
  SmallVector<Attribute> finals;
  for (StateOp state : states)
    finals.push_back(FlatSymbolRefAttr::get(state.getSymNameAttr()));
  part.setFinalsAttr(builder.getArrayAttr(finals));
}

/// Moves the products to a part of their own, which the states do not enter.
RecurrenceOp StageBuilder::takeMatrices() {
  SmallVector<std::string> own, made = productNames();
  for (StateOp state : group)
    own.push_back(state.getSymName().str());
  for (auto get : body().getOps<GetOp>()) {
    // What a step does to the states would depend on them.
    bool entersProducts =
        llvm::is_contained(own, get.getField()) && reaches(get, made);
    if (entersProducts)
      return {};
  }
  RecurrenceOp matrices = summary.clone();
  OpBuilder(summary).insert(matrices);
  matrices.setSymName((summary.getSymName() + ".matrices").str());
  eraseFields(matrices, own);
  dropProducts();
  SmallVector<StateOp> states(matrices.getBody().getOps<StateOp>());
  llvm::erase_if(states, [&](StateOp state) {
    return !llvm::is_contained(made, state.getSymName());
  });
  returnOnly(matrices, states);
  tidy(matrices);
  return matrices;
}

/// Whether a value is part of what a step sets one of these states to.
bool StageBuilder::reaches(Operation *op, ArrayRef<std::string> states) {
  SmallVector<Operation *> work{op};
  llvm::DenseSet<Operation *> visited;
  while (!work.empty()) {
    Operation *next = work.pop_back_val();
    if (!visited.insert(next).second)
      continue;
    auto set = dyn_cast<SetOp>(next);
    if (set && llvm::is_contained(states, set.getField()))
      return true;
    llvm::append_range(work, next->getUsers());
  }
  return false;
}

//===----------------------------------------------------------------------===//
// The combination
//===----------------------------------------------------------------------===//

Value StageBuilder::readWhole(OpBuilder &at, StringRef field, Type type,
                              ArrayRef<StringAttr> labels) {
  auto positional = cast<PositionalType>(type);
  Value array = GetOp::create(at, at.getUnknownLoc(), type, field);
  return ReadOp::create(
      at, at.getUnknownLoc(),
      ValueType::get(at.getContext(), labels, positional.getExtents(),
                     positional.getKind()),
      array, ValueRange(),
      AffineMapAttr::get(at.getMultiDimIdentityMap(labels.size())));
}

static Type arrayOf(PositionalType type) {
  return ArrayType::get(type.getContext(), type.getExtents(), type.getKind());
}

/// The state after a segment, from the states before it and the summary.
Value StageBuilder::combineState(StateOp state, OpBuilder &at) {
  Arithmetic arithmetic(at, state.getLoc());
  SmallVector<StringAttr> labels = labelsOf(state, "l");
  PositionalType type = FieldOp(state).getType();
  Value next = readWhole(at, (state.getSymName() + ".local").str(),
                         arrayOf(type), labels);
  for (StateOp by : group) {
    StateOp product = products.lookup({state, by});
    if (!product)
      continue;
    SmallVector<StringAttr> byLabels = labelsOf(by, "e");
    SmallVector<StringAttr> productLabels;
    Labels summed;
    for (auto [axis, name] : llvm::enumerate(labels))
      if (keepsAxis(state, axis))
        productLabels.push_back(name);
    for (auto [axis, name] : llvm::enumerate(byLabels)) {
      if (passage != Passage::Mixed) {
        name = labels[axis];
        continue;
      }
      if (int64_t(axis) == lanes.lookup(by)) {
        // Lanes are not mixed: those of one state are those of the other.
        name = labels[lanes.lookup(state)];
        continue;
      }
      productLabels.push_back(name);
      summed.insert(name);
    }
    Value factor =
        readWhole(at, product.getSymName(), arrayOf(FieldOp(product).getType()),
                  productLabels);
    Value start =
        readWhole(at, by.getSymName(), FieldOp(by).getType(), byLabels);
    if (passage == Passage::Tropical) {
      next = BinaryOp::create(at, state.getLoc(), combine,
                              arithmetic.add(start, factor), next);
      continue;
    }
    Value part = arithmetic.multiply(factor, start);
    if (!summed.empty())
      part = arithmetic.sum(part, summed, cast<ValueType>(part.getType()));
    next = arithmetic.add(next, part);
  }
  return next;
}

/// Inputs of the summary, states and parameters of the recurrence, the start of
/// each segment as outputs.
RecurrenceOp StageBuilder::makeCombine() {
  OpBuilder at(summary);
  auto result = RecurrenceOp::create(
      at, summary.getLoc(), (summary.getSymName() + ".combine").str(),
      summary.getReverse(), at.getArrayAttr({}), ScheduleAttr());
  at.setInsertionPointToEnd(&result.getBody().emplaceBlock());
  auto addField = [&](auto op, StateOp state, const Twine &name) {
    decltype(op)::create(at, state.getLoc(), at.getStringAttr(name),
                         TypeAttr::get(arrayOf(FieldOp(state).getType())),
                         FieldOp(state).getStorageAttr(), Attribute());
  };
  for (StateOp state : group)
    addField(InOp(), state, state.getSymName() + ".local");
  for (auto &[pair, product] : products)
    addField(InOp(), product, product.getSymName());
  for (ParamOp param : base.getBody().getOps<ParamOp>())
    at.clone(*param);
  for (StateOp state : group)
    at.clone(*base.lookupSymbol(state.getSymName()));
  for (StateOp state : group)
    addField(OutOp(), state, state.getSymName() + ".start");
  auto step = StepOp::create(at, summary.getLoc());
  at.createBlock(&step.getBody());
  for (StateOp state : group) {
    SmallVector<StringAttr> labels = labelsOf(state, "l");
    ArrayAttr names =
        at.getArrayAttr(SmallVector<Attribute>(labels.begin(), labels.end()));
    Value old =
        readWhole(at, state.getSymName(), FieldOp(state).getType(), labels);
    SetOp::create(at, state.getLoc(), (state.getSymName() + ".start").str(),
                  old, names);
    Value next = combineState(state, at);
    SetOp::create(at, state.getLoc(), state.getSymName(), next, names);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// All segments
//===----------------------------------------------------------------------===//

llvm::Error lrc::refuseSegments(ScheduleKind kind) {
  return llvm::createStringError(
      "a kernel of schedule " + stringifyScheduleKind(kind) +
      " is several functions, which run in process only: expected schedule "
      "sequential or chunked");
}

static RecurrenceOp makeFinish(RecurrenceOp recurrence) {
  assert(!hasOtherStates(recurrence) && "segments hand on what is carried");
  OpBuilder at(recurrence);
  auto finish = cast<RecurrenceOp>(at.clone(*recurrence));
  finish.setSymName((recurrence.getSymName() + ".finish").str());
  if (auto form = finish.getPhase<FormOp>())
    form.erase();
  finish.setFinalsAttr(nullptr);
  finish.setScheduleAttr(nullptr);
  storeAsComputed(finish);
  return finish;
}

llvm::Expected<Segments> lrc::cutForScan(RecurrenceOp recurrence) {
  Segments result;
  result.finish = makeFinish(recurrence);
  Block &body = result.finish.getPhase<StepOp>().getBody().front();
  StateGroups groups(result.finish, body);
  for (auto [index, group] : llvm::enumerate(groups.getGroups())) {
    if (isShift(groups, group))
      result.minLength = std::max<int64_t>(
          result.minLength,
          FieldOp(StateOp(group.front())).getType().getShape().front());
    llvm::Expected<SegmentStage> stage =
        StageBuilder(result.finish, index).run();
    if (!stage)
      return stage.takeError();
    result.stages.push_back(std::move(*stage));
  }
  return result;
}

Segments lrc::cutForSplit(RecurrenceOp recurrence) {
  Segments result;
  result.finish = makeFinish(recurrence);
  if (recurrence.getBody().getOps<StateOp>().empty())
    return result;
  result.pass = result.finish.clone();
  OpBuilder(result.finish).insert(result.pass);
  result.pass.setSymName((recurrence.getSymName() + ".pass").str());
  SmallVector<std::string> outputs;
  for (OutOp output : result.pass.getBody().getOps<OutOp>())
    outputs.push_back(output.getSymName().str());
  eraseFields(result.pass, outputs);
  tidy(result.pass);
  return result;
}
