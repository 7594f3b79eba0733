//===- ExpandBFloatTest.cpp - Conversions of bf16 -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The expanded conversions, run, against those of lib/Tensor.
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/ExpandBFloat.h"
#include "lib/Tensor/HalfFloat.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace lrc;

static const char *const source = R"(
define void @from_f32(ptr %x, ptr %y) {
  %wide = load <4 x float>, ptr %x, align 4
  %narrow = fptrunc <4 x float> %wide to <4 x bfloat>
  store <4 x bfloat> %narrow, ptr %y, align 2
  ret void
}
define void @from_f64(ptr %x, ptr %y) {
  %wide = load double, ptr %x
  %narrow = fptrunc double %wide to bfloat
  store bfloat %narrow, ptr %y
  ret void
}
define void @to_f64(ptr %x, ptr %y) {
  %narrow = load bfloat, ptr %x
  %wide = fpext bfloat %narrow to double
  store double %wide, ptr %y
  ret void
}
)";

namespace {
class ExpandBFloat : public testing::Test {
protected:
  void SetUp() override {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    auto context = std::make_unique<llvm::LLVMContext>();
    llvm::SMDiagnostic error;
    auto module = llvm::parseAssemblyString(source, error, *context);
    ASSERT_TRUE(module) << error.getMessage().str();
    expandBFloat(*module);
    jit = llvm::cantFail(llvm::orc::LLJITBuilder().create());
    module->setDataLayout(jit->getDataLayout());
    llvm::cantFail(jit->addIRModule(
        llvm::orc::ThreadSafeModule(std::move(module), std::move(context))));
  }

  template <typename X, typename Y>
  void run(const char *name, const X *x, Y *y) {
    auto address = llvm::cantFail(jit->lookup(name));
    address.toPtr<void (*)(const X *, Y *)>()(x, y);
  }

  std::unique_ptr<llvm::orc::LLJIT> jit;
};
} // namespace

TEST_F(ExpandBFloat, FromF32) {
  std::mt19937 random(1);
  for (int round = 0; round < 50000; ++round) {
    float x[4];
    for (float &value : x) {
      // Any pattern, and ties every fourth time.
      uint32_t bits = random();
      if (bits % 4 == 0)
        bits = (bits & 0xffff0000) | 0x8000;
      std::memcpy(&value, &bits, sizeof value);
    }
    uint16_t y[4];
    run("from_f32", x, y);
    for (int i = 0; i < 4; ++i)
      if (std::isnan(x[i]))
        EXPECT_TRUE(std::isnan(bf16ToDouble(y[i])));
      else
        EXPECT_EQ(y[i], doubleToBF16(x[i])) << x[i];
  }
}

TEST_F(ExpandBFloat, FromF64RoundsOnce) {
  std::mt19937_64 random(1);
  std::vector<double> values = {0.0,    -0.0,   INFINITY, -INFINITY, 1e308,
                                -1e308, 1e-320, 3.4e38,   9.2e-41,   1.0};
  for (int round = 0; round < 50000; ++round) {
    // Near a tie of bf16, closer than f32 can tell.
    double tie = std::ldexp(257 + 2 * double(random() % 128), -9);
    double near = tie + std::ldexp(double(int64_t(random() % 3)) - 1,
                                   -20 - int(random() % 32));
    values.push_back(std::ldexp(near, int(random() % 280) - 145));
  }
  for (double x : values) {
    uint16_t y;
    run("from_f64", &x, &y);
    EXPECT_EQ(y, doubleToBF16(x)) << x;
  }
  double nan = NAN;
  uint16_t y;
  run("from_f64", &nan, &y);
  EXPECT_TRUE(std::isnan(bf16ToDouble(y)));
}

TEST_F(ExpandBFloat, ToF64) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    uint16_t x = bits;
    double y;
    run("to_f64", &x, &y);
    if (std::isnan(bf16ToDouble(x)))
      EXPECT_TRUE(std::isnan(y));
    else
      EXPECT_EQ(y, bf16ToDouble(x));
  }
}
