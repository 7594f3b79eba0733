//===- Random.h - Choices that a seed repeats -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_RANDOM_H
#define LRC_TEST_RANDOM_RANDOM_H

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace lrc::sampling {

/// Numbers mixed into one, so that neighbours have nothing in common.
inline uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9e3779b97f4a7c15 + b + 0x632be59bd9b4e019;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// The distributions of the standard library differ between implementations;
/// these do not.
class Random {
public:
  explicit Random(uint64_t seed) : bits(seed) {}

  /// 0 .. count - 1
  int64_t below(int64_t count) { return int64_t(bits() % uint64_t(count)); }
  /// True `percent` times in a hundred.
  bool chance(int percent) { return below(100) < percent; }

  template <typename T> T pick(std::initializer_list<T> values) {
    return *(values.begin() + below(int64_t(values.size())));
  }
  template <typename T> const T &pick(const std::vector<T> &values) {
    return values[below(int64_t(values.size()))];
  }

  /// A position, each as likely as its weight says.
  size_t weighted(const std::vector<int> &weights) {
    int64_t total = 0;
    for (int weight : weights)
      total += weight;
    int64_t rest = below(total);
    size_t position = 0;
    while (rest >= weights[position])
      rest -= weights[position++];
    return position;
  }

private:
  std::mt19937_64 bits;
};

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_RANDOM_H
