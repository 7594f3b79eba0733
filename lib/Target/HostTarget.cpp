//===- HostTarget.cpp - The machine that this runs on ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Cache/Cache.h"
#include "lib/Target/CpuTarget.h"
#include "lib/Target/Probes.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"

#include <algorithm>
#include <unistd.h>

using namespace llvm;
using namespace lrc;

/// The first line of a file of the system; empty when there is none.
static std::string readLine(const Twine &path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file =
      MemoryBuffer::getFileAsStream(path);
  return file ? (*file)->getBuffer().split('\n').first.trim().str() : "";
}

/// Numbers such as 32K.
static std::optional<int64_t> parseSize(StringRef text) {
  int64_t unit = text.consume_back("K")   ? 1 << 10
                 : text.consume_back("M") ? 1 << 20
                                          : 1;
  int64_t number;
  if (text.getAsInteger(10, number) || number < 1 || number > (1 << 30))
    return std::nullopt;
  return number * unit;
}

/// What /sys says of the caches of the first core, else what sysconf says,
/// which counts a shared cache once for each of its instances.
static void findCaches(CpuTarget &target) {
  auto set = [](int64_t &fact, int name) {
    if (long value = sysconf(name); value > 0)
      fact = value;
  };
#ifdef _SC_LEVEL1_DCACHE_SIZE
  set(target.l1Bytes, _SC_LEVEL1_DCACHE_SIZE);
  set(target.l2Bytes, _SC_LEVEL2_CACHE_SIZE);
  set(target.l3Bytes, _SC_LEVEL3_CACHE_SIZE);
  set(target.lineBytes, _SC_LEVEL1_DCACHE_LINESIZE);
#endif
  for (unsigned index = 0; index < 8; ++index) {
    std::string folder =
        "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index);
    std::string level = readLine(folder + "/level");
    std::optional<int64_t> size = parseSize(readLine(folder + "/size"));
    if (!size || readLine(folder + "/type") == "Instruction")
      continue;
    if (level == "1")
      target.l1Bytes = *size;
    else if (level == "2")
      target.l2Bytes = *size;
    else if (level == "3")
      target.l3Bytes = *size;
    if (std::optional<int64_t> line =
            parseSize(readLine(folder + "/coherency_line_size")))
      target.lineBytes = *line;
  }
}

static void findVectors(CpuTarget &target) {
#ifdef __x86_64__
  StringMap<bool> features = sys::getHostCPUFeatures();
  if (features.lookup("avx512f"))
    target.vectorBits = 512, target.registers = 32;
  else if (features.lookup("avx2") && features.lookup("fma"))
    target.vectorBits = 256, target.registers = 16;
  else
    target.vectorBits = 128, target.registers = 16;
#else
  target.vectorBits = 128, target.registers = 32;
#endif
}

CpuTarget lrc::inspectCpu() {
  CpuTarget target;
  findVectors(target);
  findCaches(target);
  target.threads = probes::getThreads();
  return target;
}

static std::optional<CpuTarget> measure(CpuTarget target) {
  constexpr probes::Timing timing{5, /*best=*/true};
  // Three times the cache, as far as time allows: most of it goes into memory
  // that the system clears.
  constexpr int64_t mega = 1 << 20;
  size_t copied = std::clamp(target.l3Bytes / 2 * 3, 32 * mega, 96 * mega);
  double copy = probes::measureCopy(copied, {3, true});
  double read =
      probes::measureRead(target.vectorBits, target.l2Bytes / 2, timing);
  if (copy == 0 || read == 0)
    return std::nullopt;
  target.copyGBps = copy / 1e9;
  target.l2GBps = read / 1e9;
  target.fmaGflops = probes::measureFma(target.vectorBits, 1, timing) / 1e9;
  target.expNs = probes::measureExp(target.vectorBits, timing) * 1e9;
  target.forkUs = probes::measureFork({500, true}) * 1e6;
  return target;
}

std::optional<CpuTarget> lrc::measureCpu() { return measure(inspectCpu()); }

/// All that the facts depend on.
static std::string describe(const CpuTarget &facts) {
  std::string model;
  if (auto file = MemoryBuffer::getFileAsStream("/proc/cpuinfo"))
    for (StringRef rest = (*file)->getBuffer(); !rest.empty() && model.empty();)
      if (StringRef line = rest.split('\n').first;
          (rest = rest.split('\n').second, line.starts_with("model name")))
        model = line.split(':').second.trim().str();
  std::string key = "lrc " LRC_VERSION "\n" + model + "\n" +
                    sys::getHostCPUName().str() + "\n";
  raw_string_ostream os(key);
  print(facts, os);
  return key;
}

std::string lrc::describeHost() {
  static const std::string text = describe(inspectCpu());
  return text;
}

static CpuTarget findHostTarget() {
  CpuTarget facts = inspectCpu();
  Cache cache(Cache::getDefaultDirectory());
  std::string key = "cpu target of " + describe(facts);
  if (std::optional<std::string> text = cache.lookup(key)) {
    if (Expected<CpuTarget> target = parseCpuTarget(*text, "cache"))
      return *target;
    else
      consumeError(target.takeError());
  }
  std::optional<CpuTarget> measured = measure(facts);
  if (!measured)
    return facts;
  std::string text;
  raw_string_ostream os(text);
  print(*measured, os);
  cache.store(key, text);
  // As a later run will read it, with the same digits.
  return cantFail(parseCpuTarget(text, "measured"));
}

const CpuTarget &lrc::hostTarget() {
  static const CpuTarget target = findHostTarget();
  return target;
}
