#!/usr/bin/env bash
# Installs a build, then builds and runs against the installed tree alone:
# the host programs of examples/, and a C program over an ahead-of-time kernel
# that uses nothing of lrc.  usage: run.sh SOURCE BUILD CC CXX
set -euo pipefail
source=$1 build=$2 cc=$3 cxx=$4
# The generator that built lrc is there; make need not be.
export CMAKE_GENERATOR=Ninja
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

cmake --install "$build" --prefix "$prefix" >/dev/null
for file in bin/lrc bin/lrc-opt bin/lrc-lsp-server bin/lrc-solve include/lrc/Program.h \
  include/lrc/Options.def include/lrc-c/lrc.h include/lrc-c/kernel.h; do
  test -e "$prefix/$file" || { echo "not installed: $file"; exit 1; }
done

for host in host-cpp host-c; do
  echo "== $host"
  CC=$cc CXX=$cxx cmake -S "$source/examples/$host" -B "$work/$host" \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release >/dev/null
  cmake --build "$work/$host" >/dev/null
  "$work/$host/$host" "$source/examples/gla.dsf"
done

echo "== only the API is visible"
nm -DC --defined-only "$prefix"/lib/liblrc.so | awk '$2 ~ /[TDB]/' |
  grep -v -E ' lrc_[a-z_]+$| lrc::[A-Za-z]' && { echo "more than that"; exit 1; }

echo "== ahead of time"
lrc=$prefix/bin/lrc
cd "$work"
for emit in obj:gla.o header:gla.h so:libgla.so; do
  "$lrc" compile "$source/examples/gla.dsf" --emit="${emit%%:*}" \
    --shape K=16,V=24 -o "${emit#*:}"
done
"$lrc" compile "$source/examples/mamba2.dsf" --emit=header --shape P=4,N=4 \
  -o mamba2.h
compile=("$cc" -std=c99 -pedantic -Wall -Wextra -Werror -O2 -I.
  "$source/test/Install/aot.c")
"${compile[@]}" gla.o -lm -o aot && ./aot
"${compile[@]}" -fopenmp gla.o -lm -o aot-omp && ./aot-omp
"${compile[@]}" libgla.so -Wl,-rpath,"$work" -lm -o aot-so && ./aot-so
"$cxx" -x c++ -fsyntax-only -Wall -Werror -I. "$source/test/Install/aot.c"
# Nothing but the C library is needed.
! ldd aot | grep -E 'lrc|LLVM|MLIR'
