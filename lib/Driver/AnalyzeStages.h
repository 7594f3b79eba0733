//===- AnalyzeStages.h - The stages of a recurrence, printed ----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_ANALYZESTAGES_H
#define LRC_LIB_DRIVER_ANALYZESTAGES_H

#include "lib/Explain/Report.h"

#include "llvm/Support/JSON.h"

namespace lrc::driver {

/// Normal form, class, eigenvalues and what they track, stage by stage.
void printStages(llvm::raw_ostream &os, const Report &report);
llvm::json::Array stagesToJson(const Report &report);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_ANALYZESTAGES_H
