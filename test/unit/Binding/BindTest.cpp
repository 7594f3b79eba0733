//===- BindTest.cpp - Tensors against a signature -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/Bind.h"

#include <gtest/gtest.h>

using namespace lrc;

/// Memory that views point to; nobody reads or writes it.
alignas(64) static char memory[64];

static Field field(Field::Role role, const char *name,
                   std::vector<Extent> extents) {
  Field result;
  result.role = role;
  result.name = name;
  result.extents = std::move(extents);
  result.isFinal = role == Field::Role::State;
  return result;
}

/// in q[K], x[P]; param A, w[3]; state S[K]; out o[K]; dim K, R = 2, P = K / R
static Signature makeSignature() {
  Signature signature;
  signature.name = "r";
  signature.dims.resize(3);
  signature.dims[0].name = "K";
  signature.dims[1].name = "R";
  signature.dims[1].defaultSize = 2;
  signature.dims[2].name = "P";
  signature.dims[2].derivation = {{DimTerm::Kind::Dim, 0, "K"},
                                  {DimTerm::Kind::Dim, 0, "R"},
                                  {DimTerm::Kind::Div, 0, {}}};
  using Role = Field::Role;
  signature.fields = {field(Role::Input, "q", {{"K", 0}}),
                      field(Role::Input, "x", {{"P", 0}}),
                      field(Role::Param, "A", {}),
                      field(Role::Param, "w", {{"", 3}}),
                      field(Role::State, "S", {{"K", 0}}),
                      field(Role::Output, "o", {{"K", 0}})};
  return signature;
}

static TensorView view(llvm::ArrayRef<int64_t> shape,
                       DType dtype = DType::F32) {
  return TensorView::contiguous(memory, dtype, shape);
}

static TensorViews goodViews() {
  return {{"q", view({2, 5, 4, 8})},
          {"x", view({2, 5, 2, 4})},
          {"A", view({4})},
          {"w", view({3})}};
}

static std::string errorOf(const TensorViews &views,
                           const BindRequest &request = {}) {
  llvm::Expected<Binding> binding =
      bindTensors(makeSignature(), views, request);
  return binding ? "" : llvm::toString(binding.takeError());
}

static std::string errorWith(const char *name, TensorView view) {
  TensorViews views = goodViews();
  views[name] = std::move(view);
  return errorOf(views);
}

TEST(Bind, SizesAndSlices) {
  auto binding = bindTensors(makeSignature(), goodViews(), {});
  ASSERT_TRUE(bool(binding)) << llvm::toString(binding.takeError());
  EXPECT_EQ(binding->batch, 2);
  EXPECT_EQ(binding->steps, 5);
  EXPECT_EQ(binding->heads, 4);
  EXPECT_TRUE(binding->hasHeads);
  EXPECT_EQ(binding->dims, (Sizes{{"K", 8}, {"P", 4}, {"R", 2}}));

  lrc_tensor x = binding->tensors.at("x").tensor;
  EXPECT_EQ(x.stride_batch, 5 * 2 * 4);
  EXPECT_EQ(x.stride_time, 2 * 4);
  EXPECT_EQ(x.stride_head, 4);
  EXPECT_EQ(x.slices, 2);
  lrc_tensor w = binding->tensors.at("w").tensor;
  EXPECT_EQ(w.stride_head, 0);
  EXPECT_EQ(w.slices, 1);

  const Signature signature = makeSignature();
  EXPECT_EQ(resultShape(*signature.findField("o"), *binding),
            (llvm::SmallVector<int64_t>{2, 5, 4, 8}));
  EXPECT_EQ(resultShape(*signature.findField("S"), *binding),
            (llvm::SmallVector<int64_t>{2, 4, 8}));
}

TEST(Bind, WithoutHeads) {
  auto binding = bindTensors(makeSignature(),
                             {{"q", view({2, 5, 8})},
                              {"x", view({2, 5, 4})},
                              {"A", view({})},
                              {"w", view({3})}},
                             {});
  ASSERT_TRUE(bool(binding)) << llvm::toString(binding.takeError());
  EXPECT_FALSE(binding->hasHeads);
  EXPECT_EQ(binding->heads, 1);
  const Signature signature = makeSignature();
  EXPECT_EQ(resultShape(*signature.findField("S"), *binding),
            (llvm::SmallVector<int64_t>{2, 8}));
}

