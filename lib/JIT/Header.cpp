//===- Header.cpp - C header of an ahead-of-time kernel -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The header needs nothing of lrc: it brings the layout of include/lrc-c/
// kernel.h along, under a guard, so that headers of several kernels and
// kernel.h itself may meet in one program. For a kernel `gla` it declares
//
//     #define gla_K 64
//     typedef struct gla_args { int64_t batch, ..; lrc_tensor q, ..; }
//     gla_args; static inline int gla_run(const gla_args *args);
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/Collect.h"
#include "lib/JIT/ProgramImpl.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace lrc;
using llvm::StringRef;

static constexpr const char *interfaceText = R"(
#include <stddef.h>
#include <stdint.h>

#ifndef LRC_C_KERNEL_H
#define LRC_C_KERNEL_H

/* One tensor in memory. Strides count elements; the axes of one step are
 * contiguous in C order. Axes that a tensor lacks have stride 0. */
typedef struct lrc_tensor {
  void *data;
  int64_t stride_batch;
  int64_t stride_time;
  int64_t stride_head;
  /* Number of slices along the head axis; divides the number of heads. Head h
   * uses slice h * slices / heads. 1 where the tensor has no head axis. */
  int64_t slices;
} lrc_tensor;

typedef struct lrc_call {
  int64_t batch;
  int64_t steps;
  int64_t heads;
  const int64_t *segments;
  const lrc_tensor *tensors;
  /* Index of the first step of each sequence, which `t` counts from. NULL: 0. */
  const int64_t *origins;
} lrc_call;

typedef int32_t (*lrc_kernel)(const lrc_call *call, int64_t begin, int64_t end);

#endif /* LRC_C_KERNEL_H */
)";

namespace {
class HeaderWriter {
public:
  HeaderWriter(const Signature &signature, const KernelRequest &request,
               StringRef symbol, int64_t blocks);
  std::string write();

private:
  /// A member of the struct of arguments.
  struct Member {
    const Field *field;
    std::string name;
    const char *use;
    const char *leading;
    bool optional;
  };

  void addMembers(Field::Role role, const char *use, const char *leading,
                  bool isFinal = false);
  std::string memberName(const Field &field, bool isFinal);
  int64_t elements(const Field &field) const;
  void writeMacros();
  void writeArgs();
  void writeRun();
  void writeLayouts();

  const Signature &signature;
  const KernelRequest &request;
  std::string symbol;
  int64_t blocks;
  std::vector<Member> members;
  llvm::StringSet<> taken;
  std::string text;
  llvm::raw_string_ostream os;
};
} // namespace

HeaderWriter::HeaderWriter(const Signature &signature,
                           const KernelRequest &request, StringRef symbol,
                           int64_t blocks)
    : signature(signature), request(request), symbol(symbol.str()),
      blocks(blocks), os(text) {
  for (StringRef name : {"batch", "steps", "heads", "segments"})
    taken.insert(name);
  addMembers(Field::Role::Input, "input", "batch, steps, heads");
  addMembers(Field::Role::Param, "parameter", "heads");
  addMembers(Field::Role::State, "initial state", "batch, heads");
  addMembers(Field::Role::Output, "output", "batch, steps, heads");
  addMembers(Field::Role::State, "final state", "batch, heads", true);
}

/// Words that a C or C++ compiler takes for something else.
static bool isReserved(StringRef name) {
  static const llvm::StringSet<> words = {
      "and",      "asm",       "auto",         "bool",
      "break",    "case",      "catch",        "char",
      "class",    "const",     "continue",     "default",
      "delete",   "do",        "double",       "else",
      "enum",     "export",    "extern",       "false",
      "float",    "for",       "friend",       "goto",
      "if",       "inline",    "int",          "long",
      "mutable",  "namespace", "new",          "not",
      "operator", "or",        "private",      "protected",
      "public",   "register",  "restrict",     "return",
      "short",    "signed",    "sizeof",       "static",
      "struct",   "switch",    "template",     "this",
      "throw",    "true",      "try",          "typedef",
      "typename", "union",     "unsigned",     "using",
      "virtual",  "void",      "volatile",     "while",
      "xor",      "I",         "complex",      "alignas",
      "alignof",  "constexpr", "nullptr",      "noexcept",
      "typeof",   "decltype",  "explicit",     "thread_local",
      "and_eq",   "or_eq",     "not_eq",       "xor_eq",
      "bitand",   "bitor",     "compl",        "wchar_t",
      "concept",  "requires",  "static_assert"};
  return words.contains(name);
}

