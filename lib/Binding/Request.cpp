//===- Request.cpp - Sizes and values beside the tensors ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/Request.h"

#include "lib/Binding/Layout.h"

#include <cmath>

using namespace lrc;
using namespace lrc::binding;

static bool isAxisName(llvm::StringRef name) {
  return name == "B" || name == "T" || name == "H";
}

static std::vector<std::string> settableNames(const Signature &signature) {
  std::vector<std::string> names;
  for (const Dim &dim : signature.dims)
    names.push_back(dim.name);
  for (const Field &field : signature.fields)
    if (field.role == Field::Role::Param && field.extents.empty())
      names.push_back(field.name);
  return names;
}

static llvm::Error unknownName(const Signature &signature,
                               llvm::StringRef name) {
  std::vector<std::string> names = settableNames(signature);
  std::string similar = findSimilar(name, names);
  std::string advice = similar.empty() ? "" : "; did you mean " + similar + "?";
  return llvm::createStringError(llvm::Twine(signature.name) +
                                 " has no dim or scalar parameter " + name +
                                 advice);
}

namespace {
class Reader {
public:
  explicit Reader(const Signature &signature) : signature(signature) {}
  llvm::Expected<RequestedSizes> read(const BindRequest &request);

private:
  llvm::Error requestSize(const std::string &name, int64_t size);
  llvm::Error readScalar(const std::string &name, double value);

  const Signature &signature;
  RequestedSizes result;
};
} // namespace

llvm::Error Reader::requestSize(const std::string &name, int64_t size) {
  bool isDim = signature.findDim(name);
  if (!isDim && !isAxisName(name))
    return unknownName(signature, name);
  // Batch, time and heads may be empty, a dim may not.
  if (size < (isDim ? 1 : 0))
    return llvm::createStringError("expected " + name + " to be at least " +
                                   (isDim ? "1" : "0") + ", got " +
                                   llvm::Twine(size));
  std::string key = isDim ? name : axisKey(name);
  auto [it, isNew] = result.sizes.emplace(key, size);
  if (!isNew && it->second != size)
    return llvm::createStringError("expected one size for " + name + ", got " +
                                   llvm::Twine(it->second) + " and " +
                                   llvm::Twine(size));
  return llvm::Error::success();
}

llvm::Error Reader::readScalar(const std::string &name, double value) {
  if (signature.findDim(name)) {
    if (value != std::floor(value) || std::fabs(value) > 1e15)
      return llvm::createStringError("expected an integer for dim " + name +
                                     ", got " + std::to_string(value));
    return requestSize(name, int64_t(value));
  }
  const Field *field = signature.findField(name);
  if (!field)
    return unknownName(signature, name);
  if (field->role != Field::Role::Param || !field->extents.empty())
    return errorIn(name, "expected a scalar parameter to set, got " +
                             std::string(field->role == Field::Role::Param
                                             ? "one with axes "
                                             : "a tensor with axes ") +
                             layoutOf(*field, false));
  if (field->complex)
    return errorIn(name, "expected a real parameter to set, got a complex "
                         "one; pass it as a tensor");
  result.scalars[name] = value;
  return llvm::Error::success();
}

llvm::Expected<RequestedSizes> Reader::read(const BindRequest &request) {
  for (const auto &[name, size] : request.sizes)
    if (llvm::Error error = requestSize(name, size))
      return error;
  for (const auto &[name, value] : request.scalars)
    if (llvm::Error error = readScalar(name, value))
      return error;
  return std::move(result);
}

llvm::Expected<RequestedSizes>
binding::readRequest(const Signature &signature, const BindRequest &request) {
  return Reader(signature).read(request);
}

llvm::Error lrc::checkRequest(const Signature &signature,
                              const BindRequest &request) {
  return readRequest(signature, request).takeError();
}
