//===- lrc.cpp - The compiler for recurrences -----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Driver.h"

int main(int argc, char **argv) { return lrc::driver::runTool(argc, argv); }
