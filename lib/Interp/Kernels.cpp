//===- Kernels.cpp - What each dsf op does to its operands ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Interp/Kernels.h"

#include "dialects/Dsf/Functions.h"

#include <algorithm>

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::interp;

using Complex = std::complex<double>;

static IndexMap broadcast(ValueType result, Value operand) {
  return projectOnto(Axes::of(result),
                     Axes::of(cast<ValueType>(operand.getType())));
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

template <typename OutT, typename InT>
static Action copyAs(Cell &out, Cell &in, IndexMap map) {
  return [&out, &in, map = std::move(map)] {
    OutT *to = out.data<OutT>();
    const InT *from = in.data<InT>();
    for (int64_t i = 0, e = out.size(); i < e; ++i)
      to[i] = from[map[i]];
  };
}

Action interp::makeCopy(Cell &out, Cell &in, IndexMap map) {
  if (!out.isComplex())
    return copyAs<double, double>(out, in, std::move(map));
  if (!in.isComplex())
    return copyAs<Complex, double>(out, in, std::move(map));
  return copyAs<Complex, Complex>(out, in, std::move(map));
}

template <typename T>
static Action shiftAs(Cell &out, Cell &past, Cell &value) {
  return [&] {
    T *to = std::copy_n(value.data<T>(), value.size(), out.data<T>());
    std::copy_n(past.data<T>(), past.size() - value.size(), to);
  };
}

Action interp::makeShift(Cell &out, Cell &past, Cell &value) {
  return out.isComplex() ? shiftAs<Complex>(out, past, value)
                         : shiftAs<double>(out, past, value);
}

//===----------------------------------------------------------------------===//
// Pointwise functions
//===----------------------------------------------------------------------===//

template <typename OutT, typename InT, typename FnT>
static Action apply(Cell &out, Cell &operand, FnT fn) {
  return [&out, &operand, fn] {
    OutT *to = out.data<OutT>();
    const InT *from = operand.data<InT>();
    for (int64_t i = 0, e = out.size(); i < e; ++i)
      to[i] = fn(from[i]);
  };
}

static Action makeComplexUnary(UnaryKind fn, Cell &out, Cell &operand) {
  switch (fn) {
  case UnaryKind::Neg:
    return apply<Complex, Complex>(out, operand, [](Complex z) { return -z; });
  case UnaryKind::Exp:
    return apply<Complex, Complex>(out, operand,
                                   [](Complex z) { return std::exp(z); });
  case UnaryKind::Conj:
    return apply<Complex, Complex>(out, operand,
                                   [](Complex z) { return std::conj(z); });
  case UnaryKind::Abs:
    return apply<double, Complex>(out, operand,
                                  [](Complex z) { return std::abs(z); });
  case UnaryKind::Re:
    return apply<double, Complex>(out, operand,
                                  [](Complex z) { return z.real(); });
  case UnaryKind::Im:
    return apply<double, Complex>(out, operand,
                                  [](Complex z) { return z.imag(); });
  default:
    llvm_unreachable("not a function of a complex number");
  }
}

Action interp::makeUnary(UnaryOp op, Cell &out, Cell &operand) {
  if (operand.isComplex())
    return makeComplexUnary(op.getFn(), out, operand);
  return withUnary(op.getFn(), [&](auto fn) -> Action {
    return apply<double, double>(out, operand, fn);
  });
}

template <typename OutT, typename InT, typename FnT>
static Action applyTwo(BinaryOp op, Cell &out, Cell &lhs, Cell &rhs, FnT fn) {
  return [&out, &lhs, &rhs, fn, lhsMap = broadcast(op.getType(), op.getLhs()),
          rhsMap = broadcast(op.getType(), op.getRhs())] {
    OutT *to = out.data<OutT>();
    const InT *a = lhs.data<InT>();
    const InT *b = rhs.data<InT>();
    for (int64_t i = 0, e = out.size(); i < e; ++i)
      to[i] = fn(a[lhsMap[i]], b[rhsMap[i]]);
  };
}

static Action makeComplexBinary(BinaryOp op, Cell &out, Cell &lhs, Cell &rhs) {
  switch (op.getFn()) {
  case BinaryKind::Add:
    return applyTwo<Complex, Complex>(op, out, lhs, rhs, std::plus<Complex>());
  case BinaryKind::Sub:
    return applyTwo<Complex, Complex>(op, out, lhs, rhs, std::minus<Complex>());
  case BinaryKind::Mul:
    return applyTwo<Complex, Complex>(op, out, lhs, rhs,
                                      std::multiplies<Complex>());
  case BinaryKind::Div:
    return applyTwo<Complex, Complex>(op, out, lhs, rhs,
                                      std::divides<Complex>());
  case BinaryKind::Complex:
    return applyTwo<Complex, double>(
        op, out, lhs, rhs,
        [](double re, double im) { return Complex(re, im); });
  default:
    llvm_unreachable("not a complex function of two numbers");
  }
}

Action interp::makeBinary(BinaryOp op, Cell &out, Cell &lhs, Cell &rhs) {
  if (out.isComplex())
    return makeComplexBinary(op, out, lhs, rhs);
  return withBinary(op.getFn(), [&](auto fn) -> Action {
    return applyTwo<double, double>(op, out, lhs, rhs, fn);
  });
}

template <typename T>
static Action selectAs(SelectOp op, Cell &out, Cell &condition, Cell &onTrue,
                       Cell &onFalse) {
  ValueType type = op.getType();
  return [&, conditionMap = broadcast(type, op.getCondition()),
          trueMap = broadcast(type, op.getOnTrue()),
          falseMap = broadcast(type, op.getOnFalse())] {
    T *to = out.data<T>();
    const double *chosen = condition.data<double>();
    const T *a = onTrue.data<T>();
    const T *b = onFalse.data<T>();
    for (int64_t i = 0, e = out.size(); i < e; ++i)
      to[i] = chosen[conditionMap[i]] != 0 ? a[trueMap[i]] : b[falseMap[i]];
  };
}

Action interp::makeSelect(SelectOp op, Cell &out, Cell &condition, Cell &onTrue,
                          Cell &onFalse) {
  return out.isComplex()
             ? selectAs<Complex>(op, out, condition, onTrue, onFalse)
             : selectAs<double>(op, out, condition, onTrue, onFalse);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

template <typename T, typename FnT>
static Action fold(ReduceOp op, Cell &out, Cell &operand, T start, FnT fn) {
  IndexMap target =
      projectOnto(Axes::of(op.getOperand().getType()), Axes::of(op.getType()));
  return [&out, &operand, start, fn, target = std::move(target)] {
    T *to = out.data<T>();
    const T *from = operand.data<T>();
    std::fill_n(to, out.size(), start);
    for (int64_t i = 0, e = operand.size(); i < e; ++i) {
      T &total = to[target[i]];
      total = fn(total, from[i]);
    }
  };
}

Action interp::makeReduce(ReduceOp op, Cell &out, Cell &operand) {
  switch (op.getFn()) {
  case ReduceKind::Sum:
    return out.isComplex()
               ? fold<Complex>(op, out, operand, 0, std::plus<Complex>())
               : fold<double>(op, out, operand, 0, std::plus<double>());
  case ReduceKind::Prod:
    return out.isComplex()
               ? fold<Complex>(op, out, operand, 1, std::multiplies<Complex>())
               : fold<double>(op, out, operand, 1, std::multiplies<double>());
  case ReduceKind::Max:
    return fold<double>(op, out, operand, -INFINITY, maximum);
  case ReduceKind::Min:
    return fold<double>(op, out, operand, INFINITY, minimum);
  }
  llvm_unreachable("unknown reduction");
}
