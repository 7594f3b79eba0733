//===- Dsf.h - The dsf dialect ----------------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops, types and attributes of the dsf dialect; dialects/Dsf/README.md has the
// semantics and the numbered constraints.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_DIALECTS_DSF_DSF_H
#define LRC_DIALECTS_DSF_DSF_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Dsf/DsfEnums.h.inc"

#include "dialects/Dsf/DsfDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Dsf/DsfAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Dsf/DsfTypes.h.inc"

namespace lrc::dsf {

/// What `!dsf.array`, `!dsf.state` and `!dsf.param` have in common.
class PositionalType : public mlir::Type {
public:
  using Type::Type;
  static bool classof(mlir::Type type) {
    return mlir::isa<ArrayType, StateType, ParamType>(type);
  }
  llvm::ArrayRef<mlir::Attribute> getExtents() const;
  Kind getKind() const;
  /// Sizes of a specialised type; asserts that no extent is a symbol.
  llvm::SmallVector<int64_t> getShape() const;
};

/// A declaration that has a type: in, param, state, out or signal.
class FieldOp : public mlir::OpState {
public:
  using OpState::OpState;
  FieldOp(mlir::Operation *op) : OpState(op) {}
  static bool classof(mlir::Operation *op);
  llvm::StringRef getName();
  PositionalType getType();
  mlir::TypeAttr getStorageAttr();
  /// Element type in memory: as declared, else f32 or complex<f32>.
  mlir::Type getStorage();
  mlir::Attribute getRange();
};

/// An extent in diagnostics: K or 64.
std::string formatExtent(mlir::Attribute extent);

/// Whether the element type `storage` can hold numbers of `kind`.
bool isStorageFor(Kind kind, mlir::Type storage);

/// Whether `op` is a dsf.step, input, transition or readout; false for null.
bool isPhase(mlir::Operation *op);

} // namespace lrc::dsf

#define GET_OP_CLASSES
#include "dialects/Dsf/DsfOps.h.inc"

#endif // LRC_DIALECTS_DSF_DSF_H
