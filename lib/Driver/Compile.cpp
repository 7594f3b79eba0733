//===- Compile.cpp - lrc compile: levels, objects and headers -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Command.h"
#include "lib/Driver/Link.h"
#include "lib/JIT/Choose.h"
#include "lrc/Program.h"

#include "llvm/ADT/STLExtras.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;

static int runCompile();

Command &driver::compileCommand() {
  static Command command("compile", "print a level, or compile ahead of time",
                         runCompile);
  return command;
}

namespace {
enum class Emit {
  Dsf,
  Tile,
  Vector,
  Llvm,
  Asm,
  Obj,
  So,
  Header,
  Nvvm,
  Ptx,
  Cubin
};

constexpr const char *emitValues =
    "dsf, tile, vector, llvm, asm, obj, so, header, nvvm, ptx or cubin";

/// Says what may be given.
class EmitParser : public cl::parser<Emit> {
public:
  using cl::parser<Emit>::parser;
  bool parse(cl::Option &option, llvm::StringRef name, llvm::StringRef text,
             Emit &value) {
    auto isMeant = [&](const OptionInfo &info) { return info.Name == text; };
    if (llvm::any_of(Values, isMeant))
      return cl::parser<Emit>::parse(option, name, text, value);
    return option.error(llvm::Twine("expected ") + emitValues + ", got '" +
                        text + "'");
  }
};
} // namespace

static cl::opt<Emit, false, EmitParser> emitLevel(
    "emit", cl::desc("what to write:"),
    cl::values(clEnumValN(Emit::Dsf, "dsf",
                          "the recurrence; specialised if sizes are given"),
               clEnumValN(Emit::Tile, "tile", "programs on tiles"),
               clEnumValN(Emit::Vector, "vector", "loops over vectors"),
               clEnumValN(Emit::Llvm, "llvm", "LLVM IR"),
               clEnumValN(Emit::Asm, "asm", "assembly"),
               clEnumValN(Emit::Obj, "obj", "object file"),
               clEnumValN(Emit::So, "so", "shared library"),
               clEnumValN(Emit::Header, "header",
                          "C header for obj and so of the same options"),
               clEnumValN(Emit::Nvvm, "nvvm", "GPU code in MLIR"),
               clEnumValN(Emit::Ptx, "ptx", "GPU assembly"),
               clEnumValN(Emit::Cubin, "cubin", "GPU machine code")),
    cl::sub(compileCommand().sub), cl::cat(compileCommand().category));
static cl::opt<std::string> output("o", cl::desc("file to write"),
                                   cl::value_desc("FILE"), cl::init("-"),
                                   cl::sub(compileCommand().sub),
                                   cl::cat(compileCommand().category));
static cl::opt<std::string>
    symbol("name", cl::desc("name of the function (default: the recurrence's)"),
           cl::value_desc("NAME"), cl::sub(compileCommand().sub),
           cl::cat(compileCommand().category));
static CompileFlags flags(compileCommand());

static Level toLevel(Emit emit) {
  switch (emit) {
  case Emit::Dsf:
    return Level::Dsf;
  case Emit::Tile:
    return Level::Tile;
  case Emit::Vector:
    return Level::Vector;
  case Emit::Llvm:
    return Level::Llvm;
  case Emit::Asm:
    return Level::Asm;
  case Emit::Obj:
  case Emit::So:
    return Level::Object;
  case Emit::Header:
    return Level::Header;
  case Emit::Nvvm:
    return Level::Nvvm;
  case Emit::Ptx:
    return Level::Ptx;
  case Emit::Cubin:
    return Level::Cubin;
  }
  llvm_unreachable("unknown level");
}

static int runCompile() {
  if (emitLevel.getNumOccurrences() == 0)
    return fail(llvm::Twine("expected what to write: --emit=") + emitValues);
  Result<CompileOptions> options = flags.read();
  if (!options)
    return fail(options.diagnostics());
  Result<Program> program = Program::fromFile(compileCommand().spec);
  if (!program)
    return fail(program.diagnostics());
  // Without a signature the error is another one, or there is nothing to check.
  if (Result<Signature> signature = program->signature(options->recurrence))
    if (llvm::Error error = checkOptions(*signature, *options))
      return fail(std::move(error));
  Result<std::string> text =
      program->emit(toLevel(emitLevel), *options, symbol);
  if (!text)
    return fail(inFile(compileCommand().spec, text.diagnostics()));
  llvm::Error error = emitLevel == Emit::So ? linkShared(*text, output)
                                            : writeText(output, *text);
  if (error)
    return fail(std::move(error));
  return good;
}
