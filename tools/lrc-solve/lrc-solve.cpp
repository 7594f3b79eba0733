//===- lrc-solve.cpp - Solve a constraint problem given as text -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Solver.h"
#include "lib/Solver/Text.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace lrc::solver;

static cl::OptionCategory category("lrc-solve options");
static cl::opt<std::string> input(cl::Positional, cl::desc("FILE"),
                                  cl::init("-"), cl::cat(category));
static cl::opt<unsigned> best("best", cl::desc("print the N best assignments"),
                              cl::value_desc("N"), cl::init(0),
                              cl::cat(category));
static cl::opt<unsigned long long>
    nodes("nodes", cl::desc("give up after N search nodes"),
          cl::value_desc("N"), cl::init(Limits().nodes), cl::cat(category));
static cl::opt<bool> echo("print", cl::desc("print the problem, do not solve"),
                          cl::cat(category));
enum class Backend { Gecode, Exhaustive };
static cl::opt<Backend> backend(
    "backend", cl::desc("who solves"), cl::init(Backend::Gecode),
    cl::values(clEnumValN(Backend::Gecode, "gecode", "branch and bound"),
               clEnumValN(Backend::Exhaustive, "exhaustive", "all values")),
    cl::cat(category));

static int fail(const Twine &message, int status) {
  errs() << message << "\n";
  return status;
}

static void printSolution(const Problem &problem, const Solution &solution,
                          StringRef separator) {
  for (auto [variable, value] :
       llvm::zip(problem.getVariables(), solution.assignment))
    outs() << variable.name << " = " << value << separator;
  if (problem.getObjective())
    outs() << "objective = " << solution.objective << separator;
  outs() << (solution.provenOptimal ? "proven" : "not proven") << "\n";
}

static int solve(const Problem &problem) {
  std::unique_ptr<Solver> solver = backend == Backend::Gecode
                                       ? createGecodeSolver()
                                       : createExhaustiveSolver();
  Limits limits;
  limits.nodes = nodes;
  unsigned count = std::max<unsigned>(best, 1);
  Expected<std::vector<Solution>> solutions =
      solver->solveBest(problem, count, limits);
  if (!solutions)
    return fail("error: " + toString(solutions.takeError()), 1);
  for (const Solution &solution : *solutions)
    printSolution(problem, solution, best ? ", " : "\n");
  return 0;
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "Solves an integer constraint problem.\n", &errs()))
    return 2;
  ErrorOr<std::unique_ptr<MemoryBuffer>> file =
      MemoryBuffer::getFileOrSTDIN(input, /*IsText=*/true);
  if (!file)
    return fail(
        "error: cannot read '" + input + "': " + file.getError().message(), 2);
  Expected<Problem> problem =
      parse((*file)->getBuffer(), (*file)->getBufferIdentifier());
  if (!problem)
    return fail(toString(problem.takeError()), 2);
  if (!echo)
    return solve(*problem);
  print(*problem, outs());
  return 0;
}
