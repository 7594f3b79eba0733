//===- VerifyCases.cpp - Shapes on which kernels are tried ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/VerifyCases.h"

#include "lib/Binding/Bind.h"

#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::driver;

std::string VerifyCase::label() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << (packed ? "N=" : "B=") << batch << " T=" << steps;
  if (heads)
    os << " H=" << heads;
  for (const auto &[name, size] : dims)
    os << ' ' << name << '=' << size;
  os << (grouped ? " groups" : "") << (packed ? " packed" : "")
     << (initial ? " initial" : "");
  return text;
}

/// Whether every derived dim has a size.
static bool areSizes(const Signature &signature, Sizes sizes) {
  for (const Dim &dim : signature.dims) {
    if (!dim.isDerived())
      continue;
    std::optional<int64_t> size = evaluate(dim, sizes);
    if (!size || *size < 1)
      return false;
    sizes[dim.name] = *size;
  }
  return true;
}

/// Gives base dims the sizes start, start + step, ..; larger ones when a
/// derived dim, K / 2 say, asks for it.
static Sizes chooseDims(const Signature &signature, const Sizes &fixed,
                        int64_t start, int64_t step) {
  Sizes sizes;
  for (int64_t extra = 0; extra < 64; ++extra) {
    int64_t next = start + extra;
    for (const Dim &dim : signature.dims) {
      auto known = fixed.find(dim.name);
      if (dim.isDerived())
        continue;
      if (known != fixed.end() || dim.defaultSize) {
        sizes[dim.name] =
            known != fixed.end() ? known->second : *dim.defaultSize;
        continue;
      }
      sizes[dim.name] = next;
      next += step;
    }
    if (areSizes(signature, sizes))
      break;
  }
  return sizes;
}

std::vector<VerifyCase> driver::defaultCases(const Signature &signature,
                                             const Sizes &fixed) {
  Sizes small = chooseDims(signature, fixed, 4, 1);
  Sizes ones = chooseDims(signature, fixed, 1, 0);
  Sizes odd = chooseDims(signature, fixed, 17, 16);
  Sizes round = chooseDims(signature, fixed, 16, 0);
  std::vector<VerifyCase> cases(9);
  cases[0] = {2, 7, 2, small};
  cases[1] = {1, 3, 0, ones};
  cases[2] = {1, 33, 3, odd, false, true};
  cases[3] = {3, 1, 0, round, false, true};
  cases[4] = {1, 70, 2, round};
  cases[5] = {2, 5, 4, small, true};
  cases[6] = {4, 6, 2, small, false, true, true};
  cases[7] = {2, 0, 2, small, false, true};
  cases[8] = {0, 7, 2, small};
  return cases;
}

VerifyCase driver::caseOf(const Signature &signature, const Sizes &sizes) {
  VerifyCase result;
  result.heads = 0;
  result.dims = chooseDims(signature, sizes, 4, 1);
  for (auto [name, size] :
       {std::pair("B", &result.batch), std::pair("T", &result.steps),
        std::pair("H", &result.heads)}) {
    auto it = sizes.find(name);
    if (it != sizes.end() && !signature.findDim(name))
      *size = it->second;
  }
  return result;
}

DType driver::dtypeFor(const Field &field, ElementType type) {
  if (!field.complex)
    return toDType(type);
  return type == ElementType::F64 ? DType::C128 : DType::C64;
}

/// Sequence n of a packed batch has n steps.
static int64_t packedSteps(int64_t batch) { return batch * (batch - 1) / 2; }

static Tensor makeSegments(int64_t batch) {
  Tensor segments(DType::I32, {batch + 1});
  for (int64_t n = 0; n <= batch; ++n)
    segments.elements<int32_t>()[n] = static_cast<int32_t>(packedSteps(n));
  return segments;
}

/// All sizes of a case, derived ones included.
static Sizes allSizes(const Signature &signature, const VerifyCase &shape) {
  Sizes sizes = shape.dims;
  for (const Dim &dim : signature.dims)
    if (dim.isDerived())
      sizes[dim.name] = evaluate(dim, sizes).value_or(1);
  return sizes;
}

bool driver::isModest(const Signature &signature, const VerifyCase &shape) {
  Sizes sizes = allSizes(signature, shape);
  double total = 0;
  for (const Field &field : signature.fields) {
    double count = double(std::max<int64_t>(shape.batch, 1)) *
                   double(std::max<int64_t>(shape.heads, 1)) *
                   double(std::max<int64_t>(shape.steps, 1));
    for (const Extent &extent : field.extents)
      count *= double(extent.dim.empty() ? extent.size : sizes[extent.dim]);
    total += count;
  }
  return total < 0x1p26;
}

TensorMap driver::drawTensors(const Signature &signature,
                              const VerifyCase &shape, const Scalars &scalars,
                              ElementType type, RandomInputs &random) {
  Sizes sizes = allSizes(signature, shape);
  TensorMap tensors;
  int64_t count = 0;
  for (const Field &field : signature.fields) {
    bool isInput = field.role == Field::Role::Input;
    bool isParam = field.role == Field::Role::Param && !field.hasDefault &&
                   !scalars.count(field.name);
    if (!isInput && !isParam)
      continue;
    bool every2nd = count++ % 2 == 1;
    llvm::SmallVector<int64_t> extents;
    if (isInput && shape.packed)
      extents = {1, packedSteps(shape.batch)};
    else if (isInput)
      extents = {shape.batch, shape.steps};
    // A parameter may have heads too; let every second one.
    if (shape.heads && (isInput || every2nd))
      extents.push_back(shape.grouped && every2nd ? shape.heads / 2
                                                  : shape.heads);
    for (const Extent &extent : field.extents)
      extents.push_back(extent.dim.empty() ? extent.size : sizes[extent.dim]);
    tensors[field.name] = random.draw(field, extents, dtypeFor(field, type));
  }
  if (shape.packed)
    tensors[segmentsName.str()] = makeSegments(shape.batch);
  return tensors;
}
