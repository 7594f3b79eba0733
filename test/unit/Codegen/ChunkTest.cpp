//===- ChunkTest.cpp - Kernels with loops over chunks ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Codegen/RowOpsFixture.h"

using namespace lrc;
using namespace lrc::test;

template <typename T> class Chunks : public RowOpsFixture<T> {};
TYPED_TEST_SUITE(Chunks, Elements);

//===----------------------------------------------------------------------===//
// tile.product
//===----------------------------------------------------------------------===//

/// S' = a S + k^T v in place, o = q S + tril(q k^T) v: chunks of linear
/// attention, then the steps that are left.
static const char *attention = R"(
#ti = affine_map<(t, i, j) -> (t, i)>
#ij = affine_map<(t, i, j) -> (i, j)>
#tj = affine_map<(t, i, j) -> (t, j)>
#bi = affine_map<(i, j) -> (i)>
#bj = affine_map<(i, j) -> (j)>
tile.kernel @kernel blocks $B (input "q" %q_ref: !tile.ref<$Kx$F>,
                               input "k" %k_ref: !tile.ref<$Kx$F>,
                               input "v" %v_ref: !tile.ref<$Nx$F>,
                               initial "S" %s_ref: !tile.ref<$Kx$Nx$F>,
                               output "o" %o: !tile.ref<$Nx$F>,
                               final "S" %s_out: !tile.ref<$Kx$Nx$F>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %chunk = arith.constant $C : index
  %steps = tile.steps
  %rest = arith.remsi %steps, %chunk : index
  %whole = arith.subi %steps, %rest : index
  %half = arith.constant dense<0.5> : tensor<$Kx$Vx$F>
  %start = tile.load %s_ref lanes 1 : !tile.ref<$Kx$Nx$F> -> tensor<$Kx$Vx$F>
  %mid = scf.for %t = %c0 to %whole step %chunk iter_args(%s = %start) -> (tensor<$Kx$Vx$F>) {
    %q = tile.load %q_ref at %t rows : !tile.ref<$Kx$F> -> tensor<$Cx$Kx$F>
    %k = tile.load %k_ref at %t rows : !tile.ref<$Kx$F> -> tensor<$Cx$Kx$F>
    %v = tile.load %v_ref at %t rows lanes 0 : !tile.ref<$Nx$F> -> tensor<$Cx$Vx$F>
    %a = tile.decayed_product %q, %k : tensor<$Cx$Kx$F> -> tensor<$Cx$Cx$F>
    %own = tile.product %q, %k maps [affine_map<(t, i) -> (t, i)>, affine_map<(t, i) -> (t, i)>, affine_map<(t, i) -> (t)>]
        : tensor<$Cx$Kx$F>, tensor<$Cx$Kx$F> -> tensor<$Cx$F>
    %ownb = tile.access %own by #bi : tensor<$Cx$F> -> tensor<$Cx$Vx$F>
    %first = arith.mulf %ownb, %v : tensor<$Cx$Vx$F>
    %past = tile.product %q, %s init %first maps [#ti, #ij, #tj] : tensor<$Cx$Kx$F>, tensor<$Kx$Vx$F> -> tensor<$Cx$Vx$F>
    %o1 = tile.product %a, %v init %past maps [#ti, #ij, #tj] strictly_lower : tensor<$Cx$Cx$F>, tensor<$Cx$Vx$F> -> tensor<$Cx$Vx$F>
    %two = arith.constant dense<2.0> : tensor<$Cx$Vx$F>
    %o2 = arith.mulf %two, %o1 : tensor<$Cx$Vx$F>
    tile.store %o2, %o at %t rows lanes 0 : tensor<$Cx$Vx$F>, !tile.ref<$Nx$F>
    %n = tile.product %k, %v init %s maps [affine_map<(t, i, j) -> (t, i)>, #tj, #ij] : tensor<$Cx$Kx$F>, tensor<$Cx$Vx$F> -> tensor<$Kx$Vx$F>
    scf.yield %n : tensor<$Kx$Vx$F>
  }
  %end = scf.for %t = %whole to %steps step %c1 iter_args(%s = %mid) -> (tensor<$Kx$Vx$F>) {
    %q = tile.load %q_ref at %t : !tile.ref<$Kx$F> -> tensor<$Kx$F>
    %k = tile.load %k_ref at %t : !tile.ref<$Kx$F> -> tensor<$Kx$F>
    %v = tile.load %v_ref at %t lanes 0 : !tile.ref<$Nx$F> -> tensor<$Vx$F>
    %kb = tile.access %k by #bi : tensor<$Kx$F> -> tensor<$Kx$Vx$F>
    %vb = tile.access %v by #bj : tensor<$Vx$F> -> tensor<$Kx$Vx$F>
    %kv = arith.mulf %kb, %vb : tensor<$Kx$Vx$F>
    %n = arith.addf %s, %kv : tensor<$Kx$Vx$F>
    %qb = tile.access %q by #bi : tensor<$Kx$F> -> tensor<$Kx$Vx$F>
    %qs = arith.mulf %qb, %n : tensor<$Kx$Vx$F>
    %o1 = tile.reduce sum %qs over [0] : tensor<$Kx$Vx$F> -> tensor<$Vx$F>
    %two = arith.constant dense<2.0> : tensor<$Vx$F>
    %o2 = arith.mulf %two, %o1 : tensor<$Vx$F>
    tile.store %o2, %o at %t lanes 0 : tensor<$Vx$F>, !tile.ref<$Nx$F>
    scf.yield %n : tensor<$Kx$Vx$F>
  }
  tile.store %end, %s_out lanes 1 : tensor<$Kx$Vx$F>, !tile.ref<$Kx$Nx$F>
})";

TYPED_TEST(Chunks, LinearAttentionAndItsRest) {
  struct Case {
    int64_t rows, keys, values, lanes, steps;
  };
  for (auto [rows, keys, values, lanes, steps] :
       {Case{4, 3, 5, 5, 11}, Case{8, 16, 64, 64, 16}, Case{5, 9, 40, 24, 13},
        Case{16, 33, 17, 17, 40}, Case{3, 1, 1, 1, 8},
        Case{32, 8, 48, 48, 5}}) {
    auto q = this->random(steps, keys);
    auto k = this->random(steps, keys);
    auto v = this->random(steps, values);
    auto s = this->random(keys, values, false);
    std::vector<double> state(s.values.begin(), s.values.end());
    std::vector<double> o(steps * values);
    for (int64_t t = 0; t < steps; ++t)
      for (int64_t i = 0; i < keys; ++i)
        for (int64_t j = 0; j < values; ++j) {
          state[i * values + j] +=
              double(k.values[t * keys + i]) * v.values[t * values + j];
          o[t * values + j] +=
              2 * q.values[t * keys + i] * state[i * values + j];
        }
    this->blocks = (values + lanes - 1) / lanes;
    this->check(attention,
                {{"C", str(rows)},
                 {"K", str(keys)},
                 {"N", str(values)},
                 {"V", str(lanes)},
                 {"B", str(this->blocks)}},
                steps,
                {q, k, v, s, this->output(steps, values),
                 this->output(keys, values, false)},
                {o, state});
  }
}

/// o[t,n] = sum_{i,l} x[t,i,l] w[n,i,l], w where it lies; p[t,s] = x x^T.
static const char *projections = R"(
    %x = tile.load %x_ref at %t rows : !tile.ref<$Ix$Lx$F> -> tensor<$Cx$Ix$Lx$F>
    %w = tile.load %w_ref : !tile.ref<$Nx$Ix$Lx$F> -> tensor<$Nx$Ix$Lx$F>
    %y = tile.product %x, %w maps [affine_map<(t, n, i, l) -> (t, i, l)>, affine_map<(t, n, i, l) -> (n, i, l)>, affine_map<(t, n, i, l) -> (t, n)>]
        : tensor<$Cx$Ix$Lx$F>, tensor<$Nx$Ix$Lx$F> -> tensor<$Cx$Nx$F>
    tile.store %y, %o at %t rows : tensor<$Cx$Nx$F>, !tile.ref<$Nx$F>
    %z = tile.access %x by affine_map<(i, l, t) -> (t, i, l)> : tensor<$Cx$Ix$Lx$F> -> tensor<$Ix$Lx$Cx$F>
    %g = tile.product %z, %x maps [affine_map<(t, s, i, l) -> (i, l, t)>, affine_map<(t, s, i, l) -> (s, i, l)>, affine_map<(t, s, i, l) -> (t, s)>]
        : tensor<$Ix$Lx$Cx$F>, tensor<$Cx$Ix$Lx$F> -> tensor<$Cx$Cx$F>
    tile.store %g, %p at %t rows : tensor<$Cx$Cx$F>, !tile.ref<$Cx$F>)";

TYPED_TEST(Chunks, ProjectionsOverTwoAxes) {
  for (auto [rows, first, second, size] : {std::array<int64_t, 4>{4, 3, 5, 7},
                                           {8, 2, 16, 32},
                                           {3, 1, 9, 1},
                                           {1, 4, 4, 20}}) {
    int64_t steps = 2 * rows;
    int64_t sums = first * second;
    auto x = this->random(steps, sums);
    auto w = this->random(size, sums, false);
    std::vector<double> o(steps * size);
    std::vector<double> p(steps * rows);
    for (int64_t t = 0; t < steps; ++t)
      for (int64_t i = 0; i < sums; ++i) {
        double xt = x.values[t * sums + i];
        for (int64_t n = 0; n < size; ++n)
          o[t * size + n] += xt * w.values[n * sums + i];
        for (int64_t s = 0; s < rows; ++s)
          p[t * rows + s] += xt * x.values[(t / rows * rows + s) * sums + i];
      }
    this->check(
        loopOver("input \"x\" %x_ref: !tile.ref<$Ix$Lx$F>, param \"w\" %w_ref: "
                 "!tile.ref<$Nx$Ix$Lx$F>, output \"o\" %o: !tile.ref<$Nx$F>, "
                 "output \"p\" %p: !tile.ref<$Cx$F>",
                 projections),
        {{"C", str(rows)},
         {"I", str(first)},
         {"L", str(second)},
         {"N", str(size)}},
        steps, {x, w, this->output(steps, size), this->output(steps, rows)},
        {o, p});
  }
}

//===----------------------------------------------------------------------===//
// tile.scan, tile.previous, tile.window, tile.interleave
//===----------------------------------------------------------------------===//

/// h = a h + x and m = max(m, h), with what the rows before were.
static const char *scans = R"(
tile.kernel @kernel blocks 1 (input "a" %a_ref: !tile.ref<$Dx$F>,
                              input "x" %x_ref: !tile.ref<$Dx$F>,
                              output "h" %h_ref: !tile.ref<$Dx$F>,
                              output "p" %p_ref: !tile.ref<$Dx$F>,
                              output "w" %w_ref: !tile.ref<$Dx$F>,
                              output "m" %m_ref: !tile.ref<$Dx$F>,
                              output "b" %b_ref: !tile.ref<$Dx$F>,
                              final "h" %f_ref: !tile.ref<$Dx$F>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %chunk = arith.constant $C : index
  %steps = tile.steps
  %zero = arith.constant dense<0.0> : tensor<$Dx$F>
  %past = arith.constant dense<0.0> : tensor<3x$Dx$F>
  %last = arith.subi %steps, %c1 : index
  %end:3 = scf.for %t = %c0 to %steps step %chunk iter_args(%h0 = %zero, %m0 = %zero, %d0 = %past)
      -> (tensor<$Dx$F>, tensor<$Dx$F>, tensor<3x$Dx$F>) {
    %a = tile.load %a_ref at %t rows : !tile.ref<$Dx$F> -> tensor<$Cx$Dx$F>
    %back = arith.subi %last, %t : index
    %x = tile.load %x_ref at %back rows backwards : !tile.ref<$Dx$F> -> tensor<$Cx$Dx$F>
    %h:2 = tile.scan (%hs = %h0, %ms = %m0) rows (%ar = %a, %xr = %x)
        : (tensor<$Dx$F>, tensor<$Dx$F>, tensor<$Cx$Dx$F>, tensor<$Cx$Dx$F>) -> (tensor<$Cx$Dx$F>, tensor<$Cx$Dx$F>) {
      %p = arith.mulf %ar, %hs : tensor<$Dx$F>
      %n = arith.addf %p, %xr : tensor<$Dx$F>
      %mx = arith.maximumf %ms, %n : tensor<$Dx$F>
      tile.yield %n, %mx : tensor<$Dx$F>, tensor<$Dx$F>
    }
    tile.store %h#0, %h_ref at %t rows : tensor<$Cx$Dx$F>, !tile.ref<$Dx$F>
    tile.store %h#1, %m_ref at %t rows : tensor<$Cx$Dx$F>, !tile.ref<$Dx$F>
    %p = tile.previous %h#0, %h0 : tensor<$Cx$Dx$F>, tensor<$Dx$F>
    tile.store %p, %p_ref at %t rows : tensor<$Cx$Dx$F>, !tile.ref<$Dx$F>
    %w = tile.window %d0, %x : tensor<3x$Dx$F>, tensor<$Cx$Dx$F> -> tensor<$Cx3x$Dx$F>
    %w2 = tile.access %w by affine_map<(c, d) -> (c, 2, d)> : tensor<$Cx3x$Dx$F> -> tensor<$Cx$Dx$F>
    tile.store %w2, %w_ref at %t rows : tensor<$Cx$Dx$F>, !tile.ref<$Dx$F>
    %b = tile.scan (%bs = %zero) rows (%xr = %x) backwards : (tensor<$Dx$F>, tensor<$Cx$Dx$F>) -> tensor<$Cx$Dx$F> {
      %n = arith.addf %bs, %xr : tensor<$Dx$F>
      tile.yield %n : tensor<$Dx$F>
    }
    tile.store %b, %b_ref at %t rows : tensor<$Cx$Dx$F>, !tile.ref<$Dx$F>
    %hn = tile.access %h#0 by affine_map<(d) -> ($Z, d)> : tensor<$Cx$Dx$F> -> tensor<$Dx$F>
    %mn = tile.access %h#1 by affine_map<(d) -> ($Z, d)> : tensor<$Cx$Dx$F> -> tensor<$Dx$F>
    %dn = tile.access %w by affine_map<(m, d) -> ($Z, m, d)> : tensor<$Cx3x$Dx$F> -> tensor<3x$Dx$F>
    scf.yield %hn, %mn, %dn : tensor<$Dx$F>, tensor<$Dx$F>, tensor<3x$Dx$F>
  }
  tile.store %end#0, %f_ref : tensor<$Dx$F>, !tile.ref<$Dx$F>
})";

