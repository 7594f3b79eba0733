//===- Reductions.cpp - Smaller recurrences -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Reductions.h"

#include "lib/Frontend/Frontend.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace lrc;
using namespace lrc::sampling;
using llvm::dyn_cast;
using llvm::StringRef;

namespace {
/// Replaces a range of the text.
struct Edit {
  llvm::SMRange range;
  std::string text;
};

class Reducer {
public:
  explicit Reducer(const std::string &source);
  std::vector<std::string> take();

private:
  void addNames();
  void addItems(const std::vector<ast::ItemPtr> &items);
  void addExpressions(const std::vector<ast::ItemPtr> &items);
  void addExpression(const ast::Expr &expr);

  void withoutName(StringRef name, const std::vector<ast::ItemPtr> &items,
                   StringRef constant, std::vector<Edit> &edits);
  void replaceReads(StringRef name, const ast::Expr &expr, StringRef constant,
                    std::vector<Edit> &edits);
  void withoutDeclarator(StringRef name, const ast::DeclItem &item,
                         std::vector<Edit> &edits);
  void withoutFinal(StringRef name, const ast::FinalItem &item,
                    std::vector<Edit> &edits);

  std::string textOf(llvm::SMRange range) const {
    return std::string(range.Start.getPointer(), range.End.getPointer());
  }
  std::string operandOf(const ast::Expr &expr) const;
  void add(std::vector<Edit> edits);

  llvm::SourceMgr sources;
  StringRef text;
  ast::File file;
  std::vector<std::string> results;
};
} // namespace

Reducer::Reducer(const std::string &source) {
  unsigned buffer = sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(source), {});
  text = sources.getMemoryBuffer(buffer)->getBuffer();
  frontend::Diagnostics diagnostics(sources);
  file = frontend::parse(buffer, diagnostics);
}

/// Makes the edits, from left to right; one inside another is dropped.
void Reducer::add(std::vector<Edit> edits) {
  llvm::sort(edits, [](const Edit &a, const Edit &b) {
    auto key = [](const Edit &edit) {
      return std::pair(edit.range.Start.getPointer(),
                       -intptr_t(edit.range.End.getPointer()));
    };
    return key(a) < key(b);
  });
  std::string result;
  const char *place = text.begin();
  for (const Edit &edit : edits) {
    if (edit.range.Start.getPointer() < place)
      continue;
    result.append(place, edit.range.Start.getPointer());
    result += edit.text;
    place = edit.range.End.getPointer();
    // No empty line stays where a statement was.
    if (edit.text.empty() && place != text.end() && *place == '\n')
      ++place;
  }
  result.append(place, text.end());
  if (result != text)
    results.push_back(std::move(result));
}

//===----------------------------------------------------------------------===//
// Without a name
//===----------------------------------------------------------------------===//

void Reducer::replaceReads(StringRef name, const ast::Expr &expr,
                           StringRef constant, std::vector<Edit> &edits) {
  bool isRead = false;
  if (auto *read = dyn_cast<ast::ReadExpr>(&expr))
    isRead = read->name.text == name;
  else if (auto *scalar = dyn_cast<ast::NameExpr>(&expr))
    isRead = scalar->name == name;
  else if (auto *delay = dyn_cast<ast::DelayExpr>(&expr))
    isRead = delay->name.text == name;
  if (isRead)
    edits.push_back({expr.range, constant.str()});
  else
    forEachChild(expr, [&](const ast::Expr &child) {
      replaceReads(name, child, constant, edits);
    });
}

void Reducer::withoutDeclarator(StringRef name, const ast::DeclItem &item,
                                std::vector<Edit> &edits) {
  std::string rest;
  bool found = false;
  for (const ast::Declarator &declarator : item.declarators) {
    if (declarator.name.text == name) {
      found = true;
      continue;
    }
    rest += (rest.empty() ? "" : ", ") + textOf(declarator.range);
  }
  if (found)
    edits.push_back(
        {item.range,
         rest.empty() ? "" : (getSpelling(item.role) + " " + rest).str()});
}

void Reducer::withoutFinal(StringRef name, const ast::FinalItem &item,
                           std::vector<Edit> &edits) {
  std::string rest;
  for (const ast::Name &final : item.names)
    if (final.text != name)
      rest += (rest.empty() ? "" : ", ") + final.text.str();
  edits.push_back({item.range, rest.empty() ? "" : "final " + rest});
}

