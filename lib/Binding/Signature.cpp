//===- Signature.cpp - Tensors and sizes of a recurrence ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lrc/Signature.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

using namespace lrc;

std::string_view lrc::spell(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return "f16";
  case ElementType::BF16:
    return "bf16";
  case ElementType::F32:
    return "f32";
  case ElementType::F64:
    return "f64";
  case ElementType::C64:
    return "complex64";
  case ElementType::C128:
    return "complex128";
  }
  llvm_unreachable("unknown element type");
}

std::optional<ElementType> lrc::parseElementType(std::string_view text) {
  return llvm::StringSwitch<std::optional<ElementType>>(text)
      .Case("f16", ElementType::F16)
      .Case("bf16", ElementType::BF16)
      .Case("f32", ElementType::F32)
      .Case("f64", ElementType::F64)
      .Cases({"complex64", "c64", "complex"}, ElementType::C64)
      .Cases({"complex128", "c128"}, ElementType::C128)
      .Default(std::nullopt);
}

/// Applies an operator; false if the result is not an integer of 64 bits.
static bool apply(DimTerm::Kind kind, int64_t lhs, int64_t rhs,
                  int64_t &result) {
  switch (kind) {
  case DimTerm::Kind::Add:
    return !llvm::AddOverflow(lhs, rhs, result);
  case DimTerm::Kind::Mul:
    return !llvm::MulOverflow(lhs, rhs, result);
  case DimTerm::Kind::Div:
  case DimTerm::Kind::Mod:
    if (rhs < 1)
      return false;
    result = kind == DimTerm::Kind::Div ? lhs / rhs : llvm::mod(lhs, rhs);
    return kind == DimTerm::Kind::Mod || lhs % rhs == 0;
  default:
    llvm_unreachable("not an operator");
  }
}

std::optional<int64_t> lrc::evaluate(const Dim &dim, const Sizes &sizes) {
  llvm::SmallVector<int64_t> stack;
  for (const DimTerm &term : dim.derivation) {
    if (term.kind == DimTerm::Kind::Number) {
      stack.push_back(term.number);
    } else if (term.kind == DimTerm::Kind::Dim) {
      auto it = sizes.find(term.dim);
      if (it == sizes.end())
        return std::nullopt;
      stack.push_back(it->second);
    } else {
      int64_t rhs = stack.pop_back_val();
      if (!apply(term.kind, stack.back(), rhs, stack.back()))
        return std::nullopt;
    }
  }
  return stack.back();
}

std::string lrc::spellDerivation(const Dim &dim) {
  // An operand with the precedence of its outermost operator.
  struct Piece {
    std::string text;
    int precedence;
  };
  auto enclose = [](const Piece &piece, int precedence) {
    return piece.precedence < precedence ? "(" + piece.text + ")" : piece.text;
  };
  std::vector<Piece> stack;
  for (const DimTerm &term : dim.derivation) {
    if (term.kind == DimTerm::Kind::Number) {
      stack.push_back({std::to_string(term.number), 3});
    } else if (term.kind == DimTerm::Kind::Dim) {
      stack.push_back({term.dim, 3});
    } else {
      bool isSum = term.kind == DimTerm::Kind::Add;
      const char *symbol = isSum                             ? " + "
                           : term.kind == DimTerm::Kind::Mul ? " * "
                           : term.kind == DimTerm::Kind::Div ? " / "
                                                             : " % ";
      int precedence = isSum ? 1 : 2;
      Piece rhs = std::move(stack.back());
      stack.pop_back();
      stack.back() = {enclose(stack.back(), precedence) + symbol +
                          enclose(rhs, precedence + 1),
                      precedence};
    }
  }
  return stack.empty() ? std::string() : stack.back().text;
}

template <typename T>
static const T *find(const std::vector<T> &list, std::string_view name) {
  auto it = llvm::find_if(list, [&](const T &x) { return x.name == name; });
  return it == list.end() ? nullptr : &*it;
}

const Field *Signature::findField(std::string_view name) const {
  return find(fields, name);
}

const Dim *Signature::findDim(std::string_view name) const {
  return find(dims, name);
}
