/*===- lrc.h - The C API of lrc -----------------------------------*- C -*-===*\
|*                                                                            *|
|* Part of lrc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Compile recurrences from a file or a string and run them on tensors that   *|
|* DLPack describes, in memory of the CPU or a GPU and without copies.        *|
|*                                                                            *|
|* A function that can fail returns NULL, or an error that the caller         *|
|* destroys; results behind pointers are set on success only. Handles are     *|
|* destroyed by their owner, NULL is allowed there. Strings that functions    *|
|* return live as long as the handle. Handles may be used by several threads  *|
|* at once, except for lrc_options while it is changed.                       *|
|*                                                                            *|
|* Layouts of tensors: inputs and outputs [B, T, H, ...] or [B, T, ...],      *|
|* parameters [...] or [H, ...], states [B, H, ...] or [B, ...]. The axes of  *|
|* one step are contiguous in C order, the others may have any stride.        *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef LRC_C_LRC_H
#define LRC_C_LRC_H

#include "lrc-c/dlpack.h"

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LRC_C_API __attribute__((visibility("default")))
#else
#define LRC_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when functions are added. Functions are never taken away or changed. */
#define LRC_C_API_VERSION 1

/* The LRC_C_API_VERSION of the library that is loaded. */
LRC_C_API int lrc_api_version(void);

/* "0.1.0" */
LRC_C_API const char *lrc_version(void);

/*===----------------------------------------------------------------------===*\
|* Errors: one or more messages, each with its place in the source            *|
\*===----------------------------------------------------------------------===*/

typedef struct lrc_error lrc_error;

LRC_C_API void lrc_error_destroy(lrc_error *error);

/* All messages as compilers print them, with source lines and carets. */
LRC_C_API const char *lrc_error_text(const lrc_error *error);

/* Number of messages; notes are not counted. */
LRC_C_API size_t lrc_error_count(const lrc_error *error);

/* Message `index`; "" beyond the last. */
LRC_C_API const char *lrc_error_message(const lrc_error *error, size_t index);

/* Where it is: file ("" without one), line and column from 1 (0 without). */
LRC_C_API const char *lrc_error_file(const lrc_error *error, size_t index);
LRC_C_API unsigned lrc_error_line(const lrc_error *error, size_t index);
LRC_C_API unsigned lrc_error_column(const lrc_error *error, size_t index);

/*===----------------------------------------------------------------------===*\
|* Programs: the recurrences of a source                                      *|
\*===----------------------------------------------------------------------===*/

typedef struct lrc_program lrc_program;

/* Reads a .dsf file, or an .mlir file with dsf operations. */
LRC_C_API lrc_error *lrc_program_from_file(const char *path,
                                           lrc_program **program);

/* `name` stands for the file in messages; it may be NULL. The text is MLIR if
 * the name ends in ".mlir". */
LRC_C_API lrc_error *lrc_program_from_string(const char *text, const char *name,
                                             lrc_program **program);

LRC_C_API void lrc_program_destroy(lrc_program *program);

LRC_C_API size_t lrc_program_recurrence_count(const lrc_program *program);

/* Name of recurrence `index`; "" beyond the last. */
LRC_C_API const char *lrc_program_recurrence(const lrc_program *program,
                                             size_t index);

/*===----------------------------------------------------------------------===*\
|* Signatures: the tensors of a recurrence, in order of declaration           *|
\*===----------------------------------------------------------------------===*/

typedef struct lrc_signature lrc_signature;

typedef enum lrc_role {
  LRC_INPUT = 0,
  LRC_PARAM = 1,
  LRC_STATE = 2,
  LRC_OUTPUT = 3
} lrc_role;

/* `recurrence` may be NULL when there is only one. */
LRC_C_API lrc_error *lrc_program_signature(const lrc_program *program,
                                           const char *recurrence,
                                           lrc_signature **signature);

LRC_C_API void lrc_signature_destroy(lrc_signature *signature);

LRC_C_API size_t lrc_signature_tensor_count(const lrc_signature *signature);

/* Of tensor `index`, which must be below the count. */
LRC_C_API const char *lrc_signature_name(const lrc_signature *signature,
                                         size_t index);
