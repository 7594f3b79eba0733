//===- Case.cpp - A recurrence, a shape and a type ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Case.h"

#include "lib/Frontend/Frontend.h"
#include "lib/JIT/Collect.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::sampling;
using llvm::StringRef;

std::string sampling::spell(const Variant &variant) {
  std::string text = lrc::spell(variant.schedule);
  return variant.chunk ? text + "/" + std::to_string(variant.chunk) : text;
}

std::optional<Variant> sampling::parseVariant(const std::string &text) {
  auto [name, chunk] = StringRef(text).split('/');
  CompileOptions options;
  if (!options.set("schedule", name.str()) ||
      (!chunk.empty() && !options.set("chunk", chunk.str())))
    return std::nullopt;
  return Variant{options.schedule, options.chunk};
}

std::optional<std::string> sampling::canonical(const std::string &text,
                                               std::string &errors) {
  llvm::SourceMgr sources;
  unsigned buffer = sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(text), {});
  frontend::Diagnostics diagnostics(sources);
  std::optional<ast::File> file = frontend::parseAndCheck(buffer, diagnostics);
  if (file)
    return frontend::format(*file);
  errors = render(toDiagnostics(diagnostics));
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Cases as files
//===----------------------------------------------------------------------===//

std::string sampling::write(const Case &one) {
  std::string text;
  llvm::raw_string_ostream os(text);
  const Shape &shape = one.shape;
  os << "# lrc-random on this file repeats the case: " << one.origin << "\n";
  os << "# shape: B=" << shape.batch << ",T=" << shape.steps
     << ",H=" << shape.heads;
  for (const auto &[name, size] : shape.dims)
    os << ',' << name << '=' << size;
  os << '\n';
  if (!shape.lengths.empty())
    os << "# lengths: "
       << llvm::join(llvm::map_range(shape.lengths,
                                     [](auto n) { return std::to_string(n); }),
                     ",")
       << '\n';
  if (shape.initial || shape.grouped)
    os << "# call: " << (shape.initial ? "initial" : "")
       << (shape.initial && shape.grouped ? "," : "")
       << (shape.grouped ? "grouped" : "") << '\n';
  os << "# dtype: " << spell(one.type) << '\n';
  os << "# schedules: "
     << llvm::join(llvm::map_range(one.variants,
                                   [](const Variant &v) { return spell(v); }),
                   ",")
     << '\n';
  os << "# data: " << one.dataSeed << "\n" << one.text;
  return text;
}

static bool readNumbers(StringRef text, std::vector<int64_t> &numbers) {
  llvm::SmallVector<StringRef> pieces;
  text.split(pieces, ',');
  for (StringRef piece : pieces) {
    int64_t number;
    if (piece.trim().getAsInteger(10, number) || number < 0)
      return false;
    numbers.push_back(number);
  }
  return true;
}

static bool readShape(StringRef text, Shape &shape) {
  CompileOptions options;
  if (!options.set("shape", text.str()))
    return false;
  shape.dims = options.sizes;
  auto take = [&](const char *name, int64_t &size) {
    auto found = shape.dims.find(name);
    if (found == shape.dims.end())
      return;
    size = found->second;
    shape.dims.erase(found);
  };
  take("B", shape.batch);
  take("T", shape.steps);
  take("H", shape.heads);
  return true;
}

static bool readVariants(StringRef text, std::vector<Variant> &variants) {
  variants.clear();
  llvm::SmallVector<StringRef> pieces;
  text.split(pieces, ',');
  for (StringRef piece : pieces) {
    std::optional<Variant> variant = parseVariant(piece.trim().str());
    if (!variant)
      return false;
    variants.push_back(*variant);
  }
  return true;
}

/// Takes "# key: value"; false where the value is bad.
static bool readComment(StringRef key, StringRef value, Case &one) {
  if (key == "shape")
    return readShape(value, one.shape);
  if (key == "lengths")
    return readNumbers(value, one.shape.lengths);
  if (key == "schedules")
    return readVariants(value, one.variants);
  if (key == "data")
    return !value.getAsInteger(10, one.dataSeed);
  if (key == "call") {
    one.shape.initial = value.contains("initial");
    one.shape.grouped = value.contains("grouped");
  }
  if (key == "dtype") {
    std::optional<ElementType> type = parseElementType(value.str());
    one.type = type.value_or(one.type);
    return type.has_value();
  }
  return true;
}

std::optional<Case> sampling::read(const std::string &file,
                                   std::string &error) {
  Case one;
  one.variants = {{Schedule::Sequential},
                  {Schedule::Chunked},
                  {Schedule::Scan},
                  {Schedule::Split}};
  std::string code;
  llvm::SmallVector<StringRef> lines;
  StringRef(file).split(lines, '\n');
  for (StringRef line : lines) {
    if (!line.starts_with("#")) {
      code += line.str() + "\n";
      continue;
    }
    auto [key, value] = line.drop_front().trim().split(':');
    if (!readComment(key, value.trim(), one)) {
      error = "bad value of '" + key.str() + "': '" + value.trim().str() + "'";
      return std::nullopt;
    }
  }
  std::optional<std::string> text = canonical(code, error);
  if (!text)
    return std::nullopt;
  one.text = *text;
  one.origin = "a file";
  return one;
}
