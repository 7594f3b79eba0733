//===- TargetTest.cpp - Text and measurement of a CPU's facts -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Target/CpuTarget.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <chrono>
#include <cstdlib>
#include <gmock/gmock.h>

using namespace lrc;

static std::string getText(const CpuTarget &target) {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(target, os);
  return text;
}

static std::string getError(llvm::StringRef text) {
  return llvm::toString(parseCpuTarget(text, "cpu").takeError());
}

TEST(CpuTarget, Text) {
  CpuTarget target;
  target.threads = 3;
  target.fmaGflops = 123.456;
  target.expNs = 0.012345;
  EXPECT_EQ(getText(target), "vectorBits = 256\nregisters = 16\nthreads = 3\n"
                             "l1Bytes = 32768\nl2Bytes = 524288\n"
                             "l3Bytes = 16777216\nlineBytes = 64\n"
                             "fmaGflops = 123\ncopyGBps = 20\nl2GBps = 60\n"
                             "expNs = 0.0123\nforkUs = 3\n");
  CpuTarget again = llvm::cantFail(parseCpuTarget(getText(target), "cpu"));
  EXPECT_EQ(again.threads, 3);
  EXPECT_EQ(again.expNs, 0.0123);
  EXPECT_NE(again, target);
  EXPECT_EQ(llvm::cantFail(parseCpuTarget(getText(again), "cpu")), again);
}

TEST(CpuTarget, WhatIsNotGivenKeepsItsDefault) {
  EXPECT_EQ(llvm::cantFail(parseCpuTarget("", "cpu")), CpuTarget());
  CpuTarget target = llvm::cantFail(
      parseCpuTarget("# a server\n\n  threads=64 # cores\r\n", "cpu"));
  EXPECT_EQ(target.threads, 64);
  target.threads = CpuTarget().threads;
  EXPECT_EQ(target, CpuTarget());
}

TEST(CpuTarget, Errors) {
  EXPECT_EQ(getError("threads = 4\ncores = 8\n"),
            "cpu:2: error: unknown key 'cores'");
  EXPECT_EQ(getError("threads = 4\nthreads = 8\n"),
            "cpu:2: error: 'threads' is given twice");
  EXPECT_EQ(getError("threads"),
            "cpu:1: error: expected 'key = value', got 'threads'");
  for (llvm::StringRef value : {"0", "-1", "4.5", "4x", "99999999999999"})
    EXPECT_EQ(getError(("threads = " + value).str()),
              "cpu:1: error: expected a positive integer up to 1e12, got '" +
                  value.str() + "'");
  for (llvm::StringRef value : {"0", "-1", "nan", "inf", "1e30", "x"})
    EXPECT_EQ(getError(("expNs = " + value).str()),
              "cpu:1: error: expected a positive number up to 1e12, got '" +
                  value.str() + "'");
}

TEST(CpuTarget, Measure) {
  auto start = std::chrono::steady_clock::now();
  std::optional<CpuTarget> target = measureCpu();
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  ASSERT_TRUE(target);
  std::string text = getText(*target);
  printf("%.2f s\n%s", seconds, text.c_str());
  // Ten times what it takes: other work may be running.
  EXPECT_LT(seconds, 5);
  EXPECT_TRUE(bool(parseCpuTarget(text, "cpu")));
  EXPECT_GE(target->l2Bytes, target->l1Bytes);
  // No machine that runs this is outside.
  EXPECT_GT(target->fmaGflops, 0.5);
  EXPECT_LT(target->fmaGflops, 2000);
  EXPECT_GT(target->copyGBps, 0.1);
  EXPECT_LT(target->copyGBps, 5000);
  EXPECT_GT(target->l2GBps, 0.5);
  EXPECT_GT(target->expNs, 0.005);
  EXPECT_LT(target->expNs, 100);
}

TEST(CpuTarget, HostIsRemembered) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("lrc-target", path));
  setenv("LRC_CACHE_DIR", path.c_str(), 1);
  const CpuTarget &target = hostTarget();
  EXPECT_EQ(&hostTarget(), &target);
  EXPECT_EQ(llvm::cantFail(parseCpuTarget(getText(target), "cpu")), target);
  std::error_code code;
  EXPECT_NE(llvm::sys::fs::directory_iterator(path, code),
            llvm::sys::fs::directory_iterator());
  llvm::sys::fs::remove_directories(path);
}