LRC_C_API lrc_role lrc_signature_role(const lrc_signature *signature,
                                      size_t index);
/* The type that it has where nothing else is said. */
LRC_C_API DLDataType lrc_signature_dtype(const lrc_signature *signature,
                                         size_t index);
/* Axes of one step; the name of a dim, or a number as text. */
LRC_C_API size_t lrc_signature_axis_count(const lrc_signature *signature,
                                          size_t index);
LRC_C_API const char *lrc_signature_axis(const lrc_signature *signature,
                                         size_t index, size_t axis);
/* 1 if a call may leave it out: initial states, parameters with a default. */
LRC_C_API int lrc_signature_is_optional(const lrc_signature *signature,
                                        size_t index);
/* 1 for a state whose last value is returned. */
LRC_C_API int lrc_signature_is_final(const lrc_signature *signature,
                                     size_t index);

/*===----------------------------------------------------------------------===*\
|* Options: those of the command line, by name, as text                       *|
\*===----------------------------------------------------------------------===*/

typedef struct lrc_options lrc_options;

/* NULL when there is no memory. */
LRC_C_API lrc_options *lrc_options_create(void);
LRC_C_API void lrc_options_destroy(lrc_options *options);

/* lrc_options_set(options, "shape", "K=64,V=128"). Lists grow. */
LRC_C_API lrc_error *lrc_options_set(lrc_options *options, const char *name,
                                     const char *value);

/* The options that exist, and their help; NULL beyond the last. */
LRC_C_API const char *lrc_option_name(size_t index);
LRC_C_API const char *lrc_option_help(size_t index);

/*===----------------------------------------------------------------------===*\
|* Compiling and running                                                      *|
\*===----------------------------------------------------------------------===*/

typedef struct lrc_compiled lrc_compiled;

/* A tensor under its name. */
typedef struct lrc_argument {
  const char *name;
  const DLTensor *tensor;
} lrc_argument;

/* Compiles for the sizes and element types of the options, which may be NULL
 * when every dim has a default. */
LRC_C_API lrc_error *lrc_compile(const lrc_program *program,
                                 const lrc_options *options,
                                 lrc_compiled **compiled);

/* Compiles for tensors like these, or finds what was compiled before. */
LRC_C_API lrc_error *lrc_compile_for(const lrc_program *program,
                                     const lrc_options *options,
                                     const lrc_argument *inputs,
                                     size_t input_count,
                                     lrc_compiled **compiled);

LRC_C_API void lrc_compiled_destroy(lrc_compiled *compiled);

/* The shape and type of an output or final state for these inputs. `rank` is
 * the number of entries that `shape` has room for, and becomes the number of
 * axes; only as many as there is room for are written. */
LRC_C_API lrc_error *lrc_compiled_result(const lrc_compiled *compiled,
                                         const lrc_argument *inputs,
                                         size_t input_count, const char *name,
                                         int64_t *shape, size_t *rank,
                                         DLDataType *dtype);

/* Runs. `outputs` are outputs and final states; what is missing there is not
 * written. The memory of inputs and outputs must not overlap. */
LRC_C_API lrc_error *lrc_compiled_run(const lrc_compiled *compiled,
                                      const lrc_argument *inputs,
                                      size_t input_count,
                                      const lrc_argument *outputs,
                                      size_t output_count);

/* The same for a kernel of the option "target" cuda and tensors in memory of
 * the GPU (kDLCUDA): launches it on `stream`, a CUstream, NULL for the default
 * one, and returns without waiting. All outputs must be given. */
LRC_C_API lrc_error *lrc_compiled_launch(const lrc_compiled *compiled,
                                         const lrc_argument *inputs,
                                         size_t input_count,
                                         const lrc_argument *outputs,
                                         size_t output_count, void *stream);

/* Compiles for these tensors, unless that was done before, and runs. */
LRC_C_API lrc_error *
lrc_program_run(const lrc_program *program, const lrc_options *options,
                const lrc_argument *inputs, size_t input_count,
                const lrc_argument *outputs, size_t output_count);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* LRC_C_LRC_H */
