//===- NpyDict.cpp - The dictionary in a .npy header ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/NpyHeader.h"
#include "lib/Tensor/Quote.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lrc {

namespace {
/// Parses the three-entry dictionary of a .npy header. It is a Python literal,
/// but numpy only ever writes strings, True, False and tuples of integers.
class DictParser {
public:
  explicit DictParser(StringRef text) : rest(text) {}

  Expected<NpyHeader> parse();

private:
  Error parseEntry();
  Error parseDescr();
  Error parseOrder();
  Error parseShape();
  Expected<StringRef> parseString();
  Expected<int64_t> parseDimension();
  Error expect(char c);
  bool consume(char c);
  Error unexpected(const Twine &wanted);

  StringRef rest;
  NpyHeader header;
  bool hasDescr = false, hasOrder = false, hasShape = false;
};
} // namespace

Error DictParser::unexpected(const Twine &wanted) {
  std::string found = rest.empty() ? "its end" : quote(rest.take_front(20));
  return createStringError("malformed .npy header: " + wanted +
                           " expected, found " + found);
}

bool DictParser::consume(char c) {
  rest = rest.ltrim(" \t\r\n");
  return rest.consume_front(StringRef(&c, 1));
}

Error DictParser::expect(char c) {
  if (consume(c))
    return Error::success();
  return unexpected("'" + Twine(c) + "'");
}

Expected<StringRef> DictParser::parseString() {
  rest = rest.ltrim(" \t\r\n");
  if (rest.empty() || !StringRef("'\"").contains(rest.front()))
    return unexpected("a string");
  size_t end = rest.find(rest.front(), 1);
  if (end == StringRef::npos)
    return unexpected("the end of a string");
  StringRef text = rest.slice(1, end);
  rest = rest.drop_front(end + 1);
  return text;
}

Expected<int64_t> DictParser::parseDimension() {
  rest = rest.ltrim(" \t\r\n");
  StringRef digits = rest;
  bool negative = digits.consume_front("-");
  digits = digits.take_while(isDigit);
  if (digits.empty())
    return unexpected("a dimension");
  int64_t value;
  StringRef number = rest.take_front(digits.size() + negative);
  if (number.getAsInteger(10, value) || value < 0)
    return createStringError("shape has the dimension " + quote(number) +
                             "; 0 to 2^63 - 1 is expected");
  rest = rest.drop_front(number.size());
  rest.consume_front("L"); // Python 2 wrote long integers with it.
  return value;
}

Error DictParser::parseDescr() {
  if (consume('['))
    return createStringError(
        "the array has a structured dtype; save each of its fields as an "
        "array of its own");
  Expected<StringRef> descr = parseString();
  if (!descr)
    return descr.takeError();
  Expected<std::pair<DType, bool>> dtype = parseNpyDescr(*descr);
  if (!dtype)
    return dtype.takeError();
  std::tie(header.dtype, header.swapBytes) = *dtype;
  return Error::success();
}

Error DictParser::parseOrder() {
  rest = rest.ltrim(" \t\r\n");
  header.fortranOrder = rest.starts_with("True");
  if (rest.consume_front("True") || rest.consume_front("False"))
    return Error::success();
  return unexpected("True or False for 'fortran_order'");
}

Error DictParser::parseShape() {
  if (Error error = expect('('))
    return error;
  bool hasComma = false;
  while (!consume(')')) {
    if (!header.shape.empty() && !hasComma)
      return unexpected("',' or ')' in 'shape'");
    if (header.shape.size() == Tensor::maxRank)
      return createStringError("shape has more than the " +
                               Twine(Tensor::maxRank) +
                               " dimensions that lrc supports");
    Expected<int64_t> dimension = parseDimension();
    if (!dimension)
      return dimension.takeError();
    header.shape.push_back(*dimension);
    hasComma = consume(',');
  }
  // To Python "(3)" is a number and not a tuple.
  if (header.shape.size() == 1 && !hasComma)
    return createStringError("malformed .npy header: 'shape' is a number; a "
                             "tuple such as (" +
                             Twine(header.shape[0]) + ",) is expected");
  return Error::success();
}

Error DictParser::parseEntry() {
  Expected<StringRef> key = parseString();
  if (!key)
    return key.takeError();
  bool *seen = *key == "descr"           ? &hasDescr
               : *key == "fortran_order" ? &hasOrder
               : *key == "shape"         ? &hasShape
                                         : nullptr;
  if (!seen)
    return createStringError("malformed .npy header: unknown key " +
                             quote(*key) +
                             "; 'descr', 'fortran_order' and 'shape' are "
                             "expected");
  if (std::exchange(*seen, true))
    return createStringError("malformed .npy header: the key " + quote(*key) +
                             " is there twice");
  if (Error error = expect(':'))
    return error;
  if (seen == &hasDescr)
    return parseDescr();
  return seen == &hasOrder ? parseOrder() : parseShape();
}

Expected<NpyHeader> DictParser::parse() {
  if (Error error = expect('{'))
    return error;
  bool first = true, hasComma = false;
  while (!consume('}')) {
    if (!first && !hasComma)
      return unexpected("',' or '}'");
    if (Error error = parseEntry())
      return error;
    hasComma = consume(',');
    first = false;
  }
  if (!rest.trim(" \t\r\n").empty())
    return unexpected("nothing behind '}'");
  if (!hasDescr || !hasOrder || !hasShape) {
    StringRef missing = !hasDescr   ? "descr"
                        : !hasOrder ? "fortran_order"
                                    : "shape";
    return createStringError("malformed .npy header: the key '" + missing +
                             "' is missing");
  }
  return header;
}

Expected<NpyHeader> parseNpyHeader(StringRef bytes) {
  Expected<uint64_t> end = npyDataOffset(bytes, bytes.size());
  if (!end)
    return end.takeError();
  size_t start = bytes[6] == 1 ? 10 : 12;
  return DictParser(bytes.slice(start, *end)).parse();
}

} // namespace lrc
