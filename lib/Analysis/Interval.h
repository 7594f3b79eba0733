//===- Interval.h - Intervals of real numbers -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic on bounds that may be infinite. 0 times an infinite bound is 0, as
// no number is infinite. Results hold in exact arithmetic: rounding is not
// accounted for.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ANALYSIS_INTERVAL_H
#define LRC_LIB_ANALYSIS_INTERVAL_H

#include <algorithm>
#include <cmath>

namespace lrc {

struct Interval {
  double lower = -INFINITY;
  double upper = INFINITY;

  static Interval point(double value) { return {value, value}; }

  bool isPoint() const { return lower == upper; }
  bool isBounded() const {
    return std::isfinite(lower) && std::isfinite(upper);
  }
  bool contains(double value) const { return lower <= value && value <= upper; }
  bool isNonNegative() const { return lower >= 0; }
  bool isNonPositive() const { return upper <= 0; }

  bool operator==(const Interval &other) const {
    return lower == other.lower && upper == other.upper;
  }
};

inline Interval hull(Interval a, Interval b) {
  return {std::min(a.lower, b.lower), std::max(a.upper, b.upper)};
}

inline Interval operator-(Interval a) { return {-a.upper, -a.lower}; }

inline Interval operator+(Interval a, Interval b) {
  double lower = a.lower + b.lower, upper = a.upper + b.upper;
  // inf - inf may be anything.
  return {std::isnan(lower) ? -INFINITY : lower,
          std::isnan(upper) ? INFINITY : upper};
}

inline Interval operator-(Interval a, Interval b) { return a + -b; }

inline Interval operator*(Interval a, Interval b) {
  auto times = [](double x, double y) { return x == 0 || y == 0 ? 0 : x * y; };
  double corners[] = {times(a.lower, b.lower), times(a.lower, b.upper),
                      times(a.upper, b.lower), times(a.upper, b.upper)};
  return {*std::min_element(corners, corners + 4),
          *std::max_element(corners, corners + 4)};
}

/// Anything when the divisor may be 0.
inline Interval operator/(Interval a, Interval b) {
  if (b.lower == 0 && b.upper > 0)
    return a * Interval{1 / b.upper, INFINITY};
  if (b.upper == 0 && b.lower < 0)
    return a * Interval{-INFINITY, 1 / b.lower};
  if (b.contains(0))
    return {};
  return a * Interval{1 / b.upper, 1 / b.lower};
}

inline Interval abs(Interval a) {
  if (a.isNonNegative())
    return a;
  if (a.isNonPositive())
    return -a;
  return {0, std::max(-a.lower, a.upper)};
}

inline Interval square(Interval a) { return abs(a) * abs(a); }

} // namespace lrc

#endif // LRC_LIB_ANALYSIS_INTERVAL_H
