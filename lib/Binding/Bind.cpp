//===- Bind.cpp - Match tensors with a signature --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/Bind.h"

#include "lib/Binding/Layout.h"
#include "lib/Binding/Request.h"
#include "lib/Binding/Segments.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace lrc;
using namespace lrc::binding;

namespace {
class Binder {
public:
  Binder(const Signature &signature, const TensorViews &tensors,
         const BindRequest &request)
      : signature(signature), tensors(tensors), request(request) {}
  llvm::Expected<Binding> run();

private:
  /// A tensor that has been found.
  struct Item {
    const Field *field;
    const TensorView *view;
    bool hasHeads;
  };
  /// An axis whose size is known only when all base dims are.
  struct DerivedAxis {
    const Item *item;
    const Dim *dim;
    int64_t size;
  };

  llvm::Error readRequest();
  llvm::Error findTensors();
  llvm::Error missing(llvm::ArrayRef<const Field *> fields);
  llvm::Error readSegments();
  llvm::Error readShape(Item &item);
  llvm::Error readAxis(const Item &item, const std::string &name, int64_t size);
  llvm::Error mismatch(const Item &item, const std::string &name);
  llvm::Error resolveDims();
  llvm::Error resolveBatch();
  llvm::Error resolveHeads();

  const Signature &signature;
  const TensorViews &tensors;
  const BindRequest &request;
  /// Sizes found so far, "B", "T", "H" and "N" among them where they are no
  /// dims.
  Sizes sizes;
  std::vector<Item> items;
  std::vector<DerivedAxis> derivedAxes;
  Binding result;
};
} // namespace

