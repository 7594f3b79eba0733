//===- ReplaceFile.cpp - Replace a file as a whole ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Support/ReplaceFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

using namespace llvm;

Error lrc::replaceFile(StringRef path,
                       function_ref<Error(const sys::fs::TempFile &)> write) {
  SmallString<128> target = path;
  sys::fs::file_status status;
  bool exists = !sys::fs::status(path, status);
  if (exists && !sys::fs::is_regular_file(status))
    return createStringError("cannot replace what is not a regular file");
  if (exists)
    if (std::error_code code = sys::fs::real_path(path, target))
      return createStringError("cannot find the file: " + code.message());

  // The name does not grow out of that of the target, which may be as long as
  // the file system allows.
  SmallString<128> model = sys::path::parent_path(target);
  if (model.str().contains('%')) // TempFile would replace it by a random digit.
    return createStringError("cannot write into a directory with '%' in its "
                             "name");
  sys::path::append(model, ".lrc-%%%%%%%%.tmp");
  Expected<sys::fs::TempFile> temp = sys::fs::TempFile::create(model);
  if (!temp)
    return createStringError("cannot create a file in the directory: " +
                             toString(temp.takeError()));
  if (Error error = write(*temp))
    return joinErrors(std::move(error), temp->discard());
  if (exists)
    if (std::error_code code =
            sys::fs::setPermissions(temp->TmpName, status.permissions()))
      return joinErrors(
          createStringError("cannot keep the permissions: " + code.message()),
          temp->discard());
  if (Error error = temp->keep(target))
    return createStringError("cannot replace the file: " +
                             toString(std::move(error)));
  return Error::success();
}
