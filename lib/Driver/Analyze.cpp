//===- Analyze.cpp - lrc analyze: what a recurrence takes and costs -------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/AnalyzeSchedules.h"
#include "lib/Driver/AnalyzeStages.h"
#include "lib/Driver/AssumedSizes.h"
#include "lib/Driver/Command.h"
#include "lib/Driver/Costs.h"
#include "lib/Driver/VerifyCases.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/ProgramImpl.h"
#include "lib/Solver/Text.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;
namespace json = llvm::json;

static int runAnalyze();

Command &driver::analyzeCommand() {
  static Command command("analyze", "inputs, states and costs of a recurrence",
                         runAnalyze);
  return command;
}

static cl::opt<bool>
    asJson("json", cl::desc("print JSON, an object for each recurrence"),
           cl::sub(analyzeCommand().sub), cl::cat(analyzeCommand().category));
static cl::opt<bool>
    asProblem("problem",
              cl::desc("print the integer problem whose answer is the "
                       "schedule, for lrc-solve"),
              cl::sub(analyzeCommand().sub),
              cl::cat(analyzeCommand().category));
static CompileFlags flags(analyzeCommand());

/// Dims that have no size are given this one, which the output says.
static constexpr int64_t assumedSize = 64;

namespace {
/// Everything that is printed, for one sequence and head.
struct Analysis {
  Signature signature;
  KernelRequest request;
  /// Dims whose size is an assumption.
  std::vector<std::string> assumed;
  Costs costs;
  int64_t stateBytes = 0;
  int64_t inputBytes = 0; // of one step
  int64_t outputBytes = 0;
  lrc::Report structure;
  ScheduleReports schedules;
  /// Text of the problem, where it is asked for.
  std::string problem;
};

} // namespace

static llvm::StringRef spellRole(Field::Role role) {
  switch (role) {
  case Field::Role::Input:
    return "input";
  case Field::Role::Param:
    return "parameter";
  case Field::Role::State:
    return "state";
  case Field::Role::Output:
    return "output";
  }
  llvm_unreachable("unknown role");
}

static std::string spellNumber(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9g", value);
  return text;
}

static std::string spellRange(const DeclaredRange &range) {
  using Kind = DeclaredRange::Kind;
  switch (range.kind) {
  case Kind::Any:
    return "";
  case Kind::UnitNorm:
    return "unit";
  case Kind::Interval:
    return (range.lowerOpen ? "(" : "[") + spellNumber(range.lower) + ", " +
           spellNumber(range.upper) + (range.upperOpen ? ")" : "]");
  case Kind::Choice: {
    std::string text;
    for (double choice : range.choices)
      text += (text.empty() ? "" : ", ") + spellNumber(choice);
    return "{" + text + "}";
  }
  }
  llvm_unreachable("unknown range");
}

static int64_t countElements(const Field &field, const Sizes &dims) {
  int64_t count = 1;
  for (const Extent &extent : field.extents)
    count *= extent.dim.empty() ? extent.size : dims.at(extent.dim);
  return count;
}

static int64_t countBytes(const Field &field, const KernelRequest &request) {
  auto type = request.types.find(field.name);
  DType dtype =
      toDType(type == request.types.end() ? field.storage : type->second);
  return countElements(field, request.dims) * int64_t(sizeInBytes(dtype));
}

//===----------------------------------------------------------------------===//
// Analysis
//===----------------------------------------------------------------------===//

/// Gives the dims without a size the one that is assumed.
std::vector<std::string> driver::completeSizes(const Signature &signature,
                                               CompileOptions &options) {
  std::vector<std::string> assumed;
  for (const Dim &dim : signature.dims)
    if (!dim.isDerived() && !dim.defaultSize &&
        !options.sizes.count(dim.name) && !options.scalars.count(dim.name)) {
      options.sizes[dim.name] = assumedSize;
      assumed.push_back(dim.name);
    }
  return assumed;
}

