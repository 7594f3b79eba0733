//===- CpuTarget.cpp - The text form of a CPU's facts ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Target/CpuTarget.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Format.h"

#include <cmath>

using namespace llvm;
using namespace lrc;

namespace {
/// A fact: exactly one of the members is set.
struct Field {
  StringLiteral key;
  int64_t CpuTarget::*count;
  double CpuTarget::*measure;
};
} // namespace

static constexpr Field fields[] = {
    {"vectorBits", &CpuTarget::vectorBits, nullptr},
    {"registers", &CpuTarget::registers, nullptr},
    {"threads", &CpuTarget::threads, nullptr},
    {"l1Bytes", &CpuTarget::l1Bytes, nullptr},
    {"l2Bytes", &CpuTarget::l2Bytes, nullptr},
    {"l3Bytes", &CpuTarget::l3Bytes, nullptr},
    {"lineBytes", &CpuTarget::lineBytes, nullptr},
    {"fmaGflops", nullptr, &CpuTarget::fmaGflops},
    {"copyGBps", nullptr, &CpuTarget::copyGBps},
    {"l2GBps", nullptr, &CpuTarget::l2GBps},
    {"expNs", nullptr, &CpuTarget::expNs},
    {"forkUs", nullptr, &CpuTarget::forkUs},
};

bool CpuTarget::operator==(const CpuTarget &other) const {
  return llvm::all_of(fields, [&](const Field &field) {
    return field.count ? this->*field.count == other.*field.count
                       : this->*field.measure == other.*field.measure;
  });
}

void lrc::print(const CpuTarget &target, raw_ostream &os) {
  for (const Field &field : fields) {
    os << field.key << " = ";
    if (field.count)
      os << target.*field.count << "\n";
    else
      os << format("%.3g", target.*field.measure) << "\n";
  }
}

/// Sets a fact to a positive number.
static bool setField(CpuTarget &target, const Field &field, StringRef text) {
  // Large enough for any machine, small enough for products with sizes.
  constexpr double limit = 1e12;
  if (field.count)
    return !text.getAsInteger(10, target.*field.count) &&
           target.*field.count > 0 && target.*field.count <= int64_t(limit);
  return !text.getAsDouble(target.*field.measure) &&
         target.*field.measure > 0 && target.*field.measure <= limit;
}

Expected<CpuTarget> lrc::parseCpuTarget(StringRef text, StringRef fileName) {
  CpuTarget target;
  SmallPtrSet<const Field *, 16> seen;
  unsigned number = 0;
  while (!text.empty()) {
    auto [whole, rest] = text.split('\n');
    text = rest;
    ++number;
    auto error = [&](const Twine &message) {
      return createStringError(fileName + ":" + Twine(number) +
                               ": error: " + message);
    };
    StringRef line = whole.split('#').first.trim();
    if (line.empty())
      continue;
    StringRef key = line.split('=').first.trim();
    StringRef value = line.split('=').second.trim();
    if (value.empty())
      return error("expected 'key = value', got '" + line + "'");
    const Field *field = llvm::find_if(
        fields, [&](const Field &field) { return field.key == key; });
    if (field == std::end(fields))
      return error("unknown key '" + key + "'");
    if (!seen.insert(field).second)
      return error("'" + key + "' is given twice");
    if (!setField(target, *field, value))
      return error("expected a positive " +
                   Twine(field->count ? "integer" : "number") +
                   " up to 1e12, "
                   "got '" +
                   value + "'");
  }
  return target;
}
