//===- Document.h - Text with equations, as LaTeX or Markdown ---*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_EXPLAIN_DOCUMENT_H
#define LRC_LIB_EXPLAIN_DOCUMENT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace lrc {

/// left = right, in LaTeX; what follows the equation may be said beside it.
struct Equation {
  std::string left;
  std::string right;
  std::string beside = "";
};

enum class Format { Latex, Markdown };

/// Paragraphs may have mathematics between dollars; every other character is
/// text.
class Document {
public:
  void title(llvm::StringRef text) { add(Kind::Title, text); }
  void section(llvm::StringRef text) { add(Kind::Section, text); }
  void paragraph(llvm::StringRef text) { add(Kind::Paragraph, text); }
  void equations(llvm::ArrayRef<Equation> list);

  std::string render(Format format) const;

private:
  enum class Kind { Title, Section, Paragraph, Equations };
  struct Part {
    Kind kind;
    std::string text;
    std::vector<Equation> equations;
  };
  void add(Kind kind, llvm::StringRef text) {
    parts.push_back({kind, text.str(), {}});
  }
  std::string renderLatex() const;
  std::string renderMarkdown() const;

  std::vector<Part> parts;
};

} // namespace lrc

#endif // LRC_LIB_EXPLAIN_DOCUMENT_H
