//===- Bind.h - Match tensors with a signature ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From tensors by name to sizes, strides and head groups, for `lrc run` and the
// host APIs alike. Example, for `in q[K], k[K]; param A; state S[K]`:
//
//     q  [2, 64, 4, 16]   B = 2, T = 64, 4 heads, K = 16
//     k  [2, 64, 2, 16]   2 slices: heads 0, 1 share one and heads 2, 3 another
//     A  []               the same for all heads
//     S  [2, 4, 16]       initial state
//
// The number of axes of a tensor says whether it has heads. Every mismatch is
// an error in these terms, which names both tensors.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_BINDING_BIND_H
#define LRC_LIB_BINDING_BIND_H

#include "lib/Tensor/DType.h"
#include "lrc-c/kernel.h"
#include "lrc/Signature.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace lrc {

/// A tensor in memory. Strides count elements.
struct TensorView {
  void *data = nullptr;
  DType dtype = DType::F32;
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<int64_t> strides;

  /// A tensor in C order.
  static TensorView contiguous(void *data, DType dtype,
                               llvm::ArrayRef<int64_t> shape);
};

using TensorViews = std::map<std::string, TensorView>;

/// The name under which sequence boundaries are found.
inline constexpr llvm::StringLiteral segmentsName = "cu_seqlens";

/// Values that come with the call, not from tensors.
struct BindRequest {
  /// Sizes of dims, and of B, T and H where no dim has that name.
  Sizes sizes;
  /// Scalar parameters, and dims again (`--set K=64`).
  std::map<std::string, double> scalars;
  /// Whether an unknown number of steps is an error.
  bool needSteps = true;
};

struct BoundTensor {
  lrc_tensor tensor;
  ElementType type;
};

/// A call whose tensors agree with the signature and with each other.
struct Binding {
  /// All dims, derived ones included.
  Sizes dims;
  /// Where the size of a dim (or "B", "T", "H") came from, for diagnostics.
  std::map<std::string, std::string> origins;
  /// Sequences; with segments one for each.
  int64_t batch = 1;
  /// Length of the time axis.
  int64_t steps = 0;
  int64_t heads = 1;
  /// Whether outputs and final states have a head axis.
  bool hasHeads = false;
  /// Whether sequences are packed; then `segments` has batch + 1 boundaries.
  bool packed = false;
  std::vector<int64_t> segments;
  /// Inputs, given parameters and given initial states.
  std::map<std::string, BoundTensor> tensors;
  std::map<std::string, double> scalars;
  /// Names in the call that the signature does not have.
  std::vector<std::string> unused;
};

/// Matches inputs, parameters and initial states with a signature.
llvm::Expected<Binding> bindTensors(const Signature &signature,
                                    const TensorViews &tensors,
                                    const BindRequest &request);

/// Fails when a request names what the signature does not have.
llvm::Error checkRequest(const Signature &signature,
                         const BindRequest &request);

/// The shape of an output, or of a state after the last step.
llvm::SmallVector<int64_t> resultShape(const Field &field,
                                       const Binding &binding);

/// Matches the memory for an output or a final state.
llvm::Expected<BoundTensor>
bindResult(const Field &field, const TensorView &view, const Binding &binding);

/// "[B, T, H, K]": the layout of a tensor in terms of dims.
std::string layoutOf(const Field &field, bool hasHeads, bool packed = false);

/// The element type that dsf can store, if it is one.
std::optional<ElementType> toElementType(DType dtype);
DType toDType(ElementType type);

} // namespace lrc

#endif // LRC_LIB_BINDING_BIND_H