/// Removes what defines a name; a constant takes the place of its reads.
void Reducer::withoutName(StringRef name,
                          const std::vector<ast::ItemPtr> &items,
                          StringRef constant, std::vector<Edit> &edits) {
  for (const ast::ItemPtr &item : items) {
    if (auto *decl = dyn_cast<ast::DeclItem>(item.get())) {
      withoutDeclarator(name, *decl, edits);
      for (const ast::Declarator &declarator : decl->declarators)
        if (declarator.init)
          replaceReads(name, *declarator.init, constant, edits);
    } else if (auto *final = dyn_cast<ast::FinalItem>(item.get())) {
      withoutFinal(name, *final, edits);
    } else if (auto *def = dyn_cast<ast::DefItem>(item.get())) {
      if (def->name.text == name)
        edits.push_back({def->range, ""});
      else
        replaceReads(name, *def->value, constant, edits);
    } else if (auto *loop = dyn_cast<ast::ForItem>(item.get())) {
      withoutName(name, loop->body, constant, edits);
    }
  }
}

static void collectNames(const std::vector<ast::ItemPtr> &items,
                         std::vector<StringRef> &names) {
  for (const ast::ItemPtr &item : items) {
    if (auto *decl = dyn_cast<ast::DeclItem>(item.get()))
      for (const ast::Declarator &declarator : decl->declarators)
        names.push_back(declarator.name.text);
    if (auto *def = dyn_cast<ast::DefItem>(item.get()))
      names.push_back(def->name.text);
    if (auto *loop = dyn_cast<ast::ForItem>(item.get()))
      collectNames(loop->body, names);
  }
}

void Reducer::addNames() {
  std::vector<StringRef> names;
  for (const auto &recurrence : file.recurrences)
    collectNames(recurrence->items, names);
  llvm::StringSet<> seen;
  for (StringRef name : names)
    if (seen.insert(name).second)
      for (StringRef constant : {"0", "1"}) {
        std::vector<Edit> edits;
        for (const auto &recurrence : file.recurrences)
          withoutName(name, recurrence->items, constant, edits);
        add(std::move(edits));
      }
}

//===----------------------------------------------------------------------===//
// Without a statement
//===----------------------------------------------------------------------===//

void Reducer::addItems(const std::vector<ast::ItemPtr> &items) {
  for (const ast::ItemPtr &item : items) {
    add({{item->range, ""}});
    auto *loop = dyn_cast<ast::ForItem>(item.get());
    if (!loop)
      continue;
    // Its body once.
    std::string body;
    for (const ast::ItemPtr &inner : loop->body)
      body += textOf(inner->range) + "\n";
    std::vector<Edit> edits = {{loop->range, body}};
    add(edits);
    addItems(loop->body);
  }
}

//===----------------------------------------------------------------------===//
// Without a part of an expression
//===----------------------------------------------------------------------===//

/// The text of an expression that may stand anywhere.
std::string Reducer::operandOf(const ast::Expr &expr) const {
  std::string own = textOf(expr.range);
  using Kind = ast::Expr::Kind;
  bool isLoose = expr.getKind() == Kind::Unary ||
                 expr.getKind() == Kind::Binary ||
                 expr.getKind() == Kind::Reduce;
  return isLoose && !expr.parenthesized ? "(" + own + ")" : own;
}

void Reducer::addExpression(const ast::Expr &expr) {
  using Kind = ast::Expr::Kind;
  if (expr.getKind() != Kind::Number) {
    add({{expr.range, "0"}});
    add({{expr.range, "1"}});
  }
  if (auto *delay = dyn_cast<ast::DelayExpr>(&expr)) {
    std::string subscripts;
    for (const ast::ExprPtr &subscript : delay->subscripts)
      subscripts += (subscripts.empty() ? "" : ",") + textOf(subscript->range);
    add({{expr.range, delay->name.text.str() +
                          (subscripts.empty() ? "" : "[" + subscripts + "]")}});
  } else if (expr.getKind() != Kind::Read) {
    forEachChild(expr, [&](const ast::Expr &child) {
      add({{expr.range, operandOf(child)}});
    });
  }
  if (expr.parenthesized && expr.getKind() != Kind::Number)
    add({{expr.range,
          textOf(expr.range).substr(1, textOf(expr.range).size() - 2)}});
  forEachChild(expr, [&](const ast::Expr &child) { addExpression(child); });
}

