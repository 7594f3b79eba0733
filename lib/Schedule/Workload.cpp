//===- Workload.cpp - What the schedules of a recurrence cost -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Workload.h"

#include "lib/Analysis/DenseUpdate.h"
#include "lib/Analysis/Lanes.h"
#include "lib/Analysis/StateGroups.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

static double countElements(ValueType type) {
  double count = 1;
  for (Attribute extent : type.getExtents())
    count *= cast<IntegerAttr>(extent).getInt();
  return type.getKind() == Kind::Complex ? 2 * count : count;
}

static double weightOf(Operation *op) {
  if (auto unary = dyn_cast<UnaryOp>(op)) {
    switch (unary.getFn()) {
    case UnaryKind::Neg:
    case UnaryKind::Abs:
    case UnaryKind::Sign:
    case UnaryKind::Relu:
    case UnaryKind::Floor:
    case UnaryKind::Not:
    case UnaryKind::Re:
    case UnaryKind::Im:
    case UnaryKind::Conj:
      return 1;
    case UnaryKind::Sqrt:
    case UnaryKind::Rsqrt:
      return 4;
    case UnaryKind::Softplus:
    case UnaryKind::LogSigmoid:
    case UnaryKind::Silu:
    case UnaryKind::Gelu:
      return 48;
    default:
      return 24;
    }
  }
  if (auto binary = dyn_cast<BinaryOp>(op)) {
    if (binary.getFn() == BinaryKind::Div || binary.getFn() == BinaryKind::Rem)
      return 4;
    if (binary.getFn() == BinaryKind::Pow ||
        binary.getFn() == BinaryKind::LogAddExp)
      return 48;
  }
  return 1;
}

/// What depends on the step's index is computed in f64, half as many in a
/// vector, and gathers what it needs.
static constexpr double wideFactor = 8;

namespace {
class Counter {
public:
  explicit Counter(RecurrenceOp recurrence)
      : recurrence(recurrence), lanes(recurrence) {}

  Workload run();

private:
  void countStep(Block &step);
  void countForm(Block &form);
  void countEvolve(EvolveOp op);
  void countDense(DenseUpdate update);
  bool isReadByLane(Operation &input);
  void countRow(Operation *op);
  /// The state that `dsf.evolve` defines and that a value reads, if it does.
  Operation *readsEvolved(Value value) const;
  void add(Value value, double weight, bool isWide, double &perLane,
           double &shared);
  bool isTurned(Value value);
  bool varies(Value value);
  bool dependsOnTime(Value value);
  bool dependsOnState(Value value);
  int64_t countFeedback(Block &step);

  RecurrenceOp recurrence;
  Lanes lanes;
  Workload result;
  llvm::DenseSet<Operation *> evolved;
  /// Ops that are counted otherwise.
  llvm::DenseSet<Operation *> counted;
  /// Contractions of each state, and of those the ones that are written back.
  llvm::DenseMap<Operation *, int64_t> contractions;
  llvm::DenseMap<Value, bool> inTime;
  llvm::DenseMap<Value, bool> ofTime;
  llvm::DenseMap<Value, bool> turned;
  llvm::DenseMap<Value, bool> ofState;
};
} // namespace

/// Adds an operation that is computed over the elements of `value`, in f64 if
/// it `isWide`.
void Counter::add(Value value, double weight, bool isWide, double &perLane,
                  double &shared) {
  constexpr double vector = 16;
  double count = countElements(cast<ValueType>(value.getType()));
  if (isWide)
    weight *= wideFactor;
  if (lanes.getAxis(value) >= 0)
    perLane += weight * count / std::max<int64_t>(lanes.getExtent(), 1);
  else
    shared += weight * std::max(count, vector);
}

/// Whether a value is a function of the step's index and of parameters.
bool Counter::dependsOnTime(Value value) {
  auto [it, isNew] = ofTime.try_emplace(value, false);
  if (!isNew)
    return it->second;
  Operation *op = value.getDefiningOp();
  bool result = isa<TimeOp>(op);
  for (Value operand : op->getOperands()) {
    if (varies(operand) && !dependsOnTime(operand))
      return ofTime[value] = false;
    result |= dependsOnTime(operand);
  }
  return ofTime[value] = result;
}