llvm::Error Binder::readRequest() {
  llvm::Expected<RequestedSizes> requested =
      binding::readRequest(signature, request);
  if (!requested)
    return requested.takeError();
  sizes = std::move(requested->sizes);
  for (const auto &[name, size] : sizes)
    result.origins[name] = "as requested";
  result.scalars = std::move(requested->scalars);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

static llvm::StringRef spellRole(Field::Role role) {
  return role == Field::Role::Param ? "parameter" : "input";
}

llvm::Error Binder::missing(llvm::ArrayRef<const Field *> fields) {
  std::string text;
  for (const Field *field : fields) {
    text += text.empty() ? "missing " : ", ";
    text += (spellRole(field->role) + " " + field->name + " " +
             layoutOf(*field, true))
                .str();
    std::string similar = findSimilar(field->name, result.unused);
    if (!similar.empty())
      text += " (is it " + similar + "?)";
    else if (field->role == Field::Role::Param && field->extents.empty())
      text += " (or set " + field->name + "=..)";
  }
  return llvm::createStringError(text);
}

llvm::Error Binder::findTensors() {
  std::vector<const Field *> absent;
  for (const Field &field : signature.fields) {
    if (field.role == Field::Role::Output || field.hidden)
      continue;
    auto it = tensors.find(field.name);
    bool isSet = result.scalars.count(field.name) != 0;
    if (it != tensors.end() && !isSet)
      items.push_back({&field, &it->second, false});
    else if (!isSet &&
             (field.role == Field::Role::Input ||
              (field.role == Field::Role::Param && !field.hasDefault)))
      absent.push_back(&field);
  }
  for (const auto &entry : tensors) {
    auto isEntry = [&](const Item &item) { return item.view == &entry.second; };
    bool isSegments =
        entry.first == segmentsName && !signature.findField(segmentsName);
    if (!isSegments && llvm::none_of(items, isEntry))
      result.unused.push_back(entry.first);
  }
  if (!absent.empty())
    return missing(absent);
  return llvm::Error::success();
}

llvm::Error Binder::readSegments() {
  auto it = tensors.find(segmentsName.str());
  if (it == tensors.end() || signature.findField(segmentsName))
    return llvm::Error::success();
  llvm::Expected<std::vector<int64_t>> segments =
      lrc::binding::readSegments(it->second);
  if (!segments)
    return segments.takeError();
  result.packed = true;
  result.segments = std::move(*segments);
  sizes[axisKey("N")] = result.segments.size() - 1;
  result.origins[axisKey("N")] = "from " + segmentsName.str();
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

llvm::Error Binder::mismatch(const Item &item, const std::string &name) {
  return errorIn(
      item.field->name,
      "expected shape " + layoutOf(*item.field, item.hasHeads, result.packed) +
          " with " + axisName(name) + " = " + llvm::Twine(sizes[name]) + " (" +
          result.origins[name] + "), got " + spellShape(item.view->shape));
}

/// The first tensor with an axis says how long it is.
llvm::Error Binder::readAxis(const Item &item, const std::string &name,
                             int64_t size) {
  auto [it, isNew] = sizes.emplace(name, size);
  if (isNew)
    result.origins[name] = "from " + item.field->name;
  else if (it->second != size)
    return mismatch(item, name);
  return llvm::Error::success();
}

llvm::Error Binder::readShape(Item &item) {
  const Field &field = *item.field;
  llvm::Expected<bool> hasHeads =
      findHeadAxis(field, *item.view, result.packed);
  if (!hasHeads)
    return hasHeads.takeError();
  item.hasHeads = *hasHeads;

  llvm::SmallVector<std::string> names;
  if (leadingAxes(field.role) == 2)
    names = {axisKey("B"), axisKey("T")};
  else if (leadingAxes(field.role) == 1)
    names = {axisKey(result.packed ? "N" : "B")};
  for (auto [name, size] : llvm::zip(names, item.view->shape))
    if (llvm::Error error = readAxis(item, name, size))
      return error;

  size_t axis = leadingAxes(field.role) + item.hasHeads;
  for (const Extent &extent : field.extents) {
    int64_t size = item.view->shape[axis++];
    const Dim *dim = signature.findDim(extent.dim);
    if (!dim) {
      if (size != extent.size)
        return errorIn(field.name, "expected shape " +
                                       layoutOf(field, item.hasHeads) +
                                       ", got " + spellShape(item.view->shape));
    } else if (size < 1) {
      return errorIn(field.name, "expected " + dim->name +
                                     " to be at least 1, got shape " +
                                     spellShape(item.view->shape));
    } else if (dim->isDerived()) {
      derivedAxes.push_back({&item, dim, size});
    } else if (llvm::Error error = readAxis(item, dim->name, size)) {
      return error;
    }
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

llvm::Error Binder::resolveDims() {
  for (const Dim &dim : signature.dims) {
    auto known = sizes.find(dim.name);
    if (!dim.isDerived()) {
      if (known == sizes.end() && !dim.defaultSize)
        return llvm::createStringError(
            "dim " + dim.name +
            " has no size: no given tensor has it as an axis; set it: "
            "--shape " +
            dim.name + "=..");
      if (known == sizes.end()) {
        sizes[dim.name] = *dim.defaultSize;
        result.origins[dim.name] = "the default";
      }
      result.dims[dim.name] = sizes[dim.name];
      continue;
    }
    std::optional<int64_t> size = evaluate(dim, result.dims);
    std::string bases;
    for (const DimTerm &term : dim.derivation)
      if (term.kind == DimTerm::Kind::Dim)
        bases += (bases.empty() ? "" : ", ") + term.dim + " = " +
                 std::to_string(result.dims[term.dim]);
    if (!size || *size < 1)
      return llvm::createStringError(
          "dim " + dim.name + " = " + spellDerivation(dim) +
          " is not a whole number of at least 1 for " + bases);
    if (known != sizes.end() && known->second != *size)
      return llvm::createStringError("expected " + dim.name + " = " +
                                     llvm::Twine(*size) + ", which is " +
                                     spellDerivation(dim) + " with " + bases +
                                     ", got " + llvm::Twine(known->second));
    sizes[dim.name] = result.dims[dim.name] = *size;
    result.origins[dim.name] = spellDerivation(dim) + " with " + bases;
  }
  for (const DerivedAxis &axis : derivedAxes)
    if (axis.size != sizes[axis.dim->name])
      return mismatch(*axis.item, axis.dim->name);
  return llvm::Error::success();
}

llvm::Error Binder::resolveBatch() {
  auto steps = sizes.find(axisKey("T"));
  auto batch = sizes.find(axisKey("B"));
  result.batch = batch == sizes.end() ? 1 : batch->second;
  if (steps == sizes.end() && !result.packed && !request.needSteps)
    return llvm::Error::success();
  if (steps == sizes.end() && !result.packed)
    return llvm::createStringError(
        "the number of steps is not known: no given tensor has a time axis; "
        "set the size T");
  result.steps = steps == sizes.end() ? result.segments.back() : steps->second;
  if (!result.packed)
    return llvm::Error::success();
  if (result.batch != 1)
    return errorIn(segmentsName, "expected a batch of 1, got B = " +
                                     llvm::Twine(result.batch) + " (" +
                                     result.origins[axisKey("B")] + ")");
  if (result.segments.back() != result.steps)
    return errorIn(segmentsName, "expected the last boundary to be T = " +
                                     llvm::Twine(result.steps) + " (" +
                                     result.origins[axisKey("T")] + "), got " +
                                     llvm::Twine(result.segments.back()));
  result.batch = result.segments.size() - 1;
  return llvm::Error::success();
}

/// H is the largest number of heads of any tensor; the others divide it.
llvm::Error Binder::resolveHeads() {
  std::string key = axisKey("H");
  auto requested = sizes.find(key);
  if (requested != sizes.end()) {
    result.heads = requested->second;
    result.hasHeads = true;
  }
  auto headsOf = [](const Item &item) {
    return item.view->shape[leadingAxes(item.field->role)];
  };
  for (const Item &item : items) {
    if (!item.hasHeads || requested != sizes.end())
      continue;
    if (!result.hasHeads || headsOf(item) > result.heads) {
      result.heads = headsOf(item);
      result.origins[key] = "from " + item.field->name;
    }
    result.hasHeads = true;
  }
  for (const Item &item : items) {
    if (!item.hasHeads)
      continue;
    int64_t heads = headsOf(item);
    if (heads == result.heads || (heads > 0 && result.heads % heads == 0))
      continue;
    return errorIn(item.field->name,
                   "expected a number of heads that divides H = " +
                       llvm::Twine(result.heads) + " (" + result.origins[key] +
                       "), got " + llvm::Twine(heads) + " in shape " +
                       spellShape(item.view->shape));
  }
  // Work items are counted in 64 bits, blocks included.
  if (int64_t items; llvm::MulOverflow(result.batch, result.heads, items) ||
                     items > (int64_t(1) << 40))
    return llvm::createStringError(
        "expected at most 2^40 sequences times heads, got " +
        llvm::Twine(result.batch) + " and " + llvm::Twine(result.heads));
  return llvm::Error::success();
}

llvm::Expected<Binding> Binder::run() {
  for (auto step :
       {&Binder::readRequest, &Binder::findTensors, &Binder::readSegments})
    if (llvm::Error error = (this->*step)())
      return error;
  for (Item &item : items) {
    llvm::Expected<ElementType> type = checkElements(*item.field, *item.view);
    if (!type)
      return type.takeError();
    if (llvm::Error error = readShape(item))
      return error;
    if (llvm::Error error = checkMemory(*item.field, *item.view))
      return error;
    result.tensors[item.field->name] = {describe(*item.field, *item.view),
                                        *type};
  }
  for (auto step :
       {&Binder::resolveDims, &Binder::resolveBatch, &Binder::resolveHeads})
    if (llvm::Error error = (this->*step)())
      return error;
  return std::move(result);
}

llvm::Expected<Binding> lrc::bindTensors(const Signature &signature,
                                         const TensorViews &tensors,
                                         const BindRequest &request) {
  return Binder(signature, tensors, request).run();
}
