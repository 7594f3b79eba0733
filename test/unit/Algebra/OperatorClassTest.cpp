//===- OperatorClassTest.cpp - Laws of the classes of operators -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/OperatorClass.h"

#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace lrc;

/// Every class of small rank. `flags`: with every variation and kind of number.
static std::vector<OperatorClass> listClasses(bool flags, bool rings) {
  std::vector<OperatorClass> list;
  for (int diagonal = 0; diagonal <= int(Diagonal::Elementwise); ++diagonal)
    for (unsigned rank : {0u, 1u, 2u, OperatorClass::dense})
      for (int variation = 0; variation <= (flags ? 2 : 0); ++variation)
        for (bool complex : {false, true})
          for (int ring = 0; ring <= (rings ? int(Ring::Nonlinear) : 0);
               ++ring) {
            if (complex && !flags)
              continue;
            OperatorClass cls(Diagonal(diagonal), rank, Variation(variation),
                              complex, Ring(ring));
            if (!llvm::is_contained(list, cls))
              list.push_back(cls);
          }
  return list;
}

static std::string text(const OperatorClass &cls) {
  return cls.spell() + (cls.isComplex() ? " C" : "");
}

TEST(OperatorClass, inclusionIsAnOrder) {
  std::vector<OperatorClass> all = listClasses(true, true);
  for (const OperatorClass &a : all) {
    EXPECT_TRUE(a <= a) << text(a);
    EXPECT_TRUE(OperatorClass::zero() <= a) << text(a);
    for (const OperatorClass &b : all) {
      if (a <= b && b <= a)
        EXPECT_EQ(a, b) << text(a) << " | " << text(b);
    }
  }
  std::vector<OperatorClass> few = listClasses(false, true);
  for (const OperatorClass &a : few)
    for (const OperatorClass &b : few)
      for (const OperatorClass &c : few)
        if (a <= b && b <= c)
          EXPECT_TRUE(a <= c)
              << text(a) << " | " << text(b) << " | " << text(c);
}

TEST(OperatorClass, joinIsTheLeastUpperBound) {
  std::vector<OperatorClass> all = listClasses(false, true);
  for (const OperatorClass &a : all)
    for (const OperatorClass &b : all) {
      OperatorClass ab = OperatorClass::join(a, b);
      EXPECT_EQ(ab, OperatorClass::join(b, a)) << text(a) << " | " << text(b);
      EXPECT_TRUE(a <= ab && b <= ab) << text(a) << " | " << text(b);
      if (a <= b)
        EXPECT_EQ(ab, b) << text(a) << " | " << text(b);
      for (const OperatorClass &c : all)
        if (a <= c && b <= c)
          EXPECT_TRUE(ab <= c)
              << text(a) << " | " << text(b) << " | " << text(c);
    }
}

TEST(OperatorClass, sums) {
  std::vector<OperatorClass> all = listClasses(true, true);
  for (const OperatorClass &a : all) {
    EXPECT_EQ(a + OperatorClass::zero(), a) << text(a);
    for (const OperatorClass &b : all) {
      EXPECT_EQ(a + b, b + a) << text(a) << " | " << text(b);
      // What a sum includes, each part includes: 0 is in every class.
      if (a.isLinear() && b.isLinear())
        EXPECT_TRUE(a <= a + b) << text(a) << " | " << text(b);
    }
    if (a.isLinear())
      EXPECT_EQ(a + OperatorClass::makeDense(),
                OperatorClass(Diagonal::Elementwise, OperatorClass::dense,
                              a.getVariation(), a.isComplex()));
  }
  std::vector<OperatorClass> few = listClasses(false, true);
  for (const OperatorClass &a : few)
    for (const OperatorClass &b : few)
      for (const OperatorClass &c : few)
        EXPECT_EQ((a + b) + c, a + (b + c))
            << text(a) << " | " << text(b) << " | " << text(c);
}

/// Scalars, and diagonals of one kind of axis, are closed under sums; the
/// identity is not (1 + 1 = 2), nor are products of axes, nor ranks.
TEST(OperatorClass, sumsThatAreIdempotent) {
  for (Diagonal diagonal : {Diagonal::Zero, Diagonal::Scalar, Diagonal::Keys,
                            Diagonal::Values, Diagonal::Elementwise}) {
    OperatorClass a(diagonal);
    EXPECT_EQ(a + a, a) << text(a);
  }
  EXPECT_EQ(OperatorClass::identity() + OperatorClass::identity(),
            OperatorClass(Diagonal::Scalar));
  EXPECT_EQ(OperatorClass(Diagonal::Product) + OperatorClass(Diagonal::Product),
            OperatorClass(Diagonal::Elementwise));
  EXPECT_EQ(OperatorClass(Diagonal::Keys) + OperatorClass(Diagonal::Values),
            OperatorClass(Diagonal::Elementwise));
  OperatorClass delta(Diagonal::Identity, 1);
  EXPECT_EQ(delta + delta, OperatorClass(Diagonal::Scalar, 2));
  EXPECT_EQ(OperatorClass::makeDense() + OperatorClass::makeDense(),
            OperatorClass::makeDense());
}

