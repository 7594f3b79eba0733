//===- CubinCacheTest.cpp - Entries of assembled kernels ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/CubinCache.h"

#include <gtest/gtest.h>

using namespace lrc;

static Assembled makeAssembled() {
  Assembled assembled;
  assembled.cubin = std::string("\x7f"
                                "ELF\0\n\xff",
                                7);
  assembled.registers = 40;
  assembled.spillBytes = 8;
  assembled.warnings = "warning: cubin 3\nelf\n";
  return assembled;
}

TEST(CubinCache, KeepsAll) {
  for (bool warns : {true, false}) {
    Assembled before = makeAssembled();
    if (!warns)
      before.warnings.clear();
    std::optional<Assembled> after = decodeAssembled(encodeAssembled(before));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->cubin, before.cubin);
    EXPECT_EQ(after->registers, before.registers);
    EXPECT_EQ(after->spillBytes, before.spillBytes);
    EXPECT_EQ(after->warnings, before.warnings);
  }
}

TEST(CubinCache, DamageIsAbsence) {
  std::string whole = encodeAssembled(makeAssembled());
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decodeAssembled(whole.substr(0, length))) << length;
  EXPECT_FALSE(decodeAssembled(whole + "\n"));
  for (llvm::StringRef other :
       {"registers -1\nspills 0\nwarnings 0\ncubin 4\n\x7f"
        "ELF",
        "registers 1\nspills 0\nwarnings 0\ncubin 4\nPK34",
        "registers 1\nspills 0\nwarnings 99999999999999999999\ncubin 4\n\x7f"
        "ELF",
        "registers 1\nspills 0\nwarnings 9223372036854775807\ncubin 4\n\x7f"
        "ELF"})
    EXPECT_FALSE(decodeAssembled(other)) << other.str();
  EXPECT_TRUE(decodeAssembled("registers 1\nspills 0\nwarnings 0\ncubin 4\n\x7f"
                              "ELF"));
}