TYPED_TEST(Chunks, ScansAndWhatWasBefore) {
  for (auto shape : std::vector<std::pair<int64_t, int64_t>>{
           {1, 3}, {2, 16}, {5, 1}, {8, 40}, {16, 65}}) {
    int64_t rows = shape.first;
    int64_t size = shape.second;
    int64_t steps = 3 * rows;
    auto a = this->decays(steps, size);
    auto x = this->random(steps, size);
    std::vector<double> h(steps * size), p(steps * size), w(steps * size),
        m(steps * size), b(steps * size), last(size);
    for (int64_t d = 0; d < size; ++d) {
      auto xAt = [&](int64_t t) {
        return double(x.values[(steps - 1 - t) * size + d]);
      };
      double most = 0;
      for (int64_t t = 0; t < steps; ++t) {
        int64_t at = t * size + d;
        p[at] = last[d];
        last[d] = a.values[at] * last[d] + xAt(t);
        h[at] = last[d];
        most = std::max(most, last[d]);
        m[at] = most;
        w[at] = t >= 2 ? xAt(t - 2) : 0;
        for (int64_t s = t; s < (t / rows + 1) * rows; ++s)
          b[at] += xAt(s);
      }
    }
    auto out = this->output(steps, size);
    this->check(
        scans, {{"C", str(rows)}, {"D", str(size)}, {"Z", str(rows - 1)}},
        steps, {a, x, out, out, out, out, out, this->output(1, size, false)},
        {h, p, w, m, b, last});
  }
}

