//===- GenerateTest.cpp - What the generator writes -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Generate.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace lrc;
using namespace lrc::sampling;

TEST(Generate, WritesLegalCanonicalText) {
  for (uint64_t number = 0; number < 1000; ++number) {
    Case one = generate(3, number);
    std::string errors;
    std::optional<std::string> text = canonical(one.text, errors);
    ASSERT_TRUE(text) << one.text << errors;
    EXPECT_EQ(*text, one.text);
  }
}

TEST(Generate, SeedsRepeatAndDiffer) {
  EXPECT_EQ(write(generate(1, 5)), write(generate(1, 5)));
  EXPECT_NE(write(generate(1, 5)), write(generate(1, 6)));
  EXPECT_NE(write(generate(1, 5)), write(generate(2, 5)));
}

TEST(Generate, FilesHoldTheWholeCase) {
  for (uint64_t number = 0; number < 200; ++number) {
    Case one = generate(1, number);
    std::string error;
    std::optional<Case> back = read(write(one), error);
    ASSERT_TRUE(back) << error;
    EXPECT_EQ(back->text, one.text);
    EXPECT_EQ(back->type, one.type);
    EXPECT_EQ(back->variants, one.variants);
    EXPECT_EQ(back->dataSeed, one.dataSeed);
    EXPECT_EQ(back->shape.dims, one.shape.dims);
    EXPECT_EQ(back->shape.lengths, one.shape.lengths);
    EXPECT_EQ(back->shape.initial, one.shape.initial);
    EXPECT_EQ(back->shape.grouped, one.shape.grouped);
    back->origin = one.origin;
    EXPECT_EQ(write(*back), write(one));
  }
}

TEST(Generate, BadCommentsAreErrors) {
  std::string body = "recurrence r {\n  in x\n  out y = x\n}\n", error;
  EXPECT_TRUE(read(body, error));
  for (const char *line : {"# shape: B=\n", "# dtype: f31\n", "# data: x\n",
                           "# schedules: fast\n", "# lengths: 1,-2\n"})
    EXPECT_FALSE(read(line + body, error)) << line;
  EXPECT_FALSE(read("recurrence r {\n  out y = x\n}\n", error));
}

/// Every property that a recurrence or a call may have.
static const char *const properties[] = {"matrix-identity",
                                         "matrix-scalar",
                                         "matrix-key",
                                         "matrix-value",
                                         "matrix-outer",
                                         "matrix-full",
                                         "matrix-negative",
                                         "matrix-constant",
                                         "full-write",
                                         "two-writes",
                                         "square",
                                         "vector-constant",
                                         "vector-gated",
                                         "vector-negative",
                                         "vector-convex",
                                         "vector-product",
                                         "vector-complex",
                                         "delta",
                                         "delta-gated",
                                         "delta-diagonal",
                                         "delta-value-decay",
                                         "delta-value-rate",
                                         "low-rank",
                                         "low-rank-vector",
                                         "rank-2",
                                         "right-rank",
                                         "micro-steps",
                                         "dense-constant",
                                         "dense-varying",
                                         "dense-matrix",
                                         "dense-diagonal",
                                         "momentum",
                                         "momentum-delta",
                                         "rotation",
                                         "oscillator",
                                         "chain",
                                         "chained",
                                         "light",
                                         "semiring-max",
                                         "semiring-logaddexp",
                                         "semiring-min",
                                         "semiring-matrix",
                                         "running-max",
                                         "running-max-gated",
                                         "cell",
                                         "cell-leaky",
                                         "gated-cell",
                                         "two-state-cell",
                                         "nonlinear-state",
                                         "register",
                                         "predicated",
                                         "window",
                                         "memory",
                                         "before",
                                         "twice",
                                         "delay",
                                         "time",
                                         "gather",
                                         "reverse",
                                         "head-index",
                                         "heads",
                                         "groups",
                                         "ratio",
                                         "rms",
                                         "outputs",
                                         "finals",
                                         "initial",
                                         "packed",
                                         "hostile",
                                         "reset",
                                         "negative",
                                         "no-steps",
                                         "several-blocks"};

TEST(Generate, EveryPropertyOccurs) {
  std::map<std::string, int> counts;
  for (uint64_t number = 0; number < 2000; ++number)
    for (const std::string &tag : generate(1, number).tags)
      ++counts[tag];
  for (const char *property : properties)
    EXPECT_GE(counts[property], 10) << property;
  for (const auto &[tag, count] : counts)
    EXPECT_TRUE(llvm::is_contained(properties, tag)) << tag;
}

TEST(Generate, EverySizeAndTypeOccurs) {
  std::map<int64_t, int> steps, sizes;
  std::map<ElementType, int> types;
  for (uint64_t number = 0; number < 2000; ++number) {
    Case one = generate(1, number);
    ++steps[one.shape.steps];
    ++types[one.type];
    for (const auto &[name, size] : one.shape.dims)
      ++sizes[size];
  }
  for (int64_t each : {0, 1, 2, 5, 16, 17, 33, 64, 70, 100})
    EXPECT_GE(steps[each], 10) << each;
  for (int64_t each : {1, 2, 3, 8, 16, 17, 32, 33, 40, 64, 65})
    EXPECT_GE(sizes[each], 1) << each;
  for (ElementType type : {ElementType::F64, ElementType::F32, ElementType::F16,
                           ElementType::BF16})
    EXPECT_GE(types[type], 20) << int(type);
}
