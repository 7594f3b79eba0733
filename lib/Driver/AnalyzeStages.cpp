//===- AnalyzeStages.cpp - The stages of a recurrence, printed ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/AnalyzeStages.h"

#include "llvm/ADT/StringExtras.h"

using namespace lrc;
using namespace lrc::driver;
namespace json = llvm::json;

/// "  class        text", further lines below the first.
static void printRow(llvm::raw_ostream &os, llvm::StringRef title,
                     llvm::ArrayRef<std::string> lines) {
  for (const std::string &line : lines) {
    os << "  " << llvm::left_justify(title, 12) << ' ' << line << '\n';
    title = "";
  }
}

static void printRow(llvm::raw_ostream &os, llvm::StringRef title,
                     const std::string &text) {
  if (!text.empty())
    printRow(os, title, llvm::ArrayRef(text));
}

/// How chunks of the stage are run.
static std::string spellRun(const StageReport &stage) {
  switch (stage.kind) {
  case GroupKind::Affine:
    return "products of tiles, in chunks of steps";
  case GroupKind::Dense:
    return "products with powers of one matrix, in chunks of steps";
  case GroupKind::Pointwise:
    return "a scan along time, for all positions at once; not products of "
           "tiles: " +
           stage.limits;
  case GroupKind::Shift:
    return "a window of the steps before";
  case GroupKind::Sequential:
    return "one step after the other: " + stage.limits;
  }
  llvm_unreachable("unknown kind");
}

void driver::printStages(llvm::raw_ostream &os, const Report &report) {
  for (const auto &[index, stage] : llvm::enumerate(report.stages)) {
    os << "\nstage " << index + 1 << ": " << llvm::join(stage.states, ", ")
       << '\n';
    printRow(os, "class", stage.classText);
    printRow(os, "blocks", stage.blocks);
    printRow(os, "because", stage.why);
    printRow(os, "Lambda", stage.lambda);
    printRow(os, "step", stage.step);
    printRow(os, "eigenvalues", stage.eigenvalues);
    printRow(os, "tracks",
             std::string(spell(stage.tracking)) + ": " + stage.sentence);
    printRow(os, "runs as", spellRun(stage));
  }
  if (!report.outputs.empty())
    os << "\noutputs\n";
  printRow(os, "", report.outputs);
  os << "\ntracking       " << spell(report.tracking) << '\n';
}

json::Array driver::stagesToJson(const Report &report) {
  json::Array stages;
  for (const StageReport &stage : report.stages) {
    json::Object object{{"states", json::Array(stage.states)},
                        {"class", stage.classText},
                        {"because", stage.why},
                        {"linear", stage.cls.isLinear()},
                        {"runs_as", spell(stage.kind)},
                        {"step", json::Array(stage.step)},
                        {"tracking", spell(stage.tracking)},
                        {"tracking_reason", stage.sentence}};
    if (!stage.blocks.empty())
      object["blocks"] = json::Array(stage.blocks);
    if (!stage.limits.empty())
      object["not_affine_because"] = stage.limits;
    if (!stage.lambda.empty())
      object["lambda"] = stage.lambda;
    auto bound = [](double value) {
      return std::isfinite(value) ? json::Value(value) : json::Value(nullptr);
    };
    if (stage.cls.isLinear()) {
      json::Object values{{"real", stage.spectrum.real}};
      if (stage.spectrum.real) {
        values["lower"] = bound(stage.spectrum.values.lower);
        values["upper"] = bound(stage.spectrum.values.upper);
      }
      values["modulus"] = bound(stage.spectrum.modulus.upper);
      object["eigenvalues"] = std::move(values);
    }
    stages.push_back(std::move(object));
  }
  return stages;
}