/// Whether an op is the sine or cosine of an angle that grows with time.
static bool isTurn(Operation *op) {
  auto unary = dyn_cast<UnaryOp>(op);
  if (!unary ||
      (unary.getFn() != UnaryKind::Sin && unary.getFn() != UnaryKind::Cos))
    return false;
  auto angle = unary.getOperand().getDefiningOp<BinaryOp>();
  return angle && angle.getFn() == BinaryKind::Mul;
}

/// Whether a value depends on time through such turns alone. The rows of a
/// chunk make them of a chunk's and of rows' (lib/Conversion/SplitAngles.cpp),
/// and what is made of them, in f32.
bool Counter::isTurned(Value value) {
  auto [it, isNew] = turned.try_emplace(value, false);
  if (!isNew)
    return it->second;
  Operation *op = value.getDefiningOp();
  bool result = isTurn(op) || (!isa<TimeOp>(op) &&
                               llvm::all_of(op->getOperands(), [&](Value own) {
                                 return !dependsOnTime(own) || isTurned(own);
                               }));
  return turned[value] = result;
}

/// Whether a value differs from step to step.
bool Counter::varies(Value value) {
  auto [it, isNew] = inTime.try_emplace(value, false);
  if (!isNew)
    return it->second;
  Operation *op = value.getDefiningOp();
  bool result = isa<TimeOp>(op);
  if (auto get = dyn_cast<GetOp>(op))
    result = !isa<ParamOp>(recurrence.lookupSymbol(get.getField()));
  for (Value operand : op->getOperands())
    result |= varies(operand);
  return inTime[value] = result;
}

static bool computes(Operation *op) {
  return isa<UnaryOp, BinaryOp, SelectOp, ReduceOp>(op);
}

/// What an op is computed over: the operand of a reduction.
static Value spaceOf(Operation *op) {
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return reduce.getOperand();
  return op->getResult(0);
}

void Counter::countStep(Block &step) {
  for (Operation &op : step) {
    if (!computes(&op) || !varies(op.getResult(0)))
      continue;
    double weight = weightOf(&op);
    add(spaceOf(&op), weight, dependsOnTime(spaceOf(&op)),
        weight > 1 ? result.stepPerLane : result.stepPlainPerLane,
        result.stepShared);
  }
  double states = 0;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    double numbers = 1;
    for (int64_t size : FieldOp(state).getType().getShape())
      numbers *= size;
    states += numbers / double(std::max<int64_t>(lanes.getExtent(), 1));
  }
  result.carriedPerLane = states;
  result.touchedPerLane = states * double(1 + countFeedback(step));
}

/// Whether a value depends on a state before the step.
bool Counter::dependsOnState(Value value) {
  auto [it, isNew] = ofState.try_emplace(value, false);
  if (!isNew)
    return it->second;
  Operation *op = value.getDefiningOp();
  auto get = dyn_cast<GetOp>(op);
  bool result = get && isa<StateOp>(recurrence.lookupSymbol(get.getField()));
  for (Value operand : op->getOperands())
    result |= dependsOnState(operand);
  return ofState[value] = result;
}

/// Sums over states on which the states after the step depend.
int64_t Counter::countFeedback(Block &step) {
  llvm::SetVector<Operation *> used;
  for (SetOp set : step.getOps<SetOp>())
    if (isa<StateOp>(recurrence.lookupSymbol(set.getField())))
      used.insert(set);
  int64_t count = 0;
  for (size_t next = 0; next < used.size(); ++next) {
    count +=
        isa<ReduceOp>(used[next]) && dependsOnState(used[next]->getOperand(0));
    for (Value operand : used[next]->getOperands())
      used.insert(operand.getDefiningOp());
  }
  return count;
}

