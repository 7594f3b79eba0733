"""The recurrences of a file, as `lrc analyze` sees them."""

import json
import subprocess


def recurrences(lrc, spec):
    """Yields the name of each, and the sizes that `lrc analyze` assumes for dims
    that follow from no others. Raises RuntimeError where there are none."""
    done = subprocess.run([lrc, "analyze", spec, "--json"], capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(f"{spec}: {done.stderr.strip()}")
    text = done.stdout.strip()
    while text:
        report, end = json.JSONDecoder().raw_decode(text)
        text = text[end:].lstrip()
        yield report["recurrence"], {dim: report["dims"][dim] for dim in report["assumed"]}
