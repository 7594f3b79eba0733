//===- Shrink.cpp - The smallest case that still fails --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Shrink.h"

#include "test/random/Reductions.h"

using namespace lrc;
using namespace lrc::sampling;

namespace {
class Shrinker {
public:
  Shrinker(Case one, const std::function<bool(const Case &)> &fails,
           int64_t budget)
      : best(std::move(one)), fails(fails), budget(budget) {}

  Case take();

private:
  bool shrinkCall();
  bool shrinkText();
  bool accept(const Case &candidate);

  Case best;
  const std::function<bool(const Case &)> &fails;
  int64_t budget;
  /// What was tried before.
  std::set<std::string> known;
};
} // namespace

bool Shrinker::accept(const Case &candidate) {
  if (budget <= 0 || !known.insert(write(candidate)).second)
    return false;
  --budget;
  if (!fails(candidate))
    return false;
  best = candidate;
  return true;
}

/// After a success the reductions that follow it are tried on the new case.
bool Shrinker::shrinkCall() {
  bool isSmaller = false;
  std::vector<Case> cases = reduceCall(best);
  for (size_t n = 0; n < cases.size();)
    if (accept(cases[n])) {
      isSmaller = true;
      cases = reduceCall(best);
    } else {
      ++n;
    }
  return isSmaller;
}

/// Only legal texts that are shorter are asked about.
bool Shrinker::shrinkText() {
  bool isSmaller = false;
  std::vector<std::string> texts = reduceText(best.text);
  for (size_t n = 0; n < texts.size();) {
    std::string errors;
    std::optional<std::string> text = canonical(texts[n], errors);
    Case candidate = best;
    candidate.text = text.value_or("");
    dropOldDims(candidate);
    if (text && text->size() < best.text.size() && accept(candidate)) {
      isSmaller = true;
      texts = reduceText(best.text);
    } else {
      ++n;
    }
  }
  return isSmaller;
}

Case Shrinker::take() {
  bool isSmaller = true;
  while (isSmaller && budget > 0) {
    isSmaller = shrinkCall();
    isSmaller |= shrinkText();
  }
  return std::move(best);
}

Case sampling::shrink(Case one, const std::function<bool(const Case &)> &fails,
                      int64_t budget) {
  return Shrinker(std::move(one), fails, budget).take();
}
