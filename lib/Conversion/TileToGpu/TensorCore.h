//===- TensorCore.h - Products in bf16 by a warp ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mma.sync.m16n8k16 with bf16 operands and f32 sums (PTX ISA, "Matrix
// multiply-accumulate instructions"), whose operands ldmatrix brings from
// shared memory. A thread has, of a 16 x 8 result, the elements 2 (lane % 4)
// and the next of rows lane / 4 and lane / 4 + 8.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_TENSORCORE_H
#define LRC_LIB_CONVERSION_TILETOGPU_TENSORCORE_H

#include "lib/Conversion/TileToGpu/BlockNests.h"

namespace lrc {

/// A bf16 matrix in shared memory, of which a product sums over one axis.
struct MmaOperand {
  Storage storage;
  /// The axis that is summed over: 0 or 1. The other is the result's.
  unsigned sumAxis = 1;
};

/// result[m,n] += row factors * column factors * sum over k of lhs * rhs.
struct MmaTerm {
  MmaOperand lhs, rhs;
  int64_t sum = 0;
  llvm::ArrayRef<mlir::Value> rowFactors = {}, columnFactors = {};
};

/// What tensor cores take: sizes are multiples of an instruction's.
inline bool fitsMma(int64_t rows, int64_t columns, int64_t sum) {
  return rows > 0 && columns > 0 && sum > 0 && rows % 16 == 0 &&
         columns % 8 == 0 && sum % 16 == 0;
}

/// The factor of a product that has a result's axis, as an operand: the tile
/// in memory, and which of its axes is summed over.
struct OperandTile {
  mlir::Value tile;
  unsigned sumAxis = 1;
  /// Factors of one number for each row or column of the result, by which the
  /// finished sums are multiplied instead: tiles of one axis.
  llvm::SmallVector<mlir::Value, 2> factors = {};
  /// Factors of one number for each term of the sums, by which carriers
  /// multiply the operand that they have in registers.
  llvm::SmallVector<mlir::Value, 2> sumFactors = {};
};

using OperandPair = std::pair<OperandTile, OperandTile>;

/// The operands of a product of two matrices whose sizes fit, the one with the
/// result's rows first; nothing for others.
std::optional<OperandPair> matchMma(const Plan &plan, tile::ProductOp op);

std::optional<OperandPair> matchMma(const Plan &plan,
                                    tile::DecayedProductOp op);

std::optional<OperandPair> matchMma(const Plan &plan, tile::SolveOp op);

/// Whether each element of k has a decay of its own.
bool decaysElements(tile::DecayedProductOp op);
/// Rows of the halves of such a product, see DecayedProductNest.cpp.
llvm::SmallVector<int64_t> decayLevels(tile::DecayedProductOp op);

/// The kept tile that a matrix is in memory, transposed or not.
OperandTile plainOperand(const Plan &plan, mlir::Value tile, unsigned sumAxis);

/// The tile that a matrix is kept as in bf16: a load, or the matrix itself.
OperandTile operandTile(const Plan &plan, mlir::Value tile, unsigned sumAxis);

/// The same matrix without its factors of one number for each term of the sums,
/// which go to `factors`, if what remains is in memory anyway.
OperandTile peelSums(const Plan &plan, const OperandTile &operand,
                     llvm::SmallVectorImpl<mlir::Value> &factors);

/// Products whose results warps share.
class MmaNest : protected BlockNest {
public:
  using BlockNest::BlockNest;
  using Place = llvm::ArrayRef<Subscript>;

  /// Computes a result of rows x columns. `start` gives two neighbouring
  /// elements that the sums start from, null for 0; `done` takes them, when
  /// `adjust` has changed all of them: what it loads need not wait for stores.
  void run(int64_t rows, int64_t columns, llvm::ArrayRef<MmaTerm> terms,
           llvm::function_ref<mlir::Value(Place)> start,
           llvm::function_ref<void(Place, mlir::Value)> done,
           llvm::function_ref<mlir::Value(Place, mlir::Value)> adjust = {});

