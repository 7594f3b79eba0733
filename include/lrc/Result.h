//===- Result.h - A value or what is wrong ----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_RESULT_H
#define LRC_RESULT_H

#include "lrc/Diagnostic.h"

#include <cassert>
#include <optional>
#include <utility>

namespace lrc {

/// A `T`, or at least one error. lrc throws no exceptions.
///
///     lrc::Result<lrc::Program> program = lrc::Program::fromFile("gla.dsf");
///     if (!program)
///       std::cerr << program.message();
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : value(std::move(value)) {}
  Result(Diagnostics errors) : errors(std::move(errors)) {
    assert(!this->errors.empty() && "expected an error");
  }
  Result(Diagnostic error) : errors{std::move(error)} {}

  explicit operator bool() const { return value.has_value(); }
  T &operator*() { return *value; }
  const T &operator*() const { return *value; }
  T *operator->() { return &*value; }
  const T *operator->() const { return &*value; }

  /// Empty if there is a value.
  const Diagnostics &diagnostics() const { return errors; }
  std::string message() const { return render(errors); }

private:
  std::optional<T> value;
  Diagnostics errors;
};

/// Success without a value, or at least one error.
template <> class [[nodiscard]] Result<void> {
public:
  Result() = default;
  Result(Diagnostics errors) : errors(std::move(errors)) {
    assert(!this->errors.empty() && "expected an error");
  }
  Result(Diagnostic error) : errors{std::move(error)} {}

  explicit operator bool() const { return errors.empty(); }
  const Diagnostics &diagnostics() const { return errors; }
  std::string message() const { return render(errors); }

private:
  Diagnostics errors;
};

} // namespace lrc

#endif // LRC_RESULT_H
