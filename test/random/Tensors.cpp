//===- Tensors.cpp - Numbers for a case -----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Tensors.h"

#include "lib/Binding/Bind.h"
#include "lib/Driver/VerifyCases.h"
#include "test/random/Random.h"

#include <cmath>

using namespace lrc;
using namespace lrc::sampling;

static uint64_t hash(const std::string &name) {
  uint64_t value = 0;
  for (char letter : name)
    value = mix(value, uint64_t(letter));
  return value;
}

/// Heads of a tensor; 0 without a head axis.
static int64_t headsOf(const Field &field, const Shape &shape, Random &random) {
  if (shape.heads == 0)
    return 0;
  bool hasHeads = random.chance(field.role == Field::Role::Input ? 90 : 50);
  bool isShared = random.chance(50);
  if (!hasHeads)
    return 0;
  return shape.grouped && isShared && shape.heads % 2 == 0 ? shape.heads / 2
                                                           : shape.heads;
}

static int64_t totalSteps(const Shape &shape) {
  int64_t total = 0;
  for (int64_t length : shape.lengths)
    total += length;
  return total;
}

static Tensor makeSegments(const Shape &shape) {
  Tensor segments(DType::I32, {int64_t(shape.lengths.size()) + 1});
  int32_t end = 0;
  for (size_t n = 0; n < shape.lengths.size(); ++n)
    segments.elements<int32_t>()[n + 1] = end += int32_t(shape.lengths[n]);
  return segments;
}

TensorMap sampling::drawTensors(const Signature &signature, const Shape &shape,
                                ElementType type, uint64_t seed) {
  Sizes sizes = shape.dims;
  for (const Dim &dim : signature.dims) {
    if (dim.isDerived())
      sizes[dim.name] = evaluate(dim, sizes).value_or(1);
    else if (!sizes.count(dim.name))
      sizes[dim.name] = dim.defaultSize.value_or(3);
  }
  TensorMap tensors;
  for (const Field &field : signature.fields) {
    bool isInput = field.role == Field::Role::Input;
    if (!isInput && (field.role != Field::Role::Param || field.hasDefault))
      continue;
    Random random(mix(seed, hash(field.name)));
    llvm::SmallVector<int64_t> extents;
    if (isInput && !shape.lengths.empty())
      extents = {1, totalSteps(shape)};
    else if (isInput)
      extents = {shape.batch, shape.steps};
    if (int64_t heads = headsOf(field, shape, random))
      extents.push_back(heads);
    for (const Extent &extent : field.extents)
      extents.push_back(extent.dim.empty() ? extent.size : sizes[extent.dim]);
    driver::RandomInputs numbers(mix(seed, ~hash(field.name)));
    tensors[field.name] =
        numbers.draw(field, extents, driver::dtypeFor(field, type));
  }
  if (!shape.lengths.empty())
    tensors[segmentsName.str()] = makeSegments(shape);
  return tensors;
}

TensorMap sampling::perturb(const Signature &signature,
                            const TensorMap &tensors, ElementType type,
                            uint64_t seed) {
  double unit = type == ElementType::F64 ? 0x1p-52 : 0x1p-23;
  Random random(seed);
  auto move = [&](double value) {
    return value * (1 + unit * double(random.below(2001) - 1000) / 1000);
  };
  TensorMap moved;
  for (const auto &[name, tensor] : tensors) {
    const Field *field = signature.findField(name);
    if (!field || field->range.kind == DeclaredRange::Kind::Choice) {
      moved.insert({name, tensor});
      continue;
    }
    Tensor wide = tensor.cast(field->complex ? DType::C128 : DType::F64);
    for (int64_t i = 0, e = wide.numElements(); i < e; ++i) {
      std::complex<double> value = wide.getComplex(i);
      wide.setComplex(i, {move(value.real()), move(value.imag())});
    }
    moved.insert({name, std::move(wide)});
  }
  return moved;
}
