//===- LanesTest.cpp - The parallel axis and its blocks -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Analysis/Lanes.h"
#include "lib/Conversion/DsfToTile/DsfToTile.h"
#include "lib/Pipeline/Registration.h"
#include "lrc/Program.h"

#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace lrc;

/// Size of the parallel axis of a recurrence; 0 without.
static int64_t findExtent(const std::string &body, const Sizes &sizes) {
  auto program = Program::fromString("recurrence r {\n" + body + "}\n");
  EXPECT_TRUE(bool(program));
  CompileOptions options;
  options.sizes = sizes;
  auto text = program->emit(Level::Dsf, options);
  EXPECT_TRUE(bool(text));
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(*text, &context);
  return Lanes(*module->getOps<dsf::RecurrenceOp>().begin()).getExtent();
}

TEST(Lanes, ValueAxisOfAMatrixState) {
  EXPECT_EQ(findExtent("dim K, V\nin k[K], v[V]\nstate S[K,V]\n"
                       "S[i,j] <- S[i,j] + k[i] * v[j]\n"
                       "out o[j] = sum[i] k[i] * S[i,j]\n",
                       {{"K", 8}, {"V", 24}}),
            24);
}

TEST(Lanes, RankOneUpdateKeepsTheValueAxis) {
  EXPECT_EQ(findExtent("dim K, V\nin k[K], v[V]\nstate S[K,V]\n"
                       "let r[j] = sum[l] k[l] * S[l,j]\n"
                       "S[i,j] <- S[i,j] + k[i] * (v[j] - r[j])\n"
                       "out o[j] = sum[i] k[i] * S[i,j]\n",
                       {{"K", 8}, {"V", 24}}),
            24);
}

TEST(Lanes, ChannelsWhereTheLastAxisIsReduced) {
  EXPECT_EQ(findExtent("dim D, N\nin u[D], C[N]\nstate h[D,N]\n"
                       "h[d,n] <- 0.5 * h[d,n] + u[d]\n"
                       "out y[d] = sum[n] C[n] * h[d,n]\n",
                       {{"D", 40}, {"N", 16}}),
            40);
}

TEST(Lanes, NoneThroughARecurrentMatrix) {
  EXPECT_EQ(findExtent("dim D\nin x[D]\nparam R[D,D]\nstate h[D]\n"
                       "h[i] <- tanh(x[i] + sum[j] R[i,j] * h[j])\n"
                       "out o[i] = h[i]\n",
                       {{"D", 16}}),
            0);
}

TEST(Lanes, NoneThroughANormOverTheAxis) {
  EXPECT_EQ(findExtent("dim D\nin x[D]\nstate h[D]\n"
                       "h[i] <- h[i] + x[i]\n"
                       "let n = sum[i] h[i]^2\n"
                       "out o[i] = h[i] / sqrt(n)\n",
                       {{"D", 16}}),
            0);
}

TEST(Lanes, NoneWhereAStateIsReadElsewhere) {
  EXPECT_EQ(findExtent("dim D\nin x[D]\nstate h[D]\n"
                       "h[i] <- h[D - 1 - i] + x[i]\n"
                       "out o[i] = h[i]\n",
                       {{"D", 16}}),
            0);
}

TEST(LaneWidth, AllLanesWhenTheyFit) {
  EXPECT_EQ(chooseLaneWidth(40, 4, {1, 1, 32768}), 40);
}

TEST(LaneWidth, StateFitsTheCache) {
  // 128 rows of 4 bytes: 64 lanes take 32 KiB.
  EXPECT_EQ(chooseLaneWidth(256, 512, {1, 1, 32768}), 64);
}

TEST(LaneWidth, EveryThreadHasAnItem) {
  EXPECT_EQ(chooseLaneWidth(2048, 4, {2, 1, 32768}), 1024);
  EXPECT_EQ(chooseLaneWidth(2048, 4, {2, 8, 32768}), 2048);
}

TEST(LaneWidth, NeverLessThanAVector) {
  EXPECT_EQ(chooseLaneWidth(64, 1 << 20, {1, 1, 32768}), 16);
}

TEST(LaneWidth, EqualBlocksWhereADivisorIsNear) {
  EXPECT_EQ(chooseLaneWidth(192, 300, {1, 1, 32768}), 96);
}
