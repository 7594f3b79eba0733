//===- ClassifyTest.cpp - Classes of whole recurrences --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/Classify.h"

#include "lib/Algebra/Spectrum.h"
#include "lib/Transforms/Linearize.h"
#include "lib/Transforms/Tidy.h"
#include "test/unit/Transforms/Recurrences.h"

#include "mlir/IR/OwningOpRef.h"
#include "gtest/gtest.h"

#include <set>

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::test;

namespace {
struct Found {
  std::vector<std::string> states;
  GroupClass cls;
  Spectrum spectrum;
  Tracking tracking;
};
} // namespace

static std::vector<Found> classifyAll(RecurrenceOp recurrence) {
  OwningOpRef<RecurrenceOp> copy = cast<RecurrenceOp>(recurrence->clone());
  tidy(*copy);
  Block &block = copy->getPhase<StepOp>().getBody().front();
  StateGroups groups(*copy, block);
  Ranges ranges(*copy, block);
  std::vector<Found> result;
  for (const StateGroups::Group &group : groups.getGroups()) {
    Found &found = result.emplace_back();
    for (StateOp state : group)
      found.states.push_back(state.getSymName().str());
    found.cls = classify(*copy, block, groups, group);
    OperatorClass cls = found.cls.blocks.join();
    std::optional<TransitionFactors> factors;
    if (cls.isLinear() && !cls.isDense())
      factors = factorize(groups, group);
    found.spectrum = boundSpectrum(found.cls, ranges, factors);
    found.tracking = findTracking(found.cls, found.spectrum).first;
  }
  return result;
}

/// What dsf-linearize makes of a group says no less, and no more, than its
/// class.
static void expectAgreement(const GroupForm &form, const Found &found) {
  OperatorClass cls = found.cls.blocks.join();
  std::string text = form.states.front() + ": " + spell(form.kind).str() +
                     ", " + form.reason + ", but " + cls.spell();
  switch (form.kind) {
  case GroupKind::Affine:
    for (unsigned i = 0; i < found.cls.blocks.getSize(); ++i)
      EXPECT_TRUE(found.cls.blocks.at(i, i).isDiagonalPlusLowRank()) << text;
    EXPECT_TRUE(cls.isLinear() && !cls.isDense()) << text;
    break;
  case GroupKind::Pointwise:
    EXPECT_EQ(cls.getRank(), 0u) << text;
    break;
  case GroupKind::Shift:
    EXPECT_TRUE(cls.isLinear() && cls.isDense()) << text;
    break;
  case GroupKind::Dense:
    EXPECT_TRUE(cls.isLinear()) << text;
    break;
  case GroupKind::Sequential:
    // What has the class is refused for how it is read, if at all.
    EXPECT_TRUE(!cls.isDiagonalPlusLowRank() || found.cls.readElementwise)
        << text;
    break;
  }
}

TEST(Classify, agreesWithLinearize) {
  unsigned groups = 0;
  for (const auto &[name, text] : listRecurrenceTexts()) {
    SCOPED_TRACE(name);
    Recurrences recurrences(text);
    for (RecurrenceOp recurrence : recurrences.get()) {
      SCOPED_TRACE(recurrence.getSymName().str());
      std::vector<Found> found = classifyAll(recurrence);
      OwningOpRef<RecurrenceOp> copy = cast<RecurrenceOp>(recurrence->clone());
      SmallVector<GroupForm> forms = linearize(*copy);
      ASSERT_EQ(forms.size(), found.size());
      for (auto [form, one] : llvm::zip_equal(forms, found)) {
        ASSERT_EQ(
            std::vector<std::string>(form.states.begin(), form.states.end()),
            one.states);
        expectAgreement(form, one);
        ++groups;
      }
    }
  }
  EXPECT_GE(groups, 50u);
}

