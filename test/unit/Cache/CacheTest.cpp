//===- CacheTest.cpp - The cache on disk ----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Cache/Cache.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using lrc::Cache;
using testing::Optional;

namespace {
class CacheTest : public testing::Test {
protected:
  void SetUp() override {
    llvm::SmallString<128> path;
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("lrc-cache", path));
    directory = std::string(path);
  }
  void TearDown() override { llvm::sys::fs::remove_directories(directory); }

  static std::string read(const std::string &path) {
    auto file = llvm::MemoryBuffer::getFile(path);
    return file ? (*file)->getBuffer().str() : "";
  }
  static void write(const std::string &path, llvm::StringRef text) {
    std::error_code code;
    llvm::raw_fd_ostream os(path, code);
    ASSERT_FALSE(code);
    os << text;
  }
  size_t countFiles() const {
    std::error_code code;
    size_t count = 0;
    for (llvm::sys::fs::directory_iterator it(directory, code), end;
         it != end && !code; it.increment(code))
      ++count;
    return count;
  }

  std::string directory;
};
} // namespace

TEST_F(CacheTest, KeepsValues) {
  Cache cache(directory + "/made/on/demand");
  EXPECT_EQ(cache.lookup("a"), std::nullopt);
  std::string odd("a\0b\n\xff", 5);
  cache.store("a", "1");
  cache.store(odd, odd);
  cache.store("", "");
  EXPECT_THAT(cache.lookup("a"), Optional(std::string("1")));
  EXPECT_THAT(cache.lookup(odd), Optional(odd));
  EXPECT_THAT(cache.lookup(""), Optional(std::string()));
  cache.store("a", "2");
  EXPECT_THAT(Cache(directory + "/made/on/demand").lookup("a"),
              Optional(std::string("2")));
}

TEST_F(CacheTest, DamageIsAbsence) {
  Cache cache(directory);
  cache.store("key", "some value\n");
  std::string path = cache.getPath("key"), whole = read(path);
  ASSERT_GT(whole.size(), 20u);
  for (size_t length = 0; length < whole.size(); ++length) {
    write(path, whole.substr(0, length));
    EXPECT_EQ(cache.lookup("key"), std::nullopt) << length;
    std::string changed = whole;
    changed[length] ^= 1;
    write(path, changed);
    EXPECT_EQ(cache.lookup("key"), std::nullopt) << length;
  }
  write(path, whole + "\n");
  EXPECT_EQ(cache.lookup("key"), std::nullopt);
  write(path, whole);
  EXPECT_THAT(cache.lookup("key"), Optional(std::string("some value\n")));
}

TEST_F(CacheTest, OneHashOfTwoKeys) {
  Cache cache(directory);
  cache.store("other", "1");
  ASSERT_FALSE(
      llvm::sys::fs::rename(cache.getPath("other"), cache.getPath("key")));
  EXPECT_EQ(cache.lookup("key"), std::nullopt);
  cache.store("key", "2");
  EXPECT_THAT(cache.lookup("key"), Optional(std::string("2")));
}

TEST_F(CacheTest, NeedsNoDirectory) {
  write(directory + "/file", "");
  for (const std::string &name :
       {std::string(), directory + "/file", directory + "/file/below"}) {
    Cache cache(name);
    cache.store("a", "1");
    EXPECT_EQ(cache.lookup("a"), std::nullopt);
  }
}

TEST_F(CacheTest, ReadOnlyDirectory) {
  Cache cache(directory);
  cache.store("a", "1");
  ASSERT_EQ(chmod(directory.c_str(), 0500), 0);
  // Root may write anywhere.
  constexpr uid_t nobody = 65534;
  bool isRoot = geteuid() == 0;
  if (isRoot) {
    ASSERT_EQ(chown(directory.c_str(), nobody, -1), 0);
    ASSERT_EQ(chown(cache.getPath("a").c_str(), nobody, -1), 0);
    ASSERT_EQ(seteuid(nobody), 0);
  }
  cache.store("a", "2");
  cache.store("b", "2");
  EXPECT_THAT(cache.lookup("a"), Optional(std::string("1")));
  EXPECT_EQ(cache.lookup("b"), std::nullopt);
  if (isRoot)
    ASSERT_EQ(seteuid(0), 0);
  chmod(directory.c_str(), 0700);
}

TEST_F(CacheTest, OddEntries) {
  Cache cache(directory);
  ASSERT_EQ(mkfifo(cache.getPath("pipe").c_str(), 0600), 0);
  ASSERT_EQ(mkdir(cache.getPath("folder").c_str(), 0700), 0);
  for (const char *key : {"pipe", "folder"}) {
    cache.store(key, "1");
    EXPECT_EQ(cache.lookup(key), std::nullopt);
  }
  cache.store("large", std::string(Cache::maxBytes + 1, 'a'));
  EXPECT_EQ(cache.lookup("large"), std::nullopt);
  cache.store("large", std::string(Cache::maxBytes, 'a'));
  EXPECT_TRUE(cache.lookup("large"));
}

// A reader sees whole values only, and no temporary file stays.
TEST_F(CacheTest, ManyWriters) {
  Cache cache(directory);
  std::string values[] = {std::string(10, 'a'), std::string(50'000, 'b'),
                          std::string(3000, 'c')};
  std::vector<std::thread> threads;
  std::atomic<unsigned> seen = 0, wrong = 0;
  for (const std::string &value : values)
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        cache.store("shared", value);
        if (std::optional<std::string> got = cache.lookup("shared"))
          ++(llvm::is_contained(values, *got) ? seen : wrong);
        cache.store(value.substr(0, 5), value);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(seen, 300u);
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(countFiles(), 4u);
}

TEST_F(CacheTest, DefaultDirectory) {
  setenv("HOME", "/home/someone", 1);
  unsetenv("LRC_CACHE_DIR");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(Cache::getDefaultDirectory(), "/home/someone/.cache/lrc");
  setenv("XDG_CACHE_HOME", "/xdg", 1);
  EXPECT_EQ(Cache::getDefaultDirectory(), "/xdg/lrc");
  setenv("LRC_CACHE_DIR", "own", 1);
  EXPECT_EQ(Cache::getDefaultDirectory(), "own");
}