/// Functions that a program with the kernel in it has anyway.
static bool isLibraryName(StringRef name) {
  static const llvm::StringSet<> names = {
      "main",   "malloc", "calloc",  "realloc", "free",   "abort", "exit",
      "memcpy", "memset", "memmove", "memcmp",  "printf", "abs",   "exp",
      "exp2",   "expm1",  "log",     "log2",    "log10",  "log1p", "pow",
      "sqrt",   "cbrt",   "sin",     "cos",     "tan",    "asin",  "acos",
      "atan",   "atan2",  "sinh",    "cosh",    "tanh",   "erf",   "erfc",
      "floor",  "ceil",   "round",   "trunc",   "fabs",   "fmin",  "fmax",
      "fmod",   "fma",    "errno",   "NULL"};
  return names.contains(name) ||
         (name.ends_with("f") && names.contains(name.drop_back()));
}

Result<void> lrc::checkHeaderNames(const KernelRequest &request,
                                   StringRef symbol) {
  bool isOurs = symbol.starts_with("lrc_");
  bool isSystems = symbol.starts_with("_") || symbol.ends_with("_t");
  if (isReserved(symbol) || isLibraryName(symbol) || isOurs || isSystems)
    return makeError("'" + symbol +
                     "' is not usable as a C name of the kernel; --name gives "
                     "it another");
  for (const auto &[name, size] : request.dims)
    if (name == "args" || name == "run" || name == "BLOCKS" ||
        StringRef(name).starts_with("COUNT_"))
      return makeError("dim " + name + " is not usable in a C header, where " +
                       symbol + "_" + name + " means something else");
  return {};
}

/// An initial state `S` is the member S_initial, a final one S_final.
std::string HeaderWriter::memberName(const Field &field, bool isFinal) {
  std::string name = field.name;
  if (field.role == Field::Role::State)
    name += isFinal ? "_final" : "_initial";
  while (isReserved(name) || !taken.insert(name).second)
    name += '_';
  return name;
}

void HeaderWriter::addMembers(Field::Role role, const char *use,
                              const char *leading, bool isFinal) {
  for (const Field &field : signature.fields)
    if (field.role == role)
      members.push_back({&field, memberName(field, isFinal), use, leading,
                         role == Field::Role::State});
}

int64_t HeaderWriter::elements(const Field &field) const {
  int64_t count = 1;
  for (const Extent &extent : field.extents)
    count *= extent.size;
  return count;
}

void HeaderWriter::writeMacros() {
  os << "/* Sizes that the kernel was compiled for. Blocks are work items for "
        "each\n * sequence and head. */\n";
  for (const auto &[name, size] : request.dims)
    os << "#define " << symbol << "_" << name << " " << size << "\n";
  os << "#define " << symbol << "_BLOCKS " << blocks << "\n\n";
}

void HeaderWriter::writeArgs() {
  os << "/* Arguments. A state whose data is NULL starts where the "
        "recurrence says, or is\n * not returned; other tensors are needed. "
        "*/\n"
     << "typedef struct " << symbol << "_args {\n"
     << "  int64_t batch; /* sequences */\n"
     << "  int64_t steps; /* of each sequence; unused with segments */\n"
     << "  int64_t heads; /* 1 without heads */\n"
     << "  /* NULL, or batch + 1 boundaries of sequences that lie one after "
        "the "
        "other\n   * along the steps of one batch element. */\n"
     << "  const int64_t *segments;\n";
  for (const Member &member : members) {
    // A hidden state is the compiler's own, but it has its place.
    os << "  lrc_tensor " << member.name << "; /* " << member.use << " ["
       << member.leading;
    for (const Extent &extent : member.field->extents)
      os << ", " << extent.size;
    auto type = request.types.find(member.field->name);
    os << "] of "
       << StringRef(spell(type == request.types.end() ? member.field->storage
                                                      : type->second))
       << (member.field->hidden ? "; leave it zero" : "") << " */\n";
  }
  os << "} " << symbol << "_args;\n\n";
}