/// The last group of the examples: class and tracking label.
TEST(Classify, examples) {
  const std::map<std::string, std::pair<std::string, std::string>> expected = {
      {"aaren", {"scalar, varies with the input, real", "T0"}},
      {"deltanet", {"identity + rank 1, varies with the input, real", "T1"}},
      {"elman",
       {"nonlinear, Jacobian dense, varies with the input, real", "T4"}},
      {"gated_deltanet",
       {"scalar + rank 1, varies with the input, real", "T0"}},
      {"gla",
       {"diagonal along the contracted axes, varies with the input, real",
        "T0"}},
      {"gru_reset_after",
       {"nonlinear, Jacobian dense, varies with the input, real", "T4"}},
      {"householder_product",
       {"scalar + rank 2, varies with the input, real", "T3"}},
      {"icl_sgd", {"scalar + rank 1, varies with the input, real", "T0"}},
      {"linear_attn", {"identity", "T0"}},
      {"lru",
       {"diagonal along the contracted axes, time-invariant, complex", "TL"}},
      {"lstm",
       {"nonlinear, Jacobian dense, varies with the input, real", "T4"}},
      {"mamba1", {"elementwise, varies with the input, real", "T0"}},
      {"mamba2", {"scalar, varies with the input, real", "T0"}},
      {"retention", {"scalar, time-invariant, real", "TL"}},
      {"rg_lru",
       {"diagonal along the axes that are not contracted, varies with the "
        "input, real",
        "T0"}},
      {"rwkv6",
       {"diagonal along the contracted axes, varies with the input, real",
        "T0"}},
      {"s4d", {"elementwise, time-invariant, complex", "TL"}},
      {"titans_linear", {"scalar + rank 1, varies with the input, real", "T2"}},
      {"dsf_ltv", {"dense, varies with the input, real", "T3"}},
      {"hippo_legs", {"dense, varies with the step's index, real", "TL"}},
  };
  std::set<std::string> seen;
  for (const auto &[name, text] : listRecurrenceTexts()) {
    Recurrences recurrences(text);
    for (RecurrenceOp recurrence : recurrences.get()) {
      auto entry = expected.find(recurrence.getSymName().str());
      if (entry == expected.end())
        continue;
      SCOPED_TRACE(name);
      Found last = classifyAll(recurrence).back();
      EXPECT_EQ(last.cls.blocks.join().spell(), entry->second.first);
      EXPECT_STREQ(spell(last.tracking), entry->second.second.c_str());
      seen.insert(entry->first);
    }
  }
  EXPECT_EQ(seen.size(), expected.size());
}

static Found classifyStep(const std::string &declarations,
                          const std::string &step) {
  Recurrences recurrences("recurrence r {\n  dim K, V\n" + declarations + step +
                          "}\n");
  auto list = recurrences.get();
  return list.empty() ? Found{} : classifyAll(list.front()).back();
}

