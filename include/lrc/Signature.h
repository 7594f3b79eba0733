//===- Signature.h - Tensors and sizes of a recurrence ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_SIGNATURE_H
#define LRC_SIGNATURE_H

#include "lrc/Export.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lrc {

/// Type of an element in memory. C64 and C128 are numpy's complex64 and
/// complex128: two f32 or two f64.
enum class ElementType { F16, BF16, F32, F64, C64, C128 };

/// "f16", "bf16", "f32", "f64", "complex64", "complex128".
LRC_API std::string_view spell(ElementType type);

/// The inverse of `spell`; also takes "c64", "c128" and "complex".
LRC_API std::optional<ElementType> parseElementType(std::string_view text);

inline bool isComplex(ElementType type) { return type >= ElementType::C64; }

/// One operand or operator of an integer expression, in postfix order.
struct DimTerm {
  enum class Kind { Number, Dim, Add, Mul, Div, Mod };
  Kind kind = Kind::Number;
  int64_t number = 0;
  std::string dim;
};

/// A size that is fixed when a kernel is compiled.
struct Dim {
  std::string name;
  std::optional<int64_t> defaultSize;
  /// How the size follows from dims declared before; empty for a base dim.
  std::vector<DimTerm> derivation;

  bool isDerived() const { return !derivation.empty(); }
};

using Sizes = std::map<std::string, int64_t>;

/// The size of a derived dim; nothing when a size is missing, a division is not
/// exact or a number exceeds 64 bits.
LRC_API std::optional<int64_t> evaluate(const Dim &dim, const Sizes &sizes);

/// "K / 2": the derivation as text.
LRC_API std::string spellDerivation(const Dim &dim);

/// Size of an axis: a dim, or a number where `dim` is empty.
struct Extent {
  std::string dim;
  int64_t size = 0;
};

/// The values that a tensor was declared to hold.
struct DeclaredRange {
  enum class Kind { Any, Interval, Choice, UnitNorm };
  Kind kind = Kind::Any;
  double lower = 0, upper = 0; // interval
  bool lowerOpen = false, upperOpen = false;
  std::vector<double> choices;
};

/// A tensor. With B sequences of T steps and H heads its shape is, in front of
/// the axes of one step, [B, T, H] (inputs and outputs), [H] (parameters) or
/// [B, H] (states); H is absent in a recurrence without heads, and may be
/// absent, or a divisor of the number of heads, in a tensor that heads share.
struct Field {
  enum class Role { Input, Param, State, Output };
  Role role = Role::Input;
  std::string name;
  /// The axes of one step.
  std::vector<Extent> extents;
  bool complex = false;
  /// Element type where neither the caller nor a tensor says otherwise.
  ElementType storage = ElementType::F32;
  /// Whether the source file names that type.
  bool storageDeclared = false;
  /// A parameter with a default value.
  bool hasDefault = false;
  /// A state that is returned after the last step.
  bool isFinal = false;
  /// A state that the compiler made; callers never see it.
  bool hidden = false;
  DeclaredRange range;
};

/// What a recurrence takes and gives.
struct LRC_API Signature {
  std::string name;
  std::vector<Dim> dims;
  /// In order of declaration.
  std::vector<Field> fields;
  /// Time runs from the last step to the first.
  bool reverse = false;

  /// Null when there is none of that name.
  const Field *findField(std::string_view name) const;
  const Dim *findDim(std::string_view name) const;
};

} // namespace lrc

#endif // LRC_SIGNATURE_H
