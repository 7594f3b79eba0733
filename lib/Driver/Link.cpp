//===- Link.cpp - From an object to a shared library ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Link.h"

#include "lib/Driver/Command.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::driver;

/// A compiler knows where the C library is; a bare linker leaves its functions
/// to the program that loads the library.
static std::string findLinker() {
  for (llvm::StringRef name : {"cc", "clang", "gcc", "ld.lld", "ld"})
    if (auto path = llvm::sys::findProgramByName(name))
      return *path;
  return {};
}

static llvm::Error runLinker(llvm::StringRef linker, llvm::StringRef object,
                             llvm::StringRef library) {
  std::string report;
  bool failed = false;
  int status = llvm::sys::ExecuteAndWait(
      linker, {linker, "-shared", "-o", library, object}, std::nullopt, {},
      /*SecondsToWait=*/0, /*MemoryLimit=*/0, &report, &failed);
  if (status == 0)
    return llvm::Error::success();
  return llvm::createStringError(linker + " failed" +
                                 (report.empty() ? "" : ": " + report));
}

llvm::Error driver::linkShared(llvm::StringRef object, llvm::StringRef path) {
  std::string linker = findLinker();
  if (linker.empty())
    return llvm::createStringError(
        "expected a C compiler (cc, clang, gcc) or linker (ld.lld, ld) in PATH "
        "to make a shared library; --emit=obj needs none");
  llvm::SmallString<128> objectPath, libraryPath;
  if (llvm::sys::fs::createTemporaryFile("lrc", "o", objectPath) ||
      llvm::sys::fs::createTemporaryFile("lrc", "so", libraryPath))
    return llvm::createStringError("no temporary files could be made");
  llvm::FileRemover removeObject(objectPath), removeLibrary(libraryPath);
  if (llvm::Error error = writeText(objectPath, object))
    return error;
  if (llvm::Error error = runLinker(linker, objectPath, libraryPath))
    return error;
  auto library = llvm::MemoryBuffer::getFile(libraryPath);
  if (!library)
    return llvm::createStringError(libraryPath + ": " +
                                   library.getError().message());
  return writeText(path, (*library)->getBuffer());
}
