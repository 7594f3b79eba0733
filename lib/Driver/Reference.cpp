//===- Reference.cpp - The interpreter on whole tensors -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Reference.h"

#include "lib/Interp/Interpreter.h"

using namespace lrc;
using namespace lrc::driver;

namespace {
/// Where one sequence of one head is.
struct Place {
  int64_t sequence;
  int64_t head;
  int64_t heads;
  int64_t firstStep;
  int64_t steps;
  bool packed;

  /// Position of step `t` of the sequence, in elements; t = 0 without time.
  int64_t offset(const lrc_tensor &tensor, int64_t t) const {
    int64_t batch = packed && tensor.stride_time ? 0 : sequence;
    return batch * tensor.stride_batch + (firstStep + t) * tensor.stride_time +
           head * tensor.slices / heads * tensor.stride_head;
  }
};
} // namespace

static bool hasTime(const Field &field) {
  return field.role == Field::Role::Input || field.role == Field::Role::Output;
}

static llvm::SmallVector<int64_t> stepShape(const Field &field,
                                            const Binding &binding) {
  llvm::SmallVector<int64_t> shape;
  for (const Extent &extent : field.extents)
    shape.push_back(extent.dim.empty() ? extent.size
                                       : binding.dims.at(extent.dim));
  return shape;
}

static int64_t product(llvm::ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

/// What the interpreter sees of a tensor.
static interp::Array slice(const Field &field, const Binding &binding,
                           const Tensor &tensor, const Place &place) {
  interp::Array array;
  array.shape = stepShape(field, binding);
  int64_t count = product(array.shape);
  int64_t steps = hasTime(field) ? place.steps : 1;
  const lrc_tensor &layout = binding.tensors.at(field.name).tensor;
  array.data.reserve(steps * count);
  for (int64_t t = 0; t < steps; ++t) {
    int64_t offset = place.offset(layout, t);
    for (int64_t i = 0; i < count; ++i)
      array.data.push_back(tensor.getComplex(offset + i));
  }
  if (hasTime(field))
    array.shape.insert(array.shape.begin(), place.steps);
  return array;
}

/// Puts an array of the interpreter into a result tensor.
static void store(const Field &field, const interp::Array &array,
                  const Binding &binding, const Place &place, Tensor &tensor) {
  TensorView view = TensorView::contiguous(nullptr, tensor.dtype, tensor.shape);
  lrc_tensor layout = {nullptr, view.strides[0], 0, 0, 1};
  if (hasTime(field))
    layout.stride_time = view.strides[1];
  if (binding.hasHeads) {
    layout.stride_head = view.strides[hasTime(field) ? 2 : 1];
    layout.slices = binding.heads;
  }
  int64_t count = product(stepShape(field, binding));
  for (int64_t t = 0, e = hasTime(field) ? place.steps : 1; t < e; ++t)
    for (int64_t i = 0; i < count; ++i)
      tensor.setComplex(place.offset(layout, t) + i, array.data[t * count + i]);
}

static bool isResult(const Field &field) {
  return field.role == Field::Role::Output ||
         (field.role == Field::Role::State && !field.hidden);
}

TensorMap driver::runReference(dsf::RecurrenceOp recurrence,
                               const Signature &signature,
                               const Binding &binding,
                               const TensorMap &tensors) {
  TensorMap results;
  for (const Field &field : signature.fields)
    if (isResult(field))
      results[field.name] = Tensor(field.complex ? DType::C128 : DType::F64,
                                   resultShape(field, binding));
  for (int64_t n = 0; n < binding.batch; ++n) {
    for (int64_t h = 0; h < binding.heads; ++h) {
      Place place = {n, h, binding.heads, 0, binding.steps, binding.packed};
      if (binding.packed) {
        place.firstStep = binding.segments[n];
        place.steps = binding.segments[n + 1] - place.firstStep;
      }
      interp::Sequence sequence;
      sequence.steps = place.steps;
      sequence.head = h;
      sequence.heads = binding.heads;
      for (const Field &field : signature.fields)
        if (binding.tensors.count(field.name))
          sequence.tensors[field.name] =
              slice(field, binding, tensors.find(field.name)->second, place);
      interp::Results values = interp::run(recurrence, sequence);
      for (const Field &field : signature.fields)
        if (isResult(field))
          store(field, values[field.name], binding, place, results[field.name]);
    }
  }
  return results;
}