void HeaderWriter::writeRun() {
  os << "int32_t " << symbol
     << "(const lrc_call *call, int64_t begin, int64_t end);\n\n"
     << "/* Runs the kernel, over threads where OpenMP is on. Returns 0, or 1 "
        "when no\n * memory was to be had. */\n"
     << "static inline int32_t " << symbol << "_run(const " << symbol
     << "_args *args) {\n"
     << "  const lrc_tensor tensors[] = {\n";
  for (const Member &member : members)
    os << "      args->" << member.name << ",\n";
  os << "  };\n"
     << "  lrc_call call;\n"
     << "  int32_t failed = 0;\n"
     << "  int64_t item, items = args->batch * args->heads * " << symbol
     << "_BLOCKS;\n"
     << "  call.batch = args->batch;\n"
     << "  call.steps = args->steps;\n"
     << "  call.heads = args->heads;\n"
     << "  call.segments = args->segments;\n"
     << "  call.tensors = tensors;\n"
     << "  call.origins = 0;\n"
     << "#ifdef _OPENMP\n"
     << "#pragma omp parallel for schedule(dynamic, 1) reduction(| : failed)\n"
     << "#endif\n"
     << "  for (item = 0; item < items; ++item)\n"
     << "    failed |= " << symbol << "(&call, item, item + 1);\n"
     << "  return failed;\n"
     << "}\n\n";
}

/// Functions that describe contiguous tensors, one for each kind of layout.
void HeaderWriter::writeLayouts() {
  os << "/* Descriptions of tensors without gaps, [batch, steps, heads, ..] "
        "(inputs and\n * outputs), [batch, heads, ..] (states) or the same for "
        "all heads (parameters):\n * the last argument is one of the counts "
        "below. Without heads pass heads = 1. */\n"
     << "#ifndef LRC_C_LAYOUTS\n"
     << "#define LRC_C_LAYOUTS\n"
     << "static inline lrc_tensor lrc_sequence(void *data, int64_t steps,\n"
     << "                                      int64_t heads, int64_t count) "
        "{\n"
     << "  lrc_tensor tensor;\n"
     << "  tensor.data = data;\n"
     << "  tensor.stride_batch = steps * heads * count;\n"
     << "  tensor.stride_time = heads * count;\n"
     << "  tensor.stride_head = count;\n"
     << "  tensor.slices = heads;\n"
     << "  return tensor;\n"
     << "}\n"
     << "static inline lrc_tensor lrc_state(void *data, int64_t heads,\n"
     << "                                   int64_t count) {\n"
     << "  lrc_tensor tensor;\n"
     << "  tensor.data = data;\n"
     << "  tensor.stride_batch = heads * count;\n"
     << "  tensor.stride_time = 0;\n"
     << "  tensor.stride_head = count;\n"
     << "  tensor.slices = heads;\n"
     << "  return tensor;\n"
     << "}\n"
     << "static inline lrc_tensor lrc_shared(void *data) {\n"
     << "  lrc_tensor tensor;\n"
     << "  tensor.data = data;\n"
     << "  tensor.stride_batch = 0;\n"
     << "  tensor.stride_time = 0;\n"
     << "  tensor.stride_head = 0;\n"
     << "  tensor.slices = 1;\n"
     << "  return tensor;\n"
     << "}\n"
     << "#endif /* LRC_C_LAYOUTS */\n\n"
     << "/* Elements of one step. */\n";
  llvm::StringSet<> written;
  for (const Member &member : members)
    if (written.insert(member.field->name).second)
      os << "#define " << symbol << "_COUNT_" << member.field->name << " "
         << elements(*member.field) << "\n";
  os << "\n";
}

std::string HeaderWriter::write() {
  std::string guard = "LRC_KERNEL_" + StringRef(symbol).upper() + "_H";
  os << "/* " << symbol << ": a kernel of the recurrence " << signature.name
     << ", compiled by lrc " << version()
     << ". Link\n * with the object of the "
     << "same compilation; nothing else of lrc is needed. */\n"
     << "#ifndef " << guard << "\n#define " << guard << "\n"
     << interfaceText << "\n";
  writeLayouts();
  os << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  writeMacros();
  writeArgs();
  writeRun();
  os << "#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
  return text;
}

std::string lrc::makeHeader(const Signature &signature,
                            const KernelRequest &request, StringRef symbol,
                            int64_t blocks) {
  return HeaderWriter(signature, request, symbol, blocks).write();
}
