//===- Readings.cpp - What is read of states ------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Blocks.h"
#include "test/random/Terms.h"

using namespace lrc;
using namespace lrc::sampling;

std::string sampling::at(const std::string &name, const Axis &axis) {
  return name + "[" + axis.var + "]";
}

std::string sampling::named(Draft &draft, char letter, const Axis &axis,
                            const std::string &value) {
  std::string read = draft.let(letter, {axis}, value);
  return read.substr(0, read.find('['));
}

Reading sampling::readMatrix(Draft &draft, const std::string &state,
                             const Axis &row, const Axis &column) {
  std::string s = Draft::read(state, {row, column});
  switch (draft.random.weighted({12, 3, 1, 1, 2, 1})) {
  case 0: {
    std::string q = named(draft, 'q', row, key(draft, row));
    return {{column}, "(sum[" + row.var + "] " + at(q, row) + " * " + s + ")"};
  }
  case 1: {
    std::string q = named(draft, 'q', column, value(draft, {column}));
    return {{row},
            "(sum[" + column.var + "] " + s + " * " + at(q, column) + " / " +
                column.dim + ")"};
  }
  case 2:
    return {{},
            "(sum[" + row.var + "," + column.var + "] " + s + " ^ 2 / (" +
                row.dim + " * " + column.dim + "))"};
  case 3:
    return {{column},
            draft.random.pick<std::string>({"(max[", "(min["}) + row.var +
                "] " + s + ")"};
  case 4:
    return {{row, column}, s};
  default: {
    std::string q = named(draft, 'q', row, key(draft, row));
    std::string p = named(draft, 'p', column, key(draft, column));
    return {{},
            "(sum[" + row.var + "," + column.var + "] " + at(q, row) + " * " +
                s + " * " + at(p, column) + ")"};
  }
  }
}

Reading sampling::readVector(Draft &draft, const std::string &state,
                             const Axis &axis) {
  std::string s = at(state, axis);
  switch (draft.random.weighted({6, 3, 1, 1})) {
  case 0:
    return {{axis}, s};
  case 1: {
    std::string q = named(draft, 'q', axis, key(draft, axis));
    return {{}, "(sum[" + axis.var + "] " + at(q, axis) + " * " + s + ")"};
  }
  case 2:
    return {{}, "(max[" + axis.var + "] " + s + ")"};
  default: {
    Axis bound = other(axis);
    std::string w = draft.param('w', {axis, bound}, "[-1, 1]");
    return {{axis},
            "(sum[" + bound.var + "] " + w + "[" + axis.var + "," + bound.var +
                "] * " + at(state, bound) + " / " + axis.dim + ")"};
  }
  }
}

/// y over its root mean square.
static std::string rootMeanSquare(Draft &draft, const Reading &reading) {
  draft.tag("rms");
  const Axis &axis = reading.axes[0];
  std::string name = named(draft, 'y', axis, reading.value);
  Axis bound = other(axis);
  return "(" + at(name, axis) + " / sqrt((sum[" + bound.var + "] " +
         at(name, bound) + " ^ 2) / " + axis.dim + " + 0.01))";
}

static std::string dress(Draft &draft, const Reading &reading) {
  switch (draft.random.weighted({6, 2, 2, 1, 1, 1, 2})) {
  case 0:
    return reading.value;
  case 1:
    return "(0.5 * " + reading.value + ")";
  case 2:
    return "(" + rate(draft, reading.axes) + " * " + reading.value + ")";
  case 3:
    return squash(draft, reading.value);
  case 4:
    return "(" + reading.value + " / max(abs(" + reading.value + "), 1))";
  case 5:
    return "(" + reading.value + " + " + value(draft, reading.axes) + ")";
  default:
    return reading.axes.size() == 1 ? rootMeanSquare(draft, reading)
                                    : reading.value;
  }
}

void sampling::use(Draft &draft, const Reading &reading) {
  std::string y = dress(draft, reading);
  bool isOffered = reading.axes.size() == 1 && draft.random.chance(55);
  if (isOffered) {
    std::string name = named(draft, 'z', reading.axes[0], squash(draft, y));
    draft.offer(reading.axes[0], name);
    if (draft.random.chance(20)) {
      draft.tag("delay");
      draft.out(reading.axes,
                "delay(" + name + ", 1)" + subscript(reading.axes));
    }
  }
  if (!isOffered || draft.random.chance(70))
    draft.out(reading.axes, y);
}
