//===- TileKernel.h - Compile and run a tile kernel from text ---*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_UNIT_CODEGEN_TILEKERNEL_H
#define LRC_TEST_UNIT_CODEGEN_TILEKERNEL_H

#include "lib/JIT/HostCodegen.h"
#include "lrc-c/kernel.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lrc::test {

/// Text with every `$NAME` replaced.
std::string substitute(std::string text,
                       const std::map<std::string, std::string> &values);

/// The function `kernel` of a module with a tile kernel.
class TileKernel {
public:
  explicit TileKernel(const std::string &text,
                      VectorRegisters registers = findHostRegisters());

  /// Runs one sequence on one head. Strides of time are in elements, 0 for
  /// what has no time.
  int32_t run(int64_t steps, std::vector<lrc_tensor> tensors,
              int64_t blocks = 1) const;

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
  lrc_kernel function = nullptr;
};

} // namespace lrc::test

#endif // LRC_TEST_UNIT_CODEGEN_TILEKERNEL_H
