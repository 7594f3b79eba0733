//===- Safetensors.cpp - Safetensors files --------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file is the length of the header (8 bytes, little-endian), the header (a
// JSON object from names to dtype, shape and begin and end in the data) and the
// data.
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/Formats.h"
#include "lib/Tensor/JsonScan.h"
#include "lib/Tensor/Quote.h"
#include "lib/Tensor/TensorFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include <cstring>

using namespace llvm;

namespace lrc {

static constexpr StringLiteral metadataKey("__metadata__");
static constexpr size_t prefixSize = 8;

/// The limit of the reference implementation.
static constexpr uint64_t maxHeaderSize = 100000000;

namespace {
/// What the header says about one tensor.
struct Entry {
  std::string name;
  DType dtype = DType::F32;
  SmallVector<int64_t> shape;
  uint64_t begin = 0, end = 0;
};
} // namespace

/// std::nullopt for a dtype that the format does not have.
static std::optional<StringRef> formatDType(DType dtype) {
  switch (dtype) {
  case DType::C128:
    return std::nullopt;
  case DType::F16:
    return "F16";
  case DType::BF16:
    return "BF16";
  case DType::F32:
    return "F32";
  case DType::F64:
    return "F64";
  case DType::C64:
    return "C64";
  case DType::I8:
    return "I8";
  case DType::I16:
    return "I16";
  case DType::I32:
    return "I32";
  case DType::I64:
    return "I64";
  case DType::U8:
    return "U8";
  case DType::U16:
    return "U16";
  case DType::U32:
    return "U32";
  case DType::U64:
    return "U64";
  case DType::Bool:
    return "BOOL";
  }
  llvm_unreachable("unknown dtype");
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static Error parseEntryDType(const json::Object &object, Entry &entry) {
  std::optional<StringRef> text = object.getString("dtype");
  if (!text)
    return createStringError(
        "'dtype' is missing or no string; a name such as F32 is expected");
  std::vector<StringRef> known;
  for (DType dtype : allDTypes()) {
    std::optional<StringRef> name = formatDType(dtype);
    if (name && *name == *text) {
      entry.dtype = dtype;
      return Error::success();
    }
    if (name)
      known.push_back(*name);
  }
  return createStringError("dtype " + quote(*text) + " is not one of " +
                           join(known, ", "));
}

static Error parseEntryShape(const json::Object &object, Entry &entry) {
  const json::Array *dims = object.getArray("shape");
  if (!dims)
    return createStringError("'shape' is missing or no array; dimensions such "
                             "as [2, 3] are expected");
  if (dims->size() > Tensor::maxRank)
    return createStringError("shape has " + Twine(dims->size()) +
                             " dimensions; lrc supports at most " +
                             Twine(Tensor::maxRank));
  for (const json::Value &dim : *dims) {
    // getAsUINT64 takes no number with a fraction or an exponent.
    std::optional<uint64_t> value = dim.getAsUINT64();
    if (!value || *value > uint64_t(INT64_MAX))
      return createStringError("dimension " + Twine(entry.shape.size()) +
                               " of 'shape' is not an integer from 0 to "
                               "2^63 - 1");
    entry.shape.push_back(int64_t(*value));
  }
  return Error::success();
}

static Error parseEntryOffsets(const json::Object &object, Entry &entry,
                               uint64_t dataSize) {
  const json::Array *offsets = object.getArray("data_offsets");
  if (!offsets || offsets->size() != 2)
    return createStringError(
        "'data_offsets' is missing or not a pair; [begin, end] is expected");
  std::optional<uint64_t> begin = (*offsets)[0].getAsUINT64();
  std::optional<uint64_t> end = (*offsets)[1].getAsUINT64();
  if (!begin || !end)
    return createStringError("'data_offsets' are not integers of at least 0");
  if (*begin > *end || *end > dataSize)
    return createStringError(
        "data_offsets [" + Twine(*begin) + ", " + Twine(*end) +
        "] do not satisfy 0 <= begin <= end <= " + Twine(dataSize) +
        ", the size of the data");
  entry.begin = *begin;
  entry.end = *end;
  Expected<uint64_t> needed = Tensor::byteSize(entry.dtype, entry.shape);
  if (!needed)
    return needed.takeError();
  if (*needed != *end - *begin)
    return createStringError("shape " + shapeToString(entry.shape) + " of " +
                             dtypeName(entry.dtype) + " needs " +
                             Twine(*needed) + " bytes but data_offsets span " +
                             Twine(*end - *begin));
  return Error::success();
}

static Error parseEntry(const json::Value &value, Entry &entry,
                        uint64_t dataSize) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return createStringError("the header has no object for it; one with dtype, "
                             "shape and data_offsets is expected");
  if (Error error = parseEntryDType(*object, entry))
    return error;
  if (Error error = parseEntryShape(*object, entry))
    return error;
  return parseEntryOffsets(*object, entry, dataSize);
}

/// The format allows neither holes nor overlaps. This also bounds the memory
/// for all tensors by the size of the file.
static Error checkCoverage(ArrayRef<Entry> entries, uint64_t dataSize) {
  std::vector<const Entry *> sorted;
  for (const Entry &entry : entries)
    sorted.push_back(&entry);
  llvm::sort(sorted, [](const Entry *a, const Entry *b) {
    return std::tie(a->begin, a->end) < std::tie(b->begin, b->end);
  });
  uint64_t covered = 0;
  for (const Entry *entry : sorted) {
    if (entry->begin != covered)
      return errorInTensor(
          entry->name,
          createStringError("data_offsets begin at " + Twine(entry->begin) +
                            " where the tensor before ends at " +
                            Twine(covered) +
                            "; neither overlaps nor holes are allowed"));
    covered = entry->end;
  }
  if (covered != dataSize)
    return createStringError("trailing garbage: the tensors end at " +
                             Twine(covered) + " but the data has " +
                             Twine(dataSize) + " bytes");
  return Error::success();
}

static Expected<std::vector<Entry>> parseHeader(StringRef header,
                                                uint64_t dataSize) {
  if (!header.starts_with("{"))
    return createStringError("the header starts with " +
                             quote(header.take_front(8)) +
                             " where '{' is expected");
  Expected<std::vector<std::string>> keys = scanTopLevelKeys(header);
  if (!keys)
    return keys.takeError();
  Expected<json::Value> value = json::parse(header);
  if (!value)
    return createStringError("the header is no valid JSON: " +
                             toString(value.takeError()));
  const json::Object &object = *value->getAsObject();
  StringMap<char> seen;
  std::vector<Entry> entries;
  for (const std::string &key : *keys) {
    if (!seen.insert({key, 0}).second)
      return errorInTensor(key,
                           createStringError("the header has this name twice; "
                                             "names must be unique"));
    if (key == metadataKey)
      continue;
    Entry entry;
    entry.name = key;
    const json::Value *description = object.get(key);
    if (!description)
      return errorInTensor(key, createStringError("the header is malformed"));
    if (Error error = parseEntry(*description, entry, dataSize))
      return errorInTensor(key, std::move(error));
    entries.push_back(std::move(entry));
  }
  return entries;
}

static Expected<Tensor> loadTensor(const Entry &entry, StringRef data) {
  Expected<Tensor> tensor = Tensor::create(entry.dtype, entry.shape);
  if (!tensor)
    return tensor.takeError();
  std::memcpy(tensor->data.data(), data.data() + entry.begin,
              tensor->data.size());
  if (Error error = checkBoolBytes(*tensor))
    return error;
  return tensor;
}

Expected<TensorMap> readSafetensors(StringRef bytes) {
  if (bytes.size() < prefixSize)
    return createStringError(
        "truncated safetensors file: " + Twine(bytes.size()) +
        " bytes, but the length of the header takes 8");
  uint64_t headerSize = support::endian::read64le(bytes.data());
  StringRef rest = bytes.drop_front(prefixSize);
  if (headerSize > rest.size())
    return createStringError(
        "not a safetensors file, or a truncated one: the header should have " +
        Twine(headerSize) + " bytes but only " + Twine(rest.size()) +
        " are left");
  if (headerSize > maxHeaderSize)
    return createStringError("the header has " + Twine(headerSize) +
                             " bytes; at most " + Twine(maxHeaderSize) +
                             " are allowed");
  StringRef data = rest.drop_front(headerSize);
  Expected<std::vector<Entry>> entries =
      parseHeader(rest.take_front(headerSize), data.size());
  if (!entries)
    return entries.takeError();
  if (Error error = checkCoverage(*entries, data.size()))
    return error;
  TensorMap tensors;
  for (const Entry &entry : *entries) {
    Expected<Tensor> tensor = loadTensor(entry, data);
    if (!tensor)
      return errorInTensor(entry.name, tensor.takeError());
    tensors.insert({entry.name, std::move(*tensor)});
  }
  return tensors;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static Error checkWritable(StringRef name, const Tensor &tensor) {
  if (name == metadataKey)
    return createStringError("safetensors keeps this name for itself; "
                             "another one is expected");
  if (!json::isUTF8(name))
    return createStringError("the name is not UTF-8, as safetensors expects");
  if (!formatDType(tensor.dtype))
    return createStringError("safetensors has no " + dtypeName(tensor.dtype) +
                             "; cast to c64 or write a .npz file");
  return Error::success();
}

/// Large elements first, so that each tensor is aligned to its elements for
/// those who map the file. The header keeps the order of the map.
static std::vector<const TensorMap::value_type *>
orderOfData(const TensorMap &tensors) {
  std::vector<const TensorMap::value_type *> order;
  for (size_t size : {16, 8, 4, 2, 1})
    for (const auto &named : tensors)
      if (sizeInBytes(named.second.dtype) == size)
        order.push_back(&named);
  return order;
}

static std::string formatHeader(const TensorMap &tensors,
                                const StringMap<uint64_t> &offsets) {
  std::string header;
  raw_string_ostream os(header);
  json::OStream json(os);
  json.object([&] {
    for (const auto &[name, tensor] : tensors) {
      json.attributeObject(name, [&, &name = name, &tensor = tensor] {
        json.attribute("dtype", *formatDType(tensor.dtype));
        json.attributeArray("shape", [&] {
          for (int64_t dim : tensor.shape)
            json.value(dim);
        });
        uint64_t begin = offsets.lookup(name);
        json.attributeArray("data_offsets", [&] {
          json.value(begin);
          json.value(begin + tensor.data.size());
        });
      });
    }
  });
  // The data starts at a multiple of 8; readers skip the spaces.
  header.resize(alignTo(header.size(), 8), ' ');
  return header;
}

Error writeSafetensors(raw_ostream &os, const TensorMap &tensors) {
  for (const auto &[name, tensor] : tensors)
    if (Error error = checkWritable(name, tensor))
      return errorInTensor(name, std::move(error));
  std::vector<const TensorMap::value_type *> order = orderOfData(tensors);
  StringMap<uint64_t> offsets;
  uint64_t offset = 0;
  for (const auto *named : order) {
    offsets[named->first] = offset;
    offset += named->second.data.size();
  }
  std::string header = formatHeader(tensors, offsets);
  char prefix[prefixSize];
  support::endian::write64le(prefix, header.size());
  os.write(prefix, prefixSize);
  os << header;
  for (const auto *named : order)
    os.write(named->second.data.data(), named->second.data.size());
  return Error::success();
}

} // namespace lrc
