//===- BuildIRTest.cpp - Every good file gives IR that verifies -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/BuildIR.h"

#include "dialects/Dsf/Dsf.h"
#include "test/unit/Frontend/SourceFiles.h"

#include "gtest/gtest.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

using namespace lrc;
using namespace lrc::test;

static std::string print(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  return text;
}

TEST(BuildIR, GoodFilesVerifyAndRoundTrip) {
  std::vector<std::string> texts = listGoodTexts();
  EXPECT_GE(texts.size(), 40u);
  for (const std::string &text : texts) {
    Parsed parsed(text);
    ASSERT_TRUE(parsed.file.has_value()) << parsed.getErrors().front() << "\n"
                                         << text;
    mlir::MLIRContext context;
    auto module = frontend::buildModule(*parsed.file, &context);
    ASSERT_TRUE(module) << text;
    std::string printed = print(*module);
    auto again = mlir::parseSourceString<mlir::ModuleOp>(printed, &context);
    ASSERT_TRUE(again) << printed;
    EXPECT_EQ(print(*again), printed);
  }
}

TEST(BuildIR, OpsKnowTheirPlace) {
  Parsed parsed(
      "recurrence r {\n  in x, y\n\n  out o = x +\n      exp(y)\n}\n");
  ASSERT_TRUE(parsed.file.has_value());
  mlir::MLIRContext context;
  auto module = frontend::buildModule(*parsed.file, &context);
  ASSERT_TRUE(module);
  std::vector<std::string> places;
  module->walk([&](mlir::Operation *op) {
    auto loc = mlir::cast<mlir::FileLineColLoc>(op->getLoc());
    EXPECT_EQ(loc.getFilename(), "test.dsf");
    places.push_back((op->getName().stripDialect() + " " +
                      std::to_string(loc.getLine()) + ":" +
                      std::to_string(loc.getColumn()))
                         .str());
  });
  std::vector<std::string> expected{
      "in 2:6",    "in 2:9",          "out 4:7",   "get 4:11",    "get 5:11",
      "read 4:11", "read 5:11",       "unary 5:7", "binary 4:13", "set 4:3",
      "step 1:12", "recurrence 1:12", "module 0:0"};
  EXPECT_EQ(places, expected);
}
