//===- AST.h - Syntax tree of the .dsf language -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names and ranges point into the buffer of the SourceMgr the text came from;
// a tree must not outlive it. The checks resolve the extent of each index
// variable in place (`IndexVar::extent`); all else is as it was written.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_AST_H
#define LRC_FRONTEND_AST_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Casting.h"
#include "llvm/Support/SMLoc.h"

#include <memory>
#include <optional>
#include <vector>

namespace llvm {
class SourceMgr;
} // namespace llvm

namespace lrc::ast {

//===----------------------------------------------------------------------===//
// Parts of declarations and expressions
//===----------------------------------------------------------------------===//

struct Name {
  llvm::StringRef text;
  llvm::SMRange range;
};

/// How far an axis reaches: a dim or a number.
struct Extent {
  llvm::StringRef dim; // empty for a number
  int64_t size = 0;
  llvm::SMRange range;

  bool isDim() const { return !dim.empty(); }
  bool isKnown() const { return isDim() || size > 0; }
  bool operator==(const Extent &other) const {
    return dim == other.dim && size == other.size;
  }
  bool operator!=(const Extent &other) const { return !(*this == other); }
  std::string str() const;
};

/// Where an index variable is bound: `i`, or `i in K`. In a declaration the
/// name may be absent: `q[K]` has one axis without a name.
struct IndexVar {
  Name name;
  std::optional<Extent> in; // as written
  Extent extent;            // as found by the checks

  llvm::SMRange getRange() const;
};

class Expr;
using ExprPtr = std::unique_ptr<Expr>;
using ExprList = std::vector<ExprPtr>;

/// `(-inf, 0]`, `{0, 1}` or `unit`.
struct Range {
  enum class Kind { Interval, Choice, Unit };
  Kind kind;
  llvm::SMRange range;
  bool lowerOpen = false, upperOpen = false;
  ExprList values = {}; // the two bounds of an interval, or the choices
};

/// What follows the colon of a declaration: `: complex64`.
struct ElementType {
  enum class Kind { F32, F64, BF16, F16, Complex, Complex64, Complex128 };
  Kind kind;
  Name name;

  bool isComplex() const { return kind >= Kind::Complex; }
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

class Expr {
public:
  enum class Kind {
    Number,
    Name,
    Read,
    Delay,
    Inverse,
    Call,
    Unary,
    Binary,
    Reduce
  };

  virtual ~Expr() = default;
  Kind getKind() const { return kind; }

  llvm::SMRange range;
  /// What later phases point at: the operator, or the first token.
  llvm::SMLoc loc;
  /// Levels below this node, itself included. Bounded by the parser, so that
  /// the tree can be walked recursively.
  unsigned depth = 1;
  /// Written in parentheses; `range` includes them.
  bool parenthesized = false;

protected:
  Expr(Kind kind, llvm::SMRange range)
      : range(range), loc(range.Start), kind(kind) {}

private:
  Kind kind;
};

template <typename DerivedT, Expr::Kind kindV> class ExprBase : public Expr {
public:
  explicit ExprBase(llvm::SMRange range) : Expr(kindV, range) {}
  static bool classof(const Expr *expr) { return expr->getKind() == kindV; }
};

class NumberExpr : public ExprBase<NumberExpr, Expr::Kind::Number> {
public:
  using ExprBase::ExprBase;
  llvm::StringRef text;
  double value = 0;
  /// The value when the text has neither point nor exponent, and is not huge.
  std::optional<int64_t> integer;
};

/// A scalar, a dim, an index variable or a builtin such as `t`.
class NameExpr : public ExprBase<NameExpr, Expr::Kind::Name> {
public:
  using ExprBase::ExprBase;
  llvm::StringRef name;
};

/// `x[i, 2 * j]`
class ReadExpr : public ExprBase<ReadExpr, Expr::Kind::Read> {
public:
  using ExprBase::ExprBase;
  Name name;
  ExprList subscripts;
};

/// `delay(x, n)` or `delay(x, n)[i]`
class DelayExpr : public ExprBase<DelayExpr, Expr::Kind::Delay> {
public:
  using ExprBase::ExprBase;
  Name name;
  ExprPtr steps;
  ExprList subscripts;
};

/// `inverse(M)[i,j]`
class InverseExpr : public ExprBase<InverseExpr, Expr::Kind::Inverse> {
public:
  using ExprBase::ExprBase;
  Name name;
  ExprList subscripts;
};

class CallExpr : public ExprBase<CallExpr, Expr::Kind::Call> {
public:
  using ExprBase::ExprBase;
  Name callee;
  ExprList arguments;
};

enum class UnaryOp { Neg, Not };

class UnaryExpr : public ExprBase<UnaryExpr, Expr::Kind::Unary> {
public:
  using ExprBase::ExprBase;
  UnaryOp op = UnaryOp::Neg;
  ExprPtr operand;
};

enum class BinaryOp {
  Or,
  And,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Add,
  Sub,
  Mul,
  Div,
  Rem,
  Pow,
};

llvm::StringRef getSpelling(BinaryOp op);
inline bool isComparison(BinaryOp op) {
  return op >= BinaryOp::Equal && op <= BinaryOp::GreaterEqual;
}

class BinaryExpr : public ExprBase<BinaryExpr, Expr::Kind::Binary> {
public:
  using ExprBase::ExprBase;
  BinaryOp op = BinaryOp::Add;
  llvm::SMRange opRange;
  ExprPtr lhs, rhs;
};

enum class ReduceOp { Sum, Prod, Max, Min };

llvm::StringRef getSpelling(ReduceOp op);

/// Calls `visit` with each operand, argument and subscript of `expr`.
void forEachChild(const Expr &expr,
                  llvm::function_ref<void(const Expr &)> visit);

/// `sum[i, j in K] body`
class ReduceExpr : public ExprBase<ReduceExpr, Expr::Kind::Reduce> {
public:
  using ExprBase::ExprBase;
  ReduceOp op = ReduceOp::Sum;
  std::vector<IndexVar> indices;
  ExprPtr body;
};

//===----------------------------------------------------------------------===//
// Items of a recurrence
//===----------------------------------------------------------------------===//

class Item {
public:
  enum class Kind { Decl, Final, Reverse, Def, For };

