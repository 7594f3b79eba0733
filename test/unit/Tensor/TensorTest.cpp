//===- TensorTest.cpp - Tests of Tensor and DType -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/Tensor.h"
#include "TestUtils.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace lrc;
using namespace lrc::test;

TEST(DTypeTest, NamesAndSizes) {
  for (DType dtype : allDTypes())
    EXPECT_EQ(parseDType(dtypeName(dtype)), dtype);
  EXPECT_EQ(parseDType("float"), std::nullopt);
  EXPECT_EQ(parseDType(""), std::nullopt);
  EXPECT_EQ(dtypeName(DType::BF16), "bf16");
  EXPECT_EQ(sizeInBytes(DType::BF16), 2u);
  EXPECT_EQ(sizeInBytes(DType::C64), 8u);
  EXPECT_EQ(sizeInBytes(DType::C128), 16u);
  EXPECT_EQ(sizeInBytes(DType::Bool), 1u);
}

TEST(DTypeTest, EachTypeHasOneKind) {
  for (DType dtype : allDTypes())
    EXPECT_EQ(isFloat(dtype) + isComplex(dtype) + isInteger(dtype), 1);
  EXPECT_TRUE(isSignedInteger(DType::I8));
  EXPECT_FALSE(isSignedInteger(DType::U8));
  EXPECT_FALSE(isSignedInteger(DType::Bool));
  EXPECT_EQ(realPartType(DType::C64), DType::F32);
  EXPECT_EQ(realPartType(DType::C128), DType::F64);
  EXPECT_EQ(realPartType(DType::I16), DType::I16);
}

TEST(TensorTest, DefaultIsEmptyAndConsistent) {
  Tensor tensor;
  EXPECT_EQ(tensor.numElements(), 0);
  EXPECT_EQ(tensor.data.size(), 0u);
  EXPECT_NE(tensor.data.data(), nullptr);
}

TEST(TensorTest, ZerosAreAlignedAndZero) {
  for (int64_t count : {1, 3, 64, 1000}) {
    Tensor tensor(DType::F32, {count});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data.data()) % 64, 0u);
    EXPECT_TRUE(all_of(tensor.elements<float>(),
                       [](float value) { return value == 0; }));
  }
}

TEST(TensorTest, ScalarHasOneElement) {
  Tensor scalar(DType::F64, {});
  EXPECT_EQ(scalar.numElements(), 1);
  scalar.setDouble(0, 2.5);
  EXPECT_EQ(scalar.getDouble(0), 2.5);
}

TEST(TensorTest, CopiesAreDeep) {
  Tensor a = rampTensor(DType::I32, {4});
  Tensor b = a;
  b.setDouble(0, 7);
  EXPECT_EQ(a.getDouble(0), 0);
  EXPECT_FALSE(bitwiseEqual(a, b));
  b = a;
  EXPECT_TRUE(bitwiseEqual(a, b));
  Tensor c = std::move(b);
  EXPECT_TRUE(bitwiseEqual(a, c));
}

TEST(TensorTest, ByteSizeChecksTheShape) {
  EXPECT_EQ(cantFail(Tensor::byteSize(DType::C64, {2, 3})), 48u);
  EXPECT_EQ(cantFail(Tensor::byteSize(DType::F32, {})), 4u);
  EXPECT_EQ(cantFail(Tensor::byteSize(DType::F32, {1ll << 40, 0})), 0u);
  EXPECT_EQ(cantFail(Tensor::byteSize(DType::U8, {INT64_MAX})),
            uint64_t(INT64_MAX));
  auto message = [](DType dtype, ArrayRef<int64_t> shape) {
    return messageOf(Tensor::byteSize(dtype, shape).takeError());
  };
  EXPECT_NE(message(DType::F32, {-1}).find("negative dimension -1"),
            std::string::npos);
  EXPECT_NE(message(DType::F32, {INT64_MAX}).find("overflows"),
            std::string::npos);
  EXPECT_NE(message(DType::F32, {0, INT64_MAX, 2}).find("overflows"),
            std::string::npos);
  SmallVector<int64_t> deep(65, 1);
  EXPECT_NE(message(DType::F32, deep).find("rank 65"), std::string::npos);
}

TEST(TensorTest, MoreMemoryThanThereIsIsAnError) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizer ends the program on such an allocation";
#endif
#endif
  Expected<Tensor> tensor = Tensor::create(DType::U8, {INT64_MAX / 2});
  ASSERT_FALSE(bool(tensor));
  EXPECT_NE(messageOf(tensor.takeError()).find("more memory than there is"),
            std::string::npos);
}

TEST(TensorTest, ShapesPrintAsInNumpy) {
  EXPECT_EQ(shapeToString({}), "()");
  EXPECT_EQ(shapeToString({3}), "(3,)");
  EXPECT_EQ(shapeToString({3, 4}), "(3, 4)");
}

TEST(TensorTest, MapKeepsTheOrder) {
  TensorMap map;
  for (const char *name : {"z", "a", "m"})
    map[name] = rampTensor(DType::F32, {1});
  std::vector<std::string> names;
  for (const auto &named : map)
    names.push_back(named.first);
  EXPECT_EQ(names, (std::vector<std::string>{"z", "a", "m"}));
}
