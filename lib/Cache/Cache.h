//===- Cache.h - Small texts that outlive a run -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CACHE_CACHE_H
#define LRC_LIB_CACHE_CACHE_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace lrc {

/// Texts under keys, one file each. Nothing here fails: what cannot be read or
/// is damaged is absent, what cannot be written is not kept. Any number of
/// threads and processes may use one directory.
class Cache {
public:
  /// Larger values are not kept.
  static constexpr size_t maxBytes = size_t(1) << 20;

  /// With an empty name nothing is kept.
  explicit Cache(std::string directory) : directory(std::move(directory)) {}

  /// $LRC_CACHE_DIR, else $XDG_CACHE_HOME/lrc, else ~/.cache/lrc; empty
  /// without a home.
  static std::string getDefaultDirectory();

  std::optional<std::string> lookup(llvm::StringRef key) const;
  void store(llvm::StringRef key, llvm::StringRef value) const;

  /// Where the value of a key lies.
  std::string getPath(llvm::StringRef key) const;

private:
  std::string directory;
};

} // namespace lrc

#endif // LRC_LIB_CACHE_CACHE_H
