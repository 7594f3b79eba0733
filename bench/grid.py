"""How far the automatic schedule is from the best one, over a grid of shapes.

    python3 bench/grid.py                       # all: some minutes
    python3 bench/grid.py --only gla,retention --threads 1
    python3 bench/grid.py --json FILE           # all that was measured, too

For each recurrence and shape, `lrc bench --all-schedules` times the automatic
choice in turns with chunks of 8 to 128 steps, several widths of work items, the
sequential schedule and scans. A row says what was chosen, its time, and how many
times the best one's it is. Times are the shortest of several, since what else a
machine does makes a run slower and never faster; on one thread they are what the
thread itself took, so that the machine may be busy. Exits with 1 when fewer than 9 of 10 are within 15%.
"""

import argparse
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RECURRENCES = ["gla", "gated_deltanet", "simple_gla", "mamba1", "retention"]
# T, B, H, K, V
SHAPES = [
    (64, 1, 1, 64, 64),
    (64, 8, 8, 128, 128),
    (256, 4, 4, 16, 16),
    (512, 1, 4, 256, 256),
    (1024, 2, 1, 128, 64),
    (2048, 1, 8, 64, 128),
    (4096, 1, 1, 128, 128),
    (8192, 2, 1, 16, 256),
    (16384, 1, 4, 32, 32),
    (65536, 1, 1, 64, 64),
]
BOUND = 1.15


def dims_of(lrc, recurrence):
    """Names of the sizes that a call must give."""
    command = [lrc, "analyze", spec_of(recurrence), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)["assumed"]


def spec_of(recurrence):
    return os.path.join(ROOT, "examples", recurrence + ".dsf")


def shape_option(dims, shape):
    """K and V are the axes of a matrix; a state of D channels has N numbers each."""
    steps, batch, heads, keys, values = shape
    sizes = {"K": keys, "V": values, "D": values, "N": min(keys, 64)}
    given = {"T": steps, "B": batch, "H": heads, **{dim: sizes[dim] for dim in dims}}
    return ",".join(f"{name}={size}" for name, size in given.items())


def measure(lrc, recurrence, shape, options):
    command = [lrc, "bench", spec_of(recurrence)]
    command += ["--shape", shape, "--all-schedules", "--json"] + options
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def spell(row):
    text = row["schedule"]
    if row["chunk"] > 1:
        text += f" {row['chunk']}"
    if row["segments"] > 1:
        text += f" in {row['segments']}"
    return text + (f" x {row['lanes']}" if row["lanes"] else "")


def print_row(report, recurrence, shape):
    rows = report["schedules"]
    clock = "thread_seconds" if report["threads"] == 1 else "best_seconds"
    best = min(rows, key=lambda row: row[clock])
    chosen = rows[0]
    over = chosen[clock] / best[clock]
    roof = chosen["of_roof"] * chosen["median_seconds"] / chosen[clock]
    print(
        f"{recurrence:15} {shape:32} {spell(chosen):18} "
        f"{chosen[clock] * 1e3:9.3f} "
        f"{chosen['predicted_seconds'] * 1e3:9.3f} "
        f"{roof:5.2f}  {over:5.2f}  {spell(best)}",
        flush=True,
    )
    return over


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lrc", default=os.path.join(ROOT, "build", "bin", "lrc"))
    parser.add_argument("--only", default=",".join(RECURRENCES))
    parser.add_argument("--threads", default="")
    parser.add_argument("--rounds", default="11")
    parser.add_argument("--json", default="")
    arguments = parser.parse_args()
    options = ["--rounds", arguments.rounds]
    if arguments.threads:
        options += ["--threads", arguments.threads]
    print(
        f"{'recurrence':15} {'shape':32} {'chosen':18} {'ms':>9} "
        f"{'predicted':>9} {'roof':>5}  {'/best':>5}  best"
    )
    reports = []
    overs = []
    for recurrence in arguments.only.split(","):
        dims = dims_of(arguments.lrc, recurrence)
        for sizes in SHAPES:
            shape = shape_option(dims, sizes)
            report = measure(arguments.lrc, recurrence, shape, options)
            overs.append(print_row(report, recurrence, shape))
            reports.append(report)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as handle:
            json.dump(reports, handle)
    near = sum(over <= BOUND for over in overs)
    print(f"{near} of {len(overs)} within {BOUND} of the best")
    return 0 if near >= 0.9 * len(overs) else 1


if __name__ == "__main__":
    sys.exit(main())
