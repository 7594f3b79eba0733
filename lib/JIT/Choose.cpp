//===- Choose.cpp - What a kernel is compiled for -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/Choose.h"

#include "lib/Binding/Layout.h"
#include "lib/JIT/Threads.h"
#include "lib/Schedule/GpuModel.h"
#include "lib/Target/GpuTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;

/// More are taken for a mistake.
static constexpr int64_t maxThreads = 1024;

std::string KernelRequest::key() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << recurrence;
  for (const auto &[name, size] : dims)
    os << ' ' << name << '=' << size;
  os << ';';
  // All bits: 0.1 and its neighbour are different kernels.
  for (const auto &[name, value] : scalars)
    os << ' ' << name << '=' << llvm::bit_cast<uint64_t>(value);
  os << ';';
  for (const std::string &name : given)
    os << ' ' << name;
  os << ';';
  for (const auto &[name, type] : types)
    os << ' ' << name << '=' << int(type);
  os << ';' << target << ' ' << threads << ' ' << batchHeads << ' '
     << spell(schedule) << ' ' << chunk << ' ' << lanes << ' ' << segments
     << ' ' << steps;
  for (const auto &[name, size] : block)
    os << ' ' << name << '=' << size;
  os << ';';
  for (const auto &[name, size] : axes)
    os << ' ' << name << '=' << size;
  return text;
}

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

static bool isWide(ElementType type) {
  return type == ElementType::F64 || type == ElementType::C128;
}

/// The type with the precision of `type` that a field can hold.
static ElementType adapt(ElementType type, bool complex) {
  if (complex)
    return isWide(type) ? ElementType::C128 : ElementType::C64;
  if (type == ElementType::C64)
    return ElementType::F32;
  return type == ElementType::C128 ? ElementType::F64 : type;
}

/// The input that outputs take their type from; null without inputs.
static const Field *findModel(const Signature &signature) {
  const Field *model = nullptr;
  for (const Field &field : signature.fields) {
    if (field.role != Field::Role::Input)
      continue;
    if (!field.extents.empty())
      return &field;
    if (!model)
      model = &field;
  }
  return model;
}

ElementTypes lrc::chooseTypes(const Signature &signature, ElementTypes known,
                              const ElementTypes &dtypes) {
  auto all = dtypes.find("");
  bool wide = false;
  auto choose = [&](const Field &field, ElementType fallback) {
    auto named = dtypes.find(field.name);
    ElementType type = named != dtypes.end() ? named->second : fallback;
    type = known.emplace(field.name, type).first->second;
    wide |= isWide(type);
  };
  auto isData = [](const Field &field) {
    return field.role == Field::Role::Input || field.role == Field::Role::Param;
  };
  for (const Field &field : signature.fields)
    if (isData(field))
      choose(field, all == dtypes.end() ? field.storage
                                        : adapt(all->second, field.complex));
  const Field *model = findModel(signature);
  ElementType data = model ? known[model->name] : ElementType::F32;
  if (all != dtypes.end())
    data = all->second;
  for (const Field &field : signature.fields)
    if (field.role == Field::Role::Output)
      choose(field, adapt(data, field.complex));
  for (const Field &field : signature.fields)
    if (field.role == Field::Role::State && !field.hidden)
      choose(field,
             adapt(wide ? ElementType::F64 : ElementType::F32, field.complex));
  return known;
}