  /// One tile of 16 x 8 of rows of one matrix, bf16, with each other: rows
  /// `row` .. of which there are `rows`, and columns `column` .. . `apart`
  /// elements behind the matrix is that of the next `level`.
  void multiplyTile(
      const Storage &matrix, int64_t apart, mlir::Value level, mlir::Value row,
      mlir::Value column, mlir::Value rows, int64_t sum,
      llvm::function_ref<void(Place, mlir::Value inside, mlir::Value both)>
          done);
  /// i32: index of this thread's warp.
  mlir::Value warpIndex();

  /// Whether each warp has a part of such a result.
  static bool usesAllWarps(int64_t rows, int64_t columns, int64_t threads);

protected:
  /// How warps share the tiles of a result.
  struct Grid {
    int64_t rowWarps = 1, columnWarps = 1;
    /// Tiles of 16 rows and of 8 columns of a warp.
    int64_t rowTiles = 1, columnTiles = 1;
  };
  static Grid chooseGrid(int64_t rows, int64_t columns, int64_t warps);

  using Fragment = llvm::SmallVector<mlir::Value, 4>;
  Fragment loadMatrices(mlir::Value address, unsigned count, bool transposed);
  mlir::Value addressOf(const MmaOperand &operand, mlir::Value kept,
                        mlir::Value sum);
  /// Where this thread's row is in four matrices of 8 x 8 that begin at `first`
  /// along the kept axis, null for 0.
  mlir::Value matrixAddress(const MmaOperand &operand, mlir::Value first,
                            bool isLeft);
  mlir::Value offsetOf(mlir::Value address, const MmaOperand &operand,
                       int64_t kept, int64_t sum);
  void addTerm(const MmaTerm &term, const Grid &grid,
               llvm::MutableArrayRef<Fragment> sums);
  void addScaled(const MmaTerm &term, const Grid &grid,
                 llvm::ArrayRef<llvm::SmallVector<Subscript>> places,
                 bool fromZero, llvm::MutableArrayRef<Fragment> sums);
  /// The product of a term's factors at a place, two of them; null for none.
  mlir::Value factorAt(const MmaTerm &term, Place place);
  Fragment multiply(const Fragment &lhs, llvm::ArrayRef<mlir::Value> rhs,
                    const Fragment &sum);

  mlir::Value lane, firstRow, firstColumn;
};

/// A matrix of f32 as the threads have it that compute it as a product, two
/// elements in each value.
llvm::SmallVector<mlir::Value> loadFragments(BlockContext &context,
                                             llvm::ArrayRef<int64_t> shape,
                                             const Storage &storage);
void storeFragments(BlockContext &context, llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<mlir::Value> values, const Storage &storage);

/// The sum of products that `op` ends, by tensor cores, starting from `init`
/// unless that is null.
void emitMmaProduct(BlockContext &context, tile::ProductOp op,
                    llvm::ArrayRef<OperandPair> operands, mlir::Value init);

/// The products of a decay of one number for each of C rows, between each two
/// of them: f32, [parts, C / parts, C].
struct DecayTable {
  /// Threads that share a column.
  static constexpr int64_t parts = 4;

  mlir::Value decay;
  /// Whether the decay of the later row counts.
  bool inclusive = false;
  Storage storage;
};

void emitDecayTable(BlockContext &context, const DecayTable &table);

/// tile.decayed_product by tensor cores. `tables` are that of the decay of each
/// row, which may be `inclusive`, or a tile like q in bf16 for each level of a
/// decay of each element, behind each other.
void emitMmaDecayedProduct(BlockContext &context, tile::DecayedProductOp op,
                           const OperandPair &operands,
                           llvm::ArrayRef<Storage> tables, bool inclusive);

/// tile.solve by tensor cores, by blocks of rows; `inverses` of the blocks on
/// the diagonal are a tile [C, 16] of bf16, made by emitBlockInverses.
constexpr int64_t solveBlockRows = 16;
void emitBlockInverses(BlockContext &context, tile::SolveOp op,
                       const OperandPair &operands, const Storage &inverses);
void emitMmaSolve(BlockContext &context, tile::SolveOp op,
                  const OperandPair &operands, const Storage &inverses);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_TENSORCORE_H
