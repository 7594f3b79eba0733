//===- HalfFloatTest.cpp - Tests of the conversions of f16, bf16 ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/HalfFloat.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace llvm;
using namespace lrc;

namespace {
/// One of the two formats, with what APFloat says about it.
struct Format {
  const char *name;
  const fltSemantics &semantics;
  uint16_t (*encode)(double);
  double (*decode)(uint16_t);

  uint16_t reference(double value) const {
    APFloat number(value);
    bool losesInfo;
    number.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
    return uint16_t(number.bitcastToAPInt().getZExtValue());
  }
};

class HalfFloatTest : public testing::TestWithParam<Format> {};
} // namespace

TEST_P(HalfFloatTest, EveryValueDecodesAsAPFloatSays) {
  const Format &format = GetParam();
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    APFloat number(format.semantics, APInt(16, bits));
    bool losesInfo;
    number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                   &losesInfo);
    double wanted = number.convertToDouble();
    double got = format.decode(bits);
    if (std::isnan(wanted))
      ASSERT_TRUE(std::isnan(got)) << bits;
    else
      ASSERT_EQ(bit_cast<uint64_t>(wanted), bit_cast<uint64_t>(got)) << bits;
  }
}

TEST_P(HalfFloatTest, EveryValueSurvives) {
  const Format &format = GetParam();
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    double value = format.decode(bits);
    uint16_t back = format.encode(value);
    if (std::isnan(value))
      ASSERT_TRUE(std::isnan(format.decode(back))) << bits;
    else
      ASSERT_EQ(bits, back);
  }
}

/// Ties between neighbours, and the doubles just beside them, are where a
/// rounding goes wrong.
TEST_P(HalfFloatTest, TiesRoundAsAPFloatSays) {
  const Format &format = GetParam();
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    double low = format.decode(bits), high = format.decode(bits + 1);
    if (!std::isfinite(low) || !std::isfinite(high))
      continue;
    double tie = low + (high - low) / 2;
    for (double value :
         {std::nextafter(tie, low), tie, std::nextafter(tie, high)})
      ASSERT_EQ(format.reference(value), format.encode(value)) << value;
  }
}

TEST_P(HalfFloatTest, RandomDoublesRoundAsAPFloatSays) {
  const Format &format = GetParam();
  std::mt19937_64 random(7);
  std::uniform_int_distribution<int> exponent(-160, 140);
  std::uniform_real_distribution<double> fraction(-2.0, 2.0);
  for (int i = 0; i < 200000; ++i) {
    double value = std::ldexp(fraction(random), exponent(random));
    ASSERT_EQ(format.reference(value), format.encode(value)) << value;
  }
}

TEST_P(HalfFloatTest, ExtremesRoundAsAPFloatSays) {
  const Format &format = GetParam();
  for (double value : {0.0, 1e-310, 5e-324, 65504.0, 65519.99, 65520.0,
                       3.3895313892515355e38, 3.4e38, 1e300, HUGE_VAL})
    for (double sign : {1.0, -1.0})
      EXPECT_EQ(format.reference(sign * value), format.encode(sign * value))
          << value;
  double nan = std::nan("");
  EXPECT_TRUE(std::isnan(format.decode(format.encode(nan))));
  EXPECT_TRUE(std::signbit(format.decode(format.encode(-nan))));
  // A NaN whose payload lies below the 16-bit format must not become infinite.
  double smallNaN = bit_cast<double>(uint64_t(0x7ff0000000000001));
  EXPECT_TRUE(std::isnan(format.decode(format.encode(smallNaN))));
}

INSTANTIATE_TEST_SUITE_P(Formats, HalfFloatTest,
                         testing::Values(Format{"f16", APFloat::IEEEhalf(),
                                                doubleToF16, f16ToDouble},
                                         Format{"bf16", APFloat::BFloat(),
                                                doubleToBF16, bf16ToDouble}),
                         [](const auto &info) { return info.param.name; });