static llvm::Error checkTypes(const Signature &signature,
                              const ElementTypes &dtypes) {
  for (const auto &[name, type] : dtypes) {
    if (name.empty()) {
      auto isComplexField = [](const Field &field) { return field.complex; };
      if (isComplex(type) && llvm::none_of(signature.fields, isComplexField))
        return llvm::createStringError("expected f16, bf16, f32 or f64 for " +
                                       llvm::Twine(signature.name) +
                                       ", which has no complex tensor, got " +
                                       llvm::StringRef(spell(type)));
      continue;
    }
    const Field *field = signature.findField(name);
    if (!field || field->hidden)
      return llvm::createStringError(llvm::Twine(signature.name) +
                                     " has no tensor " + name);
    if (field->complex != isComplex(type))
      return binding::errorIn(name,
                              llvm::Twine("expected ") +
                                  (field->complex ? "complex64 or complex128"
                                                  : "f16, bf16, f32 or f64") +
                                  ", got " + llvm::StringRef(spell(type)));
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

BindRequest lrc::toBindRequest(const CompileOptions &options) {
  return {options.sizes, options.scalars};
}

/// Parameters that come as tensors must be some, and must have no value too.
static llvm::Error checkParams(const Signature &signature,
                               const CompileOptions &options) {
  for (const std::string &name : options.tensors) {
    const Field *field = signature.findField(name);
    if (!field || field->role != Field::Role::Param)
      return llvm::createStringError(llvm::Twine(signature.name) +
                                     " has no parameter " + name);
    if (options.scalars.count(name))
      return binding::errorIn(name, "expected a value or a tensor, got both");
  }
  return llvm::Error::success();
}

static llvm::Error checkTarget(const std::string &target) {
  if (target == "cpu" || target == "cuda")
    return llvm::Error::success();
  llvm::Expected<const GpuTarget *> known = findGpuTarget(target);
  return known ? llvm::Error::success() : known.takeError();
}

static llvm::Error checkBlock(const CompileOptions &options) {
  if (!options.block.empty() && options.target == "cpu")
    return llvm::createStringError("option block: is for GPUs, the target is "
                                   "cpu");
  for (const auto &[name, value] : options.block)
    if (!llvm::is_contained(blockVariables, name))
      return llvm::createStringError("option block: expected " +
                                     llvm::join(std::begin(blockVariables),
                                                std::end(blockVariables),
                                                ", ") +
                                     ", got '" + name + "'");
  return llvm::Error::success();
}

llvm::Error lrc::checkOptions(const Signature &signature,
                              const CompileOptions &options) {
  if (llvm::Error error = checkTarget(options.target))
    return error;
  if (llvm::Error error = checkRequest(signature, toBindRequest(options)))
    return error;
  if (llvm::Error error = checkParams(signature, options))
    return error;
  if (llvm::Error error = checkBlock(options))
    return error;
  return checkTypes(signature, options.dtypes);
}

/// One kernel is for many numbers of steps: the number that stands for all of a
/// class, 0 for many steps. To start threads for a sequence pays from some
/// length on, hence more classes where sequences are fewer than threads.
static int64_t classOfSteps(int64_t steps, bool isAlone, bool onGpu) {
  // What the kernels of segments take beside steps is more on a GPU.
  constexpr int64_t few = 64;
  int64_t many = onGpu ? 65536 : 4096;
  if (steps <= 0 || steps >= many)
    return 0;
  if (steps < few)
    return few / 2;
  if (!isAlone)
    return 0;
  int64_t result = few;
  while (result * 4 <= steps)
    result *= 4;
  return result;
}

static void setSchedule(KernelRequest &request, const CompileOptions &options,
                        int64_t batchHeads, int64_t steps) {
  request.target = options.target;
  request.schedule = options.schedule;
  request.chunk = options.chunk;
  request.lanes = options.lanes;
  request.segments = options.segments;
  request.block = options.block;
  request.threads = options.threads ? options.threads : defaultThreads();
  request.threads = std::clamp<int64_t>(request.threads, 1, maxThreads);
  // Blocks of a GPU are many, and cut in halves at most.
  constexpr int64_t maxBlocks = 1024;
  int64_t most = request.target == "cpu" ? request.threads : maxBlocks;
  request.batchHeads = std::clamp<int64_t>(batchHeads, 1, most);
  // Where workers would have nothing to do, lengths decide on segments.
  constexpr int64_t fewBlocks = 128;
  bool onGpu = request.target != "cpu";
  int64_t workers = onGpu ? fewBlocks : request.threads;
  request.steps = classOfSteps(steps, request.batchHeads < workers, onGpu);
}

static int64_t findSize(const Sizes &sizes, const std::string &name) {
  auto it = sizes.find(name);
  return it == sizes.end() ? 1 : std::max<int64_t>(it->second, 1);
}

llvm::Expected<KernelRequest> lrc::requestFor(const Signature &signature,
                                              const CompileOptions &options) {
  if (llvm::Error error = checkOptions(signature, options))
    return error;
  // Without tensors to be found, all that binding does is to work out sizes.
  Signature dimsOnly = signature;
  llvm::erase_if(dimsOnly.fields, [](const Field &field) {
    return field.role != Field::Role::Param || !field.extents.empty();
  });
  for (Field &field : dimsOnly.fields)
    field.hasDefault = true;
  BindRequest sizes = toBindRequest(options);
  sizes.needSteps = false;
  llvm::Expected<Binding> binding = bindTensors(dimsOnly, {}, sizes);
  if (!binding)
    return binding.takeError();

  KernelRequest request;
  request.recurrence = signature.name;
  request.dims = binding->dims;
  request.scalars = binding->scalars;
  request.given = options.tensors;
  for (const Field &field : signature.fields)
    if (field.role == Field::Role::Param && !field.hasDefault &&
        !request.scalars.count(field.name))
      request.given.insert(field.name);
  request.types = chooseTypes(signature, {}, options.dtypes);
  int64_t batchHeads = 1;
  if (llvm::MulOverflow(findSize(options.sizes, "B"),
                        findSize(options.sizes, "H"), batchHeads))
    batchHeads = INT64_MAX;
  auto steps = options.sizes.find("T");
  setSchedule(request, options, batchHeads,
              steps == options.sizes.end() ? 0 : steps->second);
  return request;
}

llvm::Expected<KernelRequest> lrc::requestFor(const Signature &signature,
                                              const CompileOptions &options,
                                              const Binding &binding,
                                              const ElementTypes &results) {
  if (llvm::Error error = checkTypes(signature, options.dtypes))
    return error;
  KernelRequest request;
  request.recurrence = signature.name;
  request.dims = binding.dims;
  request.scalars = binding.scalars;
  for (const auto &[name, size] : options.sizes)
    if (!signature.findDim(name))
      request.axes[name] = size;
  ElementTypes known = results;
  for (const auto &[name, bound] : binding.tensors) {
    if (signature.findField(name)->role == Field::Role::Param)
      request.given.insert(name);
    auto [it, isNew] = known.emplace(name, bound.type);
    if (!isNew && it->second != bound.type)
      return binding::errorIn(
          name, llvm::Twine("expected one element type for initial and final "
                            "state, got ") +
                    llvm::StringRef(spell(bound.type)) + " and " +
                    llvm::StringRef(spell(it->second)));
    auto named = options.dtypes.find(name);
    if (named != options.dtypes.end() && named->second != bound.type)
      return binding::errorIn(name, "expected " +
                                        llvm::Twine(spell(named->second)) +
                                        ", as requested, got " +
                                        llvm::StringRef(spell(bound.type)));
  }
  request.types = chooseTypes(signature, std::move(known), options.dtypes);
  setSchedule(request, options,
              std::max<int64_t>(binding.batch, 1) *
                  std::max<int64_t>(binding.heads, 1),
              binding.packed ? 0 : binding.steps);
  return request;
}
