//===- Layout.cpp - One tensor against its declaration --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/Layout.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::binding;

TensorView TensorView::contiguous(void *data, DType dtype,
                                  llvm::ArrayRef<int64_t> shape) {
  TensorView view{data, dtype, llvm::SmallVector<int64_t>(shape), {}};
  view.strides.resize(shape.size());
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    view.strides[axis] = stride;
    // An empty axis must not make the strides of the others 0.
    stride *= std::max<int64_t>(shape[axis], 1);
  }
  return view;
}

std::optional<ElementType> lrc::toElementType(DType dtype) {
  switch (dtype) {
  case DType::F16:
    return ElementType::F16;
  case DType::BF16:
    return ElementType::BF16;
  case DType::F32:
    return ElementType::F32;
  case DType::F64:
    return ElementType::F64;
  case DType::C64:
    return ElementType::C64;
  case DType::C128:
    return ElementType::C128;
  default:
    return std::nullopt;
  }
}

DType lrc::toDType(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return DType::F16;
  case ElementType::BF16:
    return DType::BF16;
  case ElementType::F32:
    return DType::F32;
  case ElementType::F64:
    return DType::F64;
  case ElementType::C64:
    return DType::C64;
  case ElementType::C128:
    return DType::C128;
  }
  llvm_unreachable("unknown element type");
}

llvm::Error binding::errorIn(llvm::StringRef name, const llvm::Twine &message) {
  return llvm::createStringError(name + ": " + message);
}

std::string binding::spellShape(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(shape, os);
  os << ']';
  return text;
}

unsigned binding::leadingAxes(Field::Role role) {
  switch (role) {
  case Field::Role::Input:
  case Field::Role::Output:
    return 2;
  case Field::Role::Param:
    return 0;
  case Field::Role::State:
    return 1;
  }
  llvm_unreachable("unknown role");
}

std::string lrc::layoutOf(const Field &field, bool hasHeads, bool packed) {
  std::vector<std::string> axes;
  if (leadingAxes(field.role) == 2)
    axes = {"B", "T"};
  else if (leadingAxes(field.role) == 1)
    axes = {packed ? "N" : "B"};
  if (hasHeads)
    axes.push_back("H");
  for (const Extent &extent : field.extents)
    axes.push_back(extent.dim.empty() ? std::to_string(extent.size)
                                      : extent.dim);
  return "[" + llvm::join(axes, ", ") + "]";
}

llvm::Expected<bool>
binding::findHeadAxis(const Field &field, const TensorView &view, bool packed) {
  size_t rank = leadingAxes(field.role) + field.extents.size();
  if (view.shape.size() == rank)
    return false;
  if (view.shape.size() == rank + 1)
    return true;
  return errorIn(field.name, "expected shape " + layoutOf(field, true, packed) +
                                 " or " + layoutOf(field, false, packed) +
                                 ", got " + spellShape(view.shape));
}

llvm::Expected<ElementType> binding::checkElements(const Field &field,
                                                   const TensorView &view) {
  std::optional<ElementType> type = toElementType(view.dtype);
  if (!type && field.complex)
    return errorIn(field.name, "expected complex numbers, got " +
                                   dtypeName(view.dtype) +
                                   "; convert it to complex64");
  if (!type)
    return errorIn(field.name, "expected f16, bf16, f32 or f64, got " +
                                   dtypeName(view.dtype) +
                                   "; convert it to a floating-point type");
  if (field.complex && !isComplex(*type))
    return errorIn(field.name, "expected complex64 or complex128, got " +
                                   dtypeName(view.dtype) +
                                   "; convert it to complex64");
  if (!field.complex && isComplex(*type))
    return errorIn(field.name, "expected real numbers, got " +
                                   llvm::StringRef(spell(*type)) +
                                   "; pass its real part");
  return *type;
}

llvm::Error binding::checkMemory(const Field &field, const TensorView &view) {
  size_t first = view.shape.size() - field.extents.size();
  int64_t expected = 1;
  for (size_t axis = view.shape.size(); axis-- > first;) {
    if (view.shape[axis] != 1 && view.strides[axis] != expected)
      return errorIn(field.name,
                     "expected the last " + llvm::Twine(field.extents.size()) +
                         " axes contiguous in C order, got shape " +
                         spellShape(view.shape) + " with strides " +
                         spellShape(view.strides) + "; pass a contiguous copy");
    expected *= view.shape[axis];
  }
  if (!view.data && !llvm::is_contained(view.shape, 0))
    return errorIn(field.name, "expected an address, got a null pointer");
  size_t alignment = sizeInBytes(realPartType(view.dtype));
  if (reinterpret_cast<uintptr_t>(view.data) % alignment != 0)
    return errorIn(field.name, "expected memory aligned to " +
                                   llvm::Twine(alignment) + " bytes");
  return llvm::Error::success();
}

lrc_tensor binding::describe(const Field &field, const TensorView &view) {
  lrc_tensor tensor = {view.data, 0, 0, 0, 1};
  unsigned leading = leadingAxes(field.role);
  if (leading >= 1)
    tensor.stride_batch = view.strides[0];
  if (leading >= 2)
    tensor.stride_time = view.strides[1];
  if (view.shape.size() > leading + field.extents.size()) {
    tensor.stride_head = view.strides[leading];
    tensor.slices = view.shape[leading];
  }
  return tensor;
}

std::string binding::findSimilar(llvm::StringRef name,
                                 llvm::ArrayRef<std::string> candidates) {
  std::string best;
  unsigned bestDistance = std::max<unsigned>(1, name.size() / 3) + 1;
  for (const std::string &candidate : candidates) {
    bool sameLetters = name.equals_insensitive(candidate);
    unsigned distance =
        sameLetters ? 0 : name.edit_distance(candidate, true, bestDistance);
    // A single letter resembles any other.
    if (distance >= name.size() || distance >= bestDistance)
      continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}
