//===- Notation.h - Expressions of a step in index notation -----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints values of a step the way they are written: exp(g[i]) * S[i,j], or in
// LaTeX, where what varies has the row of its step as first index. A value that
// was given a name is printed as that name.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_EXPLAIN_NOTATION_H
#define LRC_LIB_EXPLAIN_NOTATION_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Algebra/Transition.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"

namespace lrc {

enum class Style { Text, Latex };

/// A name with what stands at it.
struct Symbol {
  std::string name;
  /// LaTeX only: "(1)" above it.
  std::string above;
  llvm::SmallVector<std::string> labels;
  /// Whether it is different at each step.
  bool varies = true;
};

class Notation {
public:
  Notation(Style style, dsf::RecurrenceOp recurrence, mlir::Block &phase);

  Style getStyle() const { return style; }

  /// From now on `value` is printed as a symbol with its labels.
  void setName(mlir::Value value, llvm::StringRef name,
               llvm::StringRef above = "");
  /// The same with labels in an order of the caller's.
  void setName(mlir::Value value, llvm::StringRef name, mlir::ArrayAttr labels);
  bool hasName(mlir::Value value) const { return names.count(value); }

  /// While it lives, a value is printed as its definition.
  class Unnamed {
  public:
    Unnamed(Notation &notation, mlir::Value value)
        : notation(notation), value(value), symbol(notation.names.at(value)) {
      notation.names.erase(value);
    }
    ~Unnamed() { notation.names[value] = symbol; }

  private:
    Notation &notation;
    mlir::Value value;
    Symbol symbol;
  };

  /// An expression. `row` is the index of its step, in LaTeX; labels among
  /// `renames` are called so.
  std::string print(mlir::Value value, llvm::StringRef row = "t",
                    const llvm::StringMap<std::string> &renames = {});
  /// A factor of a product, in parentheses where it needs them.
  std::string printFactor(mlir::Value value, llvm::StringRef row = "t",
                          const llvm::StringMap<std::string> &renames = {});
  /// A product; the sign is given apart: +1 or -1.
  std::string print(const Product &product, double &sign,
                    llvm::StringRef row = "t");

  std::string print(const Symbol &symbol, llvm::StringRef row = "t") const;
  /// The name of a value alone, as the left side of its definition.
  std::string printName(mlir::Value value, llvm::StringRef row = "t");
  /// An array at labels: S[i,j], or S_{t,ij}.
  std::string printField(llvm::StringRef field,
                         llvm::ArrayRef<std::string> labels, bool varies,
                         llvm::StringRef row = "t") const;

  /// A label that nothing in the phase uses, for a second index of one axis.
  std::string makeLabel(llvm::StringRef like);

  /// LaTeX of a name, without indices.
  static std::string toLatex(llvm::StringRef name);
  std::string spellNumber(double value) const;
  std::string times() const { return style == Style::Text ? " * " : "\\, "; }

private:
  enum Precedence { Sum, Term, Power, Atom };
  struct Piece {
    std::string text;
    Precedence precedence = Atom;
  };

  Piece start(mlir::Value value, llvm::StringRef at,
              const llvm::StringMap<std::string> &renames);
  Piece visit(mlir::Value value);
  Piece visitInverse(dsf::InverseOp op, llvm::ArrayRef<std::string> labels);
  Piece visitRead(dsf::ReadOp op);
  Piece visitUnary(dsf::UnaryOp op);
  Piece visitBinary(dsf::BinaryOp op);
  Piece visitReduce(dsf::ReduceOp op);
  Piece visitSelect(dsf::SelectOp op);
  std::string wrap(const Piece &piece, Precedence least) const;
  std::string call(llvm::StringRef function,
                   llvm::ArrayRef<std::string> arguments) const;
  std::string printSubscript(mlir::AffineExpr expr, dsf::ReadOp op);
  std::string rename(llvm::StringRef label) const;

  Style style;
  dsf::RecurrenceOp recurrence;
  llvm::DenseMap<mlir::Value, Symbol> names;
  llvm::StringSet<> usedLabels;
  /// Of sums around the value at hand, labels that have another name there.
  llvm::StringMap<std::string> renamed;
  /// Labels that mean something around the value at hand.
  llvm::StringSet<> scope;
  std::string row = "t";
  unsigned budget = 0;
};

/// The name that the source gave to a value with `let`, or to a state that it
/// updated; empty without.
llvm::StringRef findSourceName(mlir::Value value);

} // namespace lrc

#endif // LRC_LIB_EXPLAIN_NOTATION_H