TYPED_TEST(Chunks, Interleave) {
  for (auto [rows, size] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 3}, {4, 16}, {5, 40}}) {
    auto x = this->random(rows, size);
    auto y = this->random(rows, size);
    std::vector<double> byRow, byColumn;
    for (int64_t t = 0; t < rows; ++t) {
      const auto *xs = &x.values[t * size];
      const auto *ys = &y.values[t * size];
      byRow.insert(byRow.end(), xs, xs + size);
      byRow.insert(byRow.end(), ys, ys + size);
      for (int64_t d = 0; d < size; ++d) {
        byColumn.push_back(xs[d]);
        byColumn.push_back(ys[d]);
      }
    }
    this->check(
        loopOver("input \"x\" %x_ref: !tile.ref<$Dx$F>, input \"y\" %y_ref: "
                 "!tile.ref<$Dx$F>, output \"p\" %p_ref: !tile.ref<2x$Dx$F>, "
                 "output \"q\" %q_ref: !tile.ref<$Ex$F>",
                 R"(
    %x = tile.load %x_ref at %t rows : !tile.ref<$Dx$F> -> tensor<$Cx$Dx$F>
    %y = tile.load %y_ref at %t rows : !tile.ref<$Dx$F> -> tensor<$Cx$Dx$F>
    %p = tile.interleave %x, %y axis 0 : tensor<$Cx$Dx$F>, tensor<$Cx$Dx$F> -> tensor<$Gx$Dx$F>
    %pt = tile.access %p by affine_map<(c, m, d) -> (2 * c + m, d)> : tensor<$Gx$Dx$F> -> tensor<$Cx2x$Dx$F>
    tile.store %pt, %p_ref at %t rows : tensor<$Cx2x$Dx$F>, !tile.ref<2x$Dx$F>
    %q = tile.interleave %x, %y axis 1 : tensor<$Cx$Dx$F>, tensor<$Cx$Dx$F> -> tensor<$Cx$Ex$F>
    tile.store %q, %q_ref at %t rows : tensor<$Cx$Ex$F>, !tile.ref<$Ex$F>)"),
        {{"C", str(rows)},
         {"D", str(size)},
         {"E", str(2 * size)},
         {"G", str(2 * rows)}},
        rows,
        {x, y, this->output(rows, 2 * size), this->output(rows, 2 * size)},
        {byRow, byColumn});
  }
}
