//===- ProgramTest.cpp - The C++ API --------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lrc/Program.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

using namespace lrc;

static constexpr const char *sumText = "recurrence running {\n"
                                       "  dim K\n"
                                       "  in x[K]\n"
                                       "  param a = 2\n"
                                       "  state h[K]\n"
                                       "  h[i] <- h[i] + a * x[i]\n"
                                       "  out y[i] = h[i]\n"
                                       "}\n";

namespace {
/// A tensor of floats with memory of its own.
struct Array {
  std::vector<int64_t> shape;
  std::vector<float> data;
  DLTensor tensor = {};

  Array(std::vector<int64_t> sizes, float value) : shape(std::move(sizes)) {
    size_t count = 1;
    for (int64_t size : shape)
      count *= size;
    data.assign(count, value);
    tensor.data = data.data();
    tensor.device = {kDLCPU, 0};
    tensor.ndim = static_cast<int32_t>(shape.size());
    tensor.dtype = {kDLFloat, 32, 1};
    tensor.shape = shape.data();
  }
};
} // namespace

static Program parse(const char *text) {
  Result<Program> program = Program::fromString(text, "test.dsf");
  EXPECT_TRUE(bool(program)) << program.message();
  return *program;
}

TEST(Program, RunsOnTheCallersMemory) {
  Program program = parse(sumText);
  Array x({1, 3, 2}, 1), y({1, 3, 2}, -1), h({1, 2}, -1);
  Result<void> done =
      program.run({{"x", &x.tensor}}, {{"y", &y.tensor}, {"h", &h.tensor}});
  ASSERT_TRUE(bool(done)) << done.message();
  EXPECT_EQ(y.data, (std::vector<float>{2, 2, 4, 4, 6, 6}));
  EXPECT_EQ(h.data, (std::vector<float>{6, 6}));
}

TEST(Program, EitherResultMayBeLeftOut) {
  Program program = parse(sumText);
  Array x({1, 3, 2}, 1), y({1, 3, 2}, -1), h({1, 2}, -1);
  Result<void> done = program.run({{"x", &x.tensor}}, {{"h", &h.tensor}});
  ASSERT_TRUE(bool(done)) << done.message();
  EXPECT_EQ(h.data, (std::vector<float>{6, 6}));
  done = program.run({{"x", &x.tensor}}, {{"y", &y.tensor}});
  ASSERT_TRUE(bool(done)) << done.message();
  EXPECT_EQ(y.data.back(), 6);
}

TEST(Program, StateIsUpdatedInPlace) {
  Program program = parse(sumText);
  Array x({2, 3, 4}, 1), h({2, 4}, 10);
  TensorArgs state = {{"h", &h.tensor}};
  TensorArgs inputs = {{"x", &x.tensor}, {"h", &h.tensor}};
  for (int i = 0; i < 3; ++i) {
    Result<void> done = program.run(inputs, state);
    ASSERT_TRUE(bool(done)) << done.message();
  }
  EXPECT_EQ(h.data, std::vector<float>(8, 28));
}

TEST(Program, ParametersAsTensorsDefaultsAndValues) {
  Program program = parse(sumText);
  Array x({1, 1, 1}, 1), y({1, 1, 1}, 0), a({}, 5);
  auto run = [&](const TensorArgs &inputs, const CompileOptions &options) {
    Result<void> done = program.run(inputs, {{"y", &y.tensor}}, options);
    EXPECT_TRUE(bool(done)) << done.message();
    return y.data[0];
  };
  EXPECT_EQ(run({{"x", &x.tensor}}, {}), 2);
  EXPECT_EQ(run({{"x", &x.tensor}, {"a", &a.tensor}}, {}), 5);
  CompileOptions options;
  options.scalars["a"] = 7;
  EXPECT_EQ(run({{"x", &x.tensor}}, options), 7);
  EXPECT_EQ(run({{"x", &x.tensor}}, {}), 2);
}

