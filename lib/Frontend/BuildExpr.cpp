//===- BuildExpr.cpp - Expressions as dsf ops -----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/BuildImpl.h"
#include "lib/Frontend/Sema.h"

#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace lrc;
using namespace lrc::frontend;
using namespace lrc::ast;
using dsf::BinaryKind;
using dsf::UnaryKind;
using llvm::StringRef;
using mlir::Location;
using mlir::Value;

static dsf::ValueType typeOf(Value value) {
  return mlir::cast<dsf::ValueType>(value.getType());
}

//===----------------------------------------------------------------------===//
// Leaves and arrays
//===----------------------------------------------------------------------===//

Value RegionBuilder::constant(double value, Location loc) {
  return dsf::ConstantOp::create(builder, loc, builder.getF64FloatAttr(value));
}

Value RegionBuilder::binary(BinaryKind kind, Value lhs, Value rhs,
                            Location loc) {
  return dsf::BinaryOp::create(builder, loc, kind, lhs, rhs);
}

Value RegionBuilder::index(StringRef name, Location loc) {
  auto type =
      dsf::ValueType::get(builder.getContext(), {builder.getStringAttr(name)},
                          {indices.lookup(name)}, dsf::Kind::Real);
  return dsf::IndexOp::create(builder, loc, type);
}

Value RegionBuilder::getArray(StringRef name, llvm::SMLoc loc) {
  if (Value array = arrays.lookup(name))
    return array;
  Value &get = gets[name];
  if (!get)
    get = createAtEntry<dsf::GetOp>(context.getLoc(loc),
                                    mlir::Type(context.fields.lookup(name)),
                                    name, /*next=*/false);
  return get;
}

Value RegionBuilder::getInverse(Value matrix, Location loc) {
  for (mlir::Operation *user : matrix.getUsers())
    if (auto known = llvm::dyn_cast<dsf::InverseOp>(user))
      if (known->getBlock() == builder.getInsertionBlock())
        return known;
  auto type = mlir::cast<dsf::PositionalType>(matrix.getType());
  auto result = dsf::ArrayType::get(builder.getContext(), type.getExtents(),
                                    type.getKind());
  return dsf::InverseOp::create(builder, loc, result, matrix);
}

Value RegionBuilder::getExtent(StringRef dim, llvm::SMLoc loc) {
  Value &extent = extents[dim];
  if (!extent)
    extent = createAtEntry<dsf::ExtentOp>(context.getLoc(loc),
                                          builder.getIndexType(), dim);
  return extent;
}

Value RegionBuilder::pack(Value value, const std::vector<IndexVar> &indices,
                          dsf::Kind kind, Location loc) {
  llvm::SmallVector<mlir::Attribute> shape;
  for (const IndexVar &index : indices)
    shape.push_back(context.getExtent(index.extent));
  auto type = dsf::ArrayType::get(builder.getContext(), shape, kind);
  return dsf::PackOp::create(builder, loc, type, value,
                             context.getLabels(indices));
}

