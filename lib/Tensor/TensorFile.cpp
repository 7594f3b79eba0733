//===- TensorFile.cpp - Read and write tensor files -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/TensorFile.h"
#include "lib/Support/ReplaceFile.h"
#include "lib/Tensor/Formats.h"
#include "lib/Tensor/Quote.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace lrc {

namespace {
enum class Format { Npy, Npz, Safetensors };
} // namespace

static Error errorInFile(StringRef path, Error error) {
  std::string name = quote(path, /*maxLength=*/StringRef::npos);
  return createStringError(name + ": " + toString(std::move(error)));
}

Error errorInTensor(StringRef name, Error error) {
  return createStringError("tensor " + quote(name) + ": " +
                           toString(std::move(error)));
}

static Expected<Format> formatOf(StringRef path) {
  StringRef extension = sys::path::extension(path);
  std::optional<Format> format = StringSwitch<std::optional<Format>>(extension)
                                     .Case(".npy", Format::Npy)
                                     .Case(".npz", Format::Npz)
                                     .Case(".safetensors", Format::Safetensors)
                                     .Default(std::nullopt);
  if (format)
    return *format;
  return createStringError("unknown tensor file extension " + quote(extension) +
                           "; .npy, .npz and .safetensors are accepted");
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

Error checkBoolBytes(const Tensor &tensor) {
  if (tensor.dtype != DType::Bool)
    return Error::success();
  ArrayRef<uint8_t> bytes = tensor.elements<uint8_t>();
  for (size_t i = 0; i < bytes.size(); ++i)
    if (bytes[i] > 1)
      return createStringError(
          "element " + Twine(i) + " of a bool tensor is the byte " +
          Twine(unsigned(bytes[i])) + "; 0 or 1 is expected");
  return Error::success();
}

Error checkTensor(const Tensor &tensor) {
  Expected<uint64_t> size = Tensor::byteSize(tensor.dtype, tensor.shape);
  if (!size)
    return size.takeError();
  if (*size != tensor.data.size())
    return createStringError("shape " + shapeToString(tensor.shape) + " of " +
                             dtypeName(tensor.dtype) + " needs " +
                             Twine(*size) + " bytes but the tensor has " +
                             Twine(tensor.data.size()));
  return checkBoolBytes(tensor);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Anything but a regular file may block or never end.
static Expected<std::unique_ptr<MemoryBuffer>> openFile(StringRef path) {
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(path, status))
    return createStringError("cannot open the file: " + code.message());
  if (!sys::fs::is_regular_file(status))
    return createStringError("not a regular file, as is expected");
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError("cannot read the file: " +
                             buffer.getError().message());
  return std::move(*buffer);
}

static Expected<TensorMap> readFormat(Format format, StringRef path,
                                      MemoryBufferRef buffer) {
  if (format == Format::Npz)
    return readNpz(buffer);
  if (format == Format::Safetensors)
    return readSafetensors(buffer.getBuffer());
  StringRef name = sys::path::stem(path);
  Expected<Tensor> tensor = readNpy(buffer.getBuffer());
  if (!tensor)
    return errorInTensor(name, tensor.takeError());
  TensorMap tensors;
  tensors.insert({name.str(), std::move(*tensor)});
  return tensors;
}

Expected<TensorMap> readTensors(StringRef path) {
  Expected<Format> format = formatOf(path);
  if (!format)
    return errorInFile(path, format.takeError());
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openFile(path);
  if (!buffer)
    return errorInFile(path, buffer.takeError());
  Expected<TensorMap> tensors =
      readFormat(*format, path, (*buffer)->getMemBufferRef());
  if (!tensors)
    return errorInFile(path, tensors.takeError());
  return tensors;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static Error writeToTemp(Format format, const sys::fs::TempFile &temp,
                         const TensorMap &tensors) {
  if (format == Format::Npz)
    return writeNpz(temp.TmpName, tensors);
  raw_fd_ostream os(temp.FD, /*shouldClose=*/false);
  if (format == Format::Npy)
    writeNpy(os, tensors.front().second);
  else if (Error error = writeSafetensors(os, tensors))
    return error;
  os.flush();
  if (std::error_code code = os.error()) {
    os.clear_error(); // The destructor would end the program.
    return createStringError("cannot write the file: " + code.message());
  }
  return Error::success();
}

static Error writeFormat(Format format, StringRef path,
                         const TensorMap &tensors) {
  if (format == Format::Npy && tensors.size() != 1)
    return createStringError("a .npy file takes 1 tensor, not " +
                             Twine(tensors.size()) +
                             "; .npz and .safetensors take any number");
  for (const auto &[name, tensor] : tensors)
    if (Error error = checkTensor(tensor))
      return errorInTensor(name, std::move(error));

  return replaceFile(path, [&](const sys::fs::TempFile &temp) {
    return writeToTemp(format, temp, tensors);
  });
}

Error writeTensors(StringRef path, const TensorMap &tensors) {
  Expected<Format> format = formatOf(path);
  if (!format)
    return errorInFile(path, format.takeError());
  if (Error error = writeFormat(*format, path, tensors))
    return errorInFile(path, std::move(error));
  return Error::success();
}

} // namespace lrc
