//===- DimsTest.cpp - Derived dims ----------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lrc/Signature.h"

#include <gtest/gtest.h>

using namespace lrc;
using Kind = DimTerm::Kind;

static DimTerm name(const char *dim) { return {Kind::Dim, 0, dim}; }
static DimTerm number(int64_t value) { return {Kind::Number, value, {}}; }
static DimTerm op(Kind kind) { return {kind, 0, {}}; }

static Dim derived(std::vector<DimTerm> terms) {
  Dim dim;
  dim.name = "P";
  dim.derivation = std::move(terms);
  return dim;
}

TEST(Dims, DivisionIsExact) {
  Dim half = derived({name("K"), number(2), op(Kind::Div)});
  EXPECT_EQ(evaluate(half, {{"K", 8}}), 4);
  EXPECT_EQ(evaluate(half, {{"K", 7}}), std::nullopt);
  EXPECT_EQ(evaluate(half, {{"V", 8}}), std::nullopt);
}

TEST(Dims, NothingOverflows) {
  Dim square = derived({name("K"), name("K"), op(Kind::Mul)});
  EXPECT_EQ(evaluate(square, {{"K", 3}}), 9);
  EXPECT_EQ(evaluate(square, {{"K", int64_t(1) << 40}}), std::nullopt);
  Dim sum = derived({name("K"), number(1), op(Kind::Add)});
  EXPECT_EQ(evaluate(sum, {{"K", INT64_MAX}}), std::nullopt);
}

TEST(Dims, DivisorsAreAtLeastOne) {
  Dim rest = derived({name("K"), name("V"), op(Kind::Mod)});
  EXPECT_EQ(evaluate(rest, {{"K", 7}, {"V", 4}}), 3);
  EXPECT_EQ(evaluate(rest, {{"K", 7}, {"V", 0}}), std::nullopt);
}

TEST(Dims, DerivationsAsText) {
  EXPECT_EQ(spellDerivation(derived({name("K"), number(2), op(Kind::Div)})),
            "K / 2");
  EXPECT_EQ(spellDerivation(derived({name("K"), number(1), op(Kind::Add),
                                     number(2), op(Kind::Mul)})),
            "(K + 1) * 2");
  EXPECT_EQ(spellDerivation(derived({name("K"), name("K"), name("V"),
                                     op(Kind::Div), op(Kind::Div)})),
            "K / (K / V)");
}

TEST(Dims, ElementTypesByName) {
  for (ElementType type :
       {ElementType::F16, ElementType::BF16, ElementType::F32, ElementType::F64,
        ElementType::C64, ElementType::C128})
    EXPECT_EQ(parseElementType(spell(type)), type);
  EXPECT_EQ(parseElementType("c128"), ElementType::C128);
  EXPECT_EQ(parseElementType("i32"), std::nullopt);
}
