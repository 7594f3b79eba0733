//===- Format.cpp - Canonical layout of a file ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two blanks of indentation, one item a line, at most one empty line in a row.
// Comments keep their places: on lines of their own, or behind an item. One in
// the middle of an item moves before it, except among declarators, which then
// get a line each.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/FormatImpl.h"
#include "lib/Frontend/Frontend.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace lrc;
using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::SMRange;
using llvm::StringRef;

namespace {

class Formatter {
public:
  explicit Formatter(const File &file)
      : file(file),
        buffer(file.sources->getMemoryBuffer(file.buffer)->getBuffer()) {}

  std::string run();

private:
  void formatRecurrence(const Recurrence &recurrence);
  void formatBody(const std::vector<ItemPtr> &items, const char *end);
  void formatItem(const Item &item);
  void formatFor(const ForItem &item);
  void formatDecl(const DeclItem &item);

  /// Prints the comments before `end`, each on a line of its own.
  void flushComments(const char *end);
  /// Starts what `begin` points at: an empty line if the source has one there.
  void startLine(const char *begin);
  void printComment(StringRef comment);
  /// Puts a comment that follows on the same line of the source behind the
  /// line printed last, with those below it that continue it.
  void attachTrailing(const char *end);

  bool hasCommentBefore(const char *end) const {
    return next < file.comments.size() && file.comments[next].begin() < end;
  }
  size_t getColumn(const char *place) const {
    StringRef before = buffer.take_front(place - buffer.begin());
    return before.size() - (before.rfind('\n') + 1);
  }

  const File &file;
  StringRef buffer;
  FormattedLines lines;
  size_t next = 0; // comment
  unsigned indent = 0;
  bool atStart = true;   // of a block: no empty line
  bool separate = false; // an empty line, whatever the source has
};

} // namespace

//===----------------------------------------------------------------------===//
// Comments and empty lines
//===----------------------------------------------------------------------===//

void Formatter::startLine(const char *begin) {
  StringRef before = buffer.take_front(begin - buffer.begin());
  StringRef blank =
      before.take_back(before.size() - before.rtrim(" \t\r\n\v\f").size());
  if (!atStart && (separate || blank.count('\n') > 1))
    lines.addBlank();
  atStart = false;
  separate = false;
}

void Formatter::printComment(StringRef comment) {
  startLine(comment.begin());
  lines.addComment(indent, comment);
}

void Formatter::flushComments(const char *end) {
  for (; hasCommentBefore(end); ++next)
    printComment(file.comments[next]);
}

void Formatter::attachTrailing(const char *end) {
  if (next == file.comments.size())
    return;
  StringRef comment = file.comments[next];
  StringRef between(end, comment.begin() - end);
  if (comment.begin() < end || between.contains('\n') || between.contains('}'))
    return;
  lines.addTrailing(comment);
  size_t column = getColumn(comment.begin());
  for (++next; next < file.comments.size(); ++next) {
    StringRef below = file.comments[next];
    StringRef gap(comment.end(), below.begin() - comment.end());
    if (gap.count('\n') != 1 || !gap.trim().empty() ||
        getColumn(below.begin()) != column)
      return;
    lines.addContinuation(below);
    comment = below;
  }
}

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

static std::string formatDeclarator(const Declarator &declarator) {
  std::string text =
      declarator.name.text.str() + formatIndices(declarator.axes);
  if (declarator.type)
    text += " : " + declarator.type->name.text.str();
  if (declarator.values)
    text += " in " + formatRange(*declarator.values);
  if (declarator.init)
    text += " = " + formatExpr(*declarator.init);
  return text;
}

/// Declarators with comments among them: one a line, comments behind.
void Formatter::formatDecl(const DeclItem &item) {
  std::string keyword = getSpelling(item.role).str() + " ";
  startLine(item.range.Start.getPointer());
  unsigned outer = indent;
  for (size_t i = 0; i < item.declarators.size(); ++i) {
    bool last = i + 1 == item.declarators.size();
    const Declarator &declarator = item.declarators[i];
    std::string text = formatDeclarator(declarator) + (last ? "" : ",");
    if (i)
      flushComments(declarator.range.Start.getPointer());
    lines.add(indent, i ? text : keyword + text);
    if (i == 0)
      indent += keyword.size();
    const char *end = declarator.range.End.getPointer();
    attachTrailing(end);
  }
  indent = outer;
}

