//===- Document.cpp - Text with equations, as LaTeX or Markdown -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Explain/Document.h"

using namespace lrc;

void Document::equations(llvm::ArrayRef<Equation> list) {
  if (list.empty())
    return;
  parts.push_back({Kind::Equations, "", list.vec()});
}

/// Escapes what is special to LaTeX outside of dollars.
static std::string escapeText(llvm::StringRef text) {
  std::string result;
  bool inMath = false;
  for (char c : text) {
    if (c == '$')
      inMath = !inMath;
    if (!inMath && llvm::StringRef("_%&#{}").contains(c))
      result += '\\';
    if (!inMath && (c == '^' || c == '~' || c == '\\'))
      result += c == '\\' ? "\\textbackslash{}" : std::string("\\") + c + "{}";
    else
      result += c;
  }
  return result;
}

static std::string renderLines(llvm::ArrayRef<Equation> list) {
  std::string text;
  for (const Equation &equation : list) {
    text += text.empty() ? "" : " \\\\\n";
    text += "  " + equation.left + " &= " + equation.right;
    if (!equation.beside.empty())
      text += " && " + equation.beside;
  }
  return text + "\n";
}

std::string Document::renderLatex() const {
  std::string text = "\\documentclass{article}\n"
                     "\\usepackage[margin=2.5cm]{geometry}\n"
                     "\\usepackage{amsmath,amssymb}\n"
                     "\\allowdisplaybreaks\n"
                     "\\setlength{\\parindent}{0pt}\n"
                     "\\begin{document}\n";
  for (const Part &part : parts) {
    text += "\n";
    switch (part.kind) {
    case Kind::Title:
      text += "\\section*{" + escapeText(part.text) + "}\n";
      break;
    case Kind::Section:
      text += "\\subsection*{" + escapeText(part.text) + "}\n";
      break;
    case Kind::Paragraph:
      text += escapeText(part.text) + "\n";
      break;
    case Kind::Equations:
      text +=
          "\\begin{align*}\n" + renderLines(part.equations) + "\\end{align*}\n";
      break;
    }
  }
  return text + "\n\\end{document}\n";
}

std::string Document::renderMarkdown() const {
  std::string text;
  for (const Part &part : parts) {
    text += text.empty() ? "" : "\n";
    switch (part.kind) {
    case Kind::Title:
      text += "# " + part.text + "\n";
      break;
    case Kind::Section:
      text += "## " + part.text + "\n";
      break;
    case Kind::Paragraph:
      text += part.text + "\n";
      break;
    case Kind::Equations:
      text += "$$\n\\begin{aligned}\n" + renderLines(part.equations) +
              "\\end{aligned}\n$$\n";
      break;
    }
  }
  return text;
}

std::string Document::render(Format format) const {
  return format == Format::Latex ? renderLatex() : renderMarkdown();
}
