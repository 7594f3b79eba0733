//===- Cache.cpp - Small texts that outlive a run -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Cache/Cache.h"
#include "lib/Support/ReplaceFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;
using lrc::Cache;

std::string Cache::getDefaultDirectory() {
  if (std::optional<std::string> own = sys::Process::GetEnv("LRC_CACHE_DIR");
      own && !own->empty())
    return *own;
  SmallString<128> path;
  // The XDG specification wants a relative one ignored.
  if (std::optional<std::string> base = sys::Process::GetEnv("XDG_CACHE_HOME");
      base && sys::path::is_absolute(*base)) {
    path = *base;
  } else {
    if (!sys::path::home_directory(path))
      return "";
    sys::path::append(path, ".cache");
  }
  sys::path::append(path, "lrc");
  return std::string(path);
}

std::string Cache::getPath(StringRef key) const {
  XXH128_hash_t hash = xxh3_128bits(arrayRefFromStringRef(key));
  SmallString<128> path(directory);
  sys::path::append(path, utohexstr(hash.high64, /*LowerCase=*/true, 16) +
                              utohexstr(hash.low64, /*LowerCase=*/true, 16));
  return std::string(path);
}

/// An entry up to its value. The key stands there in full, since two keys may
/// have one hash.
static std::string encodeHead(StringRef key) {
  return ("lrc cache 1\nkey " + Twine(key.size()) + "\n" + key + "\nvalue\n")
      .str();
}

static std::string encode(StringRef key, StringRef value) {
  std::string text = encodeHead(key) + value.str();
  std::string sum = utohexstr(xxh3_64bits(text), /*LowerCase=*/true, 16);
  return text + "\n" + sum + "\n";
}

/// The sum and a line break on either side.
static constexpr size_t tailBytes = 18;

std::optional<std::string> Cache::lookup(StringRef key) const {
  if (directory.empty())
    return std::nullopt;
  std::string path = getPath(key);
  std::string head = encodeHead(key);
  sys::fs::file_status status;
  // A pipe would block.
  if (sys::fs::status(path, status) || !sys::fs::is_regular_file(status) ||
      status.getSize() > head.size() + maxBytes + tailBytes)
    return std::nullopt;
  // Another process may replace the file meanwhile, hence no mapping.
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false,
      /*IsVolatile=*/true);
  if (!file)
    return std::nullopt;
  StringRef text = (*file)->getBuffer();
  if (!text.starts_with(head) || text.size() < head.size() + tailBytes)
    return std::nullopt;
  StringRef value = text.drop_front(head.size()).drop_back(tailBytes);
  if (text != encode(key, value))
    return std::nullopt;
  return value.str();
}

void Cache::store(StringRef key, StringRef value) const {
  if (directory.empty() || value.size() > maxBytes)
    return;
  // The XDG specification wants it private.
  if (sys::fs::create_directories(directory, /*IgnoreExisting=*/true,
                                  sys::fs::owner_all))
    return;
  std::string text = encode(key, value);
  // Readers see the old entry or the new one, whole.
  consumeError(replaceFile(
      getPath(key), [&](const sys::fs::TempFile &temporary) -> Error {
        raw_fd_ostream os(temporary.FD, /*shouldClose=*/false);
        os << text;
        os.flush();
        std::error_code code = os.error();
        os.clear_error();
        return errorCodeToError(code);
      }));
}
