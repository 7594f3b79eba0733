//===- Npz.cpp - NumPy .npz archives --------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/Formats.h"
#include "lib/Tensor/NpyHeader.h"
#include "lib/Tensor/Quote.h"
#include "lib/Tensor/TensorFile.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include <deque>
#include <zip.h>

using namespace llvm;

namespace lrc {

namespace {
struct ArchiveDeleter {
  void operator()(zip_t *archive) const { zip_discard(archive); }
};
struct FileDeleter {
  void operator()(zip_file_t *file) const { zip_fclose(file); }
};
using ArchivePtr = std::unique_ptr<zip_t, ArchiveDeleter>;
using FilePtr = std::unique_ptr<zip_file_t, FileDeleter>;

/// A zip_error_t that is released at the end of the scope.
struct ZipError {
  ZipError() { zip_error_init(&error); }
  explicit ZipError(int code) { zip_error_init_with_code(&error, code); }
  ~ZipError() { zip_error_fini(&error); }
  StringRef text() { return zip_error_strerror(&error); }

  zip_error_t error;
};
} // namespace

//===----------------------------------------------------------------------===//
// The ends of an archive
//===----------------------------------------------------------------------===//

static constexpr size_t endRecordSize = 22;
static constexpr size_t zip64LocatorSize = 20;
static constexpr size_t minDirectoryEntrySize = 46;

/// libzip allocates and clears room for as many entries as the zip64 end
/// record claims; a record that claims more than the file has room for must
/// not get that far.
static Error checkZip64EntryCount(StringRef archive, size_t endRecord) {
  constexpr size_t zip64RecordSize = 56;
  if (endRecord < zip64LocatorSize)
    return Error::success();
  StringRef locator =
      archive.substr(endRecord - zip64LocatorSize, zip64LocatorSize);
  if (!locator.starts_with("PK\x06\x07"))
    return Error::success();
  uint64_t offset = support::endian::read64le(locator.data() + 8);
  if (offset > archive.size() || archive.size() - offset < zip64RecordSize)
    return createStringError(
        "broken archive: the zip64 directory should be at offset " +
        Twine(offset) + " but the file has " + Twine(archive.size()) +
        " bytes");
  uint64_t count = support::endian::read64le(archive.data() + offset + 32);
  uint64_t possible = archive.size() / minDirectoryEntrySize;
  if (count > possible)
    return createStringError("broken archive: its directory claims " +
                             Twine(count) + " entries, but a file of " +
                             Twine(archive.size()) + " bytes has room for " +
                             Twine(possible) + " at most");
  return Error::success();
}

/// Checks what libzip does not: it looks for the last end record that it can
/// use, whatever follows it, and takes an empty file for an empty archive.
static Error checkEndOfArchive(StringRef archive) {
  constexpr StringLiteral signature("PK\x05\x06");
  // libzip looks for end records in so many bytes at the end.
  constexpr size_t maxTail = endRecordSize + zip64LocatorSize + UINT16_MAX;
  size_t tail = std::min(archive.size(), maxTail);
  size_t tailBegin = archive.size() - tail;
  bool endsWell = false;
  std::optional<size_t> last;
  for (size_t at = archive.find(signature, tailBegin); at != StringRef::npos;
       at = archive.find(signature, at + 1)) {
    if (archive.size() - at < endRecordSize)
      break;
    last = at;
    if (Error error = checkZip64EntryCount(archive, at))
      return error;
    uint64_t comment = support::endian::read16le(archive.data() + at + 20);
    endsWell |= at + endRecordSize + comment == archive.size();
  }
  if (!last)
    return createStringError(
        "not a .npz archive, or a truncated one: no end record in its " +
        Twine(archive.size()) + " bytes");
  if (!endsWell)
    return createStringError(
        "trailing garbage or a truncated comment: the end record at offset " +
        Twine(*last) + " is not the end of the " + Twine(archive.size()) +
        " bytes");
  return Error::success();
}

static Expected<ArchivePtr> openArchive(StringRef bytes) {
  if (Error error = checkEndOfArchive(bytes))
    return error;
  ZipError zipError;
  zip_source_t *source = zip_source_buffer_create(bytes.data(), bytes.size(),
                                                  /*freep=*/0, &zipError.error);
  if (!source)
    return createStringError("cannot open the archive: " + zipError.text());
  zip_t *archive = zip_open_from_source(source, ZIP_RDONLY, &zipError.error);
  if (!archive) {
    zip_source_free(source);
    return createStringError("broken archive: its directory cannot be read (" +
                             zipError.text() +
                             "); a whole zip archive is expected");
  }
  return ArchivePtr(archive);
}

//===----------------------------------------------------------------------===//
// Reading entries
//===----------------------------------------------------------------------===//

static Error readExactly(zip_file_t *file, char *to, uint64_t size) {
  uint64_t done = 0;
  while (done < size) {
    zip_int64_t count = zip_fread(file, to + done, size - done);
    if (count < 0)
      return createStringError(
          "broken archive entry: " + Twine(zip_file_strerror(file)) +
          " while " + Twine(size) + " bytes were expected");
    if (count == 0)
      return createStringError("truncated archive entry: " + Twine(done) +
                               " bytes where " + Twine(size) +
                               " were expected");
    done += uint64_t(count);
  }
  return Error::success();
}

/// The entry must end here; reading its end also makes libzip compare the
/// checksum.
static Error expectEndOfEntry(zip_file_t *file) {
  char byte;
  zip_int64_t count = zip_fread(file, &byte, 1);
  if (count < 0)
    return createStringError("broken archive entry: " +
                             Twine(zip_file_strerror(file)));
  if (count > 0)
    return createStringError("the archive entry is longer than the archive's "
                             "directory says");
  return Error::success();
}

/// Checks what the directory says about an entry before anything is allocated
/// for it. `budget` is the number of bytes of the archive that no earlier
/// entry has claimed: entries that share their bytes are a way to blow up a
/// small file.
static Error checkEntryStat(const zip_stat_t &stat, uint64_t &budget) {
  constexpr zip_uint64_t needed =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if ((stat.valid & needed) != needed)
    return createStringError("broken archive entry: it has no sizes");
  if (stat.valid & ZIP_STAT_ENCRYPTION_METHOD &&
      stat.encryption_method != ZIP_EM_NONE)
    return createStringError("the archive entry is encrypted; a plain one is "
                             "expected");
  bool stored = stat.comp_method == ZIP_CM_STORE;
  if (!stored && stat.comp_method != ZIP_CM_DEFLATE)
    return createStringError("the archive entry uses the compression method " +
                             Twine(stat.comp_method) +
                             "; 0 (stored) or 8 (deflated) is expected");
  if (stat.comp_size > budget)
    return createStringError(
        "the archive entry claims " + Twine(stat.comp_size) +
        " bytes of the archive, which has only " + Twine(budget) + " left");
  budget -= stat.comp_size;
  // Deflate needs at least two bits for a run of 258 bytes.
  constexpr uint64_t maxDeflateRatio = 1032;
  uint64_t ratio = stored ? 1 : maxDeflateRatio;
  if (stat.size / ratio > stat.comp_size ||
      (stored && stat.size != stat.comp_size))
    return createStringError("the archive entry claims to hold " +
                             Twine(stat.size) + " bytes in " +
                             Twine(stat.comp_size) +
                             (stored ? " stored bytes; both must be equal"
                                     : " deflated bytes, which is impossible"));
  return Error::success();
}

static Expected<Tensor> readEntry(zip_t *archive, const zip_stat_t &stat) {
  FilePtr file(zip_fopen_index(archive, stat.index, 0));
  if (!file)
    return createStringError("broken archive entry: " +
                             Twine(zip_strerror(archive)));
  std::string start(std::min<uint64_t>(npyPreambleSize, stat.size), '\0');
  if (Error error = readExactly(file.get(), start.data(), start.size()))
    return error;
  Expected<uint64_t> dataOffset = npyDataOffset(start, stat.size);
  if (!dataOffset)
    return dataOffset.takeError();
  // A header that ends within the preamble is too short for its dictionary, so
  // that no byte of the data is ever lost here.
  if (*dataOffset > start.size()) {
    size_t have = start.size();
    start.resize(*dataOffset);
    if (Error error =
            readExactly(file.get(), start.data() + have, start.size() - have))
      return error;
  }
  Expected<NpyHeader> header = parseNpyHeader(start);
  if (!header)
    return header.takeError();
  Expected<Tensor> tensor = allocateNpy(*header, stat.size - *dataOffset);
  if (!tensor)
    return tensor.takeError();
  char *data = tensor->data.data();
  if (Error error = readExactly(file.get(), data, tensor->data.size()))
    return error;
  if (Error error = expectEndOfEntry(file.get()))
    return error;
  if (Error error = finishNpy(*header, *tensor))
    return error;
  return tensor;
}

Expected<TensorMap> readNpz(MemoryBufferRef buffer) {
  StringRef bytes = buffer.getBuffer();
  Expected<ArchivePtr> archive = openArchive(bytes);
  if (!archive)
    return archive.takeError();
  TensorMap tensors;
  uint64_t budget = bytes.size();
  zip_int64_t count = zip_get_num_entries(archive->get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(archive->get(), i, 0, &stat) != 0)
      return createStringError("broken archive: entry " + Twine(i) + ": " +
                               zip_strerror(archive->get()));
    StringRef name(stat.valid & ZIP_STAT_NAME ? stat.name : "");
    if (!name.consume_back(".npy"))
      return createStringError("the archive entry " + quote(name) +
                               " is no array; only names that end in .npy "
                               "are expected");
    if (tensors.contains(name.str()))
      return errorInTensor(
          name, createStringError("the archive has two entries of this "
                                  "name; names must be unique"));
    if (Error error = checkEntryStat(stat, budget))
      return errorInTensor(name, std::move(error));
    Expected<Tensor> tensor = readEntry(archive->get(), stat);
    if (!tensor)
      return errorInTensor(name, tensor.takeError());
    tensors.insert({name.str(), std::move(*tensor)});
  }
  return tensors;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Adds one entry. libzip copies nothing: `header` and the tensor must live
/// until the archive is closed.
static Error addEntry(zip_t *archive, StringRef name, std::string &header,
                      const Tensor &tensor) {
  auto bytes = [](const char *data) {
    return reinterpret_cast<zip_uint8_t *>(const_cast<char *>(data));
  };
  zip_buffer_fragment_t fragments[] = {
      {bytes(header.data()), header.size()},
      {bytes(tensor.data.data()), tensor.data.size()}};
  zip_source_t *source =
      zip_source_buffer_fragment(archive, fragments, 2, /*freep=*/0);
  if (!source)
    return createStringError(zip_strerror(archive));
  std::string entryName = (name + ".npy").str();
  zip_int64_t index =
      zip_file_add(archive, entryName.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return createStringError(zip_strerror(archive));
  }
  // numpy's date too: 1980-01-01, so that equal tensors give equal bytes.
  constexpr zip_uint16_t firstDosDate = 1 << 5 | 1;
  if (zip_set_file_compression(archive, index, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, index, 0, firstDosDate, 0) != 0)
    return createStringError(zip_strerror(archive));
  return Error::success();
}

static Error checkEntryName(StringRef name) {
  if (!json::isUTF8(name) || name.contains('\0'))
    return createStringError("the name cannot be that of an archive entry; "
                             "UTF-8 without NUL is expected");
  constexpr size_t maxName = UINT16_MAX - 4;
  if (name.size() > maxName)
    return createStringError("the name has " + Twine(name.size()) +
                             " bytes; at most " + Twine(maxName) +
                             " fit into an archive");
  return Error::success();
}

/// libzip deletes an archive without entries instead of writing it.
static Error writeEmptyArchive(StringRef path) {
  std::string record("PK\x05\x06");
  record.resize(endRecordSize, '\0');
  std::error_code code;
  raw_fd_ostream os(path, code);
  if (!code) {
    os << record;
    os.flush();
    code = os.error();
    os.clear_error(); // The destructor would end the program.
  }
  if (code)
    return createStringError("cannot write the archive: " + code.message());
  return Error::success();
}

Error writeNpz(StringRef path, const TensorMap &tensors) {
  if (tensors.empty())
    return writeEmptyArchive(path);
  int code = 0;
  ArchivePtr archive(
      zip_open(path.str().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (!archive)
    return createStringError("cannot create the archive: " +
                             ZipError(code).text());
  std::deque<std::string> headers; // Its elements never move.
  for (const auto &[name, tensor] : tensors) {
    if (Error error = checkEntryName(name))
      return errorInTensor(name, std::move(error));
    headers.push_back(formatNpyHeader(tensor));
    if (Error error = addEntry(archive.get(), name, headers.back(), tensor))
      return errorInTensor(name, std::move(error));
  }
  zip_t *toClose = archive.release(); // zip_close frees it, unless it fails.
  if (zip_close(toClose) != 0) {
    archive.reset(toClose);
    return createStringError("cannot write the archive: " +
                             Twine(zip_strerror(toClose)));
  }
  return Error::success();
}

} // namespace lrc
