//===- Request.h - Sizes and values beside the tensors ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_BINDING_REQUEST_H
#define LRC_LIB_BINDING_REQUEST_H

#include "lib/Binding/Bind.h"

namespace lrc::binding {

/// B, T, H and N are no dims: these keys keep them apart from dims of such
/// names.
inline std::string axisKey(llvm::StringRef name) { return (" " + name).str(); }
inline llvm::StringRef axisName(llvm::StringRef key) { return key.ltrim(); }

struct RequestedSizes {
  /// By name of a dim or by axisKey.
  Sizes sizes;
  std::map<std::string, double> scalars;
};

/// Sorts a request into sizes and values of parameters, and checks the names.
llvm::Expected<RequestedSizes> readRequest(const Signature &signature,
                                           const BindRequest &request);

} // namespace lrc::binding

#endif // LRC_LIB_BINDING_REQUEST_H