  virtual ~Item() = default;
  Kind getKind() const { return kind; }

  llvm::SMRange range; // first to last token

protected:
  Item(Kind kind, llvm::SMRange range) : range(range), kind(kind) {}

private:
  Kind kind;
};

using ItemPtr = std::unique_ptr<Item>;

template <typename DerivedT, Item::Kind kindV> class ItemBase : public Item {
public:
  explicit ItemBase(llvm::SMRange range) : Item(kindV, range) {}
  static bool classof(const Item *item) { return item->getKind() == kindV; }
};

/// One name of a declaration: `theta[p in P] : f64 in (0, 1] = 10000 ^ -p`.
struct Declarator {
  Name name;
  llvm::SMRange range;
  std::vector<IndexVar> axes;
  std::optional<ElementType> type;
  std::optional<Range> values;
  ExprPtr init;
};

enum class DeclRole { Dim, In, Param, State };

llvm::StringRef getSpelling(DeclRole role);

class DeclItem : public ItemBase<DeclItem, Item::Kind::Decl> {
public:
  using ItemBase::ItemBase;
  DeclRole role = DeclRole::Dim;
  std::vector<Declarator> declarators;
};

class FinalItem : public ItemBase<FinalItem, Item::Kind::Final> {
public:
  using ItemBase::ItemBase;
  std::vector<Name> names;
};

class ReverseItem : public ItemBase<ReverseItem, Item::Kind::Reverse> {
public:
  using ItemBase::ItemBase;
};

/// `let x[i] = e`, `out x[i] = e` and `x[i] <- e`.
enum class DefRole { Let, Out, Update };

class DefItem : public ItemBase<DefItem, Item::Kind::Def> {
public:
  using ItemBase::ItemBase;
  DefRole role = DefRole::Let;
  Name name;
  std::vector<IndexVar> indices;
  ExprPtr value;
};

/// `for r in R { .. }`
class ForItem : public ItemBase<ForItem, Item::Kind::For> {
public:
  using ItemBase::ItemBase;
  IndexVar var;
  llvm::SMRange header; // `for` to `{`
  std::vector<ItemPtr> body;
};

struct Recurrence {
  Name name;
  llvm::SMRange range;
  llvm::SMRange header; // `recurrence` to `{`
  std::vector<ItemPtr> items;
  /// Names in statements that could not be parsed. What they stand for is not
  /// known, so nobody complains about their use.
  llvm::StringSet<> damaged;
};

struct File {
  llvm::SourceMgr *sources = nullptr;
  unsigned buffer = 0;
  std::vector<std::unique_ptr<Recurrence>> recurrences;
  std::vector<llvm::StringRef> comments; // '#' to end of line, in order
};

} // namespace lrc::ast

#endif // LRC_FRONTEND_AST_H
