//===- ChunkEquations.h - What a chunk computes, derived --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The equations of lib/Conversion/DsfToTile/README.md for one dsf.form, with
// the terms that it has and no others.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_EXPLAIN_CHUNKEQUATIONS_H
#define LRC_LIB_EXPLAIN_CHUNKEQUATIONS_H

#include "lib/Algebra/PseudoValues.h"
#include "lib/Explain/Document.h"
#include "lib/Explain/Names.h"

namespace lrc {

class ChunkEquations {
public:
  /// `written` is the step beside the form.
  ChunkEquations(dsf::RecurrenceOp recurrence, dsf::FormOp form,
                 mlir::Block &written);

  /// Whether some state is defined by dsf.evolve.
  bool isEmpty() const { return states.empty(); }

  /// The states' next values and what they are made of.
  void addNormalForm(Document &document);
  /// Cumulative decays, matrices, the system, outputs, and the last states.
  void addChunk(Document &document);

private:
  using Strings = llvm::SmallVector<std::string>;

  struct State {
    dsf::EvolveOp op;
    std::string name;
    Strings labels, keys, others;
    /// Labels of the decays; none, not empty, when there is no decay.
    std::optional<Strings> decay, valueDecay;
    bool coupled = false;
  };
  struct Write {
    State *state;
    mlir::Value factor, write;
    std::string number; // of several
    std::optional<PseudoValue> pseudo;
  };
  struct Read {
    dsf::ReduceOp sum;
    State *state;
    mlir::Value weight; // null is 1
    std::string number;
    llvm::StringMap<std::string> renames; // to the labels of the state
  };

  void collect();
  void nameParts(mlir::Block &written);
  std::string nameOf(mlir::Value value, llvm::StringRef like,
                     llvm::StringRef number);
  bool isPlain(mlir::Value value);

  std::string cumulative(llvm::StringRef name, const State &state,
                         llvm::ArrayRef<std::string> rows,
                         llvm::ArrayRef<std::string> labels) const;
  std::string keyDecay(const State &to, const State &from,
                       llvm::ArrayRef<std::string> rows) const;
  std::string valueDecay(const State &state,
                         llvm::ArrayRef<std::string> rows) const;
  std::string matrix(const Read &read, const Write &write) const;
  std::string readStart(const Read &read);
  std::string readRows(const Read &read, bool withStart);
  std::string writeAt(const Write &write, llvm::StringRef row);
  std::string stateAt(const State &state, llvm::StringRef row) const;
  std::string sumOver(llvm::ArrayRef<std::string> labels) const;
  bool meet(const Read &read, const Write &write) const;
  void addDecays(Document &document);
  void addMatrices(Document &document);
  void addSystem(Document &document);
  void addResults(Document &document);

  dsf::RecurrenceOp recurrence;
  mlir::Block &block;
  StateGroups groups;
  Notation notation;
  FreshNames fresh;
  std::vector<State> states;
  std::vector<Write> writes;
  std::vector<Read> reads;
  /// Named values with their definitions, in order.
  std::vector<mlir::Value> parts;
  std::string earlier, between; // row indices
  std::string decayName, valueDecayName, matrixName, coupledName;
};

} // namespace lrc

#endif // LRC_LIB_EXPLAIN_CHUNKEQUATIONS_H
