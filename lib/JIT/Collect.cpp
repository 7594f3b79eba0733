//===- Collect.cpp - Diagnostics of the libraries as values ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/Collect.h"

#include "mlir/IR/Location.h"

using namespace lrc;

Diagnostic lrc::makeError(const llvm::Twine &message) {
  Diagnostic diagnostic;
  diagnostic.message = message.str();
  return diagnostic;
}

Diagnostics lrc::toDiagnostics(llvm::Error error) {
  Diagnostics diagnostics;
  llvm::handleAllErrors(std::move(error), [&](llvm::ErrorInfoBase &info) {
    diagnostics.push_back(makeError(info.message()));
  });
  return diagnostics;
}

//===----------------------------------------------------------------------===//
// From the front end
//===----------------------------------------------------------------------===//

static Severity toSeverity(llvm::SourceMgr::DiagKind kind) {
  switch (kind) {
  case llvm::SourceMgr::DK_Error:
    return Severity::Error;
  case llvm::SourceMgr::DK_Warning:
    return Severity::Warning;
  case llvm::SourceMgr::DK_Remark:
  case llvm::SourceMgr::DK_Note:
    return Severity::Note;
  }
  llvm_unreachable("unknown kind of diagnostic");
}

static Diagnostic convert(const llvm::SMDiagnostic &from) {
  Diagnostic to;
  to.severity = toSeverity(from.getKind());
  to.message = from.getMessage().str();
  to.file = from.getFilename().str();
  if (from.getLineNo() < 1)
    return to;
  to.line = from.getLineNo();
  to.column = from.getColumnNo() + 1;
  to.sourceLine = from.getLineContents().str();
  if (!from.getRanges().empty())
    to.endColumn = from.getRanges().front().second + 1;
  if (!from.getFixIts().empty())
    to.fix = from.getFixIts().front().getText().str();
  return to;
}

Diagnostics lrc::toDiagnostics(const frontend::Diagnostics &diagnostics) {
  Diagnostics result;
  for (const frontend::Diagnostic &error : diagnostics.getErrors()) {
    result.push_back(convert(error.getMessage()));
    for (const llvm::SMDiagnostic &note : error.getNotes())
      result.back().notes.push_back(convert(note));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// From MLIR
//===----------------------------------------------------------------------===//

MlirDiagnostics::MlirDiagnostics(mlir::MLIRContext *context,
                                 llvm::SourceMgr &sources)
    : sources(sources), handler(context, [this](mlir::Diagnostic &diagnostic) {
        // Remarks tell of decisions; they are no reason to stop.
        if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
          collected.push_back(convert(diagnostic));
      }) {}

Diagnostic MlirDiagnostics::convert(mlir::Diagnostic &from) const {
  Diagnostic to;
  to.severity = from.getSeverity() == mlir::DiagnosticSeverity::Note
                    ? Severity::Note
                    : Severity::Error;
  to.message = from.str();
  if (auto place = from.getLocation()->findInstanceOf<mlir::FileLineColLoc>()) {
    to.file = place.getFilename().str();
    unsigned buffer = sources.getMainFileID();
    llvm::StringRef name =
        sources.getMemoryBuffer(buffer)->getBufferIdentifier();
    llvm::SMLoc loc;
    if (to.file == name)
      loc = sources.FindLocForLineAndColumn(buffer, place.getLine(),
                                            place.getColumn());
    if (loc.isValid()) {
      llvm::SMDiagnostic located =
          sources.GetMessage(loc, llvm::SourceMgr::DK_Error, "");
      to.line = located.getLineNo();
      to.column = located.getColumnNo() + 1;
      to.sourceLine = located.getLineContents().str();
    }
  }
  for (mlir::Diagnostic &note : from.getNotes())
    to.notes.push_back(convert(note));
  return to;
}

Diagnostics MlirDiagnostics::take() {
  if (collected.empty())
    collected.push_back(makeError("compilation failed without a reason"));
  return std::move(collected);
}
