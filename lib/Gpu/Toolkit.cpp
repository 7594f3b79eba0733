//===- Toolkit.cpp - ptxas and libdevice, where they are ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/Toolkit.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace lrc;
using llvm::StringRef;

static std::optional<std::string> existing(StringRef root, StringRef rest) {
  llvm::SmallString<128> path(root);
  llvm::sys::path::append(path, rest);
  if (root.empty() || !llvm::sys::fs::exists(path))
    return std::nullopt;
  return path.str().str();
}

static std::string cudaHome() {
  return llvm::sys::Process::GetEnv("CUDA_HOME").value_or("");
}

std::optional<std::string> lrc::findPtxas() {
  if (auto found = existing(cudaHome(), "bin/ptxas"))
    return found;
  if (auto found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  return existing("/usr/local/cuda", "bin/ptxas");
}

std::optional<std::string> lrc::findDeviceLibrary() {
  constexpr StringRef inside = "nvvm/libdevice/libdevice.10.bc";
  if (auto found = existing(cudaHome(), inside))
    return found;
  if (auto ptxas = findPtxas()) {
    StringRef root =
        llvm::sys::path::parent_path(llvm::sys::path::parent_path(*ptxas));
    if (auto found = existing(root, inside))
      return found;
  }
  return existing("/usr/local/cuda", inside);
}

static std::string readFile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// The number before ` word` in a line such as "Used 40 registers, ...".
static int64_t numberBefore(StringRef text, StringRef word) {
  size_t at = text.find(word);
  int64_t number = 0;
  if (at != StringRef::npos)
    text.take_front(at).rtrim().rsplit(' ').second.getAsInteger(10, number);
  return number;
}

static void readReport(StringRef report, Assembled &result) {
  llvm::SmallVector<StringRef> lines;
  report.split(lines, '\n');
  for (StringRef line : lines) {
    if (line.contains("registers"))
      result.registers =
          std::max(result.registers, numberBefore(line, " registers"));
    if (line.contains("spill"))
      result.spillBytes += numberBefore(line, " bytes spill stores");
    if (line.contains("warning") || line.contains("C75"))
      result.warnings += line.str() + "\n";
  }
}

/// Runs ptxas and returns all that it prints.
static llvm::Expected<std::string> runPtxas(StringRef ptxas,
                                            llvm::ArrayRef<StringRef> options) {
  llvm::SmallString<128> log;
  if (llvm::sys::fs::createTemporaryFile("lrc", "log", log))
    return llvm::createStringError("no temporary file could be made");
  llvm::FileRemover removeLog(log);
  llvm::SmallVector<StringRef> arguments = {ptxas};
  arguments.append(options.begin(), options.end());
  std::optional<StringRef> redirects[] = {std::nullopt, log.str(), log.str()};
  std::string error;
  int status = llvm::sys::ExecuteAndWait(ptxas, arguments, std::nullopt,
                                         redirects, 0, 0, &error);
  std::string report = readFile(log);
  if (status != 0)
    return llvm::createStringError("ptxas failed: " +
                                   (report.empty() ? error : report));
  return report;
}

std::optional<std::string> lrc::ptxasVersion() {
  std::optional<std::string> ptxas = findPtxas();
  if (!ptxas)
    return std::nullopt;
  llvm::Expected<std::string> text = runPtxas(*ptxas, {"--version"});
  if (text)
    return *text;
  llvm::consumeError(text.takeError());
  return std::nullopt;
}

std::vector<std::string> lrc::ptxasOptions(const GpuTarget &target) {
  return {"-arch=" + target.name.str(), "-O3", "-v"};
}

llvm::Expected<Assembled> lrc::assemble(StringRef ptx,
                                        const GpuTarget &target) {
  std::optional<std::string> ptxas = findPtxas();
  if (!ptxas)
    return llvm::createStringError(
        "ptxas was not found in the PATH or the CUDA toolkit; CUDA_HOME says "
        "where that is");
  llvm::SmallString<128> input, output;
  int descriptor;
  if (llvm::sys::fs::createTemporaryFile("lrc", "ptx", descriptor, input) ||
      llvm::sys::fs::createTemporaryFile("lrc", "cubin", output))
    return llvm::createStringError("no temporary file could be made");
  llvm::FileRemover removeInput(input), removeOutput(output);
  {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    stream << ptx;
  }
  std::vector<std::string> options = ptxasOptions(target);
  llvm::SmallVector<StringRef> arguments(options.begin(), options.end());
  arguments.append({input, "-o", output});
  llvm::Expected<std::string> report = runPtxas(*ptxas, arguments);
  if (!report)
    return report.takeError();
  Assembled result;
  result.cubin = readFile(output);
  readReport(*report, result);
  return result;
}