Operation *Counter::readsEvolved(Value value) const {
  auto read = value.getDefiningOp<ReadOp>();
  auto get = read ? read.getSource().getDefiningOp<GetOp>() : GetOp();
  if (!get)
    return nullptr;
  Operation *field = RecurrenceOp(recurrence).lookupSymbol(get.getField());
  return evolved.contains(field) ? field : nullptr;
}

void Counter::countRow(Operation *op) {
  if (counted.contains(op) || !computes(op) || !varies(op->getResult(0)))
    return;
  for (Value operand : op->getOperands())
    if (readsEvolved(operand)) {
      if (isa<ReduceOp>(op))
        ++contractions[readsEvolved(operand)];
      return;
    }
  Value space = spaceOf(op);
  double elements = countElements(cast<ValueType>(space.getType()));
  if (auto reduce = dyn_cast<ReduceOp>(op))
    if (auto product = reduce.getOperand().getDefiningOp<BinaryOp>();
        product && product.getFn() == BinaryKind::Mul) {
      for (Value factor : product.getOperands())
        if (Operation *state = readsEvolved(factor)) {
          ++contractions[state];
          return;
        }
      // A sum with a parameter is a product of tiles.
      if (!varies(product.getLhs()) || !varies(product.getRhs())) {
        result.productShared += elements;
        return;
      }
    }
  // The product below such a sum is counted with it.
  bool onlySummed = isa<BinaryOp>(op) && op->getResult(0).hasOneUse() &&
                    isa<ReduceOp>(*op->getResult(0).user_begin()) &&
                    (!varies(op->getOperand(0)) || !varies(op->getOperand(1)));
  if (onlySummed && cast<BinaryOp>(op).getFn() == BinaryKind::Mul)
    return;
  // Two multiply-adds of what is gathered; an angle is the chunk's.
  constexpr double turnWeight = 12;
  double weight = isTurn(op) ? turnWeight : weightOf(op);
  bool isAngle = llvm::all_of(op->getUsers(), isTurn) && !op->use_empty();
  if (isAngle && dependsOnTime(space))
    return;
  add(space, weight, dependsOnTime(space) && !isTurned(space),
      result.rowPerLane, result.rowShared);
}

/// The products of one state, from the chunk function of
/// lib/Conversion/DsfToTile/README.md.
void Counter::countEvolve(EvolveOp op) {
  Operation *field = recurrence.lookupSymbol(op.getField());
  double keys = 1, others = 1;
  for (auto [label, extent] :
       llvm::zip_equal(op.getLabels(), FieldOp(field).getType().getExtents()))
    (llvm::is_contained(op.getKeys(), label) ? keys : others) *=
        cast<IntegerAttr>(extent).getInt();
  double perLane = others / std::max<int64_t>(lanes.getExtent(), 1);
  double reads = contractions.lookup(field);
  double writes = op.getFactors().size();
  StateGroups groups(recurrence, *op->getBlock());
  StateGroups::Group own{cast<StateOp>(field)};
  double solved = llvm::count_if(op.getWrites(), [&](Value write) {
    return groups.dependsOn(write, own);
  });
  double half = 0.5 * (op.getValueDecay() ? 2 : 1);
  result.productPerLane += (reads + writes) * keys * perLane;
  result.productPerLaneStep +=
      (half * reads * writes + 0.5 * solved * solved) * perLane;
  bool keyed = op.getDecay() &&
               !cast<ValueType>(op.getDecay().getType()).getLabels().empty();
  result.scorePerStep += 0.5 * (keyed ? 2 : 1) * reads * writes * keys;
  result.pairPerStep += reads * writes + solved * solved;
  result.keyedPerStep += keyed ? 0.5 * reads * writes * keys : 0;
  result.decayedPerStep += op.getDecay() && !keyed ? reads * writes : 0;
  result.solvedPerStep += solved * solved;
  // Decays before and after each row, and what they scale.
  result.rowShared += (op.getDecay() ? 4 : 1) * (reads + writes) * keys;
  result.statePerLane += keys * perLane;
  result.keptPerRow += (reads + 2 * writes + 2) * keys;
  result.keptPerRowLane += (reads + writes) * perLane;
}