TEST(Program, KernelsAreFixed) {
  Program program = parse(sumText);
  CompileOptions options;
  ASSERT_TRUE(bool(options.set("shape", "K=2")));
  Result<Kernel> kernel = program.compile(options);
  ASSERT_TRUE(bool(kernel)) << kernel.message();
  EXPECT_EQ(kernel->dims(), (Sizes{{"K", 2}}));
  EXPECT_EQ(kernel->elementType("x"), ElementType::F32);

  Array x({1, 3, 2}, 1), wrong({1, 3, 4}, 1), y({1, 3, 2}, 0), a({}, 1);
  EXPECT_TRUE(bool(kernel->run({{"x", &x.tensor}}, {{"y", &y.tensor}})));
  Result<void> done = kernel->run({{"x", &wrong.tensor}}, {});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "x: expected shape [B, T, K] with K = 2 (as requested), got "
            "[1, 3, 4]");
  done = kernel->run({{"x", &x.tensor}, {"a", &a.tensor}}, {});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "a: the kernel was compiled with its default");
  done = kernel->run({{"x", &x.tensor}, {"z", &a.tensor}}, {});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "z: running takes no tensor of this name");
  done = kernel->run({{"x", &x.tensor}}, {{"x", &x.tensor}});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "x: running has no output or final state of this name");
  x.tensor.dtype = {kDLFloat, 16, 1};
  done = kernel->run({{"x", &x.tensor}}, {});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "x: expected f32, for which the kernel was compiled, got f16");
}

TEST(Program, ResultsSayWhatToAllocate) {
  Program program = parse(sumText);
  Array x({2, 3, 4, 5}, 1);
  x.tensor.dtype = {kDLBfloat, 16, 1};
  Result<Kernel> kernel = program.kernelFor({{"x", &x.tensor}});
  ASSERT_TRUE(bool(kernel)) << kernel.message();
  Result<ResultSpecs> specs = kernel->results({{"x", &x.tensor}});
  ASSERT_TRUE(bool(specs)) << specs.message();
  ASSERT_EQ(specs->outputs.size(), 1u);
  EXPECT_EQ(specs->outputs[0].name, "y");
  EXPECT_EQ(specs->outputs[0].type, ElementType::BF16);
  EXPECT_EQ(specs->outputs[0].shape, (std::vector<int64_t>{2, 3, 4, 5}));
  ASSERT_EQ(specs->finals.size(), 1u);
  EXPECT_EQ(specs->finals[0].type, ElementType::F32);
  EXPECT_EQ(specs->finals[0].shape, (std::vector<int64_t>{2, 4, 5}));
}

TEST(Program, TensorsElsewhereAreRefused) {
  Program program = parse(sumText);
  Array x({1, 1, 1}, 1);
  x.tensor.device = {kDLCUDA, 0};
  Result<void> done = program.run({{"x", &x.tensor}}, {});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "the kernel was compiled for the CPU: expected tensors in its "
            "memory");
  x.tensor.device = {kDLMetal, 0};
  done = program.run({{"x", &x.tensor}}, {});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "x: expected a tensor of the CPU (device type 1) or of an NVIDIA "
            "GPU (2), got device type 8");
  x.tensor.device = {kDLCPU, 0};
  x.tensor.dtype = {kDLFloat, 32, 4};
  done = program.run({{"x", &x.tensor}}, {});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "x: expected f16, bf16, f32, f64, complex64 or complex128, got "
            "DLPack type code 2 with 32 bits and 4 lanes");
  done = program.run({{"x", nullptr}}, {});
  EXPECT_EQ(done.diagnostics().at(0).message,
            "x: expected a tensor, got a null pointer");
}

TEST(Program, ErrorsHaveAPlace) {
  Result<Program> program = Program::fromString(
      "recurrence r {\n  in x[K]\n  out y = z\n}\n", "r.dsf");
  ASSERT_FALSE(bool(program));
  ASSERT_EQ(program.diagnostics().size(), 2u);
  const Diagnostic &second = program.diagnostics()[1];
  EXPECT_EQ(second.file, "r.dsf");
  EXPECT_EQ(second.line, 3u);
  EXPECT_EQ(second.column, 11u);
  EXPECT_EQ(second.sourceLine, "  out y = z");
  EXPECT_NE(second.render().find("  out y = z\n          ^"),
            std::string::npos);

  EXPECT_FALSE(bool(Program::fromFile("/no/such/file.dsf")));
  EXPECT_FALSE(bool(Program::fromString("", "empty.dsf")));
  EXPECT_FALSE(bool(Program::fromString("dsf.recurrence @r", "r.mlir")));
}

