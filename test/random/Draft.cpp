//===- Draft.cpp - A recurrence while it is written -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Draft.h"

using namespace lrc;
using namespace lrc::sampling;

Axis sampling::axisK() { return {"i", "K"}; }
Axis sampling::axisV() { return {"j", "V"}; }
Axis sampling::axisD() { return {"d", "D"}; }
Axis sampling::axisN() { return {"n", "N"}; }

Axis sampling::other(const Axis &axis) {
  static const char *const pairs[][2] = {
      {"i", "l"}, {"j", "p"}, {"d", "e"}, {"n", "m"}};
  for (auto &pair : pairs) {
    if (axis.var == pair[0])
      return {pair[1], axis.dim};
    if (axis.var == pair[1])
      return {pair[0], axis.dim};
  }
  return axis;
}

std::string sampling::variables(const Axes &axes) {
  std::string text;
  for (const Axis &axis : axes)
    text += (text.empty() ? "" : ",") + axis.var;
  return text;
}

std::string sampling::subscript(const Axes &axes) {
  return axes.empty() ? "" : "[" + variables(axes) + "]";
}

static std::string extents(const Axes &axes) {
  std::string text;
  for (const Axis &axis : axes)
    text += (text.empty() ? "" : ",") + axis.dim;
  return axes.empty() ? "" : "[" + text + "]";
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

std::string Draft::fresh(char letter) {
  return letter + std::to_string(names++);
}

void Draft::declare(const std::string &role, const std::string &name,
                    const Axes &axes, const std::string &suffix) {
  for (const Axis &axis : axes)
    if (!axis.dim.empty() && !isdigit(axis.dim[0]))
      dims.insert(axis.dim);
  declarations.push_back(role + " " + name + extents(axes) + suffix);
}

std::string Draft::reuse(const std::string &key) {
  Strings found;
  for (const auto &[known, name] : inputs)
    if (known == key)
      found.push_back(name);
  return found.empty() || !random.chance(20) ? "" : random.pick(found);
}

std::string Draft::input(char letter, const Axes &axes,
                         const std::string &range) {
  std::string suffix = range.empty() ? "" : " in " + range;
  std::string key = extents(axes) + suffix;
  std::string name = reuse(key);
  if (!name.empty())
    return name;
  name = fresh(letter);
  inputs.push_back({key, name});
  declare("in", name, axes, suffix);
  return name;
}

std::string Draft::complexInput(char letter, const Axes &axes) {
  std::string name = fresh(letter);
  declare("in", name, axes, " : complex");
  return name;
}

/// A default names the axes by their variables.
static std::string withAxes(const Axes &axes) {
  std::string text;
  for (const Axis &axis : axes)
    text += (text.empty() ? "" : ",") + axis.var + " in " + axis.dim;
  return axes.empty() ? "" : "[" + text + "]";
}

std::string Draft::param(char letter, const Axes &axes,
                         const std::string &range, const std::string &value) {
  std::string name = fresh(letter);
  std::string suffix = range.empty() ? "" : " in " + range;
  if (value.empty()) {
    declare("param", name, axes, suffix);
    return name;
  }
  declare("param", name + withAxes(axes), {}, suffix + " = " + value);
  for (const Axis &axis : axes)
    dims.insert(axis.dim);
  return name;
}

std::string Draft::state(char letter, const Axes &axes,
                         const std::string &initial) {
  std::string name = fresh(letter);
  states.push_back(name);
  if (initial.empty()) {
    declare("state", name, axes, "");
    return name;
  }
  declare("state", name + withAxes(axes), {}, " = " + initial);
  for (const Axis &axis : axes)
    dims.insert(axis.dim);
  return name;
}

std::string Draft::complexState(char letter, const Axes &axes) {
  std::string name = fresh(letter);
  states.push_back(name);
  declare("state", name, axes, " : complex");
  return name;
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// Without parentheses around all of it.
static std::string strip(const std::string &value) {
  if (value.empty() || value.front() != '(' || value.back() != ')')
    return value;
  int depth = 0;
  for (size_t n = 0; n + 1 < value.size(); ++n) {
    depth += value[n] == '(' ? 1 : value[n] == ')' ? -1 : 0;
    if (depth == 0)
      return value;
  }
  return strip(value.substr(1, value.size() - 2));
}

std::string Draft::read(const std::string &name, const Axes &axes) {
  return name + subscript(axes);
}

std::string Draft::let(char letter, const Axes &axes,
                       const std::string &value) {
  std::string name = fresh(letter);
  std::string indices;
  for (const Axis &axis : axes)
    indices += (indices.empty() ? "" : ",") + axis.var + " in " + axis.dim;
  if (!axes.empty())
    indices = "[" + indices + "]";
  statements.push_back("let " + name + indices + " = " + strip(value));
  return read(name, axes);
}

void Draft::update(const std::string &state, const Axes &axes,
                   const std::string &value) {
  statements.push_back(state + subscript(axes) + " <- " + strip(value));
}

void Draft::out(const Axes &axes, const std::string &value) {
  std::string indices;
  for (const Axis &axis : axes)
    indices += (indices.empty() ? "" : ",") + axis.var + " in " + axis.dim;
  if (!axes.empty())
    indices = "[" + indices + "]";
  statements.push_back("out " + fresh('o') + indices + " = " + strip(value));
  ++outputs;
}

std::string Draft::beginFor(const std::string &count) {
  std::string var = fresh('r');
  statements.push_back("for " + var + " in " + count + " {");
  return var;
}

void Draft::endFor() { statements.push_back("}"); }

void Draft::offer(const Axis &axis, const std::string &name) {
  offered.push_back({axis.dim, name});
}

std::string Draft::findOffered(const Axis &axis) {
  Strings found;
  for (const auto &[dim, name] : offered)
    if (dim == axis.dim)
      found.push_back(name + "[" + axis.var + "]");
  return found.empty() ? "" : random.pick(found);
}

std::string Draft::text(const std::string &name) const {
  std::string text = "recurrence " + name + " {\n";
  for (const std::string &dim : dims)
    text += "dim " + dim + "\n";
  for (const char *role : {"in ", "param ", "state "})
    for (const std::string &line : declarations)
      if (line.rfind(role, 0) == 0)
        text += line + "\n";
  for (const std::string &state : finals)
    text += "final " + state + "\n";
  if (reverse)
    text += "reverse\n";
  text += "\n";
  for (const std::string &line : statements)
    text += line + "\n";
  return text + "}\n";
}
