//===- NumpyTest.cpp - numpy and lrc read each other's files --------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"
#include "lib/Tensor/TensorFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Program.h"

using namespace llvm;
using namespace lrc;
using namespace lrc::test;

static std::string goodFile(const Twine &name) {
  return (Twine(LRC_TENSOR_CORPUS "/good/") + name).str();
}

static TensorMap readGood(const Twine &name) {
  Expected<TensorMap> tensors = readTensors(goodFile(name));
  if (tensors)
    return std::move(*tensors);
  ADD_FAILURE() << messageOf(tensors.takeError());
  return {};
}

static void expectRamp(const Tensor &tensor, DType dtype,
                       ArrayRef<int64_t> shape) {
  EXPECT_TRUE(bitwiseEqual(tensor, rampTensor(dtype, shape)))
      << dtypeName(dtype).str();
}

TEST(NumpyTest, NpyOfEveryDTypeOrderAndVersion) {
  for (DType dtype : allDTypes())
    for (StringRef variant :
         {"c", "fortran", "v2", "v3", "big", "bigfortran"}) {
      bool swappable = sizeInBytes(dtype) > 1 && dtype != DType::BF16;
      if (variant.starts_with("big") && !swappable)
        continue;
      std::string name = (variant + "_" + dtypeName(dtype)).str();
      SCOPED_TRACE(name);
      TensorMap tensors = readGood(name + ".npy");
      ASSERT_EQ(tensors.size(), 1u);
      EXPECT_EQ(tensors.front().first, name);
      expectRamp(tensors.front().second, dtype, {2, 3, 4});
    }
}

TEST(NumpyTest, OtherNpyFiles) {
  auto expectFile = [](StringRef name, DType dtype, ArrayRef<int64_t> shape) {
    SCOPED_TRACE(name.str());
    TensorMap tensors = readGood(name);
    ASSERT_EQ(tensors.size(), 1u);
    expectRamp(tensors.front().second, dtype, shape);
  };
  expectFile("little_bf16.npy", DType::BF16, {2, 3, 4});
  expectFile("shape_scalar.npy", DType::F32, {});
  expectFile("shape_5.npy", DType::F32, {5});
  expectFile("shape_0.npy", DType::F32, {0});
  expectFile("shape_3x0x2.npy", DType::F32, {3, 0, 2});
  expectFile("shape_1x1x1x1.npy", DType::F32, {1, 1, 1, 1});
  expectFile("shape_2x2x2x2x2x2.npy", DType::F32, {2, 2, 2, 2, 2, 2});
  expectFile("python2.npy", DType::F32, {2, 3});
}

TEST(NumpyTest, Archives) {
  for (const char *name : {"all.npz", "all_deflated.npz", "all.safetensors"}) {
    SCOPED_TRACE(name);
    TensorMap tensors = readGood(name);
    EXPECT_EQ(tensors.size(), StringRef(name).ends_with("npz") ? 15u : 14u);
    for (const auto &[key, tensor] : tensors)
      expectRamp(tensor, *parseDType(key), {2, 3});
    // bf16 is the last one in the file.
    EXPECT_EQ(tensors.front().first, "f16");
    EXPECT_EQ(tensors.back().first, "bf16");
  }
}

TEST(NumpyTest, UnusualArchives) {
  for (const char *name :
       {"empty.npz", "empty.safetensors", "padded.safetensors"})
    EXPECT_TRUE(readGood(name).empty()) << name;
  for (const char *name : {"zeros.npz", "zeros.safetensors"})
    expectRamp(readGood(name)["x"], DType::F32, {0, 2});
  expectRamp(readGood("zip64.npz")["x"], DType::I32, {2, 3});
  expectRamp(readGood("comment.npz")["x"], DType::F32, {2, 3});
}

TEST(NumpyTest, NumpyReadsWhatIsWritten) {
  TempDir dir;
  TensorMap all;
  for (DType dtype : allDTypes()) {
    std::string name = dtypeName(dtype).str();
    TensorMap one;
    one[name] = all[name] = rampTensor(dtype, {2, 3});
    ASSERT_EQ(messageOf(writeTensors(dir.path(name + ".npy"), one)), "");
  }
  ASSERT_EQ(messageOf(writeTensors(dir.path("all.npz"), all)), "");
  all.erase("c128");
  ASSERT_EQ(messageOf(writeTensors(dir.path("all.safetensors"), all)), "");

  std::string root = dir.path("");
  StringRef arguments[] = {LRC_PYTHON, "-B",
                           LRC_TENSOR_SCRIPTS "/check_written.py", root};
  EXPECT_EQ(sys::ExecuteAndWait(LRC_PYTHON, arguments), 0);
}
