//===- Driver.h - The commands of lrc ---------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_DRIVER_H
#define LRC_LIB_DRIVER_DRIVER_H

namespace lrc::driver {

/// Parses the command line and runs a command. The result is the exit status: 0
/// good, 1 a check failed, 2 bad usage or input.
int runTool(int argc, char **argv);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_DRIVER_H