/// One-state steps: class and tracking label.
TEST(Classify, steps) {
  struct Case {
    const char *declarations, *step, *cls, *tracking;
  };
  static const Case cases[] = {
      // Viterbi and forward recurrences.
      {"in e[K], A[K,K]\nstate h[K]\n",
       "let m[j] = max[i] (h[i] + A[i,j])\nh[j] <- m[j] + e[j]\n"
       "out o[j] = e[j]\n",
       "affine over (max, +), dense, varies with the input, real", "T3"},
      {"in e[K], A[K,K]\nstate h[K]\n",
       "let m[j] = log(sum[i] exp(h[i] + A[i,j]))\nh[j] <- m[j] + e[j]\n"
       "out o[j] = e[j]\n",
       "affine over (logaddexp, +), dense, varies with the input, real", "T3"},
      // Pointwise maps that are closed under composition, and not.
      {"in x[K]\nparam a[K]\nstate h[K]\n",
       "h[i] <- relu(a[i] * h[i] + x[i])\nout o[i] = h[i]\n",
       "clamped affine (associative), diagonal along the axes that are not "
       "contracted, varies with the input, real",
       "T1"},
      {"in x[K]\nstate h[K]\n", "h[i] <- tanh(h[i] + x[i])\nout o[i] = h[i]\n",
       "nonlinear, Jacobian elementwise, varies with the input, real", "-"},
      {"in x[K]\nstate h[K]\n", "h[i] <- h[i] * h[i] + x[i]\nout o[i] = h[i]\n",
       "nonlinear, Jacobian elementwise, varies with the input, real", "-"},
      // Signs.
      {"in a[K] in [-1, 1], x[K]\nstate h[K]\n",
       "h[i] <- a[i] * h[i] + x[i]\nout o[i] = h[i]\n",
       "diagonal along the axes that are not contracted, varies with the "
       "input, real",
       "T1"},
      {"in g[K] in (-inf, 0], x[K]\nstate h[K]\n",
       "h[i] <- (2 * exp(g[i]) - 1) * h[i] + x[i]\nout o[i] = h[i]\n",
       "diagonal along the axes that are not contracted, varies with the "
       "input, real",
       "T1"},
      // A rotation that the input decides.
      {"in f[K], x[K]\nstate h[K] : complex\n",
       "h[i] <- exp(complex(0, f[i])) * h[i] + x[i]\nout o[i] = real(h[i])\n",
       "diagonal along the axes that are not contracted, varies with the "
       "input, complex",
       "T2"},
      // Decays of both kinds of axes.
      {"in g[K] in [-1, 0], c[V] in [-1, 0], k[K], v[V]\nstate S[K,V]\n",
       "S[i,j] <- exp(g[i]) * exp(c[j]) * S[i,j] + k[i] * v[j]\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n",
       "diagonal, a product of the axes, varies with the input, real", "T0"},
      {"in g[K] in [-1, 0], c[V] in [-1, 0], k[K], v[V]\nstate S[K,V]\n",
       "S[i,j] <- (exp(g[i]) + exp(c[j])) * S[i,j] + k[i] * v[j]\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n",
       "elementwise, varies with the input, real", "T0"},
      // A delta rule with a decay of each key, before it and within it.
      {"in g[K] in (-inf, 0], k[K] in unit, v[V], b in [0, 1]\nstate S[K,V]\n",
       "S[i,j] <- exp(g[i]) * S[i,j]\nlet r[j] = sum[i] k[i] * S[i,j]\n"
       "S[i,j] <- S[i,j] + b * k[i] * (v[j] - r[j])\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n",
       "diagonal along the contracted axes + rank 1, varies with the input, "
       "real",
       "T0"},
      {"in w[K] in [0, 1], k[K] in unit, v[V], a[K] in [0, 1]\nstate S[K,V]\n",
       "let r[j] = sum[i] k[i] * S[i,j]\n"
       "S[i,j] <- w[i] * S[i,j] - a[i] * k[i] * r[j] + k[i] * v[j]\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n",
       "diagonal along the contracted axes + rank 1, varies with the input, "
       "real",
       "T1"},
      // A key without a declared norm says nothing about the eigenvalue.
      {"in k[K], v[V], b in [0, 1]\nstate S[K,V]\n",
       "let r[j] = sum[i] k[i] * S[i,j]\n"
       "S[i,j] <- S[i,j] + b * k[i] * (v[j] - r[j])\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n",
       "identity + rank 1, varies with the input, real", "T1"},
      // One that is normalised by the step does.
      {"in x[K], v[V], b in [0, 1]\nstate S[K,V]\n",
       "let k[i] = x[i] / sqrt(sum[l] x[l] * x[l])\n"
       "let r[j] = sum[i] k[i] * S[i,j]\n"
       "S[i,j] <- S[i,j] + b * k[i] * (v[j] - r[j])\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n",
       "identity + rank 1, varies with the input, real", "T0"},
      {"in x[K], v[V], b in [0, 1]\nstate S[K,V]\n",
       "let k[i] = x[i] * rsqrt(1e-6 + sum[l] x[l] ^ 2)\n"
       "let r[j] = sum[i] k[i] * S[i,j]\n"
       "S[i,j] <- S[i,j] + b * k[i] * (v[j] - r[j])\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n",
       "identity + rank 1, varies with the input, real", "T0"},
      // Reads that are not linear.
      {"in k[K] in unit, v[V]\nstate S[K,V]\n",
       "let r[j] = tanh(sum[i] k[i] * S[i,j])\n"
       "S[i,j] <- S[i,j] + k[i] * (v[j] - r[j])\n"
       "out o[j] = sum[i] k[i] * S[i,j]\n",
       "nonlinear, Jacobian elementwise + rank 1, varies with the input, real",
       "T4"},
  };
  for (const Case &one : cases) {
    SCOPED_TRACE(std::string(one.declarations) + one.step);
    Found found = classifyStep(one.declarations, one.step);
    EXPECT_EQ(found.cls.blocks.join().spell(), one.cls);
    EXPECT_STREQ(spell(found.tracking), one.tracking);
  }
}