TEST(OperatorClass, products) {
  OperatorClass one = OperatorClass::identity();
  std::vector<OperatorClass> all = listClasses(true, true);
  for (const OperatorClass &a : all) {
    EXPECT_EQ(a * one, a) << text(a);
    EXPECT_EQ(one * a, a) << text(a);
    EXPECT_TRUE((a * OperatorClass::zero()).isZero()) << text(a);
    EXPECT_TRUE((OperatorClass::zero() * a).isZero()) << text(a);
  }
  std::vector<OperatorClass> few = listClasses(false, true);
  for (const OperatorClass &a : few)
    for (const OperatorClass &b : few)
      for (const OperatorClass &c : few) {
        if (a.isLinear() && b.isLinear() && c.isLinear())
          EXPECT_EQ((a * b) * c, a * (b * c))
              << text(a) << " | " << text(b) << " | " << text(c);
        // (b + c) is in fewer classes than both products together.
        if (a.isLinear() && b.isLinear() && c.isLinear())
          EXPECT_TRUE(a * (b + c) <= a * b + a * c)
              << text(a) << " | " << text(b) << " | " << text(c);
      }
}

TEST(OperatorClass, ranks) {
  OperatorClass delta(Diagonal::Identity, 1);
  OperatorClass decay(Diagonal::Keys);
  OperatorClass low(Diagonal::Zero, 2);
  // Two Householder steps, and a decay before them.
  EXPECT_EQ(delta * delta, OperatorClass(Diagonal::Identity, 2));
  EXPECT_EQ(delta * decay, OperatorClass(Diagonal::Keys, 1));
  EXPECT_EQ(delta * delta * decay, OperatorClass(Diagonal::Keys, 2));
  // A product has at most the rank of each factor.
  EXPECT_EQ(low * OperatorClass(Diagonal::Zero, 1),
            OperatorClass(Diagonal::Zero, 1));
  EXPECT_EQ(low * OperatorClass::makeDense(), low);
  EXPECT_EQ(OperatorClass::makeDense() * low, low);
  EXPECT_EQ(low * delta, low);
  EXPECT_EQ(low + low, OperatorClass(Diagonal::Zero, 4));
}

TEST(OperatorClass, sumAndProductAreMonotone) {
  std::vector<OperatorClass> few = listClasses(false, true);
  for (const OperatorClass &a : few)
    for (const OperatorClass &b : few) {
      if (!(a <= b))
        continue;
      for (const OperatorClass &c : few) {
        EXPECT_TRUE(a + c <= b + c)
            << text(a) << " | " << text(b) << " | " << text(c);
        EXPECT_TRUE(a * c <= b * c)
            << text(a) << " | " << text(b) << " | " << text(c);
        EXPECT_TRUE(c * a <= c * b)
            << text(a) << " | " << text(b) << " | " << text(c);
      }
    }
}

TEST(OperatorClass, whatChunksOfProductsCanRun) {
  EXPECT_TRUE(OperatorClass(Diagonal::Product).isDiagonalPlusLowRank());
  EXPECT_TRUE(OperatorClass(Diagonal::Keys, 3).isDiagonalPlusLowRank());
  EXPECT_FALSE(OperatorClass(Diagonal::Elementwise).isDiagonalPlusLowRank());
  EXPECT_FALSE(OperatorClass(Diagonal::Values, 1).isDiagonalPlusLowRank());
  EXPECT_FALSE(OperatorClass::makeDense().isDiagonalPlusLowRank());
  EXPECT_FALSE(OperatorClass(Diagonal::Scalar, 0, Variation::Input, false,
                             Ring::Nonlinear)
                   .isDiagonalPlusLowRank());
}

TEST(OperatorClass, otherArithmetics) {
  auto make = [](Diagonal diagonal, Ring ring, unsigned rank = 0) {
    return OperatorClass(diagonal, rank, Variation::Input, false, ring);
  };
  OperatorClass max = make(Diagonal::Identity, Ring::MaxPlus);
  EXPECT_EQ(max.getRing(), Ring::MaxPlus);
  EXPECT_EQ(max * max, max);
  // max(a h + b, c) is clamped; a sum of it and h is no longer.
  EXPECT_EQ(make(Diagonal::Scalar, Ring::MaxPlus).getRing(), Ring::Clamped);
  EXPECT_EQ(OperatorClass(Diagonal::Scalar) * max,
            make(Diagonal::Scalar, Ring::Clamped));
  EXPECT_EQ((max + OperatorClass::identity()).getRing(), Ring::Nonlinear);
  EXPECT_EQ(joinRings(Ring::MaxPlus, Ring::MinPlus), Ring::Clamped);
  EXPECT_EQ(joinRings(Ring::MaxPlus, Ring::LogPlus), Ring::Nonlinear);
  // Matrices over (max, +), as in Viterbi's algorithm.
  OperatorClass viterbi =
      make(Diagonal::Elementwise, Ring::MaxPlus, OperatorClass::dense);
  EXPECT_EQ(viterbi * viterbi, viterbi);
}

