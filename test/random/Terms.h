//===- Terms.h - Random factors of a step -----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function writes an expression over the variables of `axes` that does
// not depend on the states of the block that asks for it, but may depend on
// what earlier blocks offer, and stays within the bounds that it promises.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_TERMS_H
#define LRC_TEST_RANDOM_TERMS_H

#include "test/random/Draft.h"

namespace lrc::sampling {

/// A decay, in [0, 1]; now and then one of exp(-10^4) among ones.
std::string decay(Draft &draft, const Axes &axes);
/// A logarithm of a decay, at most 0.
std::string logDecay(Draft &draft, const Axes &axes);
/// A decay of any sign, in [-1, 1].
std::string signedDecay(Draft &draft, const Axes &axes);
/// A constant or a parameter in [0, 1], perhaps one for each head.
std::string constantDecay(Draft &draft, const Axes &axes);

/// A vector of norm 1 at most.
std::string key(Draft &draft, const Axis &axis);
/// A vector of entries in [0, 1].
std::string positiveKey(Draft &draft, const Axis &axis);
/// Something to write into a state, of magnitude 1 or so.
std::string value(Draft &draft, const Axes &axes);
/// A factor in [0, 1] of no particular meaning: a learning rate.
std::string rate(Draft &draft, const Axes &axes);

/// "(f(x))" for a bounded function of any number.
std::string squash(Draft &draft, const std::string &x);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_TERMS_H
