//===- TestUtils.h - Run a recurrence given as text -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_UNIT_INTERP_TESTUTILS_H
#define LRC_TEST_UNIT_INTERP_TESTUTILS_H

#include "lib/Interp/Interpreter.h"
#include "lib/Transforms/Passes.h"
#include "lib/Transforms/Specialize.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

namespace lrc::interp {

using Complex = std::complex<double>;

inline Array makeArray(llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<double> values) {
  Array array;
  array.shape.assign(shape.begin(), shape.end());
  array.data.assign(values.begin(), values.end());
  return array;
}

/// The recurrence in `text`, specialised.
class Program {
public:
  explicit Program(llvm::StringRef text, const Specialization &sizes = {}) {
    context.loadDialect<dsf::DsfDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(
        text, mlir::ParserConfig(&context));
    if (!module) {
      ADD_FAILURE() << "does not parse:\n" << text.str();
      return;
    }
    if (failed(specialize(get(), sizes)) || failed(mlir::verify(*module))) {
      ADD_FAILURE() << "does not specialise:\n" << text.str();
      module = nullptr;
    }
  }

  bool isValid() { return bool(module); }
  dsf::RecurrenceOp get() {
    return *module->getOps<dsf::RecurrenceOp>().begin();
  }
  Results run(const Sequence &sequence) {
    return isValid() ? interp::run(get(), sequence) : Results();
  }

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// Equal up to rounding; infinities and NaN exactly.
inline void expectNear(double expected, double actual,
                       double tolerance = 1e-12) {
  if (std::isnan(expected))
    EXPECT_TRUE(std::isnan(actual)) << actual;
  else if (std::isinf(expected))
    EXPECT_EQ(expected, actual);
  else
    EXPECT_NEAR(expected, actual,
                tolerance * std::max(1.0, std::abs(expected)));
}

inline void expectArray(const Array &actual, llvm::ArrayRef<int64_t> shape,
                        llvm::ArrayRef<double> values) {
  EXPECT_EQ(llvm::ArrayRef<int64_t>(actual.shape), shape);
  ASSERT_EQ(actual.data.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    expectNear(values[i], actual.data[i].real());
    EXPECT_EQ(actual.data[i].imag(), 0);
  }
}

} // namespace lrc::interp

#endif // LRC_TEST_UNIT_INTERP_TESTUTILS_H
