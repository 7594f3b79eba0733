//===- Frontend.h - The .dsf language as a library --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Text → tree → checked tree → dsf ops. Nothing here prints, exits or throws;
// any bytes are acceptable input. lib/Frontend/README.md is the manual of the
// language.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_FRONTEND_H
#define LRC_FRONTEND_FRONTEND_H

#include "lib/Frontend/AST.h"
#include "lib/Frontend/Diagnostics.h"

#include <optional>
#include <string>

namespace lrc::frontend {

/// Parses a buffer of `diagnostics.getSources()`. After errors the tree has
/// what could be parsed. The buffer must outlive the tree.
ast::File parse(unsigned buffer, Diagnostics &diagnostics);

/// Checks names, indices and types, and resolves the extents of the index
/// variables in `file`. Reports nothing that a parse error may have caused.
void check(ast::File &file, Diagnostics &diagnostics);

/// Both; the diagnostics are in the order of the text. None after any error.
std::optional<ast::File> parseAndCheck(unsigned buffer,
                                       Diagnostics &diagnostics);

/// The canonical layout of a file that was parsed without errors; it need not
/// be checked. Comments are kept.
std::string format(const ast::File &file);

} // namespace lrc::frontend

#endif // LRC_FRONTEND_FRONTEND_H