Value RegionBuilder::readAll(Value array, mlir::ArrayAttr labels,
                             Location loc) {
  auto type = mlir::cast<dsf::PositionalType>(array.getType());
  auto names = llvm::to_vector(labels.getAsRange<mlir::StringAttr>());
  auto value = dsf::ValueType::get(builder.getContext(), names,
                                   type.getExtents(), type.getKind());
  auto map = builder.getMultiDimIdentityMap(names.size());
  return builder.createOrFold<dsf::ReadOp>(loc, value, array,
                                           mlir::ValueRange(), map);
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

Value RegionBuilder::buildWith(const std::vector<IndexVar> &outer,
                               const Expr &expr) {
  for (const IndexVar &index : outer)
    if (!index.name.text.empty())
      indices[index.name.text] = context.getExtent(index.extent);
  Value value = build(expr);
  for (const IndexVar &index : outer)
    indices.erase(index.name.text);
  return value;
}

Value RegionBuilder::build(const Expr &expr) {
  switch (expr.getKind()) {
  case Expr::Kind::Number:
    return constant(llvm::cast<NumberExpr>(expr).value,
                    context.getLoc(expr.loc));
  case Expr::Kind::Name:
    return buildName(llvm::cast<NameExpr>(expr));
  case Expr::Kind::Read: {
    const auto &read = llvm::cast<ReadExpr>(expr);
    llvm::SmallVector<const Expr *> subscripts;
    for (const ExprPtr &subscript : read.subscripts)
      subscripts.push_back(subscript.get());
    return buildRead(getArray(read.name.text, expr.loc), subscripts, expr.loc);
  }
  case Expr::Kind::Delay: {
    const auto &delay = llvm::cast<DelayExpr>(expr);
    llvm::SmallVector<const Expr *> subscripts{delay.steps.get()};
    for (const ExprPtr &subscript : delay.subscripts)
      subscripts.push_back(subscript.get());
    Value array = shifted.lookup(context.histories.of.lookup(&delay));
    return buildRead(array, subscripts, expr.loc);
  }
  case Expr::Kind::Inverse: {
    const auto &inverse = llvm::cast<InverseExpr>(expr);
    llvm::SmallVector<const Expr *> subscripts;
    for (const ExprPtr &subscript : inverse.subscripts)
      subscripts.push_back(subscript.get());
    return buildRead(getInverse(getArray(inverse.name.text, expr.loc),
                                context.getLoc(expr.loc)),
                     subscripts, expr.loc);
  }
  case Expr::Kind::Call:
    return buildCall(llvm::cast<CallExpr>(expr));
  case Expr::Kind::Unary:
    return buildUnary(llvm::cast<UnaryExpr>(expr));
  case Expr::Kind::Binary:
    return buildBinary(llvm::cast<BinaryExpr>(expr));
  case Expr::Kind::Reduce:
    return buildReduce(llvm::cast<ReduceExpr>(expr));
  }
  llvm_unreachable("unknown expression");
}

Value RegionBuilder::buildName(const NameExpr &name) {
  Location loc = context.getLoc(name.loc);
  if (indices.contains(name.name))
    return index(name.name, loc);
  if (Value var = loopVars.lookup(name.name))
    return dsf::NumberOp::create(builder, loc, var);
  if (context.dims.contains(name.name))
    return dsf::NumberOp::create(builder, loc, getExtent(name.name, name.loc));
  if (name.name == "t")
    return dsf::TimeOp::create(builder, loc);
  if (name.name == "head")
    return dsf::HeadOp::create(builder, loc);
  if (name.name == "heads")
    return dsf::HeadsOp::create(builder, loc);
  if (std::optional<double> value = evaluateConstant(name))
    return constant(*value, loc);
  return buildRead(getArray(name.name, name.loc), {}, name.loc);
}

Value RegionBuilder::buildUnary(const UnaryExpr &unary) {
  Location loc = context.getLoc(unary.loc);
  if (unary.op == UnaryOp::Not)
    return dsf::UnaryOp::create(builder, loc, UnaryKind::Not,
                                build(*unary.operand));
  // -1 and -inf are constants.
  if (llvm::isa<NumberExpr, NameExpr>(*unary.operand))
    if (std::optional<double> value = evaluateConstant(unary))
      return constant(*value, loc);
  return dsf::UnaryOp::create(builder, loc, UnaryKind::Neg,
                              build(*unary.operand));
}

static BinaryKind getKind(ast::BinaryOp op) {
  switch (op) {
  case ast::BinaryOp::Or:
    return BinaryKind::Or;
  case ast::BinaryOp::And:
    return BinaryKind::And;
  case ast::BinaryOp::Equal:
    return BinaryKind::Eq;
  case ast::BinaryOp::NotEqual:
    return BinaryKind::Ne;
  case ast::BinaryOp::Less:
    return BinaryKind::Lt;
  case ast::BinaryOp::LessEqual:
    return BinaryKind::Le;
  case ast::BinaryOp::Greater:
    return BinaryKind::Gt;
  case ast::BinaryOp::GreaterEqual:
    return BinaryKind::Ge;
  case ast::BinaryOp::Add:
    return BinaryKind::Add;
  case ast::BinaryOp::Sub:
    return BinaryKind::Sub;
  case ast::BinaryOp::Mul:
    return BinaryKind::Mul;
  case ast::BinaryOp::Div:
    return BinaryKind::Div;
  case ast::BinaryOp::Rem:
    return BinaryKind::Rem;
  case ast::BinaryOp::Pow:
    return BinaryKind::Pow;
  }
  llvm_unreachable("unknown operator");
}

Value RegionBuilder::buildBinary(const BinaryExpr &expr) {
  Value lhs = build(*expr.lhs);
  Value rhs = build(*expr.rhs);
  return binary(getKind(expr.op), lhs, rhs, context.getLoc(expr.loc));
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// Makes a value depend on an index that it is the same for: value + 0 * i.
Value RegionBuilder::addLabel(Value value, StringRef label, Location loc) {
  if (typeOf(value).getPosition(builder.getStringAttr(label)) >= 0)
    return value;
  Value zero =
      binary(BinaryKind::Mul, index(label, loc), constant(0, loc), loc);
  return binary(BinaryKind::Add, value, zero, loc);
}

static dsf::ReduceKind getKind(ReduceOp op) {
  switch (op) {
  case ReduceOp::Sum:
    return dsf::ReduceKind::Sum;
  case ReduceOp::Prod:
    return dsf::ReduceKind::Prod;
  case ReduceOp::Max:
    return dsf::ReduceKind::Max;
  case ReduceOp::Min:
    return dsf::ReduceKind::Min;
  }
  llvm_unreachable("unknown reduction");
}

Value RegionBuilder::buildReduce(const ReduceExpr &reduce) {
  Location loc = context.getLoc(reduce.loc);
  for (const IndexVar &index : reduce.indices)
    indices[index.name.text] = context.getExtent(index.extent);
  Value body = build(*reduce.body);
  for (const IndexVar &index : reduce.indices)
    body = addLabel(body, index.name.text, loc);
  for (const IndexVar &index : reduce.indices)
    indices.erase(index.name.text);
  return dsf::ReduceOp::create(builder, loc, getKind(reduce.op), body,
                               context.getLabels(reduce.indices));
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static std::optional<UnaryKind> getUnaryKind(StringRef name) {
  return llvm::StringSwitch<std::optional<UnaryKind>>(name)
#define LRC_UNARY(SPELLING, KIND, TYPING) .Case(SPELLING, UnaryKind::KIND)
#include "lib/Frontend/Functions.def"
      .Default(std::nullopt);
}

static std::optional<BinaryKind> getBinaryKind(StringRef name) {
  return llvm::StringSwitch<std::optional<BinaryKind>>(name)
#define LRC_BINARY(SPELLING, KIND, TYPING) .Case(SPELLING, BinaryKind::KIND)
#include "lib/Frontend/Functions.def"
      .Default(std::nullopt);
}

Value RegionBuilder::buildCall(const CallExpr &call) {
  Location loc = context.getLoc(call.loc);
  llvm::SmallVector<Value, 3> arguments;
  for (const ExprPtr &argument : call.arguments)
    arguments.push_back(build(*argument));
  StringRef name = call.callee.text;
  if (std::optional<UnaryKind> kind = getUnaryKind(name))
    return dsf::UnaryOp::create(builder, loc, *kind, arguments[0]);
  if (std::optional<BinaryKind> kind = getBinaryKind(name))
    return binary(*kind, arguments[0], arguments[1], loc);
  if (name == "select")
    return dsf::SelectOp::create(builder, loc, arguments[0], arguments[1],
                                 arguments[2]);
  assert(name == "clip" && "function without ops");
  Value raised = binary(BinaryKind::Max, arguments[0], arguments[1], loc);
  return binary(BinaryKind::Min, raised, arguments[2], loc);
}
