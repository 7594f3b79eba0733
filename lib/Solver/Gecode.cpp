//===- Gecode.cpp - Solve by propagation and branch and bound -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each operation of the problem becomes one Gecode variable with the bounds of
// interval arithmetic and one propagator. Gecode drops points whose values
// leave its 32-bit range without a word, hence the bounds first.
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Best.h"
#include "lib/Solver/Interval.h"

#include <gecode/int.hh>
#include <gecode/search.hh>

using namespace lrc::solver;
namespace gc = Gecode;

namespace {
/// The expressions of a problem with their bounds.
struct Model {
  explicit Model(const Problem &problem)
      : problem(problem), program(getRoots(problem)),
        bounds(boundValues(program, problem)) {}

  static std::vector<Expr> getRoots(const Problem &problem) {
    std::vector<Expr> roots;
    // A constraint needs no 0 or 1 of its comparison.
    for (const Constraint &constraint : problem.getConstraints())
      for (unsigned side : {0, 1})
        roots.push_back(constraint.comparison.getOperand(side));
    roots.push_back(problem.getObjective().value_or(Expr(0)));
    for (unsigned i = 0; i < problem.getVariables().size(); ++i)
      roots.push_back(Expr::variable(i));
    return roots;
  }

  /// Gecode's integers hold all values, and its division, which rounds to
  /// zero, is the one that is meant.
  bool fits() const {
    if (!bounds)
      return false;
    for (auto [operation, bound] :
         llvm::zip(program.getOperations(), *bounds)) {
      if (bound.low < gc::Int::Limits::min || bound.high > gc::Int::Limits::max)
        return false;
      bool divides = operation.kind == ExprKind::FloorDiv ||
                     operation.kind == ExprKind::CeilDiv;
      if (divides && ((*bounds)[operation.operands[0]].low < 0 ||
                      (*bounds)[operation.operands[1]].low < 1))
        return false;
      // a / b rounded up is (a + b - 1) / b.
      if (operation.kind == ExprKind::CeilDiv &&
          (*bounds)[operation.operands[0]].high +
                  (*bounds)[operation.operands[1]].high >
              gc::Int::Limits::max)
        return false;
    }
    return true;
  }

  unsigned getPlace(unsigned constraint, unsigned side) const {
    return program.getRoots()[2 * constraint + side];
  }
  unsigned getObjectivePlace() const {
    return program.getRoots()[2 * problem.getConstraints().size()];
  }
  llvm::ArrayRef<unsigned> getVariablePlaces() const {
    return program.getRoots().take_back(problem.getVariables().size());
  }

  const Problem &problem;
  Program program;
  std::optional<std::vector<Interval>> bounds;
};

gc::IntRelType getRelation(ExprKind kind) {
  switch (kind) {
  case ExprKind::Eq:
    return gc::IRT_EQ;
  case ExprKind::Ne:
    return gc::IRT_NQ;
  case ExprKind::Lt:
    return gc::IRT_LE;
  case ExprKind::Le:
    return gc::IRT_LQ;
  case ExprKind::Gt:
    return gc::IRT_GR;
  default:
    return gc::IRT_GQ;
  }
}

class ModelSpace : public gc::Space {
public:
  ModelSpace(const Model &model, const Best &best) : best(best) {
    llvm::ArrayRef<Program::Operation> operations =
        model.program.getOperations();
    std::vector<gc::IntVar> values;
    for (auto [operation, bound] : llvm::zip(operations, *model.bounds)) {
      if (operation.kind == ExprKind::Variable)
        values.push_back(makeVariable(model.problem, operation.value));
      else
        values.emplace_back(*this, int(bound.low), int(bound.high));
      post(operation, values);
    }
    for (auto [i, constraint] : llvm::enumerate(model.problem.getConstraints()))
      gc::rel(*this, values[model.getPlace(i, 0)],
              getRelation(constraint.comparison.getKind()),
              values[model.getPlace(i, 1)]);
    objective = values[model.getObjectivePlace()];
    gc::IntVarArgs args;
    for (unsigned place : model.getVariablePlaces())
      args << values[place];
    variables = gc::IntVarArray(*this, args);
    // In order and from below: solutions come in lexicographic order.
    gc::branch(*this, variables, gc::INT_VAR_NONE(), gc::INT_VAL_MIN());
    // Propagation need not fix the objective.
    gc::branch(*this, objective, gc::INT_VAL_MIN());
  }

  ModelSpace(ModelSpace &other) : Space(other), best(other.best) {
    variables.update(*this, other.variables);
    objective.update(*this, other.objective);
  }

