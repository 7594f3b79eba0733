//===- CApiTest.cpp - The C API -------------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lrc-c/lrc.h"

#include <gtest/gtest.h>

#include <string>

/// The text of an error, which is destroyed.
static std::string take(lrc_error *error) {
  std::string text = lrc_error_text(error);
  lrc_error_destroy(error);
  return text;
}

TEST(CApi, NullIsAnErrorNotACrash) {
  lrc_program *program = nullptr;
  lrc_signature *signature = nullptr;
  lrc_compiled *kernel = nullptr;
  EXPECT_NE(take(lrc_program_from_file(nullptr, &program)), "");
  EXPECT_NE(take(lrc_program_from_string("", "x", nullptr)), "");
  EXPECT_NE(take(lrc_program_signature(nullptr, nullptr, &signature)), "");
  EXPECT_NE(take(lrc_compile(nullptr, nullptr, &kernel)), "");
  EXPECT_NE(take(lrc_compiled_run(nullptr, nullptr, 0, nullptr, 0)), "");
  EXPECT_NE(take(lrc_options_set(nullptr, "shape", "K=1")), "");
  EXPECT_EQ(lrc_program_recurrence_count(nullptr), 0u);
  EXPECT_STREQ(lrc_program_recurrence(nullptr, 0), "");
  EXPECT_EQ(lrc_signature_tensor_count(nullptr), 0u);
  EXPECT_EQ(lrc_error_count(nullptr), 0u);
  EXPECT_STREQ(lrc_error_message(nullptr, 3), "");
  lrc_program_destroy(nullptr);
  lrc_signature_destroy(nullptr);
  lrc_compiled_destroy(nullptr);
  lrc_options_destroy(nullptr);
  lrc_error_destroy(nullptr);
}

TEST(CApi, ErrorsHaveAPlace) {
  lrc_program *program = nullptr;
  lrc_error *error = lrc_program_from_string("recurrence r {\n  out y = z\n}\n",
                                             "r.dsf", &program);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(program, nullptr);
  EXPECT_EQ(lrc_error_count(error), 1u);
  EXPECT_STREQ(lrc_error_file(error, 0), "r.dsf");
  EXPECT_EQ(lrc_error_line(error, 0), 2u);
  EXPECT_EQ(lrc_error_column(error, 0), 11u);
  EXPECT_EQ(lrc_error_line(error, 1), 0u);
  lrc_error_destroy(error);
}

TEST(CApi, Signature) {
  lrc_program *program = nullptr;
  ASSERT_EQ(take(lrc_program_from_file(LRC_EXAMPLES "/gla.dsf", &program)), "");
  EXPECT_EQ(lrc_program_recurrence_count(program), 1u);
  EXPECT_STREQ(lrc_program_recurrence(program, 0), "gla");
  lrc_signature *signature = nullptr;
  ASSERT_EQ(take(lrc_program_signature(program, "gla", &signature)), "");
  ASSERT_EQ(lrc_signature_tensor_count(signature), 7u);
  EXPECT_STREQ(lrc_signature_name(signature, 4), "scale");
  EXPECT_EQ(lrc_signature_role(signature, 4), LRC_PARAM);
  EXPECT_EQ(lrc_signature_is_optional(signature, 4), 1);
  EXPECT_EQ(lrc_signature_is_optional(signature, 0), 0);
  EXPECT_STREQ(lrc_signature_name(signature, 5), "S");
  EXPECT_EQ(lrc_signature_is_final(signature, 5), 1);
  ASSERT_EQ(lrc_signature_axis_count(signature, 5), 2u);
  EXPECT_STREQ(lrc_signature_axis(signature, 5, 1), "V");
  EXPECT_EQ(lrc_signature_dtype(signature, 5).bits, 32);
  lrc_signature_destroy(signature);
  EXPECT_NE(take(lrc_program_signature(program, "rwkv", &signature)), "");
  lrc_program_destroy(program);
}

TEST(CApi, CompileForTensorsAndRun) {
  lrc_program *program = nullptr;
  ASSERT_EQ(take(lrc_program_from_string("recurrence r {\n"
                                         "  in x\n"
                                         "  state h\n"
                                         "  h <- h + x\n"
                                         "  out y = h\n"
                                         "}\n",
                                         nullptr, &program)),
            "");
  double x[] = {1, 2, 3}, y[3];
  int64_t shape[] = {1, 3};
  DLTensor tx = {x, {kDLCPU, 0}, 2, {kDLFloat, 64, 1}, shape, nullptr, 0};
  DLTensor ty = {y, {kDLCPU, 0}, 2, {kDLFloat, 64, 1}, shape, nullptr, 0};
  lrc_argument in[] = {{"x", &tx}}, out[] = {{"y", &ty}};
  lrc_compiled *kernel = nullptr;
  ASSERT_EQ(take(lrc_compile_for(program, nullptr, in, 1, &kernel)), "");

  int64_t result[2];
  size_t rank = 1;
  DLDataType dtype;
  ASSERT_EQ(
      take(lrc_compiled_result(kernel, in, 1, "y", result, &rank, &dtype)), "");
  EXPECT_EQ(rank, 2u);
  EXPECT_EQ(result[0], 1);
  EXPECT_EQ(dtype.bits, 64);
  EXPECT_NE(
      take(lrc_compiled_result(kernel, in, 1, "z", result, &rank, &dtype)), "");

  ASSERT_EQ(take(lrc_compiled_run(kernel, in, 1, out, 1)), "");
  EXPECT_EQ(y[2], 6);
  lrc_argument twice[] = {{"x", &tx}, {"x", &tx}};
  EXPECT_EQ(take(lrc_compiled_run(kernel, twice, 2, out, 1)),
            "lrc: error: x: expected one tensor of this name, got two\n");
  lrc_compiled_destroy(kernel);

  y[2] = 0;
  ASSERT_EQ(take(lrc_program_run(program, nullptr, in, 1, out, 1)), "");
  EXPECT_EQ(y[2], 6);
  lrc_program_destroy(program);
}

TEST(CApi, OptionsCanBeListed) {
  ASSERT_NE(lrc_option_name(0), nullptr);
  EXPECT_STRNE(lrc_option_help(0), "");
  EXPECT_EQ(lrc_option_name(1000), nullptr);
  EXPECT_EQ(lrc_api_version(), LRC_C_API_VERSION);
  EXPECT_STREQ(lrc_version(), "0.1.0");
}
