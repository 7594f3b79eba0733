//===- SpecializePass.cpp - The pass dsf-specialize -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Passes.h"
#include "lib/Transforms/Specialize.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace lrc {
#define GEN_PASS_DEF_DSFSPECIALIZE
#include "lib/Transforms/Passes.h.inc"
} // namespace lrc

using namespace lrc;

/// Element type of a name as in the language; null if there is none.
static Type parseStorage(StringRef name, MLIRContext *context) {
  Builder builder(context);
  return llvm::StringSwitch<Type>(name)
      .Case("f32", builder.getF32Type())
      .Case("f64", builder.getF64Type())
      .Case("bf16", builder.getBF16Type())
      .Case("f16", builder.getF16Type())
      .Cases({"complex", "complex64"}, ComplexType::get(builder.getF32Type()))
      .Case("complex128", ComplexType::get(builder.getF64Type()))
      .Default(Type());
}

namespace {
struct DsfSpecializePass
    : public lrc::impl::DsfSpecializeBase<DsfSpecializePass> {
  using Base::Base;

  /// Calls `store(name, value)` for each NAME=VALUE of an option; `store`
  /// returns whether it understood the value.
  LogicalResult
  parsePairs(StringRef option, ArrayRef<std::string> pairs,
             llvm::function_ref<bool(StringRef, StringRef)> store) {
    for (StringRef pair : pairs) {
      auto [name, value] = pair.split('=');
      if (name.empty() || !store(name.trim(), value.trim()))
        return getOperation().emitError("expected NAME=VALUE in option ")
               << option << ", got '" << pair << "'";
    }
    return success();
  }

  void runOnOperation() override {
    Specialization request;
    if (failed(parsePairs("dims", *dims,
                          [&](StringRef name, StringRef value) {
                            return !value.getAsInteger(10, request.dims[name]);
                          })) ||
        failed(parsePairs("set", *scalars,
                          [&](StringRef name, StringRef value) {
                            return !value.getAsDouble(request.scalars[name]);
                          })) ||
        failed(parsePairs("storage", *storage,
                          [&](StringRef name, StringRef value) {
                            Type type = parseStorage(value, &getContext());
                            request.storage[name] = type;
                            return bool(type);
                          })))
      return signalPassFailure();
    for (StringRef name : *given)
      request.given.insert(name);
    if (failed(specialize(getOperation(), request)))
      signalPassFailure();
  }
};
} // namespace
