//===- SourceFiles.h - Files that the front end is tested on ----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_UNIT_FRONTEND_SOURCEFILES_H
#define LRC_TEST_UNIT_FRONTEND_SOURCEFILES_H

#include "lib/Frontend/Frontend.h"

#include <optional>
#include <string>
#include <vector>

namespace lrc::test {

/// A text with its tree and what is wrong with it.
struct Parsed {
  explicit Parsed(llvm::StringRef text);

  llvm::SourceMgr sources;
  unsigned buffer;
  frontend::Diagnostics diagnostics{sources};
  std::optional<ast::File> file; // none after an error

  /// `line:column: message` of each error.
  std::vector<std::string> getErrors() const;
};

/// Paths of the .dsf files in a folder of the repository, in order.
std::vector<std::string> listFiles(llvm::StringRef folder);
std::string readFile(llvm::StringRef path);

/// The files that are right: examples, language tests, and the manual's.
std::vector<std::string> listGoodTexts();

} // namespace lrc::test

#endif // LRC_TEST_UNIT_FRONTEND_SOURCEFILES_H
