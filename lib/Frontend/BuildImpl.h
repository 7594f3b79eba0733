//===- BuildImpl.h - Parts of the IR builder --------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the front end; clients call `buildModule` of BuildIR.h. What the
// checks guarantee is not checked again.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_BUILDIMPL_H
#define LRC_FRONTEND_BUILDIMPL_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Frontend/AST.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace lrc::frontend {

/// The register behind delay(x, n): a hidden state with a row for each of the
/// delays 0 .. rows - 1, as it is after the shift.
struct History {
  llvm::StringRef source;   // x
  mlir::AffineExpr longest; // the largest delay; symbols are `dims`
  llvm::SmallVector<llvm::StringRef> dims;
  std::string state;    // name of the hidden state
  mlir::Attribute rows; // extent of its first axis
  llvm::SMLoc loc;
};

/// The histories that a recurrence needs (BuildDelay.cpp).
struct Histories {
  std::vector<std::unique_ptr<History>> list;
  llvm::DenseMap<const ast::DelayExpr *, History *> of{};
};
Histories findDelays(const ast::Recurrence &recurrence,
                     mlir::MLIRContext *context);

/// What the regions of one recurrence have in common.
struct BuildContext {
  const ast::File &file;
  mlir::MLIRContext *mlir;
  /// Types of inputs, parameters and states.
  llvm::StringMap<dsf::PositionalType> fields;
  llvm::StringSet<> dims;
  Histories histories;

  mlir::Location getLoc(llvm::SMLoc loc) const;
  mlir::Attribute getExtent(const ast::Extent &extent) const;
  mlir::ArrayAttr getLabels(const std::vector<ast::IndexVar> &indices) const;
};

/// Fills one region: the step, or what computes a default or a start.
class RegionBuilder {
public:
  RegionBuilder(BuildContext &context, mlir::Block *entry)
      : builder(mlir::OpBuilder::atBlockEnd(entry)), context(context),
        entry(entry) {}

  /// The value of `expr` with the labels of the indices it depends on. The
  /// variables of `outer` are bound around it.
  mlir::Value buildWith(const std::vector<ast::IndexVar> &outer,
                        const ast::Expr &expr);

  /// The array of a tensor at this point of the step.
  mlir::Value getArray(llvm::StringRef name, llvm::SMLoc loc);
  /// One for all uses of the array in a block.
  mlir::Value getInverse(mlir::Value matrix, mlir::Location loc);
  mlir::Value getExtent(llvm::StringRef dim, llvm::SMLoc loc);
  /// A row for each label: S[i, j].
  mlir::Value readAll(mlir::Value array, mlir::ArrayAttr labels,
                      mlir::Location loc);
  mlir::Value pack(mlir::Value value, const std::vector<ast::IndexVar> &indices,
                   dsf::Kind kind, mlir::Location loc);

  mlir::OpBuilder builder;
  /// Lets, and states that were updated.
  llvm::StringMap<mlir::Value> arrays;
  llvm::StringMap<mlir::Value> loopVars;
  /// Histories after the shift.
  llvm::DenseMap<const History *, mlir::Value> shifted;

private:
  /// A read in the making (BuildIndex.cpp).
  struct Subscripts;

  mlir::Value build(const ast::Expr &expr);
  mlir::Value buildName(const ast::NameExpr &name);
  mlir::Value buildUnary(const ast::UnaryExpr &unary);
  mlir::Value buildBinary(const ast::BinaryExpr &binary);
  mlir::Value buildReduce(const ast::ReduceExpr &reduce);
  mlir::Value buildCall(const ast::CallExpr &call);
  mlir::Value constant(double value, mlir::Location loc);
  mlir::Value binary(dsf::BinaryKind kind, mlir::Value lhs, mlir::Value rhs,
                     mlir::Location loc);
  mlir::Value index(llvm::StringRef name, mlir::Location loc);
  mlir::Value addLabel(mlir::Value value, llvm::StringRef label,
                       mlir::Location loc);

  mlir::Value buildRead(mlir::Value array,
                        llvm::ArrayRef<const ast::Expr *> subscripts,
                        llvm::SMLoc loc);
  mlir::AffineExpr buildSubscript(const ast::Expr &expr,
                                  Subscripts &subscripts);
  mlir::AffineExpr buildSubscriptName(const ast::NameExpr &name,
                                      Subscripts &subscripts);
  /// Inserts at the start of the region, behind what was inserted there before.
  template <typename OpT, typename... ArgsT>
  OpT createAtEntry(mlir::Location loc, ArgsT &&...args) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    if (lastAtEntry)
      builder.setInsertionPointAfter(lastAtEntry);
    else
      builder.setInsertionPointToStart(entry);
    auto op = OpT::create(builder, loc, std::forward<ArgsT>(args)...);
    lastAtEntry = op;
    return op;
  }

  BuildContext &context;
  mlir::Block *entry;
  mlir::Operation *lastAtEntry = nullptr;
  llvm::StringMap<mlir::Value> gets, extents;
  /// Extents of the index variables that are bound.
  llvm::StringMap<mlir::Attribute> indices;
};

/// Builds one dsf.recurrence.
class RecurrenceBuilder {
public:
  RecurrenceBuilder(const ast::File &file, const ast::Recurrence &recurrence,
                    mlir::OpBuilder &builder);
  void build();

private:
  // Declarations (BuildDecl.cpp)
  void buildDecl(const ast::DeclItem &item);
  void buildDim(const ast::Declarator &declarator);
  void buildField(ast::DeclRole role, const ast::Declarator &declarator);
  void buildInit(mlir::Region &region, const ast::Declarator &declarator);
  void buildHistory(const History &history, dsf::PositionalType source);
  mlir::ArrayAttr getFinals() const;

  // Statements (BuildIR.cpp)
  void buildItem(const ast::Item &item, RegionBuilder &region);
  void buildOut(const ast::DefItem &item, RegionBuilder &region);
  void buildFor(const ast::ForItem &item, RegionBuilder &region);
  void buildShifts(llvm::StringRef source, RegionBuilder &region);
  void setState(llvm::StringRef name, llvm::SMLoc loc, RegionBuilder &region);

  const ast::Recurrence &recurrence;
  mlir::OpBuilder &builder; // in front of the dsf.step
  BuildContext context;
  std::vector<const ast::Declarator *> inputs, states;
};

/// The affine form of an operator of index expressions.
mlir::AffineExpr combineAffine(ast::BinaryOp op, mlir::AffineExpr lhs,
                               mlir::AffineExpr rhs);

} // namespace lrc::frontend

#endif // LRC_FRONTEND_BUILDIMPL_H