  gc::Space *copy() override { return new ModelSpace(*this); }

  /// What is found from now on must be better than the worst that is kept.
  void constrain(const gc::Space &) override {
    if (std::optional<int64_t> bound = best.getBound())
      gc::rel(*this, objective, gc::IRT_LE, int(*bound));
  }

  Assignment getAssignment() const {
    Assignment assignment;
    for (const gc::IntVar &variable : variables)
      assignment.push_back(variable.val());
    return assignment;
  }
  int64_t getObjective() const { return objective.val(); }

private:
  gc::IntVar makeVariable(const Problem &problem, unsigned index) {
    std::vector<int64_t> choices = problem.getChoices(index);
    std::vector<int> values(choices.begin(), choices.end());
    return gc::IntVar(*this, gc::IntSet(values.data(), int(values.size())));
  }

  /// The last of `values` is what the operation gives.
  void post(const Program::Operation &operation,
            const std::vector<gc::IntVar> &values) {
    gc::IntVar result = values.back();
    auto operand = [&](unsigned i) { return values[operation.operands[i]]; };
    switch (operation.kind) {
    case ExprKind::Constant:
    case ExprKind::Variable:
      break;
    case ExprKind::Add:
      sum({1, 1, -1}, {operand(0), operand(1), result}, 0);
      break;
    case ExprKind::Sub:
      sum({1, -1, -1}, {operand(0), operand(1), result}, 0);
      break;
    case ExprKind::Mul:
      gc::mult(*this, operand(0), operand(1), result);
      break;
    case ExprKind::FloorDiv:
      gc::div(*this, operand(0), operand(1), result);
      break;
    case ExprKind::CeilDiv: {
      int high = operand(0).max() + operand(1).max();
      gc::IntVar dividend(*this, 0, high);
      sum({1, 1, -1}, {operand(0), operand(1), dividend}, 1);
      gc::div(*this, dividend, operand(1), result);
      break;
    }
    case ExprKind::Min:
      gc::min(*this, operand(0), operand(1), result);
      break;
    case ExprKind::Max:
      gc::max(*this, operand(0), operand(1), result);
      break;
    case ExprKind::Select: {
      gc::BoolVar condition(*this, 0, 1);
      gc::rel(*this, operand(0), gc::IRT_NQ, 0, condition);
      gc::ite(*this, condition, operand(1), operand(2), result);
      break;
    }
    default: {
      gc::BoolVar holds(*this, 0, 1);
      gc::rel(*this, operand(0), getRelation(operation.kind), operand(1),
              holds);
      gc::channel(*this, holds, result);
      break;
    }
    }
  }

  /// The products add up to `total`.
  void sum(std::initializer_list<int> factors,
           std::initializer_list<gc::IntVar> vars, int total) {
    gc::linear(*this, gc::IntArgs(factors), gc::IntVarArgs(vars), gc::IRT_EQ,
               total);
  }

  const Best &best;
  gc::IntVarArray variables;
  gc::IntVar objective;
};

class StopAtNodes : public gc::Search::Stop {
public:
  explicit StopAtNodes(uint64_t nodes) : nodes(nodes) {}
  bool stop(const gc::Search::Statistics &statistics,
            const gc::Search::Options &) override {
    return statistics.node >= nodes;
  }

private:
  uint64_t nodes;
};

class GecodeSolver : public Solver {
public:
  llvm::StringRef getName() const override { return "gecode"; }

  Found search(const Problem &problem, unsigned count,
               const Limits &limits) const override {
    Model model(problem);
    if (model.fits())
      if (std::optional<Found> found = run(model, count, limits))
        return std::move(*found);
    return createExhaustiveSolver()->search(problem, count, limits);
  }

private:
  /// Nothing when Gecode refuses the model.
  static std::optional<Found> run(const Model &model, unsigned count,
                                  const Limits &limits) {
    try {
      Best best(count);
      StopAtNodes stop(limits.nodes);
      gc::Search::Options options;
      options.threads = 1;
      options.stop = &stop;
      auto root = std::make_unique<ModelSpace>(model, best);
      gc::BAB<ModelSpace> search(root.get(), options);
      while (ModelSpace *next = search.next()) {
        std::unique_ptr<ModelSpace> space(next);
        best.offer(space->getAssignment(), space->getObjective());
      }
      return Found{best.take(), !search.stopped(), "gecode"};
    } catch (const gc::Exception &) {
      return std::nullopt;
    }
  }
};
} // namespace

std::unique_ptr<Solver> lrc::solver::createGecodeSolver() {
  return std::make_unique<GecodeSolver>();
}
