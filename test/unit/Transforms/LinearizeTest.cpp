//===- LinearizeTest.cpp - The normal form computes the same --------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Linearize.h"

#include "test/unit/Transforms/Recurrences.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::test;

/// What the interpreter makes of the step and of its normal form. Whether there
/// is a form.
static void expectSame(RecurrenceOp recurrence, bool &hasForm) {
  OwningOpRef<RecurrenceOp> copy = cast<RecurrenceOp>(recurrence->clone());
  linearize(*copy);
  ASSERT_TRUE(succeeded(mlir::verify(*copy)));
  hasForm = bool(copy->getPhase<FormOp>());
  expandForm(*copy);
  ASSERT_TRUE(succeeded(mlir::verify(*copy)));
  ASSERT_FALSE(copy->getPhase<FormOp>());
  for (bool withStates : {false, true})
    for (unsigned seed = 1; seed <= 3; ++seed) {
      interp::Sequence sequence =
          drawSequence(recurrence, /*steps=*/19, withStates, seed);
      double error = compare(interp::run(recurrence, sequence),
                             interp::run(*copy, sequence));
      // Without a form the step stays, tidied at most.
      EXPECT_LE(error, hasForm ? 1e-11 : 1e-13)
          << recurrence.getSymName().str() << ", seed " << seed
          << (withStates ? ", with initial states" : "");
    }
}

/// How many recurrences of the text have a form.
static unsigned expectSameText(llvm::StringRef text) {
  unsigned forms = 0;
  Recurrences recurrences(text);
  for (RecurrenceOp recurrence : recurrences.get()) {
    bool hasForm = false;
    expectSame(recurrence, hasForm);
    forms += hasForm;
  }
  return forms;
}

TEST(Linearize, everyFileComputesTheSame) {
  auto texts = listRecurrenceTexts();
  ASSERT_GT(texts.size(), 30u);
  unsigned forms = 0;
  for (const auto &[name, text] : texts) {
    SCOPED_TRACE(name);
    forms += expectSameText(text);
  }
  EXPECT_GE(forms, 28u);
}

