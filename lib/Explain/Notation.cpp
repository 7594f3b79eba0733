//===- Notation.cpp - Expressions of a step in index notation -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Explain/Notation.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

Notation::Notation(Style style, RecurrenceOp recurrence, Block &phase)
    : style(style), recurrence(recurrence) {
  for (Operation &op : phase)
    for (Type type : op.getResultTypes())
      if (auto value = dyn_cast<ValueType>(type))
        for (StringAttr label : value.getLabels())
          usedLabels.insert(label.getValue());
  for (Operation &op : recurrence.getBody().getOps())
    if (FieldOp::classof(&op))
      usedLabels.insert(FieldOp(&op).getName());
}

/// "r[j]", what the source calls a value.
static StringRef findSourceText(Value value) {
  auto name = value.getDefiningOp()
                  ? dyn_cast<NameLoc>(value.getDefiningOp()->getLoc())
                  : NameLoc();
  return name ? name.getName().getValue() : StringRef();
}

StringRef lrc::findSourceName(Value value) {
  return findSourceText(value).split('[').first;
}

//===----------------------------------------------------------------------===//
// Names, labels and numbers
//===----------------------------------------------------------------------===//

std::string Notation::makeLabel(StringRef like) {
  if (usedLabels.insert(like).second)
    return like.str();
  static const char *const letters = "lmnpruwxyzabcdefhjkqs";
  for (const char *letter = letters; *letter; ++letter)
    if (usedLabels.insert(StringRef(letter, 1)).second)
      return std::string(1, *letter);
  std::string name = like.str();
  do
    name += "_";
  while (!usedLabels.insert(name).second);
  return name;
}

std::string Notation::rename(StringRef label) const {
  auto it = renamed.find(label);
  return it == renamed.end() ? label.str() : it->second;
}

void Notation::setName(Value value, StringRef name, StringRef above) {
  Symbol symbol;
  symbol.name = name.str();
  symbol.above = above.str();
  // In the order of the source, if they are those of the source.
  SmallVector<StringRef> order;
  findSourceText(value).split('[').second.rtrim(']').split(order, ',');
  auto type = cast<ValueType>(value.getType());
  for (StringRef label : order)
    if (type.getPosition(StringAttr::get(type.getContext(), label)) >= 0)
      symbol.labels.push_back(label.str());
  for (StringAttr label : type.getLabels())
    if (!llvm::is_contained(symbol.labels, label.str()))
      symbol.labels.push_back(label.str());
  names[value] = std::move(symbol);
}

void Notation::setName(Value value, StringRef name, ArrayAttr labels) {
  Symbol symbol;
  symbol.name = name.str();
  for (auto label : labels.getAsRange<StringAttr>())
    symbol.labels.push_back(label.str());
  names[value] = std::move(symbol);
}

std::string Notation::toLatex(StringRef name) {
  if (name.ends_with("'"))
    // A prime and an exponent would be two superscripts.
    return "\\tilde{" + toLatex(name.drop_back()) + "}";
  static const char *const greek[] = {
      "alpha", "beta",  "gamma", "delta",  "epsilon", "zeta", "eta",
      "theta", "iota",  "kappa", "lambda", "mu",      "nu",   "xi",
      "pi",    "rho",   "sigma", "tau",    "phi",     "chi",  "psi",
      "omega", "Gamma", "Delta", "Theta",  "Lambda",  "Xi",   "Pi",
      "Sigma", "Phi",   "Psi",   "Omega"};
  if (llvm::is_contained(greek, name))
    return "\\" + name.str();
  if (name.size() == 1)
    return name.str();
  std::string escaped;
  for (char c : name)
    escaped += c == '_' ? std::string("\\_") : std::string(1, c);
  return "\\mathit{" + escaped + "}";
}

