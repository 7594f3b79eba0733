//===- Shared.cpp - The shared library ------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// liblrc.so is made of static libraries alone, and CMake wants a source.
//
//===----------------------------------------------------------------------===//
