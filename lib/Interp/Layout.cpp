//===- Layout.cpp - From elements of one value to another -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Interp/Layout.h"

#include "dialects/Dsf/AffineEval.h"

#include <limits>

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::interp;

IndexMap::IndexMap(std::vector<int32_t> positions)
    : positions(std::move(positions)) {
  for (auto [i, position] : llvm::enumerate(this->positions))
    if (position != int64_t(i))
      return;
  this->positions.clear();
}

static int64_t sizeOf(Attribute extent) {
  return cast<IntegerAttr>(extent).getInt();
}

Axes Axes::of(ValueType type) {
  Axes axes;
  axes.labels.assign(type.getLabels().begin(), type.getLabels().end());
  llvm::append_range(axes.sizes, llvm::map_range(type.getExtents(), sizeOf));
  return axes;
}

Axes Axes::of(ArrayAttr labels, PositionalType type) {
  Axes axes;
  llvm::append_range(axes.labels, labels.getAsRange<StringAttr>());
  axes.sizes = type.getShape();
  return axes;
}

int64_t interp::countElements(ArrayRef<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

int64_t interp::countElements(Type type) {
  if (auto value = dyn_cast<ValueType>(type))
    return countElements(Axes::of(value).sizes);
  return countElements(cast<PositionalType>(type).getShape());
}

/// Calls `visit` with every index tuple, in C order.
static void forEachIndex(ArrayRef<int64_t> sizes,
                         llvm::function_ref<void(ArrayRef<int64_t>)> visit) {
  assert(countElements(sizes) <= std::numeric_limits<int32_t>::max() &&
         "too large to interpret");
  SmallVector<int64_t> index(sizes.size(), 0);
  for (int64_t left = countElements(sizes); left > 0; --left) {
    visit(index);
    for (int64_t axis = sizes.size() - 1; axis >= 0; --axis) {
      if (++index[axis] < sizes[axis])
        break;
      index[axis] = 0;
    }
  }
}

IndexMap interp::projectOnto(const Axes &whole, const Axes &part) {
  // Stride in `part` of each label of `whole`; 0 for those it lacks.
  SmallVector<int64_t> strides(whole.labels.size(), 0);
  int64_t stride = 1;
  for (int64_t axis = part.labels.size() - 1; axis >= 0; --axis) {
    auto it = llvm::find(whole.labels, part.labels[axis]);
    assert(it != whole.labels.end() && "label is not among those of the whole");
    strides[it - whole.labels.begin()] = stride;
    stride *= part.sizes[axis];
  }
  std::vector<int32_t> positions;
  positions.reserve(countElements(whole.sizes));
  forEachIndex(whole.sizes, [&](ArrayRef<int64_t> index) {
    int64_t position = 0;
    for (auto [i, s] : llvm::zip_equal(index, strides))
      position += i * s;
    positions.push_back(position);
  });
  return IndexMap(std::move(positions));
}

IndexMap interp::gatherOf(ReadOp read) {
  Axes axes = Axes::of(read.getType());
  auto shape = cast<PositionalType>(read.getSource().getType()).getShape();
  std::vector<int32_t> positions;
  positions.reserve(countElements(axes.sizes));
  forEachIndex(axes.sizes, [&](ArrayRef<int64_t> index) {
    int64_t position = 0;
    for (auto [subscript, size] :
         llvm::zip_equal(read.getMap().getResults(), shape)) {
      int64_t i = *evaluateAffine(subscript, index, {});
      assert(i >= 0 && i < size && "subscript out of range");
      position = position * size + i;
    }
    positions.push_back(position);
  });
  return IndexMap(std::move(positions));
}
