//===- DsfDialect.cpp - The dsf dialect -----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/Dsf.h"

using namespace lrc::dsf;

#include "dialects/Dsf/DsfDialect.cpp.inc"
#include "dialects/Dsf/DsfEnums.cpp.inc"

void DsfDialect::initialize() {
  registerTypesAndAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialects/Dsf/DsfOps.cpp.inc"
      >();
}
