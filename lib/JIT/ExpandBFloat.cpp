//===- ExpandBFloat.cpp - bf16 for processors without it ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/ExpandBFloat.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"

using namespace lrc;
using llvm::IRBuilder;
using llvm::Type;
using llvm::Value;

/// f64 to f32 such that rounding the result again is the same as rounding
/// once: what is not exact becomes odd.
static Value *roundToOdd(IRBuilder<> &builder, Value *wide) {
  Type *narrow = wide->getType()->getWithNewType(builder.getFloatTy());
  Type *bits = wide->getType()->getWithNewType(builder.getInt32Ty());
  Value *nearest = builder.CreateFPTrunc(wide, narrow);
  Value *back = builder.CreateFPExt(nearest, wide->getType());
  Value *exact = builder.CreateFCmpUEQ(back, wide);
  Value *tooFar = builder.CreateFCmpOGT(
      builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, back),
      builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, wide));
  Value *pattern = builder.CreateBitCast(nearest, bits);
  Value *towardsZero =
      builder.CreateSub(pattern, builder.CreateZExt(tooFar, bits));
  Value *odd = builder.CreateOr(towardsZero, llvm::ConstantInt::get(bits, 1));
  return builder.CreateBitCast(builder.CreateSelect(exact, pattern, odd),
                               narrow);
}

static Value *roundToBFloat(IRBuilder<> &builder, Value *value, Type *result) {
  Type *bits = value->getType()->getWithNewType(builder.getInt32Ty());
  Type *half = value->getType()->getWithNewType(builder.getInt16Ty());
  auto constant = [&](uint32_t number) {
    return llvm::ConstantInt::get(bits, number);
  };
  Value *pattern = builder.CreateBitCast(value, bits);
  Value *upper = builder.CreateLShr(pattern, constant(16));
  // Half of the last place, less one where the upper half is even: a tie then
  // does not carry.
  Value *bias = builder.CreateAdd(builder.CreateAnd(upper, constant(1)),
                                  constant(0x7fff));
  Value *rounded =
      builder.CreateLShr(builder.CreateAdd(pattern, bias), constant(16));
  Value *quiet = builder.CreateOr(upper, constant(0x40));
  Value *isNaN = builder.CreateFCmpUNO(value, value);
  Value *chosen = builder.CreateSelect(isNaN, quiet, rounded);
  return builder.CreateBitCast(builder.CreateTrunc(chosen, half), result);
}

/// bf16 is the upper half of f32.
static Value *extendBFloat(IRBuilder<> &builder, Value *value, Type *result) {
  Type *type = value->getType();
  Value *half =
      builder.CreateBitCast(value, type->getWithNewType(builder.getInt16Ty()));
  Value *pattern = builder.CreateShl(
      builder.CreateZExt(half, type->getWithNewType(builder.getInt32Ty())), 16);
  Value *single = builder.CreateBitCast(
      pattern, type->getWithNewType(builder.getFloatTy()));
  return builder.CreateFPExt(single, result);
}

static Value *expand(llvm::CastInst &cast) {
  IRBuilder<> builder(&cast);
  Value *value = cast.getOperand(0);
  if (llvm::isa<llvm::FPExtInst>(cast))
    return extendBFloat(builder, value, cast.getType());
  if (value->getType()->getScalarType()->isDoubleTy())
    value = roundToOdd(builder, value);
  return roundToBFloat(builder, value, cast.getType());
}

void lrc::expandBFloat(llvm::Module &module) {
  llvm::SmallVector<llvm::CastInst *> casts;
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function)) {
      auto *cast = llvm::dyn_cast<llvm::CastInst>(&instruction);
      if (!cast || !llvm::isa<llvm::FPTruncInst, llvm::FPExtInst>(cast))
        continue;
      if (cast->getSrcTy()->getScalarType()->isBFloatTy() ||
          cast->getDestTy()->getScalarType()->isBFloatTy())
        casts.push_back(cast);
    }
  for (llvm::CastInst *cast : casts) {
    cast->replaceAllUsesWith(expand(*cast));
    cast->eraseFromParent();
  }
}