static std::string formatDef(const DefItem &item) {
  std::string text = item.name.text.str() + formatIndices(item.indices);
  if (item.role == DefRole::Update)
    return text + " <- " + formatExpr(*item.value);
  return (item.role == DefRole::Let ? "let " : "out ") + text + " = " +
         formatExpr(*item.value);
}

static std::string formatSimple(const Item &item) {
  std::string text;
  if (const auto *def = llvm::dyn_cast<DefItem>(&item))
    return formatDef(*def);
  if (llvm::isa<ReverseItem>(item))
    return "reverse";
  if (const auto *decl = llvm::dyn_cast<DeclItem>(&item)) {
    for (const Declarator &declarator : decl->declarators)
      text += (text.empty() ? "" : ", ") + formatDeclarator(declarator);
    return getSpelling(decl->role).str() + " " + text;
  }
  for (const Name &name : llvm::cast<FinalItem>(item).names)
    text += (text.empty() ? "" : ", ") + name.text.str();
  return "final " + text;
}

/// A comment within a declarator would not survive between declarators.
static bool isBetweenDeclarators(const DeclItem &item, StringRef comment) {
  const char *place = comment.begin();
  return place > item.declarators.front().range.End.getPointer() &&
         llvm::none_of(item.declarators, [&](const Declarator &declarator) {
           return place > declarator.range.Start.getPointer() &&
                  place < declarator.range.End.getPointer();
         });
}

void Formatter::formatItem(const Item &item) {
  const char *begin = item.range.Start.getPointer();
  const char *end = item.range.End.getPointer();
  flushComments(begin);
  if (const auto *loop = llvm::dyn_cast<ForItem>(&item))
    return formatFor(*loop);
  const auto *decl = llvm::dyn_cast<DeclItem>(&item);
  if (decl && hasCommentBefore(end) &&
      isBetweenDeclarators(*decl, file.comments[next]))
    return formatDecl(*decl);
  if (hasCommentBefore(end)) {
    // The first comment takes the place of the item, which then follows it.
    startLine(begin);
    for (; hasCommentBefore(end); ++next)
      lines.addComment(indent, file.comments[next]);
  } else {
    startLine(begin);
  }
  lines.add(indent, formatSimple(item));
  attachTrailing(end);
}

void Formatter::formatFor(const ForItem &item) {
  startLine(item.range.Start.getPointer());
  const char *header = item.header.End.getPointer();
  for (; hasCommentBefore(header); ++next)
    lines.addComment(indent, file.comments[next]);
  lines.add(indent, "for " + item.var.name.text.str() + " in " +
                        item.var.in->str() + " {");
  attachTrailing(header);
  formatBody(item.body, item.range.End.getPointer());
}

void Formatter::formatBody(const std::vector<ItemPtr> &items, const char *end) {
  indent += 2;
  atStart = true;
  for (const ItemPtr &item : items)
    formatItem(*item);
  flushComments(end);
  indent -= 2;
  atStart = false;
  lines.add(indent, "}");
  attachTrailing(end);
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

void Formatter::formatRecurrence(const Recurrence &recurrence) {
  const char *begin = recurrence.range.Start.getPointer();
  flushComments(begin);
  startLine(begin);
  const char *header = recurrence.header.End.getPointer();
  for (; hasCommentBefore(header); ++next)
    lines.addComment(indent, file.comments[next]);
  lines.add(indent, "recurrence " + recurrence.name.text.str() + " {");
  attachTrailing(header);
  formatBody(recurrence.items, recurrence.range.End.getPointer());
  separate = true;
}

std::string Formatter::run() {
  for (auto &recurrence : file.recurrences)
    formatRecurrence(*recurrence);
  separate = false;
  flushComments(buffer.end());
  return lines.str();
}

std::string frontend::format(const File &file) { return Formatter(file).run(); }
