//===- Recurrences.cpp - The recurrences of files, made small -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Transforms/Recurrences.h"

#include "lib/Frontend/BuildIR.h"
#include "lib/Transforms/Specialize.h"
#include "test/unit/Frontend/SourceFiles.h"

#include "mlir/IR/Verifier.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

test::Recurrences::Recurrences(StringRef text) {
  context.loadDialect<DsfDialect>();
  Parsed parsed(text);
  if (parsed.file)
    module = frontend::buildModule(*parsed.file, &context);
  if (!module) {
    ADD_FAILURE() << "expected a file without errors";
    return;
  }
  for (RecurrenceOp recurrence : module->getOps<RecurrenceOp>()) {
    Specialization sizes;
    int64_t next = 4;
    for (DimOp dim : recurrence.getBody().getOps<DimOp>())
      if (!dim.getDerived() && !dim.getDefaultSize()) {
        sizes.dims[dim.getSymName()] = next;
        next = next == 4 ? 6 : 2;
      }
    for (ParamOp param : recurrence.getBody().getOps<ParamOp>())
      if (param.getInit().empty())
        sizes.given.insert(param.getSymName());
    if (failed(specialize(recurrence, sizes)) ||
        failed(mlir::verify(*module))) {
      ADD_FAILURE() << recurrence.getSymName().str() << " can't be specialised";
      module = nullptr;
      return;
    }
  }
}

std::vector<RecurrenceOp> test::Recurrences::get() {
  std::vector<RecurrenceOp> list;
  if (module)
    for (RecurrenceOp recurrence : module->getOps<RecurrenceOp>())
      list.push_back(recurrence);
  return list;
}

std::vector<std::pair<std::string, std::string>> test::listRecurrenceTexts() {
  std::vector<std::pair<std::string, std::string>> texts;
  for (StringRef folder : {"examples", "test/Execute"})
    for (const std::string &path : listFiles(folder))
      texts.emplace_back((folder + "/" + llvm::sys::path::filename(path)).str(),
                         readFile(path));
  return texts;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

namespace {
class Draw {
public:
  explicit Draw(unsigned seed) : bits(seed) {}

  double uniform(double lower, double upper) {
    return std::uniform_real_distribution<double>(lower, upper)(bits);
  }

  double fromRange(Attribute range) {
    if (auto choice = dyn_cast_or_null<ChoiceAttr>(range))
      return choice.getValues()[bits() % choice.getValues().size()];
    auto interval = dyn_cast_or_null<IntervalAttr>(range);
    double lower = interval ? interval.getLower() : -INFINITY;
    double upper = interval ? interval.getUpper() : INFINITY;
    if (std::isinf(lower) && std::isinf(upper))
      return std::normal_distribution<double>()(bits);
    if (std::isinf(lower))
      return upper - std::exponential_distribution<double>()(bits);
    if (std::isinf(upper))
      return lower + std::exponential_distribution<double>()(bits);
    return uniform(lower, upper);
  }

  interp::Array draw(FieldOp field, ArrayRef<int64_t> lead) {
    interp::Array array;
    llvm::append_range(array.shape, lead);
    llvm::append_range(array.shape, field.getType().getShape());
    size_t count = 1;
    for (int64_t size : array.shape)
      count *= size;
    bool complex = field.getType().getKind() == Kind::Complex;
    bool positive = isa<StateOp>(field.getOperation());
    for (size_t i = 0; i < count; ++i) {
      double re = positive ? uniform(0.25, 1.25) : fromRange(field.getRange());
      array.data.emplace_back(re, complex ? uniform(-1, 1) : 0);
    }
    if (isa_and_present<UnitNormAttr>(field.getRange()))
      normalize(array);
    return array;
  }

private:
  static void normalize(interp::Array &array) {
    size_t length = array.shape.back();
    for (size_t start = 0; start < array.data.size(); start += length) {
      double squares = 0;
      for (size_t i = 0; i < length; ++i)
        squares += std::norm(array.data[start + i]);
      for (size_t i = 0; i < length; ++i)
        array.data[start + i] /= std::sqrt(squares);
    }
  }

  std::mt19937_64 bits;
};
} // namespace

interp::Sequence test::drawSequence(RecurrenceOp recurrence, int64_t steps,
                                    bool withStates, unsigned seed) {
  Draw draw(seed);
  interp::Sequence sequence;
  sequence.steps = steps;
  sequence.head = 1;
  sequence.heads = 3;
  for (Operation &op : recurrence.getBody().getOps()) {
    bool wanted = isa<InOp, ParamOp>(op) || (isa<StateOp>(op) && withStates);
    if (!wanted)
      continue;
    FieldOp field(&op);
    SmallVector<int64_t> lead;
    if (isa<InOp>(op))
      lead.push_back(steps);
    sequence.tensors[field.getName()] = draw.draw(field, lead);
  }
  return sequence;
}

double test::compare(const interp::Results &expected,
                     const interp::Results &actual) {
  double worst = 0;
  EXPECT_EQ(expected.size(), actual.size());
  for (const auto &result : expected) {
    auto found = actual.find(result.getKey());
    if (found == actual.end() ||
        found->second.data.size() != result.getValue().data.size()) {
      ADD_FAILURE() << "no result " << result.getKey().str();
      continue;
    }
    double error = 0, norm = 0;
    for (auto [a, b] :
         llvm::zip_equal(result.getValue().data, found->second.data)) {
      // Equal infinities differ by nothing.
      if (a != b)
        error += std::norm(a - b);
      if (std::isfinite(a.real()))
        norm += std::norm(a);
    }
    double relative = error == 0 ? 0 : std::sqrt(error / norm);
    if (!(relative <= worst))
      worst = relative;
  }
  return worst;
}
