//===- Sema.h - Checks of a recurrence --------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the front end; clients call `check` of Frontend.h. Statements are
// visited in order. For each, IndexCheck.cpp resolves names and extents, then
// TypeCheck.cpp finds the kind of its value.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_SEMA_H
#define LRC_FRONTEND_SEMA_H

#include "lib/Frontend/Scope.h"

namespace lrc::frontend {

/// Where an expression stands; it decides what the expression may mention.
enum class Context {
  Step,      // a statement
  ParamInit, // default of a parameter
  StateInit, // start of a state
};

//===----------------------------------------------------------------------===//
// Index variables and names (IndexCheck.cpp, Subscript.cpp)
//===----------------------------------------------------------------------===//

/// Resolves the names of one statement and the extents of its index variables.
class IndexCheck {
public:
  IndexCheck(Scope &scope, Diagnostics &diagnostics, Context context)
      : scope(scope), diagnostics(diagnostics), context(context) {}

  /// Makes `indices` visible. The vector must not move before `unbind`.
  void bind(std::vector<ast::IndexVar> &indices);
  /// Ends the scope of `indices` and reports those without an extent.
  void unbind(std::vector<ast::IndexVar> &indices);
  /// The axis that a variable of the left side ranges over: S[i] <- ..
  void unify(ast::IndexVar &index, const ast::Extent &axis,
             llvm::SMRange place);
  /// Says nothing more about this variable.
  void silence(const ast::IndexVar &index);
  /// Reports an extent that is no dim; false after an error.
  bool checkExtent(const ast::Extent &extent);
  void visit(ast::Expr &expr);
  /// The size of a derived dim.
  void visitDim(ast::Expr &expr);

private:
  struct Binding {
    ast::IndexVar *index;
    llvm::SMRange place; // where the extent comes from
    /// Something about it was reported: no more is.
    bool silent = false;
  };

  Binding *lookup(llvm::StringRef name);
  void unify(Binding &binding, const ast::Extent &axis, llvm::SMRange place);
  void silence(const ast::Expr &expr);

  void visitName(ast::NameExpr &expr);
  void visitRead(ast::ReadExpr &read);
  void visitDelay(ast::DelayExpr &delay);
  void visitInverse(ast::InverseExpr &inverse);
  bool isInvertible(const Symbol &symbol, const ast::Name &name);
  void visitCall(ast::CallExpr &call);
  void visitAxes(const ast::Name &tensor, const Symbol *symbol,
                 ast::ExprList &subscripts);
  const Symbol *lookupTensor(ast::Name name);
  bool isAllowed(const Symbol &symbol, ast::Name name);
  static std::string describeRank(size_t rank);
  llvm::StringRef describeContext() const;

  // Subscript.cpp
  void visitSubscript(ast::Expr &expr);
  void visitIndexExpr(ast::Expr &expr);
  void visitIndexName(ast::NameExpr &expr);
  void visitIndexBinary(ast::BinaryExpr &binary);
  void checkDivisor(ast::BinaryExpr &binary);
  void checkDelay(const ast::Expr &steps);
  bool mentionsUnknown(const ast::Expr &expr);
  const ast::Extent *getVariableExtent(llvm::StringRef name);

  Scope &scope;
  Diagnostics &diagnostics;
  Context context;
  std::vector<Binding> bindings;
  llvm::StringSet<> reportedIndices;
  bool inDim = false; // what is visited is the size of a dim
};

/// What makes the value of an expression differ from step to step, "input 'x'";
/// empty when nothing does.
std::string findVarying(const ast::Expr &expr, const Scope &scope);

/// Whether the expression has the same value in all steps and at all indices:
/// integers and dims joined by + - * / %.
bool isStaticIndex(const ast::Expr &expr, const Scope &scope);

/// The index variable or dim that an index expression is equal to; or empty.
llvm::StringRef getPlainName(const ast::Expr &expr);

//===----------------------------------------------------------------------===//
// Kinds (TypeCheck.cpp)
//===----------------------------------------------------------------------===//

/// Real, complex or boolean.
class TypeCheck {
public:
  TypeCheck(const Scope &scope, Diagnostics &diagnostics)
      : scope(scope), diagnostics(diagnostics) {}

  ValueKind visit(const ast::Expr &expr);
  /// As `visit`, for a value that is stored: a boolean is an error.
  ValueKind visitStored(const ast::Expr &expr);

private:
  ValueKind visitUnary(const ast::UnaryExpr &unary);
  ValueKind visitBinary(const ast::BinaryExpr &binary);
  ValueKind visitReduce(const ast::ReduceExpr &reduce);
  ValueKind visitCall(const ast::CallExpr &call);
  ValueKind visitSelect(const ast::CallExpr &call);
  ValueKind visitRealOnly(const ast::Expr &expr, const llvm::Twine &user);
  ValueKind visitNumber(const ast::Expr &expr, const llvm::Twine &user);
  ValueKind visitCondition(const ast::Expr &expr, const llvm::Twine &user);

  const Scope &scope;
  Diagnostics &diagnostics;
};

//===----------------------------------------------------------------------===//
// Constants (ConstantEval.cpp)
//===----------------------------------------------------------------------===//

/// The value of an expression without names other than pi and inf; none when
/// it mentions anything else.
std::optional<double> evaluateConstant(const ast::Expr &expr);

/// The value of an integer expression without names; none when it mentions a
/// name, or is not an integer that fits in 32 bits.
std::optional<int64_t> evaluateInteger(const ast::Expr &expr);

} // namespace lrc::frontend

#endif // LRC_FRONTEND_SEMA_H
