//===- Nests.h - Loop nests that compute tiles ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_NESTS_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_NESTS_H

#include "lib/Conversion/TileToVector/Emitter.h"

namespace lrc {

/// A tile that a section computes once: into a buffer, into a kernel argument,
/// or, when it has lanes only, into registers.
struct Root {
  enum class Kind { Keep, Reduce, Write, Copy };
  Kind kind = Kind::Keep;
  /// tile.reduce, tile.store or the pointwise op; null for a copy.
  mlir::Operation *op = nullptr;
  /// The tile over whose axes the nest runs.
  mlir::Value source;
  /// What is defined: a kept tile; null for a write or copy.
  mlir::Value result;
  /// Where it goes; no pointer: registers, or a kernel argument.
  Storage target;

  /// Axes of `source` that are reduced.
  llvm::ArrayRef<int64_t> getReducedAxes() const;
  bool isReduced(int64_t axis) const;
};

/// What a nest of the root reads in memory.
llvm::SmallVector<TileRead> findReads(const Plan &plan, const Root &root);

/// Roots of one loop nest inside the loop over lanes.
struct Stage {
  /// Sizes of the loops: those of the axes without lanes that all roots share.
  /// A reduction that keeps other axes than the lanes has them in `outer`.
  llvm::SmallVector<int64_t> outer;
  llvm::SmallVector<int64_t> inner;
  llvm::SmallVector<Root *> roots;
};

/// The roots of one block in the order in which they run: those without lanes
/// one by one, then those with lanes, fused into stages under one loop over the
/// lanes.
class Section {
public:
  Section(const Plan &plan, std::vector<Root> roots);

  std::vector<Root> &getRoots() { return roots; }

  /// Whether `state` can be overwritten by root `writer` in place: nobody reads
  /// it afterwards, and roots of the same stage read it where they write it.
  bool canOverwrite(mlir::Value state, const Root &writer) const;

  /// Emits all nests at the builder's insertion point; `guard`, when given, is
  /// an i1 under which writes of tiles without lanes run.
  void emit(Frame &frame, mlir::OpBuilder &builder, mlir::Location loc,
            mlir::Value guard);

  unsigned getNumNests() const { return plain.size() + stages.size(); }

private:
  bool hasLanes(const Root &root) const {
    return plan.getLaneAxis(root.source) >= 0;
  }
  void formStages();
  bool joins(const Stage &stage, const Root &root) const;
  bool readsStage(const Stage &stage, const Root &root) const;
  llvm::ArrayRef<TileRead> readsOf(const Root &root) const {
    return reads[&root - roots.data()];
  }
  mlir::AffineMap normalize(const Root &root, mlir::AffineMap map) const;
  mlir::AffineMap ownMap(const Root &root) const;
  /// Position in the order of nests.
  unsigned orderOf(const Root &root) const {
    return orders[&root - roots.data()];
  }

  const Plan &plan;
  std::vector<Root> roots;
  /// Of each root.
  std::vector<llvm::SmallVector<TileRead>> reads;
  std::vector<unsigned> orders;
  llvm::SmallVector<Root *> plain;
  std::vector<Stage> stages;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_NESTS_H
