//===- lrc-random.cpp - Random recurrences against the interpreter --------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See README.md in this folder.
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/Stopwatch.h"
#include "test/random/Generate.h"
#include "test/random/Shrink.h"
#include "test/random/Summary.h"
#include "test/random/Workers.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

#include <thread>

using namespace lrc;
using namespace lrc::sampling;
namespace cl = llvm::cl;

static cl::OptionCategory category("Options");
static cl::list<std::string> files(cl::Positional, cl::desc("[FILE.dsf ..]"),
                                   cl::cat(category));
static cl::opt<int64_t> cases("cases", cl::desc("how many"), cl::init(200),
                              cl::cat(category));
static cl::opt<uint64_t> seed("seed", cl::desc("of the cases"), cl::init(1),
                              cl::cat(category));
static cl::list<int64_t> only("only", cl::desc("these cases of the seed"),
                              cl::CommaSeparated, cl::value_desc("CASE,.."),
                              cl::cat(category));
static cl::list<std::string>
    schedules("schedule", cl::desc("instead of all: chunked/16,scan,.."),
              cl::CommaSeparated, cl::cat(category));
static cl::opt<std::string> dtype("dtype", cl::desc("instead of a random one"),
                                  cl::cat(category));
static cl::opt<std::string> keep("keep",
                                 cl::desc("write failures to this directory"),
                                 cl::value_desc("DIR"), cl::cat(category));
static cl::opt<int> jobs("jobs",
                         cl::desc("processes (default: one a processor)"),
                         cl::init(int(std::thread::hardware_concurrency())),
                         cl::cat(category));
static cl::opt<int> timeout("timeout", cl::desc("seconds for one case"),
                            cl::init(60), cl::cat(category));
static cl::opt<int64_t> seconds("seconds",
                                cl::desc("start no case after this time"),
                                cl::value_desc("N"), cl::cat(category));
static cl::opt<int64_t>
    shrinks("shrink", cl::desc("failures that are made smaller (default: 5)"),
            cl::init(5), cl::cat(category));
static cl::opt<bool> justPrint("print", cl::desc("print the cases, run none"),
                               cl::cat(category));
static cl::opt<bool> reasons("reasons",
                             cl::desc("count why schedules were refused"),
                             cl::cat(category));

/// Questions that shrinking one failure may ask.
static constexpr int64_t shrinkBudget = 1000;

[[noreturn]] static void usage(const llvm::Twine &message) {
  llvm::errs() << "lrc-random: error: " << message << '\n';
  exit(2);
}

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

static Case readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    usage(path + ": " + buffer.getError().message());
  std::string error;
  std::optional<Case> one = read((*buffer)->getBuffer().str(), error);
  if (!one)
    usage(path + ": " + error);
  one->origin = path;
  return std::move(*one);
}

static void override(Case &one) {
  if (!dtype.empty()) {
    std::optional<ElementType> type = parseElementType(dtype);
    if (!type || isComplex(*type))
      usage("expected f64, f32, f16 or bf16, got '" + dtype + "'");
    one.type = *type;
  }
  if (schedules.empty())
    return;
  one.variants.clear();
  for (const std::string &text : schedules) {
    std::optional<Variant> variant = parseVariant(text);
    if (!variant)
      usage("expected a schedule such as chunked/16, got '" + text + "'");
    one.variants.push_back(*variant);
  }
}

static int64_t countCases() {
  if (!files.empty())
    return int64_t(files.size());
  return only.empty() ? cases : int64_t(only.size());
}

static Case makeCase(int64_t number) {
  Case one = !files.empty() ? readFile(files[number])
             : only.empty() ? generate(seed, uint64_t(number))
                            : generate(seed, uint64_t(only[number]));
  override(one);
  return one;
}

//===----------------------------------------------------------------------===//
// Judging
//===----------------------------------------------------------------------===//

static Outcome toOutcome(const Report &report) {
  if (report.kind == Report::Kind::Done)
    return deserialize(report.text);
  Outcome outcome;
  outcome.kind = report.kind == Report::Kind::Crashed ? Outcome::Kind::Crash
                                                      : Outcome::Kind::Timeout;
  outcome.message = report.text;
  return outcome;
}

static Case shrinkFailure(const Case &one, const Outcome &outcome) {
  // What hangs is asked for less long, once it is known to hang.
  int seconds = outcome.kind == Outcome::Kind::Timeout
                    ? std::min<int>(timeout, 10)
                    : int(timeout);
  return shrink(
      one,
      [&](const Case &candidate) {
        return isAlike(outcome, toOutcome(runInProcess(seconds, [&] {
                         return serialize(judge(candidate));
                       })));
      },
      shrinkBudget);
}

static void showFailure(int64_t number, const Case &one, Outcome outcome) {
  llvm::raw_ostream &os = llvm::outs();
  os << "FAILED " << one.origin << ": " << spell(outcome.kind) << " under "
     << spell(outcome.variant) << ": " << outcome.message << '\n';
  Case smallest = one;
  if (number < shrinks) {
    os.flush();
    smallest = shrinkFailure(one, outcome);
  }
  std::string text = write(smallest);
  if (keep.empty()) {
    if (number < shrinks)
      os << text << '\n';
    return;
  }
  std::string name = one.origin;
  for (char &letter : name)
    if (!llvm::isAlnum(letter))
      letter = '-';
  std::string path = keep + "/" + name + ".dsf";
  std::error_code error = llvm::sys::fs::create_directories(keep);
  llvm::raw_fd_ostream file(path, error);
  if (error)
    usage(path + ": " + error.message());
  file << text;
  os << "kept as " << path << '\n';
}

static int run() {
  Stopwatch watch;
  // All of them first: what is wrong with the options shows here, not in the
  // processes.
  std::vector<Case> all;
  for (int64_t number = 0, e = countCases(); number < e; ++number)
    all.push_back(makeCase(number));
  int64_t count = int64_t(all.size()), finished = 0;
  bool isTerminal = llvm::sys::Process::StandardErrIsDisplayed();
  std::vector<std::optional<Outcome>> outcomes(count);
  runInProcesses(
      count, std::max<int>(jobs, 1), timeout,
      [&](int64_t number) {
        if (seconds > 0 && watch.milliseconds() > double(seconds) * 1000)
          return std::string();
        return serialize(judge(all[number]));
      },
      [&](int64_t number, Report report) {
        if (report.kind != Report::Kind::Done || !report.text.empty())
          outcomes[number] = toOutcome(report);
        if (isTerminal)
          llvm::errs() << '\r' << ++finished << " of " << count << ' ';
      });
  if (isTerminal)
    llvm::errs() << '\r';
  double taken = watch.milliseconds() / 1000;

  Summary summary;
  for (int64_t number = 0; number < count; ++number) {
    if (!outcomes[number])
      continue;
    const Case &one = all[number];
    if (outcomes[number]->isFailure())
      showFailure(summary.countFailures(), one, *outcomes[number]);
    summary.add(one, *outcomes[number]);
  }
  if (files.empty())
    summary.printTags();
  if (reasons)
    summary.printReasons();
  summary.printLine(taken);
  return summary.countFailures() ? 1 : 0;
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Random recurrences under every schedule against the interpreter, or "
      "cases from files.\n");
  if (!justPrint)
    return run();
  for (int64_t number = 0, e = countCases(); number < e; ++number)
    llvm::outs() << (number ? "\n" : "") << write(makeCase(number));
  return 0;
}