static Result<Analysis> analyze(Program &program, CompileOptions options) {
  Analysis report;
  Result<Signature> signature = program.signature(options.recurrence);
  if (!signature)
    return signature.diagnostics();
  report.signature = *signature;
  report.assumed = completeSizes(report.signature, options);
  llvm::Expected<KernelRequest> request = requestFor(report.signature, options);
  if (!request)
    return toDiagnostics(request.takeError());
  report.request = std::move(*request);
  Result<Specialized> specialized =
      program.getImpl()->specialize(report.request);
  if (!specialized)
    return specialized.diagnostics();
  report.costs = countStep(specialized->recurrence);
  report.structure = makeReport(specialized->recurrence);
  if (asProblem) {
    llvm::Expected<solver::Problem> problem =
        problemOf(specialized->recurrence, report.request, options);
    if (!problem)
      return toDiagnostics(problem.takeError());
    llvm::raw_string_ostream os(report.problem);
    solver::print(*problem, os);
  }
  report.schedules =
      reportSchedules(specialized->recurrence, report.request, options);
  for (const Field &field : report.signature.fields) {
    int64_t bytes = countBytes(field, report.request);
    if (field.role == Field::Role::Input)
      report.inputBytes += bytes;
    else if (field.role == Field::Role::Output)
      report.outputBytes += bytes;
    else if (field.role == Field::Role::State)
      report.stateBytes += bytes;
  }
  return report;
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

static std::string spellNotes(const Field &field) {
  std::string notes = spellRange(field.range);
  auto add = [&](llvm::StringRef note) {
    notes += (notes.empty() ? "" : "; ") + note.str();
  };
  if (field.hasDefault)
    add("has a default");
  if (field.hidden)
    add("history of delay");
  if (field.role == Field::Role::State && !field.isFinal && !field.hidden)
    add("not returned");
  return notes;
}

static void printText(llvm::raw_ostream &os, const Analysis &report) {
  os << "recurrence " << report.signature.name
     << (report.signature.reverse ? ", from the last step to the first" : "")
     << "\nsizes     ";
  for (const auto &[name, size] : report.request.dims)
    os << ' ' << name << '=' << size
       << (llvm::is_contained(report.assumed, name) ? " (assumed)" : "");
  os << "\n\n";
  for (const Field &field : report.signature.fields) {
    auto type = report.request.types.find(field.name);
    std::string layout = layoutOf(field, true);
    os << llvm::format(
        "%-10s %-12s %-18s %-10s", spellRole(field.role).data(),
        field.name.c_str(), layout.c_str(),
        spell(type == report.request.types.end() ? field.storage : type->second)
            .data());
    std::string notes = spellNotes(field);
    os << (notes.empty() ? "" : " ") << notes << '\n';
  }
  int64_t traffic = report.inputBytes + report.outputBytes;
  os << "\nfor each sequence and head:\n"
     << "  state                   " << report.stateBytes << " bytes\n"
     << "for each token and head:\n"
     << "  FLOPs                   " << report.costs.flops << '\n'
     << "  transcendental          " << report.costs.transcendentals << '\n'
     << "  bytes read, written     " << report.inputBytes << ", "
     << report.outputBytes << '\n';
  if (traffic)
    os << "  FLOPs per byte          "
       << llvm::format("%.2f", double(report.costs.flops) / traffic) << '\n';
  printStages(os, report.structure);
  printSchedules(os, report.schedules, report.costs.flops, traffic);
}

static json::Value fieldToJson(const Field &field, const Analysis &report) {
  json::Array extents;
  for (const Extent &extent : field.extents)
    if (extent.dim.empty())
      extents.push_back(extent.size);
    else
      extents.push_back(extent.dim);
  auto type = report.request.types.find(field.name);
  json::Object object{
      {"role", spellRole(field.role)},
      {"name", field.name},
      {"extents", std::move(extents)},
      {"dtype",
       llvm::StringRef(spell(
           type == report.request.types.end() ? field.storage : type->second))},
      {"bytes", countBytes(field, report.request)}};
  if (field.range.kind != DeclaredRange::Kind::Any)
    object["range"] = spellRange(field.range);
  if (field.role == Field::Role::Param)
    object["default"] = field.hasDefault;
  if (field.role == Field::Role::State) {
    object["final"] = field.isFinal;
    object["hidden"] = field.hidden;
  }
  return object;
}

static void printJson(llvm::raw_ostream &os, const Analysis &report) {
  json::Object dims;
  for (const auto &[name, size] : report.request.dims)
    dims[name] = size;
  json::Array fields;
  for (const Field &field : report.signature.fields)
    fields.push_back(fieldToJson(field, report));
  json::Array assumed(report.assumed);
  json::Object object = json::Object{
      {"recurrence", report.signature.name},
      {"reverse", report.signature.reverse},
      {"dims", std::move(dims)},
      {"assumed", std::move(assumed)},
      {"tensors", std::move(fields)},
      {"state_bytes", report.stateBytes},
      {"flops_per_token", report.costs.flops},
      {"transcendentals_per_token", report.costs.transcendentals},
      {"bytes_read_per_token", report.inputBytes},
      {"bytes_written_per_token", report.outputBytes},
      {"stages", stagesToJson(report.structure)},
      {"outputs", json::Array(report.structure.outputs)},
      {"tracking", spell(report.structure.tracking)},
      {"schedules", schedulesToJson(report.schedules, report.costs.flops,
                                    report.inputBytes + report.outputBytes)},
      {"schedule",
       report.schedules.chosen ? driver::spell(report.schedules.chosen) : ""},
      {"schedule_reason", report.schedules.reason}};
  if (report.schedules.chosen) {
    object["predicted_ns_per_token"] = report.schedules.nanoseconds;
    if (report.schedules.tokens > 0)
      object["predicted_ms"] =
          report.schedules.nanoseconds * double(report.schedules.tokens) / 1e6;
  }
  json::Value value = std::move(object);
  os << llvm::formatv("{0:2}", value) << '\n';
}

static int runAnalyze() {
  Result<CompileOptions> options = flags.read();
  if (!options)
    return fail(options.diagnostics());
  const std::string &spec = analyzeCommand().spec;
  Result<Program> program = Program::fromFile(spec);
  if (!program)
    return fail(program.diagnostics());
  std::vector<std::string> names = program->recurrences();
  if (!options->recurrence.empty())
    names = {options->recurrence};
  std::vector<Analysis> reports;
  for (const std::string &name : names) {
    options->recurrence = name;
    Result<Analysis> report = analyze(*program, *options);
    if (!report)
      return fail(inFile(spec, report.diagnostics()));
    reports.push_back(std::move(*report));
  }
  for (const Analysis &report : reports) {
    if (&report != &reports.front())
      llvm::outs() << '\n';
    if (asProblem)
      llvm::outs() << report.problem;
    else if (asJson)
      printJson(llvm::outs(), report);
    else
      printText(llvm::outs(), report);
  }
  return good;
}
