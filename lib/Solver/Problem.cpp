//===- Problem.cpp - An integer constraint problem ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Problem.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>

using namespace llvm;
using namespace lrc::solver;

Domain Domain::set(std::vector<int64_t> values) {
  Domain domain;
  llvm::sort(values);
  values.erase(llvm::unique(values), values.end());
  domain.values = std::move(values);
  return domain;
}

Domain Domain::range(int64_t first, int64_t last, int64_t step) {
  assert(step > 0 && "a range rises");
  Domain domain;
  // One value too many is enough for `check` to see it.
  int64_t value = first;
  while (value <= last && domain.values.size() <= maxSize) {
    domain.values.push_back(value);
    if (__builtin_add_overflow(value, step, &value))
      break;
  }
  return domain;
}

Domain Domain::divisors(int64_t number) {
  assert(number > 0 && "divisors of a positive number");
  std::vector<int64_t> values;
  for (int64_t i = 1; i <= number / i; ++i)
    if (number % i == 0) {
      values.push_back(i);
      values.push_back(number / i);
    }
  return set(std::move(values));
}

bool Domain::contains(int64_t value) const {
  return llvm::binary_search(values, value);
}

Expr Problem::addVariable(std::string name, Domain domain) {
  variables.push_back({std::move(name), std::move(domain)});
  return Expr::variable(variables.size() - 1);
}

Expr Problem::let(std::string name, const Expr &expr) {
  lets.push_back({std::move(name), expr});
  return expr;
}

void Problem::constrain(std::string name, std::string sentence,
                        const Expr &comparison) {
  constraints.push_back({std::move(name), std::move(sentence), comparison});
}

void Problem::pin(std::string variable, int64_t value) {
  pins.push_back({std::move(variable), value});
}

std::optional<unsigned> Problem::findVariable(StringRef name) const {
  for (auto [index, variable] : llvm::enumerate(variables))
    if (variable.name == name)
      return index;
  return std::nullopt;
}

std::optional<Expr> Problem::findExpr(StringRef name) const {
  if (std::optional<unsigned> index = findVariable(name))
    return Expr::variable(*index);
  for (const Let &let : lets)
    if (let.name == name)
      return let.expr;
  return std::nullopt;
}

std::vector<int64_t> Problem::getChoices(unsigned variable) const {
  for (const Pin &pin : pins)
    if (pin.variable == variables[variable].name)
      return {pin.value};
  return variables[variable].domain.getValues();
}

int64_t Problem::getValue(const Assignment &assignment, StringRef name) const {
  std::optional<unsigned> index = findVariable(name);
  assert(index && *index < assignment.size() && "no such variable");
  return assignment[*index];
}

Problem Problem::withoutConstraints() const {
  Problem result(name);
  result.variables = variables;
  result.lets = lets;
  return result;
}
