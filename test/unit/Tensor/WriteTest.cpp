//===- WriteTest.cpp - Errors of the writer, and what is left -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"
#include "lib/Tensor/TensorFile.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <sys/resource.h>

using namespace llvm;
using namespace lrc;
using namespace lrc::test;

static TensorMap oneTensor(StringRef name = "x", DType dtype = DType::F32) {
  TensorMap tensors;
  tensors[name.str()] = rampTensor(dtype, {2, 3});
  return tensors;
}

/// The write fails with `phrase` and leaves nothing in the directory.
static void expectRefused(StringRef file, const TensorMap &tensors,
                          StringRef phrase) {
  TempDir dir;
  std::string message = messageOf(writeTensors(dir.path(file), tensors));
  EXPECT_NE(message.find(phrase), std::string::npos) << message;
  EXPECT_NE(message.find(dir.path(file)), std::string::npos) << message;
  EXPECT_TRUE(dir.files().empty()) << dir.files().front();
}

TEST(WriteTest, UnknownExtension) {
  expectRefused("x.txt", oneTensor(), ".npy, .npz and .safetensors are");
  expectRefused("x", oneTensor(), ".npy, .npz and .safetensors are");
  std::string message = messageOf(readTensors("x.h5").takeError());
  EXPECT_EQ(message, "'x.h5': unknown tensor file extension '.h5'; .npy, .npz "
                     "and .safetensors are accepted");
}

TEST(WriteTest, NpyTakesOneTensor) {
  expectRefused("x.npy", {}, "takes 1 tensor, not 0");
  TensorMap two = oneTensor();
  two["y"] = Tensor(DType::F32, {1});
  expectRefused("x.npy", two, "takes 1 tensor, not 2");
}

TEST(WriteTest, SafetensorsHasNoC128) {
  expectRefused("x.safetensors", oneTensor("x", DType::C128),
                "tensor 'x': safetensors has no c128");
}

TEST(WriteTest, UnusableNames) {
  expectRefused("x.safetensors", oneTensor("__metadata__"), "for itself");
  expectRefused("x.safetensors", oneTensor("\xff"), "not UTF-8");
  expectRefused("x.npz", oneTensor("\xff"), "UTF-8 without NUL");
  expectRefused("x.npz", oneTensor(StringRef("a\0b", 3)), "UTF-8 without NUL");
  expectRefused("x.npz", oneTensor(std::string(70000, 'a')), "70000 bytes");
}

TEST(WriteTest, InconsistentTensors) {
  TensorMap tensors = oneTensor();
  tensors["x"].shape = {2, 4};
  expectRefused("x.npy", tensors, "needs 32 bytes but the tensor has 24");
  tensors["x"].shape = {-2, 3};
  expectRefused("x.npz", tensors, "negative dimension -2");
  tensors = oneTensor("x", DType::Bool);
  tensors["x"].data.data()[3] = 9;
  expectRefused("x.safetensors", tensors, "element 3 of a bool tensor");
}

TEST(WriteTest, MissingDirectory) {
  for (const char *file : {"no/x.npy", "no/x.npz", "no/x.safetensors"})
    expectRefused(file, oneTensor(), "cannot create a file in the directory");
}

TEST(WriteTest, DirectoryInTheWay) {
  for (const char *file : {"x.npy", "x.npz", "x.safetensors"}) {
    TempDir dir;
    ASSERT_FALSE(sys::fs::create_directory(dir.path(file)));
    std::string message = messageOf(writeTensors(dir.path(file), oneTensor()));
    EXPECT_NE(message.find("cannot replace"), std::string::npos) << message;
    EXPECT_EQ(dir.files(), std::vector<std::string>{file});
    message = messageOf(readTensors(dir.path(file)).takeError());
    EXPECT_NE(message.find("not a regular file"), std::string::npos) << message;
  }
}

TEST(WriteTest, FullDiskLeavesNothing) {
  // A limit on the size of files stands for the full disk.
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit tight = before;
  tight.rlim_cur = 10000;
  TensorMap tensors;
  tensors["x"] = rampTensor(DType::F32, {100, 100});
  auto oldHandler = std::signal(SIGXFSZ, SIG_IGN);
  for (const char *file : {"x.npy", "x.npz", "x.safetensors"}) {
    TempDir dir;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
    std::string message = messageOf(writeTensors(dir.path(file), tensors));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_NE(message.find("cannot write"), std::string::npos) << message;
    EXPECT_NE(message.find("File too large"), std::string::npos) << message;
    EXPECT_TRUE(dir.files().empty()) << dir.files().front();
  }
  std::signal(SIGXFSZ, oldHandler);
}

TEST(WriteTest, FailureKeepsTheOldFile) {
  TempDir dir;
  std::string path = dir.path("x.safetensors");
  ASSERT_EQ(messageOf(writeTensors(path, oneTensor("old"))), "");
  EXPECT_NE(messageOf(writeTensors(path, oneTensor("x", DType::C128))), "");
  EXPECT_EQ(cantFail(readTensors(path)).front().first, "old");
  EXPECT_EQ(dir.files().size(), 1u);
}

TEST(WriteTest, SuccessReplacesTheOldFile) {
  for (const char *file : {"x.npz", "x.safetensors"}) {
    TempDir dir;
    for (const char *name : {"old", "new"})
      ASSERT_EQ(messageOf(writeTensors(dir.path(file), oneTensor(name))), "");
    EXPECT_EQ(cantFail(readTensors(dir.path(file))).front().first, "new");
    EXPECT_EQ(dir.files(), std::vector<std::string>{file});
  }
}

TEST(WriteTest, PercentSigns) {
  TempDir dir;
  std::string path = dir.path("100%.npz");
  EXPECT_EQ(messageOf(writeTensors(path, oneTensor())), "");
  EXPECT_EQ(dir.files(), std::vector<std::string>{"100%.npz"});
  std::string message =
      messageOf(writeTensors(dir.path("a%b/x.npy"), oneTensor()));
  EXPECT_NE(message.find("directory with '%'"), std::string::npos) << message;
}

TEST(WriteTest, PermissionsFollowTheUmask) {
  TempDir dir;
  { // A file that an ordinary open() creates, to compare with.
    std::error_code code;
    raw_fd_ostream os(dir.path("plain"), code);
    ASSERT_FALSE(code);
  }
  auto wanted = sys::fs::getPermissions(dir.path("plain"));
  ASSERT_TRUE(bool(wanted));
  for (const char *file : {"x.npy", "x.npz", "x.safetensors"}) {
    ASSERT_EQ(messageOf(writeTensors(dir.path(file), oneTensor())), "");
    auto got = sys::fs::getPermissions(dir.path(file));
    ASSERT_TRUE(bool(got));
    EXPECT_EQ(*got, *wanted) << file;
  }
}

TEST(WriteTest, MissingFileIsNamed) {
  std::string message = messageOf(readTensors("no/such.npz").takeError());
  EXPECT_NE(message.find("'no/such.npz': cannot open the file"),
            std::string::npos)
      << message;
}

TEST(WriteTest, LongPathsAreNamedInFull) {
  std::string path = std::string(500, 'a') + "/\xc3\xa9.npy";
  std::string message = messageOf(readTensors(path).takeError());
  EXPECT_NE(message.find("'" + path + "'"), std::string::npos) << message;
}
