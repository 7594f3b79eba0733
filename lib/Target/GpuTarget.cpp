//===- GpuTarget.cpp - What a GPU has and can do --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Target/GpuTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace lrc;

// From the tables "Technical Specifications per Compute Capability" of the CUDA
// C++ programming guide; multiprocessors of A100, L40, H100 SXM and B200.
static constexpr GpuTarget targets[] = {
    {"sm_80", 80, "+ptx80", 163 << 10, 164 << 10, 2048, 108, 1.4, 1700},
    {"sm_89", 89, "+ptx80", 99 << 10, 100 << 10, 1536, 142, 2.5, 800},
    {"sm_90a", 90, "+ptx80", 227 << 10, 228 << 10, 2048, 132, 1.75, 4200},
    {"sm_100a", 100, "+ptx88", 227 << 10, 228 << 10, 2048, 148, 1.9, 6500},
};

llvm::ArrayRef<GpuTarget> lrc::gpuTargets() { return targets; }

llvm::Expected<const GpuTarget *> lrc::findGpuTarget(llvm::StringRef name) {
  std::string names;
  for (const GpuTarget &target : targets) {
    if (target.name == name)
      return &target;
    names += (names.empty() ? "" : ", ") + target.name.str();
  }
  return llvm::createStringError("expected target cpu, cuda or one of " +
                                 names + ", got '" + name + "'");
}

const GpuTarget *lrc::findGpuTarget(unsigned capability) {
  const GpuTarget *best = nullptr;
  for (const GpuTarget &target : targets) {
    // Code for 90a and 100a runs on that very capability alone.
    bool exact = target.name.ends_with("a");
    if (exact ? target.capability == capability
              : target.capability <= capability)
      best = &target;
  }
  return best;
}
