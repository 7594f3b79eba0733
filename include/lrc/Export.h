//===- Export.h - What the shared library shows -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_EXPORT_H
#define LRC_EXPORT_H

#if defined(__GNUC__)
#define LRC_API __attribute__((visibility("default")))
#else
#define LRC_API
#endif

#endif // LRC_EXPORT_H
