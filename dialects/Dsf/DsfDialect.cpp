//===- DsfDialect.cpp - The dsf dialect -----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/Dsf.h"

#include "mlir/Transforms/FoldUtils.h"

using namespace mlir;
using namespace lrc::dsf;

#include "dialects/Dsf/DsfDialect.cpp.inc"
#include "dialects/Dsf/DsfEnums.cpp.inc"

namespace {
/// Constants stay in their phase or region: the body of a dsf.recurrence, the
/// next op that is isolated from above, has declarations and phases only.
struct FoldInterface : public DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  bool shouldMaterializeInto(Region *region) const final {
    return isa_and_present<RecurrenceOp>(region->getParentOp()->getParentOp());
  }
};
} // namespace

Operation *DsfDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                           Type type, Location loc) {
  auto number = dyn_cast<FloatAttr>(value);
  if (!number || type != ValueType::get(type.getContext(), Kind::Real))
    return nullptr;
  return ConstantOp::create(builder, loc, number);
}

void DsfDialect::initialize() {
  addInterfaces<FoldInterface>();
  registerTypesAndAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialects/Dsf/DsfOps.cpp.inc"
      >();
}