TEST(Program, SizesThatSubscriptsForbidHaveAPlace) {
  Program program = parse("recurrence r {\n"
                          "  dim K\n"
                          "  in x[K]\n"
                          "  out y = x[2]\n"
                          "}\n");
  CompileOptions options;
  options.sizes = {{"K", 2}};
  Result<Kernel> kernel = program.compile(options);
  ASSERT_FALSE(bool(kernel));
  EXPECT_EQ(kernel.diagnostics().at(0).line, 4u);
  options.sizes = {{"K", 3}};
  EXPECT_TRUE(bool(program.compile(options)));
}

TEST(Program, SeveralRecurrences) {
  Program program = parse("recurrence a { in x; out y = x }\n"
                          "recurrence b { in x; out y = 2 * x }\n");
  EXPECT_EQ(program.recurrences(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(program.signature().diagnostics().at(0).message,
            "expected the name of a recurrence, one of a, b");
  Array x({1, 1}, 3), y({1, 1}, 0);
  CompileOptions options;
  options.recurrence = "b";
  Result<void> done =
      program.run({{"x", &x.tensor}}, {{"y", &y.tensor}}, options);
  ASSERT_TRUE(bool(done)) << done.message();
  EXPECT_EQ(y.data[0], 6);
}

TEST(Program, ThreadsShareAProgram) {
  Program program = parse(sumText);
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int id = 0; id < 8; ++id)
    threads.emplace_back([&program, &good, id] {
      // Two sizes: threads meet both while compiling and while running.
      int64_t size = 3 + id % 2;
      for (int round = 0; round < 20; ++round) {
        Array x({2, 50, size}, float(id)), y({2, 50, size}, -1);
        Result<void> done = program.run({{"x", &x.tensor}}, {{"y", &y.tensor}});
        good += bool(done) && y.data.back() == float(100 * id);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(good, 8 * 20);
}

TEST(Program, OptionsFromText) {
  CompileOptions options;
  EXPECT_TRUE(bool(options.set("shape", "K=64, V=128")));
  EXPECT_TRUE(bool(options.set("shape", "T=5")));
  EXPECT_EQ(options.sizes, (Sizes{{"K", 64}, {"V", 128}, {"T", 5}}));
  EXPECT_TRUE(bool(options.set("dtype", "f32,q=bf16")));
  EXPECT_EQ(options.dtypes,
            (ElementTypes{{"", ElementType::F32}, {"q", ElementType::BF16}}));
  EXPECT_TRUE(bool(options.set("set", "scale=0.5")));
  EXPECT_TRUE(bool(options.set("params", "a,b")));
  EXPECT_TRUE(bool(options.set("threads", "3")));
  EXPECT_EQ(options.threads, 3);
  EXPECT_EQ(options.set("shape", "K").diagnostics().at(0).message,
            "option shape: expected NAME=SIZE, got 'K'");
  EXPECT_EQ(options.set("shapes", "K=1").diagnostics().at(0).message,
            "no option 'shapes'");
  EXPECT_FALSE(bool(options.set("threads", "many")));
  EXPECT_FALSE(bool(options.set("set", "a=")));
}

TEST(Program, Levels) {
  Program program = parse(sumText);
  CompileOptions options;
  options.sizes = {{"K", 4}};
  for (Level level : {Level::Dsf, Level::Tile, Level::Vector, Level::Llvm,
                      Level::Asm, Level::Object, Level::Header}) {
    Result<std::string> text = program.emit(level, options, "kernel_1");
    ASSERT_TRUE(bool(text)) << text.message();
    EXPECT_FALSE(text->empty());
  }
  EXPECT_FALSE(bool(program.emit(Level::Asm, options, "1st")));
  EXPECT_FALSE(bool(program.emit(Level::Asm, {}, "kernel")));
}