static void expectBounds(const std::string &declarations,
                         const std::string &step, double lower, double upper) {
  SCOPED_TRACE(declarations + step);
  Spectrum spectrum = classifyStep(declarations, step).spectrum;
  EXPECT_TRUE(spectrum.real);
  EXPECT_NEAR(spectrum.values.lower, lower, 1e-12);
  EXPECT_NEAR(spectrum.values.upper, upper, 1e-12);
}

TEST(Spectrum, boundsFromDeclaredRanges) {
  std::string delta = "let r[j] = sum[i] k[i] * S[i,j]\n"
                      "S[i,j] <- S[i,j] + b * k[i] * (v[j] - r[j])\n"
                      "out o[j] = sum[i] k[i] * S[i,j]\n";
  expectBounds("in k[K] in unit, v[V], b in [0, 1]\nstate S[K,V]\n", delta, 0,
               1);
  expectBounds("in k[K] in unit, v[V], b in [0.5, 1.5]\nstate S[K,V]\n", delta,
               -0.5, 1);
  expectBounds("in k[K] in unit, v[V], b in {0, 2}\nstate S[K,V]\n", delta, -1,
               1);
  // A decay first: the bounds are of the product, not of the sum.
  expectBounds("in k[K] in unit, v[V], b in [0, 1], g in (-inf, 0]\n"
               "state S[K,V]\n",
               "S[i,j] <- exp(g) * S[i,j]\n" + delta, 0, 1);
  expectBounds("in k[K] in unit, v[V], b in [0, 2], g in (-inf, 0]\n"
               "state S[K,V]\n",
               "S[i,j] <- 0.5 * exp(g) * S[i,j]\n" + delta, -0.5, 0.5);
  expectBounds("in x[K]\nstate h[K]\n",
               "h[i] <- sigmoid(x[i]) * h[i] + x[i]\nout o[i] = h[i]\n", 0, 1);
  expectBounds("in x[K]\nstate h[K]\n",
               "h[i] <- (1 - tanh(x[i])) * h[i] + x[i]\nout o[i] = h[i]\n", 0,
               2);
}

/// Reflections only count as such when their number reaches two.
TEST(Spectrum, products) {
  auto loop = [](const char *range) {
    return classifyStep(
        std::string("dim R = 2\nin k[R,K] in unit, v[V], b[R] in ") + range +
            "\nstate S[K,V]\n",
        "for r in R {\n let e[j] = v[j] - sum[i] k[r,i] * S[i,j]\n"
        " S[i,j] <- S[i,j] + b[r] * k[r,i] * e[j]\n}\n"
        "out o[j] = sum[i] k[0,i] * S[i,j]\n");
  };
  EXPECT_EQ(loop("[0, 2]").spectrum.reflections, 2u);
  EXPECT_FALSE(loop("[0, 2]").spectrum.real);
  EXPECT_EQ(loop("[0, 2]").tracking, Tracking::T3);
  EXPECT_EQ(loop("[0, 1]").spectrum.reflections, 0u);
  EXPECT_TRUE(loop("[0, 1]").spectrum.real);
  EXPECT_EQ(loop("[0, 1]").tracking, Tracking::T0);
  EXPECT_NEAR(loop("[0, 2]").spectrum.modulus.upper, 1, 1e-12);
}