TEST(Bind, PackedSequences) {
  int32_t bounds[] = {0, 2, 2, 5};
  TensorViews views = {{"q", view({1, 5, 8})},
                       {"x", view({1, 5, 4})},
                       {"A", view({})},
                       {"w", view({3})},
                       {"S", view({3, 8})}};
  views["cu_seqlens"] = TensorView::contiguous(bounds, DType::I32, {4});
  auto binding = bindTensors(makeSignature(), views, {});
  ASSERT_TRUE(bool(binding)) << llvm::toString(binding.takeError());
  EXPECT_TRUE(binding->packed);
  EXPECT_EQ(binding->batch, 3);
  EXPECT_EQ(binding->segments, (std::vector<int64_t>{0, 2, 2, 5}));
  const Signature signature = makeSignature();
  EXPECT_EQ(resultShape(*signature.findField("o"), *binding),
            (llvm::SmallVector<int64_t>{1, 5, 8}));
  EXPECT_EQ(resultShape(*signature.findField("S"), *binding),
            (llvm::SmallVector<int64_t>{3, 8}));
}

TEST(Bind, StridedViews) {
  TensorView strided = view({2, 5, 4, 8});
  strided.strides = {1000, 8, 160, 1}; // time inside of heads
  TensorViews views = goodViews();
  views["q"] = strided;
  auto binding = bindTensors(makeSignature(), views, {});
  ASSERT_TRUE(bool(binding)) << llvm::toString(binding.takeError());
  EXPECT_EQ(binding->tensors.at("q").tensor.stride_time, 8);
  EXPECT_EQ(binding->tensors.at("q").tensor.stride_head, 160);

  strided.strides = {160, 32, 8, 2};
  EXPECT_EQ(errorWith("q", strided),
            "q: expected the last 1 axes contiguous in C order, got shape "
            "[2, 5, 4, 8] with strides [160, 32, 8, 2]; pass a contiguous "
            "copy");
}

TEST(Bind, MemoryIsThereAndAligned) {
  TensorView view = ::view({2, 5, 4, 8});
  view.data = nullptr;
  EXPECT_EQ(errorWith("q", view), "q: expected an address, got a null pointer");
  view.data = memory + 2;
  EXPECT_EQ(errorWith("q", view), "q: expected memory aligned to 4 bytes");
}

TEST(Bind, DimsFollow) {
  // x has P = 4 = K / R, and P shows nowhere else.
  TensorViews views = goodViews();
  views["x"] = view({2, 5, 2, 5});
  EXPECT_EQ(errorOf(views),
            "x: expected shape [B, T, H, P] with P = 4 (K / R with K = 8, R = "
            "2), got [2, 5, 2, 5]");
  BindRequest request;
  request.sizes = {{"R", 3}};
  EXPECT_EQ(errorOf(goodViews(), request),
            "dim P = K / R is not a whole number of at least 1 for K = 8, "
            "R = 3");
  request.sizes = {{"R", 4}};
  EXPECT_EQ(errorOf(goodViews(), request),
            "x: expected shape [B, T, H, P] with P = 2 (K / R with K = 8, R = "
            "4), got [2, 5, 2, 4]");
}

TEST(Bind, FixedExtents) {
  EXPECT_EQ(errorWith("w", view({4, 2})),
            "w: expected shape [H, 3], got [4, 2]");
}

TEST(Bind, MissingTensors) {
  TensorViews views = goodViews();
  views.erase("A");
  views.erase("w");
  views["W"] = view({3});
  EXPECT_EQ(errorOf(views),
            "missing parameter A [H] (or set A=..), parameter w [H, 3] (is it "
            "W?)");
  BindRequest request;
  request.scalars = {{"A", 0.5}};
  views = goodViews();
  auto binding = bindTensors(makeSignature(), views, request);
  ASSERT_TRUE(bool(binding)) << llvm::toString(binding.takeError());
  EXPECT_EQ(binding->scalars, (std::map<std::string, double>{{"A", 0.5}}));
  EXPECT_EQ(binding->tensors.count("A"), 0u);
}

TEST(Bind, ResultsHaveOneShape) {
  auto binding = bindTensors(makeSignature(), goodViews(), {});
  ASSERT_TRUE(bool(binding)) << llvm::toString(binding.takeError());
  const Signature signature = makeSignature();
  const Field &o = *signature.findField("o");
  auto good = bindResult(o, view({2, 5, 4, 8}), *binding);
  EXPECT_TRUE(bool(good)) << llvm::toString(good.takeError());
  auto bad = bindResult(o, view({2, 5, 2, 8}), *binding);
  ASSERT_FALSE(bool(bad));
  EXPECT_EQ(llvm::toString(bad.takeError()),
            "o: expected shape [2, 5, 4, 8] for the output, which is "
            "[B, T, H, K], got [2, 5, 2, 8]");
}
