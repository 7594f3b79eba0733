//===- DeviceMath.cpp - lrc-device-math -----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"
#include "lib/Conversion/WideSinCos.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lrc {
#define GEN_PASS_DEF_DEVICEMATH
#include "lib/Conversion/Passes.h.inc"
} // namespace lrc

using namespace mlir;

/// Its name in libm, for functions that are no instruction of a GPU.
static StringRef libraryName(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](math::ExpOp) { return "exp"; })
      .Case([](math::Exp2Op) { return "exp2"; })
      .Case([](math::ExpM1Op) { return "expm1"; })
      .Case([](math::LogOp) { return "log"; })
      .Case([](math::Log1pOp) { return "log1p"; })
      .Case([](math::Log2Op) { return "log2"; })
      .Case([](math::TanhOp) { return "tanh"; })
      .Case([](math::SinOp) { return "sin"; })
      .Case([](math::CosOp) { return "cos"; })
      .Case([](math::ErfOp) { return "erf"; })
      .Case([](math::PowFOp) { return "pow"; })
      .Case([](math::Atan2Op) { return "atan2"; })
      .Default([](Operation *) { return ""; });
}

/// Scalars of each lane, and the result put together again.
static void forEachLane(Operation *op,
                        llvm::function_ref<Value(OpBuilder &, ValueRange)> f) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  auto type = dyn_cast<VectorType>(op->getResult(0).getType());
  Value result;
  if (!type) {
    result = f(builder, op->getOperands());
  } else {
    result = LLVM::PoisonOp::create(builder, loc, type);
    for (int64_t lane = 0; lane < type.getNumElements(); ++lane) {
      SmallVector<Value> scalars;
      for (Value operand : op->getOperands())
        scalars.push_back(
            vector::ExtractOp::create(builder, loc, operand, lane));
      result = vector::InsertOp::create(builder, loc, f(builder, scalars),
                                        result, lane);
    }
  }
  op->getResult(0).replaceAllUsesWith(result);
  op->erase();
}

static void callLibrary(Operation *op, StringRef name) {
  Type f64 = Float64Type::get(op->getContext());
  auto module = op->getParentOfType<ModuleOp>();
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!function) {
    OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
    SmallVector<Type> types(op->getNumOperands(), f64);
    function = LLVM::LLVMFuncOp::create(
        top, op->getLoc(), name, LLVM::LLVMFunctionType::get(f64, types));
  }
  forEachLane(op, [&](OpBuilder &builder, ValueRange operands) {
    return LLVM::CallOp::create(builder, op->getLoc(), function, operands)
        .getResult();
  });
}

/// e^x = 2^t (1 + r ln 2) with t = x log2 e rounded and r what is missing, so
/// that the instruction for 2^t is all that is not exact. Roughly, without r:
/// wrong by a few units in the last place for each bit that |x| has.
static Value emitExp(OpBuilder &builder, Location loc, Value x, bool rough) {
  Type f32 = builder.getF32Type();
  auto constant = [&](float value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(value));
  };
  auto fma = [&](Value a, Value b, Value c) -> Value {
    return LLVM::FMAOp::create(builder, loc, a, b, c);
  };
  auto powerOfTwo = [&](Value t) -> Value {
    return LLVM::CallIntrinsicOp::create(
               builder, loc, f32,
               builder.getStringAttr("llvm.nvvm.ex2.approx.ftz.f32"),
               ValueRange{t})
        .getResult(0);
  };
  Value high = constant(1.44269502f);
  if (rough)
    return powerOfTwo(arith::MulFOp::create(builder, loc, x, high));
  // Beyond these the result is 0 or infinite, and r must not be.
  constexpr float beyond = 200;
  x = arith::MaximumFOp::create(builder, loc, x, constant(-beyond));
  x = arith::MinimumFOp::create(builder, loc, x, constant(beyond));
  Value low = constant(1.92596299e-8f);
  Value t = arith::MulFOp::create(builder, loc, x, high);
  Value r = fma(x, low, fma(x, high, arith::NegFOp::create(builder, loc, t)));
  Value power = powerOfTwo(t);
  Value rest = arith::MulFOp::create(builder, loc, r, constant(0.693147182f));
  // An infinite power times a rest of 0 would be no number.
  Value finite = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT,
                                       t, constant(128));
  return arith::SelectOp::create(builder, loc, finite, fma(power, rest, power),
                                 power);
}

namespace {
struct DeviceMathPass : public lrc::impl::DeviceMathBase<DeviceMathPass> {
  using DeviceMathBase::DeviceMathBase;

  void runOnOperation() override {
    SmallVector<Operation *> functions;
    getOperation()->walk([&](Operation *op) {
      if (!libraryName(op).empty())
        functions.push_back(op);
    });
    for (Operation *op : functions) {
      Location loc = op->getLoc();
      Type element = getElementTypeOrSelf(op->getResult(0));
      if (element.isF64() && isa<math::SinOp, math::CosOp>(op))
        lrc::expandWideSinCos(op);
      else if (element.isF64())
        callLibrary(op, libraryName(op));
      else if (element.isF32() && isa<math::ExpOp>(op))
        forEachLane(op, [&](OpBuilder &builder, ValueRange operands) {
          return emitExp(builder, loc, operands[0], roughExp);
        });
    }
  }
};
} // namespace
