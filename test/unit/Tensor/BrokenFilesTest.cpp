//===- BrokenFilesTest.cpp - Every broken file is an error ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// make_corpus.py writes the files. Each must end in an error that names the
// file and has the phrase from the table; the phrases have the numbers in them
// that a user needs to see.
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"
#include "lib/Tensor/TensorFile.h"
#include "llvm/Support/MemoryBuffer.h"
#include <set>

using namespace llvm;
using namespace lrc;
using namespace lrc::test;

namespace {
struct BrokenFile {
  const char *name;
  const char *phrase;
};

class BrokenFilesTest : public testing::TestWithParam<BrokenFile> {};
} // namespace

static const char *const directory = LRC_TENSOR_CORPUS "/broken";

// clang-format off
static const BrokenFile brokenFiles[] = {
    {"empty.npy", "starts with '' where the magic string"},
    {"magic.npy", "starts with '\\x93NUMPX'"},
    {"no_version.npy", "6 bytes end before the version number"},
    {"version.npy", "unknown .npy version 9.0; 1.0, 2.0 and 3.0"},
    {"no_length.npy", "9 bytes end before the length"},
    {"no_length_v2.npy", "11 bytes end before the length"},
    {"short_header.npy", "should have 118 bytes but only 30 are left"},
    {"huge_header_v2.npy", "should have 4294967295 bytes but only 2"},
    {"truncated.npy", "(2, 3) of f32 needs 24 bytes but only 23 follow"},
    {"trailing.npy", "trailing garbage: shape (2, 3) of f32 needs 24 bytes but 25"},
    {"empty_dict.npy", "the key 'descr' is missing"},
    {"not_dict.npy", "'{' expected, found '[1, 2, 3]'"},
    {"no_shape.npy", "the key 'shape' is missing"},
    {"twice.npy", "the key 'descr' is there twice"},
    {"unknown_key.npy", "unknown key 'colour'; 'descr',"},
    {"bad_order.npy", "True or False for 'fortran_order' expected"},
    {"open_string.npy", "the end of a string expected"},
    {"after_dict.npy", "nothing behind '}' expected"},
    {"binary_header.npy", "a string expected, found '\\x00\\x1B[31m\\xFF'"},
    {"shape_number.npy", "a tuple such as (2,) is expected"},
    {"shape_negative.npy", "dimension '-2'; 0 to 2^63 - 1"},
    {"shape_float.npy", "in 'shape' expected, found '.0"},
    {"shape_huge.npy", "'99999999999999999999'; 0 to 2^63 - 1"},
    {"shape_overflow.npy", "(4294967296, 4294967296) of f32 overflows"},
    {"shape_wraps.npy", "(2305843009213693952, 2) of f32 overflows"},
    {"zero_overflow.npy", "(0, 4294967296, 4294967296) of f32 overflows"},
    {"shape_lies.npy", "needs 4000000000000 bytes but only 8 follow"},
    {"rank.npy", "more than the 64 dimensions"},
    {"object.npy", "'|O' holds pickled Python objects; lrc reads f2"},
    {"structured.npy", "structured dtype; save each of its fields"},
    {"string.npy", "'<U2' holds strings"},
    {"datetime.npy", "'<M8[D]' holds dates or times"},
    {"longdouble.npy", "size that differs between machines"},
    {"void.npy", "'|V3' holds raw bytes"},
    {"no_byte_order.npy", "'<f4' or '>f4' is expected"},
    {"big_bf16.npy", "read only from '|V2' and '<V2'"},
    {"nonsense_dtype.npy", "'<q7' is unknown"},
    {"bool_byte.npy", "element 1 of a bool tensor is the byte 2; 0 or 1"},
    {"empty.npz", "no end record in its 0 bytes"},
    {"no_zip.npz", "not a .npz archive"},
    {"truncated.npz", "no end record in its 230 bytes"},
    {"truncated_end.npz", "no end record in its 259 bytes"},
    {"trailing.npz", "end record at offset 238 is not the end of the 267"},
    {"not_npy.npz", "tensor 'x': not a .npy file"},
    {"other_entry.npz", "'readme.txt' is no array; only names that end in .npy"},
    {"twice.npz", "tensor 'x': the archive has two entries"},
    {"crc.npz", "tensor 'x': broken archive entry: CRC error"},
    {"stored_size_lies.npz", "9999 bytes in 152 stored bytes; both must be equal"},
    {"deflated_size_absurd.npz", "1879048192 bytes in 72 deflated bytes"},
    {"deflated_size_short.npz", "needs 256 bytes but only 72 follow"},
    {"deflated_size_long.npz", "needs 256 bytes but 260 follow"},
    {"deflated_stream_short.npz", "tensor 'x': truncated archive entry"},
    {"deflated_stream_long.npz", "longer than the archive's directory says"},
    {"deflated_data.npz", "Zlib error"},
    {"compressed_size_lies.npz", "claims 1073741824 bytes of the archive, which has only 260"},
    {"method.npz", "compression method 12; 0 (stored) or 8 (deflated)"},
    {"encrypted.npz", "is encrypted; a plain one is expected"},
    {"entry_count.npz", "a whole zip archive is expected"},
    {"zip64_count.npz", "claims 1099511627776 entries, but a file of 336 bytes"},
    {"zip64_offset.npz", "at offset 1099511627776 but the file has 336"},
    {"directory_offset.npz", "a whole zip archive is expected"},
    {"local_offset.npz", "tensor 'x': broken archive entry"},
    {"overlap.npz", "tensor 'b': the archive entry claims 928 bytes"},
    {"in_entry.npz", "tensor 'x': truncated .npy file: shape (2, 3)"},
    {"shape_in_entry.npz", "needs 4000000000000 bytes but only 0"},
    {"second_local.npz", "tensor 'y': broken archive entry"},
    {"empty.safetensors", "0 bytes, but the length of the header takes 8"},
    {"short.safetensors", "3 bytes, but the length"},
    {"header_lies.safetensors", "should have 1152921504606846976 bytes but only 69"},
    {"header_max.safetensors", "18446744073709551615 bytes but only 2"},
    {"truncated_header.safetensors", "should have 61 bytes but only 22"},
    {"truncated.safetensors", "data_offsets [0, 8] do not satisfy 0 <= begin <= end <= 7"},
    {"trailing.safetensors", "the tensors end at 8 but the data has 9 bytes"},
    {"not_json.safetensors", "no valid JSON: [1:2"},
    {"not_object.safetensors", "starts with '[1, 2]' where '{' is expected"},
    {"json_utf8.safetensors", "Invalid UTF-8"},
    {"json_trailing.safetensors", "Text after end of document"},
    {"json_deep.safetensors", "nests deeper than 16 levels; a header has 3"},
    {"twice.safetensors", "tensor 'x': the header has this name twice"},
    {"twice_escaped.safetensors", "tensor 'x': the header has this name twice"},
    {"no_object.safetensors", "has no object for it; one with dtype"},
    {"no_dtype.safetensors", "'dtype' is missing"},
    {"no_shape.safetensors", "'shape' is missing"},
    {"no_offsets.safetensors", "'data_offsets' is missing"},
    {"dtype.safetensors", "'F8_E4M3' is not one of F16, BF16"},
    {"c128.safetensors", "'C128' is not one of"},
    {"shape_negative.safetensors", "dimension 0 of 'shape' is not an integer"},
    {"shape_fraction.safetensors", "dimension 0 of 'shape' is not an integer"},
    {"shape_exponent.safetensors", "dimension 0 of 'shape' is not an integer"},
    {"shape_huge.safetensors", "integer from 0 to 2^63 - 1"},
    {"shape_overflow.safetensors", "(4294967296, 4294967296) of f32 overflows"},
    {"shape_wraps.safetensors", "(2305843009213693952, 2) of f32 overflows"},
    {"shape_lies.safetensors", "(3,) of f32 needs 12 bytes but data_offsets span 8"},
    {"rank.safetensors", "65 dimensions; lrc supports at most 64"},
    {"offsets_order.safetensors", "[8, 0] do not satisfy"},
    {"offsets_beyond.safetensors", "[0, 4611686018427387904] do not satisfy"},
    {"offsets_negative.safetensors", "are not integers of at least 0"},
    {"offsets_three.safetensors", "not a pair"},
    {"hole.safetensors", "begin at 4 where the tensor before ends at 0"},
    {"overlap.safetensors", "tensor 'y': data_offsets begin at 0 where"},
    {"bool_byte.safetensors", "element 7 of a bool tensor is the byte 2"},
};
// clang-format on