std::string Notation::spellNumber(double value) const {
  if (std::isinf(value)) {
    std::string infinity = style == Style::Text ? "inf" : "\\infty";
    return value < 0 ? "-" + infinity : infinity;
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.6g", value);
  size_t exponent = text.find('e');
  if (style == Style::Text || exponent == std::string::npos)
    return text;
  int power = 0;
  StringRef(text).drop_front(exponent + 1).ltrim('+').getAsInteger(10, power);
  return text.substr(0, exponent) + " \\cdot 10^{" + std::to_string(power) +
         "}";
}

std::string Notation::printField(StringRef field, ArrayRef<std::string> labels,
                                 bool varies, StringRef row) const {
  if (style == Style::Text)
    return labels.empty() ? field.str()
                          : (field + "[" + llvm::join(labels, ",") + "]").str();
  SmallVector<std::string> indices;
  if (varies)
    indices.push_back(row.str());
  llvm::append_range(indices, labels);
  std::string name = toLatex(field);
  return indices.empty() ? name : name + "_{" + llvm::join(indices, ",") + "}";
}

std::string Notation::print(const Symbol &symbol, StringRef row) const {
  SmallVector<std::string> labels;
  for (const std::string &label : symbol.labels)
    labels.push_back(rename(label));
  if (style == Style::Text || symbol.above.empty())
    return printField(symbol.name, labels, symbol.varies, row);
  std::string plain = printField(symbol.name, labels, symbol.varies, row);
  return plain + "^{(" + symbol.above + ")}";
}

std::string Notation::printName(Value value, StringRef row) {
  return print(names.lookup(value), row);
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

std::string Notation::wrap(const Piece &piece, Precedence least) const {
  if (piece.precedence >= least)
    return piece.text;
  return style == Style::Text ? "(" + piece.text + ")"
                              : "\\left(" + piece.text + "\\right)";
}

std::string Notation::call(StringRef function,
                           ArrayRef<std::string> arguments) const {
  if (style == Style::Text)
    return (function + "(" + llvm::join(arguments, ", ") + ")").str();
  std::string name =
      llvm::StringSwitch<std::string>(function)
          .Cases({"exp", "log", "sin", "cos", "tan", "tanh", "max", "min"},
                 ("\\" + function).str())
          .Default(("\\operatorname{" + function + "}").str());
  return name + "\\left(" + llvm::join(arguments, ", ") + "\\right)";
}

/// An affine expression of labels, with as few operations as it was written.
std::string Notation::printSubscript(AffineExpr expr, ReadOp op) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::to_string(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return rename(op.getType().getLabels()[dim.getPosition()].getValue());
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return "?";
  std::string lhs = printSubscript(binary.getLHS(), op);
  std::string rhs = printSubscript(binary.getRHS(), op);
  auto inner = [](AffineExpr side, std::string text) {
    return isa<AffineBinaryOpExpr>(side) ? "(" + text + ")" : text;
  };
  switch (binary.getKind()) {
  case AffineExprKind::Add: {
    // d0 * -1 + c is c - d0.
    auto factor = dyn_cast<AffineBinaryOpExpr>(binary.getLHS());
    auto minus = factor && factor.getKind() == AffineExprKind::Mul
                     ? dyn_cast<AffineConstantExpr>(factor.getRHS())
                     : AffineConstantExpr();
    if (minus && minus.getValue() == -1)
      return rhs + " - " +
             inner(factor.getLHS(), printSubscript(factor.getLHS(), op));
    if (StringRef(rhs).starts_with("-"))
      return lhs + " - " + rhs.substr(1);
    return lhs + " + " + rhs;
  }
  case AffineExprKind::Mul:
    return rhs + (style == Style::Text ? " * " : " ") +
           inner(binary.getLHS(), lhs);
  case AffineExprKind::Mod:
    return inner(binary.getLHS(), lhs) +
           (style == Style::Text ? " % " : " \\bmod ") + rhs;
  default:
    return style == Style::Text ? inner(binary.getLHS(), lhs) + " / " + rhs
                                : "\\lfloor " + lhs + " / " + rhs + " \\rfloor";
  }
}

/// An element of an inverse, by the name of its matrix if it has one.
Notation::Piece Notation::visitInverse(InverseOp op,
                                       ArrayRef<std::string> labels) {
  auto pack = op.getMatrix().getDefiningOp<PackOp>();
  auto get = op.getMatrix().getDefiningOp<GetOp>();
  auto named = pack ? names.find(pack.getValue()) : names.end();
  std::string text = style == Style::Text ? "?" : "\\cdot";
  SmallVector<std::string> indices(labels);
  if (named != names.end()) {
    const Symbol &symbol = named->second;
    text = style == Style::Text ? symbol.name : toLatex(symbol.name);
    if (symbol.varies && style == Style::Latex)
      indices.insert(indices.begin(), row);
  } else if (get) {
    text =
        style == Style::Text ? get.getField().str() : toLatex(get.getField());
  } else if (pack) {
    text = wrap(visit(pack.getValue()), style == Style::Text ? Sum : Atom);
  }
  std::string subscripts = llvm::join(indices, ",");
  if (style == Style::Text)
    return {"inverse(" + text + ")[" + subscripts + "]"};
  return {"\\left(" + text + "^{-1}\\right)_{" + subscripts + "}"};
}

Notation::Piece Notation::visitRead(ReadOp op) {
  if (auto pack = op.getSource().getDefiningOp<PackOp>()) {
    // The packed value under the labels of this read.
    llvm::StringMap<std::string> outer = renamed;
    ArrayAttr labels = pack.getLabels();
    llvm::StringMap<std::string> inner = renamed;
    for (auto [label, expr] : llvm::zip_equal(labels.getAsRange<StringAttr>(),
                                              op.getMap().getResults()))
      inner[label.getValue()] = printSubscript(expr, op);
    renamed = inner;
    Piece piece = visit(pack.getValue());
    renamed = outer;
    return piece;
  }
  SmallVector<std::string> labels;
  for (AffineExpr expr : op.getMap().getResults())
    labels.push_back(printSubscript(expr, op));
  Operation *source = op.getSource().getDefiningOp();
  if (auto shift = dyn_cast_or_null<ShiftOp>(source)) {
    auto past = shift.getPast().getDefiningOp<GetOp>();
    return {printField(past ? past.getField() : "past", labels, true, row)};
  }
  if (auto inverse = dyn_cast_or_null<InverseOp>(source))
    return visitInverse(inverse, labels);
  auto get = dyn_cast_or_null<GetOp>(source);
  if (!get)
    return {"?"};
  Operation *field = recurrence.lookupSymbol(get.getField());
  bool isState = isa_and_present<StateOp>(field);
  return {printField(get.getField(), labels, !isa_and_present<ParamOp>(field),
                     isState ? row + "-1" : row)};
}

Notation::Piece Notation::visitUnary(UnaryOp op) {
  Piece x = visit(op.getOperand());
  StringRef name = stringifyUnaryKind(op.getFn());
  switch (op.getFn()) {
  case UnaryKind::Neg:
    return {"-" + wrap(x, Term), Sum};
  case UnaryKind::Not:
    return {(style == Style::Text ? "not " : "\\neg ") + wrap(x, Atom), Term};
  default:
    break;
  }
  if (style == Style::Text)
    return {call(name, {x.text})};
  switch (op.getFn()) {
  case UnaryKind::Exp:
    return {"e^{" + x.text + "}", Power};
  case UnaryKind::Sqrt:
    return {"\\sqrt{" + x.text + "}"};
  case UnaryKind::Rsqrt:
    return {"\\frac{1}{\\sqrt{" + x.text + "}}"};
  case UnaryKind::Abs:
    return {"\\left|" + x.text + "\\right|"};
  case UnaryKind::Expm1:
    return {"e^{" + x.text + "} - 1", Sum};
  case UnaryKind::Log1p:
    return {"\\log\\left(1 + " + wrap(x, Term) + "\\right)"};
  case UnaryKind::Sigmoid:
    return {"\\sigma\\left(" + x.text + "\\right)"};
  case UnaryKind::Floor:
    return {"\\lfloor " + x.text + " \\rfloor"};
  case UnaryKind::Conj:
    return {"\\overline{" + x.text + "}"};
  case UnaryKind::Re:
    return {call("Re", {x.text})};
  case UnaryKind::Im:
    return {call("Im", {x.text})};
  default:
    return {call(name, {x.text})};
  }
}

static const char *spellOperator(BinaryKind fn, Style style) {
  bool text = style == Style::Text;
  switch (fn) {
  case BinaryKind::Lt:
    return " < ";
  case BinaryKind::Le:
    return text ? " <= " : " \\le ";
  case BinaryKind::Gt:
    return " > ";
  case BinaryKind::Ge:
    return text ? " >= " : " \\ge ";
  case BinaryKind::Eq:
    return text ? " == " : " = ";
  case BinaryKind::Ne:
    return text ? " != " : " \\ne ";
  case BinaryKind::And:
    return text ? " and " : " \\wedge ";
  case BinaryKind::Or:
    return text ? " or " : " \\vee ";
  case BinaryKind::Rem:
    return text ? " % " : " \\bmod ";
  default:
    return nullptr;
  }
}

Notation::Piece Notation::visitBinary(BinaryOp op) {
  Piece a = visit(op.getLhs()), b = visit(op.getRhs());
  bool text = style == Style::Text;
  switch (op.getFn()) {
  case BinaryKind::Add:
    if (StringRef(b.text).starts_with("-") && b.precedence == Sum)
      return {a.text + " - " + StringRef(b.text).drop_front().ltrim().str(),
              Sum};
    return {a.text + " + " + b.text, Sum};
  case BinaryKind::Sub:
    return {a.text + " - " + wrap(b, Term), Sum};
  case BinaryKind::Mul: {
    if (a.text == "1")
      return b;
    if (b.text == "1")
      return a;
    // -1 x is -x.
    if (a.text == "-1")
      return {"-" + wrap(b, Term), Sum};
    return {wrap(a, Term) + times() + wrap(b, Term), Term};
  }
  case BinaryKind::Div:
    if (!text)
      return {"\\frac{" + a.text + "}{" + b.text + "}"};
    return {wrap(a, Term) + " / " + wrap(b, Power), Term};
  case BinaryKind::Pow:
    if (!text)
      return {wrap(a, Atom) + "^{" + b.text + "}", Power};
    return {wrap(a, Atom) + "^" + wrap(b, Atom), Power};
  case BinaryKind::Complex:
    return {a.text + " + " + (text ? "1i * " : "\\mathrm{i}\\, ") +
                wrap(b, Term),
            Sum};
  default:
    break;
  }
  if (const char *symbol = spellOperator(op.getFn(), style))
    return {wrap(a, Term) + symbol + wrap(b, Term), Sum};
  return {call(stringifyBinaryKind(op.getFn()), {a.text, b.text})};
}

Notation::Piece Notation::visitReduce(ReduceOp op) {
  llvm::StringMap<std::string> outer = renamed;
  llvm::StringSet<> outerScope = scope;
  SmallVector<std::string> labels;
  for (auto label : op.getLabels().getAsRange<StringAttr>()) {
    std::string name = label.str();
    if (outerScope.contains(name))
      name = makeLabel(name);
    // The sum's own name hides what the label is called around it.
    renamed[label.getValue()] = name;
    scope.insert(name);
    labels.push_back(name);
  }
  Piece x = visit(op.getOperand());
  renamed = outer;
  scope = outerScope;
  if (style == Style::Text) {
    std::string name = stringifyReduceKind(op.getFn()).str();
    return {name + "[" + llvm::join(labels, ",") + "] " + wrap(x, Term), Sum};
  }
  std::string name =
      llvm::StringSwitch<std::string>(stringifyReduceKind(op.getFn()))
          .Case("sum", "\\sum")
          .Case("prod", "\\prod")
          .Case("max", "\\max")
          .Default("\\min");
  return {name + "_{" + llvm::join(labels, ",") + "} " + wrap(x, Term), Term};
}

Notation::Piece Notation::visitSelect(SelectOp op) {
  std::string c = visit(op.getCondition()).text, a = visit(op.getOnTrue()).text,
              b = visit(op.getOnFalse()).text;
  if (style == Style::Text)
    return {call("select", {c, a, b})};
  return {"\\begin{cases} " + a + " & " + c + " \\\\ " + b +
          " & \\text{otherwise} \\end{cases}"};
}

Notation::Piece Notation::visit(Value value) {
  // What is printed must be readable: sums of shared parts can grow without
  // bound.
  if (budget == 0)
    return {"..."};
  --budget;
  auto named = names.find(value);
  if (named != names.end())
    return {print(named->second, row)};
  Operation *op = value.getDefiningOp();
  if (auto read = dyn_cast_or_null<ReadOp>(op))
    return visitRead(read);
  if (auto unary = dyn_cast_or_null<UnaryOp>(op))
    return visitUnary(unary);
  if (auto binary = dyn_cast_or_null<BinaryOp>(op))
    return visitBinary(binary);
  if (auto reduce = dyn_cast_or_null<ReduceOp>(op))
    return visitReduce(reduce);
  if (auto select = dyn_cast_or_null<SelectOp>(op))
    return visitSelect(select);
  if (auto constant = dyn_cast_or_null<ConstantOp>(op)) {
    double number = constant.getValue().convertToDouble();
    return {spellNumber(number), number < 0 ? Sum : Atom};
  }
  if (auto index = dyn_cast_or_null<IndexOp>(op))
    return {rename(index.getType().getLabels().front().getValue())};
  if (isa_and_present<TimeOp>(op))
    return {style == Style::Text ? "t" : row};
  if (isa_and_present<HeadOp>(op))
    return {style == Style::Text ? "head" : "\\mathit{head}"};
  if (isa_and_present<HeadsOp>(op))
    return {style == Style::Text ? "heads" : "\\mathit{heads}"};
  return {"?"};
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

Notation::Piece Notation::start(Value value, StringRef at,
                                const llvm::StringMap<std::string> &renames) {
  row = at.str();
  budget = 400;
  renamed = renames;
  scope.clear();
  for (StringAttr label : cast<ValueType>(value.getType()).getLabels())
    scope.insert(rename(label.getValue()));
  return visit(value);
}

std::string Notation::print(Value value, StringRef at,
                            const llvm::StringMap<std::string> &renames) {
  return start(value, at, renames).text;
}

std::string Notation::printFactor(Value value, StringRef at,
                                  const llvm::StringMap<std::string> &renames) {
  return wrap(start(value, at, renames), Term);
}

std::string Notation::print(const Product &product, double &sign,
                            StringRef at) {
  sign = product.number < 0 ? -1 : 1;
  double number = std::abs(product.number);
  SmallVector<std::string> parts;
  if (number != 1)
    parts.push_back(spellNumber(number));
  for (Value factor : product.factors)
    parts.push_back(printFactor(factor, at));
  std::string text = parts.empty() ? "1" : llvm::join(parts, times());
  for (Value divisor : product.divisors) {
    std::string below = print(divisor, at);
    text = style == Style::Text ? text + " / (" + below + ")"
                                : "\\frac{" + text + "}{" + below + "}";
  }
  return text;
}
