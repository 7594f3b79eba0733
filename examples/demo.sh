#!/usr/bin/env bash
# The main job on real input: recurrences written as .dsf files are compiled,
# run on tensors from disk and compared with what other people's libraries
# computed; then a kernel is timed. Usage: demo.sh LRC
set -euo pipefail
lrc=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

echo "== gated linear attention, as it is written"
cat "$here/gla.dsf"

echo
echo "== what lrc knows about it"
"$lrc" analyze "$here/gla.dsf" --shape K=128,V=128

echo
echo "== run on tensors from disk, with the times of compilation"
/usr/bin/python3 - <<'PY'
import numpy as np
rng = np.random.default_rng(0)
B, T, H, K, V = 2, 1024, 4, 128, 128
tensor = lambda *shape: rng.standard_normal(shape, dtype=np.float32)
np.savez("in.npz", q=tensor(B, T, H, K), k=tensor(B, T, H, K), v=tensor(B, T, H, V),
         g=-np.abs(tensor(B, T, H, K)))
PY
"$lrc" run "$here/gla.dsf" --in in.npz --out out.npz --timing
/usr/bin/python3 - <<'PY'
import numpy as np
x, y = np.load("in.npz"), np.load("out.npz")
S = np.zeros((2, 4, 128, 128))
worst = scale = 0.0
for t in range(x["q"].shape[1]):
    at = {name: x[name][:, t].astype(np.float64) for name in "qkvg"}
    S = np.exp(at["g"])[..., None] * S + at["k"][..., None] * at["v"][..., None, :]
    o = 128**-0.5 * np.einsum("bhi,bhij->bhj", at["q"], S)
    worst += np.sum((o - y["o"][:, t]) ** 2)
    scale += np.sum(o**2)
print(f"wrote {', '.join(y.files)}; error against numpy in f64: {(worst / scale) ** 0.5:.1e}")
PY

echo
echo "== every dtype and several shapes against the interpreter"
"$lrc" verify "$here/gated_deltanet.dsf"

echo
echo "== every example against vectors from other people's libraries"
/usr/bin/python3 "$here/../test/golden/compare.py" "$lrc"
