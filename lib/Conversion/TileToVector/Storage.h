//===- Storage.h - Where tiles lie in memory --------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_STORAGE_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_STORAGE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lrc {

constexpr int64_t cacheLineBytes = 64;

/// A tile in memory.
struct Storage {
  /// Where the tile's memory begins.
  mlir::Value pointer;
  /// f16, bf16, f32 or f64.
  mlir::Type element;
  /// Elements from `pointer` to element 0.
  int64_t offset = 0;
  /// Of each axis, in elements.
  llvm::SmallVector<int64_t> strides;
  /// i64: stride of axis 0 where it is not known before the kernel runs.
  mlir::Value rowStride;
  /// The axis of which this item has a block that may reach beyond the tensor's
  /// end, or -1; with the number of lanes that the tensor has from there.
  int64_t edgeAxis = -1;
  mlir::Value edge;
  /// i1: whole vectors may bypass the caches. Null where that is never so.
  mlir::Value streams;
  /// Bytes to which vectors at multiples of their width are aligned; 0: to an
  /// element.
  int64_t alignment = 0;
};

/// One subscript of a tile: a scalar, or the lanes of a vector.
struct Subscript {
  /// i64: the subscript, or that of lane 0.
  mlir::Value base;
  /// Lane l has subscript base + l.
  bool vector = false;
  /// vector<W x i64>: the subscripts of all lanes, where they are not
  /// consecutive.
  mlir::Value lanes;

  bool isVector() const { return vector || lanes; }
  bool operator<(const Subscript &other) const { return key() < other.key(); }
  bool operator==(const Subscript &other) const { return key() == other.key(); }

private:
  std::tuple<void *, bool, void *> key() const {
    return {base.getAsOpaquePointer(), vector, lanes.getAsOpaquePointer()};
  }
};

/// Emits loads and stores of scalars and vectors.
class MemoryEmitter {
public:
  explicit MemoryEmitter(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  /// Lanes of a vector, and which of them are there (null: all).
  int64_t width = 1;
  mlir::Value mask;

  /// Scalar or vector of the storage's element type.
  mlir::Value load(const Storage &storage, llvm::ArrayRef<Subscript> at);
  void store(mlir::Value value, const Storage &storage,
             llvm::ArrayRef<Subscript> at);

  /// Of one element.
  mlir::Value elementAddress(const Storage &storage,
                             llvm::ArrayRef<Subscript> at) {
    return addressOf(storage, at).pointer;
  }

  mlir::Value constant(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value multiply(mlir::Value a, int64_t factor);
  mlir::Value splat(mlir::Value scalar);
  /// vector<W x i64> of 0, 1, 2, ...
  mlir::Value iota();
  /// The subscripts of all lanes.
  mlir::Value lanesOf(const Subscript &subscript);

private:
  struct Address {
    mlir::Value pointer;
    /// vector<W x i64> of element offsets; null when lanes are consecutive.
    mlir::Value offsets;
    bool vector = false;
  };
  Address addressOf(const Storage &storage, llvm::ArrayRef<Subscript> at);
  mlir::Value maskOf(const Storage &storage, llvm::ArrayRef<Subscript> at);
  mlir::Value pointersOf(const Address &address, mlir::Type memory);
  void storeWhole(mlir::Value value, mlir::Value pointer,
                  const Storage &storage);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_STORAGE_H
