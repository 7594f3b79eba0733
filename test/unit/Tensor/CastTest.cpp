//===- CastTest.cpp - Tests of element conversions ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <limits>

using namespace llvm;
using namespace lrc;
using namespace lrc::test;

/// Small whole numbers are in every type, so all 225 conversions keep them.
TEST(CastTest, SmallNumbersSurviveEveryPair) {
  for (DType from : allDTypes())
    for (DType to : allDTypes()) {
      Tensor source = Tensor::fromDoubles(from, {2, 2}, {0, 1, 1, 0});
      Tensor result = source.cast(to);
      EXPECT_EQ(result.dtype, to);
      EXPECT_EQ(result.shape, source.shape);
      EXPECT_EQ(result.toDoubles(), source.toDoubles())
          << dtypeName(from).str() << " to " << dtypeName(to).str();
    }
}

TEST(CastTest, BlocksMeet) {
  // More elements than the blocks that cast works in, and no multiple of them.
  Tensor source = rampTensor(DType::I32, {1300});
  Tensor result = source.cast(DType::F64).cast(DType::I32);
  EXPECT_TRUE(bitwiseEqual(source, result));
}

TEST(CastTest, SixtyFourBitIntegersStayExact) {
  Tensor source(DType::I64, {3});
  int64_t values[] = {INT64_MAX, INT64_MIN, (1ll << 53) + 1};
  llvm::copy(values, source.elements<int64_t>().begin());
  Tensor back = source.cast(DType::U64).cast(DType::I64);
  EXPECT_TRUE(bitwiseEqual(source, back));
}

TEST(CastTest, FloatToIntegerTruncatesAndSaturates) {
  double nan = std::nan("");
  double values[] = {-1.9, 1.9, 300, -300, HUGE_VAL, -HUGE_VAL, nan};
  Tensor source = Tensor::fromDoubles(DType::F64, {7}, values);
  EXPECT_EQ(source.cast(DType::I8).toDoubles(),
            (std::vector<double>{-1, 1, 127, -128, 127, -128, 0}));
  EXPECT_EQ(source.cast(DType::U8).toDoubles(),
            (std::vector<double>{0, 1, 255, 0, 255, 0, 0}));
  Tensor big = Tensor::fromDoubles(DType::F64, {2}, {0x1p63, -0x1p63});
  Tensor wide = big.cast(DType::I64);
  EXPECT_EQ(wide.elements<int64_t>()[0], INT64_MAX);
  EXPECT_EQ(wide.elements<int64_t>()[1], INT64_MIN);
  EXPECT_EQ(
      Tensor::fromDoubles(DType::U64, {}, {0x1p64}).elements<uint64_t>()[0],
      UINT64_MAX);
}

TEST(CastTest, IntegerToIntegerWraps) {
  Tensor source = Tensor::fromDoubles(DType::I32, {3}, {-1, 256, 383});
  EXPECT_EQ(source.cast(DType::U8).toDoubles(),
            (std::vector<double>{255, 0, 127}));
  EXPECT_EQ(source.cast(DType::I8).toDoubles(),
            (std::vector<double>{-1, 0, 127}));
}

TEST(CastTest, BoolAsksForNotZero) {
  double values[] = {0.0, -0.0, 0.5, std::nan("")};
  Tensor source = Tensor::fromDoubles(DType::F32, {4}, values);
  EXPECT_EQ(source.cast(DType::Bool).toDoubles(),
            (std::vector<double>{0, 0, 1, 1}));
  Tensor imaginary = Tensor::fromComplex(DType::C64, {}, {{0.0, 1.0}});
  EXPECT_EQ(imaginary.cast(DType::Bool).getDouble(0), 1);
}

TEST(CastTest, ComplexToRealDropsTheImaginaryPart) {
  Tensor source = Tensor::fromComplex(DType::C64, {1}, {{1.5, -2.5}});
  EXPECT_EQ(source.getComplex(0), std::complex<double>(1.5, -2.5));
  EXPECT_EQ(source.getDouble(0), 1.5);
  EXPECT_EQ(source.cast(DType::F16).getDouble(0), 1.5);
  EXPECT_EQ(source.cast(DType::C128).getComplex(0), source.getComplex(0));
}

TEST(CastTest, DoubleRoundsOnceToSixteenBits) {
  // Through f32 this would first round to a tie and then to 1.
  double value = 1 + 0x1p-8 + 0x1p-40;
  Tensor source = Tensor::fromDoubles(DType::F64, {}, {value});
  EXPECT_EQ(source.cast(DType::BF16).getDouble(0), 1 + 0x1p-7);
}

/// Integers above 2^53 must not round through a double on the way.
TEST(CastTest, IntegersRoundOnceToSixteenBits) {
  std::vector<int64_t> values = {INT64_MAX, INT64_MIN};
  for (int shift : {54, 58, 62})
    for (int64_t low : {-1, 0, 1}) {
      int64_t one = int64_t(1) << shift;
      values.push_back(one + (one >> 8) + low);
      values.push_back(-(one + (one >> 8) + low));
      values.push_back(one + 3 * (one >> 8) + low);
    }
  Tensor source(DType::I64, {int64_t(values.size())});
  llvm::copy(values, source.elements<int64_t>().begin());
  Tensor result = source.cast(DType::BF16);
  for (size_t i = 0; i < values.size(); ++i) {
    APFloat wanted(APFloat::BFloat());
    wanted.convertFromAPInt(APInt(64, values[i], true), true,
                            APFloat::rmNearestTiesToEven);
    EXPECT_EQ(result.elements<uint16_t>()[i],
              wanted.bitcastToAPInt().getZExtValue())
        << values[i];
  }
}

TEST(CastTest, UnsignedIntegersRoundOnceToSixteenBits) {
  uint64_t tie = (1ull << 63) + (1ull << 55);
  for (uint64_t value : {UINT64_MAX, tie - 1, tie, tie + 1}) {
    Tensor source(DType::U64, {});
    source.elements<uint64_t>()[0] = value;
    APFloat wanted(APFloat::BFloat());
    wanted.convertFromAPInt(APInt(64, value), false,
                            APFloat::rmNearestTiesToEven);
    EXPECT_EQ(source.cast(DType::BF16).elements<uint16_t>()[0],
              wanted.bitcastToAPInt().getZExtValue())
        << value;
  }
}

TEST(CastTest, OverflowGivesInfinity) {
  Tensor source = Tensor::fromDoubles(DType::F64, {}, {1e300});
  for (DType to : {DType::F16, DType::BF16, DType::F32})
    EXPECT_EQ(source.cast(to).getDouble(0), HUGE_VAL);
}
