//===- Pointwise.h - Functions of numbers on tiles --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function of the dsf dialect in terms of arith and math, on tiles of one
// shape and type. The formulas neither overflow nor lose small results where
// the function itself does not.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_POINTWISE_H
#define LRC_LIB_CONVERSION_DSFTOTILE_POINTWISE_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Conversion/DsfToTile/TileValue.h"

namespace lrc {

/// fn(x).
TileValue emitUnary(TileBuilder &builder, dsf::UnaryKind fn, TileValue x);

/// fn(x, y).
TileValue emitBinary(TileBuilder &builder, dsf::BinaryKind fn, TileValue x,
                     TileValue y);

/// condition ? x : y.
TileValue emitSelect(TileBuilder &builder, TileValue condition, TileValue x,
                     TileValue y);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_POINTWISE_H