TEST_P(BrokenFilesTest, IsAnError) {
  SmallString<128> path(directory);
  sys::path::append(path, GetParam().name);
  Expected<TensorMap> tensors = readTensors(path);
  ASSERT_FALSE(bool(tensors));
  std::string message = messageOf(tensors.takeError());
  EXPECT_TRUE(StringRef(message).starts_with("'" + path.str().str() + "': "))
      << message;
  EXPECT_NE(message.find(GetParam().phrase), std::string::npos) << message;
  EXPECT_FALSE(StringRef(message).contains('\n')) << message;
}

INSTANTIATE_TEST_SUITE_P(Corpus, BrokenFilesTest,
                         testing::ValuesIn(brokenFiles), [](const auto &info) {
                           std::string name = info.param.name;
                           llvm::replace(name, '.', '_');
                           return name;
                         });

TEST(BrokenCorpusTest, TheTableHasEveryFile) {
  std::set<std::string> listed, present;
  for (const BrokenFile &file : brokenFiles)
    listed.insert(file.name);
  std::error_code code;
  for (sys::fs::directory_iterator it(directory, code), end; it != end && !code;
       it.increment(code))
    present.insert(sys::path::filename(it->path()).str());
  EXPECT_EQ(listed, present);
}

/// A file that ends early anywhere is an error too, and never a crash.
TEST(BrokenCorpusTest, EveryPrefixOfAGoodFileIsAnError) {
  for (StringRef name : {"c_f32.npy", "v2_c64.npy", "all.safetensors",
                         "all.npz", "all_deflated.npz", "zip64.npz"}) {
    SmallString<128> path(LRC_TENSOR_CORPUS "/good");
    sys::path::append(path, name);
    auto buffer = MemoryBuffer::getFile(path);
    ASSERT_TRUE(bool(buffer)) << name.str();
    StringRef bytes = (*buffer)->getBuffer();
    for (size_t size = 0; size < bytes.size(); ++size) {
      // A copy of the exact size lets AddressSanitizer see a read beyond it.
      std::vector<char> prefix(bytes.begin(), bytes.begin() + size);
      StringRef text(prefix.data(), prefix.size());
      Error error = name.ends_with(".npy") ? readNpy(text).takeError()
                    : name.ends_with(".npz")
                        ? readNpz(MemoryBufferRef(text, "x")).takeError()
                        : readSafetensors(text).takeError();
      ASSERT_TRUE(bool(error)) << name.str() << " at " << size;
      consumeError(std::move(error));
    }
  }
}
