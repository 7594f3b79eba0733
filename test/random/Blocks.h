//===- Blocks.h - Kinds of states and their updates -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recurrence is made of blocks: one or more states with their updates and
// what is read of them. Blocks stand one after the other in the step; through
// what they offer, a later one may depend on an earlier one.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_BLOCKS_H
#define LRC_TEST_RANDOM_BLOCKS_H

#include "test/random/Draft.h"

namespace lrc::sampling {

using Block = void (*)(Draft &);

/// Decays of every shape on a matrix state, outer products written into it.
void matrixBlock(Draft &draft);
/// As before, with a normaliser that is divided by.
void normalisedBlock(Draft &draft);
/// Diagonal transitions of vectors, scalars and elementwise states.
void vectorBlock(Draft &draft);
void complexBlock(Draft &draft);
/// The delta rule and its relatives, with and without decays.
void deltaBlock(Draft &draft);
/// Diagonal + low rank with vectors that have nothing to do with each other.
void lowRankBlock(Draft &draft);
void microStepBlock(Draft &draft);
/// Dense transitions, of an input or of parameters.
void denseBlock(Draft &draft);
/// Several states that depend on each other.
void momentumBlock(Draft &draft);
void rotationBlock(Draft &draft);
void oscillatorBlock(Draft &draft);
/// Each new value feeds the next state.
void chainBlock(Draft &draft);
void lightBlock(Draft &draft);
/// (max, +) and (logaddexp, +).
void semiringBlock(Draft &draft);
void tropicalMatrixBlock(Draft &draft);
void runningMaxBlock(Draft &draft);
/// Nonlinear cells.
void cellBlock(Draft &draft);
void gatedCellBlock(Draft &draft);
void clippedBlock(Draft &draft);
/// Counters, registers, predicates, windows.
void registerBlock(Draft &draft);
void predicatedBlock(Draft &draft);
void windowBlock(Draft &draft);
void memoryBlock(Draft &draft);

/// What the blocks share: a value read of a state.
struct Reading {
  Axes axes;
  std::string value;
};

/// A contraction, a reduction or the whole of a state.
Reading readMatrix(Draft &draft, const std::string &state, const Axis &row,
                   const Axis &column);
Reading readVector(Draft &draft, const std::string &state, const Axis &axis);
/// Makes an output of a reading, or offers it to later blocks, or both.
void use(Draft &draft, const Reading &reading);

/// A `let` over one axis, by its name, so that it can be read elsewhere.
std::string named(Draft &draft, char letter, const Axis &axis,
                  const std::string &value);
std::string at(const std::string &name, const Axis &axis);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_BLOCKS_H
