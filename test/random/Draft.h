//===- Draft.h - A recurrence while it is written ---------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expressions are text. Those that functions of this folder return bind at
// least as tightly as a product, so that they can be factors.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_DRAFT_H
#define LRC_TEST_RANDOM_DRAFT_H

#include "test/random/Random.h"

#include <set>
#include <string>
#include <vector>

namespace lrc::sampling {

/// An index variable over a dim. Each dim has two: "i" and "l" over "K".
struct Axis {
  std::string var;
  std::string dim;
};

using Axes = std::vector<Axis>;
using Strings = std::vector<std::string>;

/// The axes of the language of this folder. K and V are the axes of matrix
/// states, D and N those of vectors and other states.
Axis axisK();
Axis axisV();
Axis axisD();
Axis axisN();
/// The other variable over the same dim.
Axis other(const Axis &axis);

/// "i,j", and with brackets "[i,j]"; empty without axes.
std::string variables(const Axes &axes);
std::string subscript(const Axes &axes);

class Draft {
public:
  explicit Draft(Random &random) : random(random) {}

  Random &random;

  /// Declares an input, parameter or state and returns its name. Names are of
  /// a letter and a number.
  std::string input(char letter, const Axes &axes, const std::string &range);
  std::string param(char letter, const Axes &axes, const std::string &range,
                    const std::string &value = "");
  std::string state(char letter, const Axes &axes,
                    const std::string &initial = "");
  /// Declares a complex one.
  std::string complexInput(char letter, const Axes &axes);
  std::string complexState(char letter, const Axes &axes);

  /// Reads a name: "k1[i]".
  static std::string read(const std::string &name, const Axes &axes);

  /// `let`; returns the read of it.
  std::string let(char letter, const Axes &axes, const std::string &value);
  void update(const std::string &state, const Axes &axes,
              const std::string &value);
  void out(const Axes &axes, const std::string &value);
  /// Statements between here and `endFor` repeat; returns the loop variable.
  std::string beginFor(const std::string &count);
  void endFor();

  /// Makes a dim exist although no tensor has it.
  void useDim(const std::string &dim) { dims.insert(dim); }
  /// A new name.
  std::string fresh(char letter);

  /// A per-step vector that an earlier part of the step made of its states,
  /// bounded by 1 in magnitude; empty where there is none.
  void offer(const Axis &axis, const std::string &name);
  std::string findOffered(const Axis &axis);

  /// Says that the recurrence has a property.
  void tag(const std::string &name) { tags.insert(name); }
  void setReverse() { reverse = true; }

  /// The whole recurrence, not in canonical layout.
  std::string text(const std::string &name) const;

  const std::set<std::string> &getTags() const { return tags; }
  const std::set<std::string> &getDims() const { return dims; }
  const Strings &getStates() const { return states; }
  size_t countOutputs() const { return outputs; }
  /// The states that are returned; all of them by default.
  void setFinals(const Strings &names) { finals = names; }

private:
  void declare(const std::string &role, const std::string &name,
               const Axes &axes, const std::string &suffix);
  std::string reuse(const std::string &key);

  std::set<std::string> dims;
  Strings declarations;
  Strings statements;
  Strings states;
  Strings finals;
  /// What inputs of a kind are called: they may serve twice.
  std::vector<std::pair<std::string, std::string>> inputs;
  std::vector<std::pair<std::string, std::string>> offered;
  std::set<std::string> tags;
  int64_t names = 0;
  size_t outputs = 0;
  bool reverse = false;
};

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_DRAFT_H