/// Forms that no example has.
TEST(Linearize, unusualStepsComputeTheSame) {
  static const std::pair<const char *, const char *> steps[] = {
      {"a decay that is a sum", "S[i,j] <- (a[i] + b) * S[i,j] + k[i] * v[j]\n"
                                "out o[j] = sum[i] k[i] * S[i,j]\n"},
      {"a subtraction from a constant",
       "S[i,j] <- b - S[i,j] * a[i] - k[i] * v[j] / (1 + b)\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n"},
      {"a decay of the keys and one of the values",
       "S[i,j] <- a[i] * c[j] * S[i,j] - k[i] * v[j]\n"
       "out o[j] = sum[i] (k[i] + 1) * S[i,j]\n"},
      {"a condition on the update",
       "S[i,j] <- select(b > 0.5, a[i] * S[i,j] + k[i] * v[j], S[i,j])\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n"},
      {"a condition on each key",
       "S[i,j] <- select(a[i] > 0.5, S[i,j], k[i] * v[j])\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n"},
      {"a decay of 0",
       "S[i,j] <- k[i] * v[j]\nout o[j] = sum[i] a[i] * S[i,j]\n"},
      {"reads before, between and after two updates",
       "out o[j] = sum[i] k[i] * S[i,j]\n"
       "S[i,j] <- b * S[i,j] + a[i] * v[j]\n"
       "let p[j] = sum[i] a[i] * S[i,j]\n"
       "S[i,j] <- S[i,j] - 0.3 * k[i] * p[j]\n"
       "out r[j] = sum[i] S[i,j]\n"},
      {"two values that are read back, each in the other's write",
       "let r[j] = sum[i] k[i] * S[i,j]\nlet s[j] = sum[i] a[i] * S[i,j]\n"
       "S[i,j] <- S[i,j] + 0.2 * k[i] * (v[j] - s[j]) - 0.1 * a[i] * (r[j] + "
       "s[j])\n"
       "out o[j] = r[j] * s[j]\n"},
      {"a value that is read back and scaled along the values",
       "let r[j] = sum[i] k[i] * S[i,j]\n"
       "S[i,j] <- S[i,j] + 0.2 * k[i] * c[j] * (v[j] - r[j])\n"
       "out o[j] = r[j]\n"},
      {"a contraction over the second axis",
       "let r[i] = sum[j] c[j] * S[i,j]\n"
       "S[i,j] <- b * S[i,j] + (k[i] - 0.2 * r[i]) * c[j]\n"
       "out o[i] = r[i]\n"},
      {"a sum over all of the state",
       "S[i,j] <- b * S[i,j] + k[i] * v[j]\n"
       "out o = sum[i,j] k[i] * c[j] * S[i,j]\n"},
      {"sums that count an axis", "S[i,j] <- b * S[i,j] + k[i] * v[j]\n"
                                  "out o[j] = sum[i,l in K] k[i] * S[i,j]\n"
                                  "out p[j] = sum[i] (k[i] * S[i,j] + v[j])\n"},
      {"the state of other names", "let T[l,m] = 0.5 * S[l,m] + k[l] * v[m]\n"
                                   "S[i,j] <- b * T[i,j]\n"
                                   "out o[m] = sum[l] a[l] * T[l,m]\n"},
      {"a transposed read", "S[i,j] <- b * S[i,j] + k[i] * v[j]\n"
                            "out o[l] = sum[m] k[m] * S[m,l]\n"},
      {"writes whose factors are equal up to order",
       "S[i,j] <- S[i,j] + a[i] * k[i] * v[j] + k[i] * c[j] * a[i]\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n"},
      {"momentum with a decay of each",
       "let e[j] = v[j] - sum[i] k[i] * S[i,j]\n"
       "P[i,j] <- b * P[i,j] + 0.2 * k[i] * e[j]\n"
       "S[i,j] <- 0.9 * S[i,j] + 0.5 * P[i,j]\n"
       "out o[j] = sum[i] a[i] * P[i,j]\n"},
      {"states that swap",
       "let T[i,j] = S[i,j]\nS[i,j] <- b * P[i,j] + k[i] * v[j]\n"
       "P[i,j] <- T[i,j]\n"
       "out o[j] = sum[i] a[i] * S[i,j]\n"},
      {"a state whose decay another state decides",
       "P[i,j] <- b * P[i,j] + k[i] * v[j]\n"
       "let g = tanh(sum[i,j] P[i,j])\n"
       "S[i,j] <- g * S[i,j] + a[i] * v[j]\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n"},
      {"a quotient of contractions",
       "S[i,j] <- S[i,j] + k[i] * v[j]\nP[i,j] <- P[i,j] + a[i]\n"
       "out o[j] = (sum[i] k[i] * S[i,j]) / (1 + abs(sum[i] a[i] * P[i,j]))\n"},
      {"a micro-loop of three steps",
       "for r in R {\n  let e[j] = v[j] - sum[i] k[(i + r) % K] * S[i,j]\n"
       "  S[i,j] <- S[i,j] + b * k[(i + r) % K] * e[j]\n}\n"
       "out o[j] = sum[i] a[i] * S[i,j]\n"},
      {"a permuted state", "S[i,j] <- b * S[K - 1 - i,j] + k[i] * v[j]\n"
                           "out o[j] = sum[i] a[i] * S[i,j]\n"},
  };
  for (auto [name, step] : steps) {
    SCOPED_TRACE(name);
    std::string text = "recurrence r {\n  dim K, V\n  dim R = 3\n"
                       "  in a[K] in [0, 1], k[K] in unit, v[V], b in [0, 1]\n"
                       "  in c[V] in [-1, 1]\n  state S[K,V]";
    if (llvm::StringRef(step).contains("P["))
      text += ", P[K,V]";
    unsigned forms = expectSameText(text + "\n" + step + "}\n");
    EXPECT_EQ(forms, llvm::StringRef(name).contains("permuted") ? 0u : 1u);
  }
}
