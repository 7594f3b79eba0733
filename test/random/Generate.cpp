//===- Generate.cpp - Random recurrences, shapes and types ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Generate.h"

#include "test/random/Blocks.h"

#include "llvm/Support/ErrorHandling.h"

using namespace lrc;
using namespace lrc::sampling;

//===----------------------------------------------------------------------===//
// The recurrence
//===----------------------------------------------------------------------===//

namespace {
struct Kind {
  Block block;
  int weight;
};
} // namespace

static const std::vector<Kind> kinds = {
    {matrixBlock, 30},    {normalisedBlock, 6}, {vectorBlock, 16},
    {complexBlock, 8},    {deltaBlock, 16},     {lowRankBlock, 12},
    {microStepBlock, 5},  {denseBlock, 9},      {momentumBlock, 4},
    {rotationBlock, 3},   {oscillatorBlock, 3}, {chainBlock, 4},
    {lightBlock, 4},      {semiringBlock, 6},   {tropicalMatrixBlock, 3},
    {runningMaxBlock, 5}, {cellBlock, 5},       {gatedCellBlock, 4},
    {clippedBlock, 3},    {registerBlock, 4},   {predicatedBlock, 3},
    {windowBlock, 3},     {memoryBlock, 3},
};

static void writeBlocks(Draft &draft) {
  std::vector<int> weights;
  for (const Kind &kind : kinds)
    weights.push_back(kind.weight);
  int64_t count = draft.random.pick({1, 1, 1, 1, 2, 2, 2, 3});
  for (int64_t n = 0; n < count; ++n)
    kinds[draft.random.weighted(weights)].block(draft);
  if (count > 1)
    draft.tag("several-blocks");
}

/// Not every state is returned, time may run backwards.
static void finish(Draft &draft) {
  Strings states = draft.getStates();
  if (draft.countOutputs() == 0 || states.size() > 1) {
    Strings finals;
    for (const std::string &state : states)
      if (draft.random.chance(50))
        finals.push_back(state);
    if (draft.random.chance(30) && !finals.empty()) {
      draft.tag("finals");
      draft.setFinals(finals);
    }
  }
  if (draft.countOutputs() > 1)
    draft.tag("outputs");
  if (draft.random.chance(10)) {
    draft.tag("reverse");
    draft.setReverse();
  }
}

//===----------------------------------------------------------------------===//
// The shape
//===----------------------------------------------------------------------===//

static int64_t drawSize(Random &random) {
  switch (random.weighted({58, 27, 12, 3})) {
  case 0:
    return 1 + random.below(8);
  case 1:
    return 8 + random.below(13);
  case 2:
    return 21 + random.below(20);
  default:
    return random.pick({64, 65});
  }
}

/// What the interpreter has to do, roughly: the step's largest arrays, for
/// every step. Counts dims as the text has them.
static double costOf(const Case &one) {
  double widest = 1, total = 1;
  for (const auto &[name, size] : one.shape.dims) {
    total *= double(size);
    widest = std::max(widest, double(size) * double(size));
  }
  if (one.shape.dims.size() > 2)
    total = std::min(total, widest * 2);
  double cells = std::max(widest, total);
  return cells * double(std::max<int64_t>(one.shape.batch, 1)) *
         double(std::max<int64_t>(one.shape.heads, 1)) *
         double(std::max<int64_t>(one.shape.steps, 1));
}

/// Makes the largest of batch, heads, steps and dims smaller until the case
/// takes some milliseconds.
static void reduceCost(Case &one, Random &random) {
  Shape &shape = one.shape;
  while (costOf(one) > 60000) {
    if (shape.batch > 1 && random.chance(50)) {
      shape.batch = 1;
    } else if (shape.heads > 1 && !shape.grouped && random.chance(50)) {
      shape.heads = 1;
    } else if (shape.steps > 33 && random.chance(30)) {
      shape.steps = 33;
    } else {
      auto largest = shape.dims.begin();
      for (auto it = shape.dims.begin(); it != shape.dims.end(); ++it)
        if (it->second > largest->second)
          largest = it;
      if (largest == shape.dims.end() || largest->second == 1)
        return;
      largest->second = std::max<int64_t>(1, largest->second * 2 / 3);
    }
  }
}

static void drawShape(Case &one, const std::set<std::string> &dims,
                      Random &random) {
  Shape &shape = one.shape;
  shape.batch = random.pick({1, 1, 2, 2, 3});
  shape.steps = random.pick(
      {0, 1, 2, 5, 5, 16, 16, 17, 17, 33, 33, 33, 64, 64, 70, 70, 100});
  shape.heads = random.pick({0, 0, 1, 2, 2, 3});
  for (const std::string &dim : dims)
    shape.dims[dim] = drawSize(random);
  if (random.chance(10)) {
    shape.heads = random.pick({2, 4});
    shape.grouped = true;
    one.tags.insert("groups");
  }
  shape.initial = random.chance(25);
  if (shape.initial)
    one.tags.insert("initial");
  if (random.chance(12)) {
    one.tags.insert("packed");
    shape.lengths.resize(1 + random.below(4));
    for (int64_t &length : shape.lengths)
      length = random.pick({0, 1, 2, 5, 16, 17, 20, 33});
    shape.batch = int64_t(shape.lengths.size());
    shape.steps = 0;
    for (int64_t length : shape.lengths)
      shape.steps = std::max(shape.steps, length);
  }
  if (shape.heads > 1)
    one.tags.insert("heads");
  if (shape.steps == 0)
    one.tags.insert("no-steps");
  int64_t steps = shape.steps;
  reduceCost(one, random);
  if (!shape.lengths.empty()) {
    // The lengths say how many steps and sequences there are.
    shape.steps = steps;
    shape.batch = int64_t(shape.lengths.size());
  }
}

//===----------------------------------------------------------------------===//
// The case
//===----------------------------------------------------------------------===//

Case sampling::generate(uint64_t seed, uint64_t number) {
  Random random(mix(seed, number));
  Draft draft(random);
  writeBlocks(draft);
  finish(draft);

  Case one;
  one.tags = draft.getTags();
  std::string errors;
  std::string text = draft.text("r" + std::to_string(number));
  std::optional<std::string> formatted = canonical(text, errors);
  // The check of the case reports what is wrong with it.
  one.text = formatted.value_or(text);
  one.origin =
      "seed " + std::to_string(seed) + ", case " + std::to_string(number);
  one.dataSeed = mix(seed, ~number);
  drawShape(one, draft.getDims(), random);
  one.type =
      random.pick({ElementType::F64, ElementType::F64, ElementType::F64,
                   ElementType::F64, ElementType::F64, ElementType::F64,
                   ElementType::F32, ElementType::F32, ElementType::F32,
                   random.chance(60) ? ElementType::BF16 : ElementType::F16});
  int64_t chunk = random.pick({0, 4, 4, 16, 16, 32});
  one.variants = {{Schedule::Sequential, 0},
                  {Schedule::Chunked, chunk},
                  {Schedule::Scan, chunk},
                  {Schedule::Split, chunk}};
  if (random.chance(15))
    one.variants.push_back({Schedule::Auto, 0});
  return one;
}