TEST(BlockClass, behavesLikeMatrices) {
  std::mt19937 bits(1);
  std::vector<OperatorClass> few;
  for (const OperatorClass &cls : listClasses(false, false))
    few.push_back(cls);
  auto draw = [&] {
    BlockClass block(2);
    for (unsigned i = 0; i < 4; ++i)
      block.at(i / 2, i % 2) = few[bits() % few.size()];
    return block;
  };
  for (int i = 0; i < 300; ++i) {
    BlockClass a = draw(), b = draw(), c = draw();
    EXPECT_TRUE(a + b == b + a);
    EXPECT_TRUE((a + b) + c == a + (b + c));
    EXPECT_TRUE(a * BlockClass::identity(2) == a);
    EXPECT_TRUE(BlockClass::identity(2) * a == a);
    EXPECT_TRUE(a * (b + c) <= a * b + a * c);
    EXPECT_TRUE(a.at(0, 1) <= a.join());
  }
}

/// Random matrices of two classes: their sum and product are in the class that
/// the algebra says. Keys are rows of a 3 x 2 state, stored row by row.
namespace {
constexpr int keys = 3, values = 2, size = keys * values;
using Matrix = std::vector<double>;

struct Sample {
  std::mt19937 bits{7};
  double draw() { return std::uniform_real_distribution<double>(0.5, 2)(bits); }

  Matrix make(const OperatorClass &cls) {
    Matrix m(size * size, 0);
    double scalar = draw(), row[keys], column[values];
    for (double &x : row)
      x = draw();
    for (double &x : column)
      x = draw();
    for (int i = 0; i < size; ++i) {
      double factors[] = {0,
                          1,
                          scalar,
                          row[i / values],
                          column[i % values],
                          row[i / values] * column[i % values],
                          draw()};
      m[i * size + i] = factors[int(cls.getDiagonal())];
    }
    for (unsigned r = 0; r < cls.getRank() && !cls.isDense(); ++r) {
      double u[keys], w[keys];
      for (int i = 0; i < keys; ++i)
        u[i] = draw(), w[i] = draw();
      for (int i = 0; i < keys; ++i)
        for (int l = 0; l < keys; ++l)
          for (int j = 0; j < values; ++j)
            m[(i * values + j) * size + l * values + j] += u[i] * w[l];
    }
    return m;
  }
};
} // namespace

/// The diagonal part of a matrix of rank 0, as narrow as it is.
static bool isDiagonal(const Matrix &m, Diagonal diagonal) {
  auto near = [](double a, double b) { return std::abs(a - b) < 1e-9; };
  for (int i = 0; i < size; ++i)
    for (int k = 0; k < size; ++k)
      if (i != k && !near(m[i * size + k], 0))
        return false;
  auto at = [&](int i, int j) { return m[(i * values + j) * (size + 1)]; };
  for (int i = 0; i < keys; ++i)
    for (int j = 0; j < values; ++j) {
      double x = at(i, j);
      bool fits = true;
      switch (diagonal) {
      case Diagonal::Zero:
        fits = near(x, 0);
        break;
      case Diagonal::Identity:
        fits = near(x, 1);
        break;
      case Diagonal::Scalar:
        fits = near(x, at(0, 0));
        break;
      case Diagonal::Keys:
        fits = near(x, at(i, 0));
        break;
      case Diagonal::Values:
        fits = near(x, at(0, j));
        break;
      case Diagonal::Product:
        fits = near(x * at(0, 0), at(i, 0) * at(0, j));
        break;
      case Diagonal::Elementwise:
        break;
      }
      if (!fits)
        return false;
    }
  return true;
}

TEST(OperatorClass, diagonalsOfRandomMatrices) {
  Sample sample;
  for (int a = 0; a <= int(Diagonal::Elementwise); ++a)
    for (int b = 0; b <= int(Diagonal::Elementwise); ++b) {
      OperatorClass x{Diagonal(a)}, y{Diagonal(b)};
      Matrix f = sample.make(x), g = sample.make(y), sum = f, product = f;
      for (int i = 0; i < size * size; ++i)
        sum[i] += g[i];
      for (int i = 0; i < size; ++i)
        for (int k = 0; k < size; ++k) {
          double total = 0;
          for (int l = 0; l < size; ++l)
            total += f[i * size + l] * g[l * size + k];
          product[i * size + k] = total;
        }
      EXPECT_TRUE(isDiagonal(sum, (x + y).getDiagonal()))
          << text(x) << " + " << text(y);
      EXPECT_TRUE(isDiagonal(product, (x * y).getDiagonal()))
          << text(x) << " * " << text(y);
    }
}
