//===- Functions.h - What the scalar functions of dsf mean ------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of dsf.unary, dsf.binary and dsf.reduce on real numbers, in
// f64: constant folding and the interpreter share them. They are accurate and
// finite wherever the mathematical value is, for arguments of +-1e4 as well.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_DIALECTS_DSF_FUNCTIONS_H
#define LRC_DIALECTS_DSF_FUNCTIONS_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/Support/ErrorHandling.h"

#include <cmath>

namespace lrc::dsf {

/// NaN if either is.
inline double maximum(double a, double b) {
  return a > b || std::isnan(a) ? a : b;
}

/// NaN if either is.
inline double minimum(double a, double b) {
  return a < b || std::isnan(a) ? a : b;
}

inline double sign(double x) {
  return std::isnan(x) ? x : double((x > 0) - (x < 0));
}

/// exp is only taken of negative numbers, so that it can't overflow.
inline double sigmoid(double x) {
  double e = std::exp(-std::abs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

inline double softplus(double x) {
  return maximum(x, 0) + std::log1p(std::exp(-std::abs(x)));
}

/// x Phi(x); erfc keeps the relative accuracy of the left tail.
inline double gelu(double x) { return 0.5 * x * std::erfc(-x * M_SQRT1_2); }

inline double logAddExp(double a, double b) {
  double larger = maximum(a, b);
  // Of two equal infinities the difference is NaN.
  return std::isinf(larger) ? larger
                            : larger + std::log1p(std::exp(-std::abs(a - b)));
}

/// Has the sign of the divisor.
inline double remainder(double a, double b) {
  double rest = std::fmod(a, b);
  if (rest == 0)
    return std::copysign(0, b);
  return (rest < 0) == (b < 0) ? rest : rest + b;
}

/// Calls `visit` with the real function `fn`, so that a loop in `visit` is
/// compiled for each function. Bools are 0 and 1.
template <typename VisitorT> auto withUnary(UnaryKind fn, VisitorT visit) {
  switch (fn) {
  case UnaryKind::Neg:
    return visit([](double x) { return -x; });
  case UnaryKind::Exp:
    return visit([](double x) { return std::exp(x); });
  case UnaryKind::Log:
    return visit([](double x) { return std::log(x); });
  case UnaryKind::Expm1:
    return visit([](double x) { return std::expm1(x); });
  case UnaryKind::Log1p:
    return visit([](double x) { return std::log1p(x); });
  case UnaryKind::Sqrt:
    return visit([](double x) { return std::sqrt(x); });
  case UnaryKind::Rsqrt:
    return visit([](double x) { return 1 / std::sqrt(x); });
  case UnaryKind::Abs:
    return visit([](double x) { return std::abs(x); });
  case UnaryKind::Sign:
    return visit([](double x) { return sign(x); });
  case UnaryKind::Sin:
    return visit([](double x) { return std::sin(x); });
  case UnaryKind::Cos:
    return visit([](double x) { return std::cos(x); });
  case UnaryKind::Tan:
    return visit([](double x) { return std::tan(x); });
  case UnaryKind::Tanh:
    return visit([](double x) { return std::tanh(x); });
  case UnaryKind::Sigmoid:
    return visit([](double x) { return sigmoid(x); });
  case UnaryKind::LogSigmoid:
    return visit([](double x) { return -softplus(-x); });
  case UnaryKind::Softplus:
    return visit([](double x) { return softplus(x); });
  case UnaryKind::Silu:
    return visit([](double x) { return x * sigmoid(x); });
  case UnaryKind::Gelu:
    return visit([](double x) { return gelu(x); });
  case UnaryKind::Relu:
    return visit([](double x) { return maximum(x, 0); });
  case UnaryKind::Elu:
    return visit([](double x) { return x > 0 ? x : std::expm1(x); });
  case UnaryKind::Erf:
    return visit([](double x) { return std::erf(x); });
  case UnaryKind::Floor:
    return visit([](double x) { return std::floor(x); });
  case UnaryKind::Not:
    return visit([](double x) { return double(x == 0); });
  case UnaryKind::Re:
  case UnaryKind::Conj:
    return visit([](double x) { return x; });
  case UnaryKind::Im:
    return visit([](double) { return 0.0; });
  }
  llvm_unreachable("unknown unary function");
}

/// The same for two arguments; comparisons give 0 or 1.
template <typename VisitorT> auto withBinary(BinaryKind fn, VisitorT visit) {
  switch (fn) {
  case BinaryKind::Add:
    return visit([](double a, double b) { return a + b; });
  case BinaryKind::Sub:
    return visit([](double a, double b) { return a - b; });
  case BinaryKind::Mul:
    return visit([](double a, double b) { return a * b; });
  case BinaryKind::Div:
    return visit([](double a, double b) { return a / b; });
  case BinaryKind::Rem:
    return visit([](double a, double b) { return remainder(a, b); });
  case BinaryKind::Pow:
    return visit([](double a, double b) { return std::pow(a, b); });
  case BinaryKind::Min:
    return visit([](double a, double b) { return minimum(a, b); });
  case BinaryKind::Max:
    return visit([](double a, double b) { return maximum(a, b); });
  case BinaryKind::LogAddExp:
    return visit([](double a, double b) { return logAddExp(a, b); });
  case BinaryKind::And:
    return visit([](double a, double b) { return double(a != 0 && b != 0); });
  case BinaryKind::Or:
    return visit([](double a, double b) { return double(a != 0 || b != 0); });
  case BinaryKind::Lt:
    return visit([](double a, double b) { return double(a < b); });
  case BinaryKind::Le:
    return visit([](double a, double b) { return double(a <= b); });
  case BinaryKind::Gt:
    return visit([](double a, double b) { return double(a > b); });
  case BinaryKind::Ge:
    return visit([](double a, double b) { return double(a >= b); });
  case BinaryKind::Eq:
    return visit([](double a, double b) { return double(a == b); });
  case BinaryKind::Ne:
    return visit([](double a, double b) { return double(a != b); });
  case BinaryKind::Complex:
    break;
  }
  llvm_unreachable("not a real function of two numbers");
}

} // namespace lrc::dsf

#endif // LRC_DIALECTS_DSF_FUNCTIONS_H
