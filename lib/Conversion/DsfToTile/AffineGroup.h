//===- AffineGroup.h - Chunks of diagonal plus low rank ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The chunk function of states that `dsf.evolve` defines. README.md has the
// derivation; the names here are its names.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_AFFINEGROUP_H
#define LRC_LIB_CONVERSION_DSFTOTILE_AFFINEGROUP_H

#include "lib/Algebra/PseudoValues.h"
#include "lib/Analysis/StateGroups.h"
#include "lib/Conversion/DsfToTile/StepLowering.h"

namespace lrc {

inline llvm::ArrayRef<int64_t> sizesOf(mlir::Value tile) {
  return mlir::cast<mlir::RankedTensorType>(tile.getType()).getShape();
}
/// (d0, .., dn) -> some of them.
mlir::AffineMap mapTo(mlir::MLIRContext *context, unsigned dims,
                      llvm::ArrayRef<unsigned> results);
/// The axes of a tile, as the first of `rank`.
mlir::AffineMap leadingAxes(mlir::Value tile, unsigned rank);

class AffineGroup {
public:
  AffineGroup(StepLowering &step, const StateGroups &groups,
              const StateGroups::Group &group)
      : step(step), groups(groups), group(group),
        builder(step.frame.recurrence.getContext()) {}

  /// Computes the writes of all rows, pseudo-values among them.
  mlir::LogicalResult run();

  /// If `value` is a contraction of one of the group's old states: computes it
  /// for all rows.
  bool makeContraction(mlir::Value value);

  /// Computes the states at the end of the chunk.
  void defineNext();

private:
  /// factor_p (x) write_p, for all rows.
  struct Write {
    mlir::Value factor; // [C, keys]
    mlir::Value write;  // [C, values]; null until it is solved for
    mlir::Value source; // the dsf value
    std::optional<PseudoValue> pseudo;
  };

  /// Products of decays from the start of the chunk to before each row, to its
  /// end, from after each row to its end. Null is 1.
  struct Decay {
    mlir::Value rows;
    mlir::Value before;
    mlir::Value whole;
    mlir::Value after;
  };

  struct State {
    dsf::StateOp op;
    mlir::Value start;
    llvm::SmallVector<mlir::StringAttr> labels;
    llvm::SmallVector<bool> isKey; // of each axis
    Decay decay, valueDecay;
    llvm::SmallVector<Write> writes;
  };

  /// What one number put into state b at the start (column 0) or after row s
  /// (column s + 1) is worth in state a: before each row, and at the end.
  struct Coupling {
    mlir::Value before; // [C, C + 1]
    mlir::Value end;    // [C + 1]
  };

  struct Contraction {
    State *state;
    mlir::Value weight; // [C, keys]
    /// Axes of the state under which the result's labels stand.
    llvm::SmallVector<int64_t> resultAxes;
  };

  mlir::LogicalResult lowerOperands(dsf::EvolveOp evolve);
  mlir::LogicalResult addState(dsf::StateOp op);
  mlir::LogicalResult solve();
  std::optional<Contraction> match(mlir::Value value);

  llvm::SmallVector<int64_t> shapeOf(const State &state, bool ofKeys) const;
  mlir::Value placeParts(mlir::Value value, const State &state, bool ofKeys);
  Decay makeDecay(mlir::Value rows);
  mlir::Value runProduct(mlir::Value rows, bool backwards, mlir::Value *whole);

  mlir::Value multiply(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, mlir::Value b);
  /// `tile` with leading axes those of a tile that may lack trailing ones.
  mlir::Value scaleRows(mlir::Value tile, mlir::Value scale);
  mlir::Value scaleState(const State &state, mlir::Value scale, bool ofKeys,
                         mlir::Value tile);

  std::vector<mlir::Value> couplingWeights();
  llvm::SmallVector<mlir::Value> firstEffects();
  mlir::LogicalResult couple();
  mlir::Value onePerRow();
  bool isCoupled() const { return !couplings.empty(); }
  Coupling &couplingOf(const State &a, const State &b);
  /// The effect of the start; the effects of the rows.
  mlir::Value columnOf(mlir::Value before);
  mlir::Value columnsOf(mlir::Value before);

  /// M: what a write into state b by `factor` is worth in a contraction of
  /// state a.
  mlir::Value decayedProduct(const State &a, const State &b, mlir::Value weight,
                             mlir::Value factor);
  mlir::Value apply(const State &state, mlir::Value matrix, mlir::Value write,
                    mlir::Value init);
  mlir::Value readState(const State &state, mlir::Value weight,
                        mlir::Value init);
  mlir::Value readStart(const Contraction &contraction);
  mlir::Value nextOf(const State &state);
  mlir::Value addWrites(const State &state, const Coupling *coupling,
                        mlir::Value next);
  /// The part of a contraction that writes `known` alone decides.
  mlir::Value contract(const Contraction &contraction, bool knownOnly);

  StepLowering &step;
  const StateGroups &groups;
  const StateGroups::Group &group;
  mlir::OpBuilder builder;
  std::vector<State> states;
  /// Of each pair of states, if any are coupled.
  std::vector<Coupling> couplings;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_AFFINEGROUP_H