void Reducer::addExpressions(const std::vector<ast::ItemPtr> &items) {
  for (const ast::ItemPtr &item : items) {
    if (auto *def = dyn_cast<ast::DefItem>(item.get()))
      addExpression(*def->value);
    if (auto *loop = dyn_cast<ast::ForItem>(item.get()))
      addExpressions(loop->body);
    auto *decl = dyn_cast<ast::DeclItem>(item.get());
    if (!decl)
      continue;
    for (const ast::Declarator &declarator : decl->declarators) {
      if (!declarator.init)
        continue;
      // The default, and what stands before it.
      llvm::SMLoc end = declarator.init->range.Start;
      std::string head(declarator.range.Start.getPointer(), end.getPointer());
      size_t equals = head.rfind('=');
      if (equals != std::string::npos && decl->role != ast::DeclRole::Dim)
        add({{declarator.range, head.substr(0, equals)}});
      addExpression(*declarator.init);
    }
  }
}

std::vector<std::string> Reducer::take() {
  addNames();
  for (const auto &recurrence : file.recurrences)
    addItems(recurrence->items);
  for (const auto &recurrence : file.recurrences)
    addExpressions(recurrence->items);
  return std::move(results);
}

std::vector<std::string> sampling::reduceText(const std::string &text) {
  return Reducer(text).take();
}

void sampling::dropOldDims(Case &one) {
  llvm::SourceMgr sources;
  unsigned buffer = sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(one.text), {});
  frontend::Diagnostics diagnostics(sources);
  ast::File file = frontend::parse(buffer, diagnostics);
  std::vector<StringRef> names;
  for (const auto &recurrence : file.recurrences)
    collectNames(recurrence->items, names);
  Sizes dims;
  for (const auto &[name, size] : one.shape.dims)
    if (llvm::is_contained(names, name))
      dims[name] = size;
  one.shape.dims = std::move(dims);
}

//===----------------------------------------------------------------------===//
// The call
//===----------------------------------------------------------------------===//

static std::vector<int64_t> smaller(int64_t size, int64_t least) {
  std::vector<int64_t> sizes;
  for (int64_t each : {least, least + 1, size / 2, size - 1})
    if (each >= least && each < size && !llvm::is_contained(sizes, each))
      sizes.push_back(each);
  return sizes;
}

static void reduceLengths(const Case &one, std::vector<Case> &cases) {
  Case other = one;
  other.shape.lengths.clear();
  cases.push_back(other);
  for (size_t n = 0; n < one.shape.lengths.size(); ++n) {
    other = one;
    other.shape.lengths.erase(other.shape.lengths.begin() + n);
    if (!other.shape.lengths.empty())
      cases.push_back(other);
    for (int64_t length : smaller(one.shape.lengths[n], 0)) {
      other = one;
      other.shape.lengths[n] = length;
      cases.push_back(other);
    }
  }
}

static void reduceSizes(const Case &one, std::vector<Case> &cases) {
  auto vary = [&](int64_t size, int64_t least,
                  llvm::function_ref<void(Shape &, int64_t)> set) {
    for (int64_t each : smaller(size, least)) {
      Case other = one;
      set(other.shape, each);
      cases.push_back(other);
    }
  };
  const Shape &shape = one.shape;
  if (shape.lengths.empty()) {
    vary(shape.batch, 1, [](Shape &to, int64_t size) { to.batch = size; });
    vary(shape.steps, 0, [](Shape &to, int64_t size) { to.steps = size; });
  }
  vary(shape.heads, 0, [](Shape &to, int64_t size) { to.heads = size; });
  for (const auto &[name, size] : shape.dims)
    vary(size, 1,
         [&, dim = name](Shape &to, int64_t each) { to.dims[dim] = each; });
}

std::vector<Case> sampling::reduceCall(const Case &one) {
  std::vector<Case> cases;
  for (const Variant &variant : one.variants) {
    Case other = one;
    other.variants = {variant};
    if (one.variants.size() > 1)
      cases.push_back(other);
    else if (variant.chunk > 2) {
      other.variants[0].chunk = variant.chunk / 2;
      cases.push_back(other);
    }
  }
  for (bool Shape::*flag : {&Shape::initial, &Shape::grouped})
    if (one.shape.*flag) {
      Case other = one;
      other.shape.*flag = false;
      cases.push_back(other);
    }
  if (!one.shape.lengths.empty())
    reduceLengths(one, cases);
  reduceSizes(one, cases);
  if (one.type != ElementType::F64) {
    Case other = one;
    other.type = ElementType::F64;
    cases.push_back(other);
  }
  return cases;
}