/// Whether each lane reads its own element of an input.
bool Counter::isReadByLane(Operation &input) {
  Block &step = recurrence.getPhase<StepOp>().getBody().front();
  return llvm::any_of(step.getOps<ReadOp>(), [&](ReadOp read) {
    auto get = read.getSource().getDefiningOp<GetOp>();
    return get && recurrence.lookupSymbol(get.getField()) == &input &&
           lanes.getAxis(read.getResult()) >= 0;
  });
}

/// Each row is multiplied with the matrix or a power of it twice. The powers
/// are made once for a work item, in f64, which is a small part of every step;
/// they have a second layout.
void Counter::countDense(DenseUpdate update) {
  constexpr double levels = 5, usualSteps = 1024;
  Value space = update.sum.getOperand();
  auto type = cast<ValueType>(space.getType());
  double entries = countElements(cast<ValueType>(update.matrix.getType()));
  Attribute extent = type.getExtents()[type.getPosition(update.column)];
  double columns = cast<IntegerAttr>(extent).getInt();
  double products = countElements(type);
  double numbers = products / columns;
  auto share = [&](Value value, double count, double &perLane, double &shared) {
    if (lanes.getAxis(value) >= 0)
      perLane += count / double(std::max<int64_t>(lanes.getExtent(), 1));
    else
      shared += count;
  };
  share(space, 2 * products, result.productPerLane, result.productShared);
  share(update.matrix, 3 * levels * columns * entries / usualSteps,
        result.productPerLane, result.productShared);
  share(update.matrix, 2 * levels * entries, result.statePerLane, result.kept);
  share(space, numbers, result.statePerLane, result.keptPerRow);
  share(space, 3 * numbers, result.keptPerRowLane, result.keptPerRow);
  // A step that multiplies one vector waits for its sums or gathers.
  if (lanes.getAxis(space) < 0 || lanes.getAxis(update.matrix) >= 0)
    share(space, 2 * products, result.stepPerLane, result.stepShared);
  counted.insert(update.sum);
  counted.insert(space.getDefiningOp());
}

void Counter::countForm(Block &form) {
  StateGroups groups(recurrence, form);
  for (const StateGroups::Group &group : groups.getGroups())
    if (std::optional<DenseUpdate> update = matchDense(groups, group))
      countDense(*update);
  for (EvolveOp op : form.getOps<EvolveOp>())
    evolved.insert(recurrence.lookupSymbol(op.getField()));
  for (Operation &op : form)
    countRow(&op);
  for (EvolveOp op : form.getOps<EvolveOp>())
    countEvolve(op);
}

Workload Counter::run() {
  result.lanes = std::max<int64_t>(lanes.getExtent(), 1);
  for (Operation &op : recurrence.getBody().getOps()) {
    if (!isa<InOp, ParamOp, StateOp, OutOp>(op))
      continue;
    Type storage = FieldOp(&op).getStorage();
    if (auto complex = dyn_cast<ComplexType>(storage))
      storage = complex.getElementType();
    if (storage.isF64())
      result.elementBytes = 8;
    if (!isa<InOp, OutOp>(op))
      continue;
    double count = FieldOp(&op).getType().getKind() == Kind::Complex ? 2 : 1;
    for (int64_t size : FieldOp(&op).getType().getShape())
      count *= size;
    double bytes = count * storage.getIntOrFloatBitWidth() / 8;
    result.tensorBytes += bytes;
    if (lanes.getAxis(&op) >= 0 || isReadByLane(op))
      result.tensorBytesPerLane += bytes / double(lanes.getExtent());
  }
  countStep(recurrence.getPhase<StepOp>().getBody().front());
  if (auto form = recurrence.getPhase<FormOp>())
    countForm(form.getBody().front());
  return result;
}

Workload lrc::measureWorkload(RecurrenceOp recurrence) {
  return Counter(recurrence).run();
}
