"""Checks the structure of LaTeX on standard input: groups and environments are
closed, and nothing has two superscripts or two subscripts."""

import re
import sys

text = sys.stdin.read()
stack = []
for match in re.finditer(r"\\(begin|end)\{([a-z*]+)\}|\\.|([{}])", text):
    kind, name, brace = match.groups()
    if kind == "begin":
        stack.append(name)
    elif kind == "end":
        assert stack and stack.pop() == name, f"\\end{{{name}}} closes nothing"
    elif brace == "{":
        stack.append("{")
    elif brace == "}":
        assert stack and stack.pop() == "{", "} closes nothing"
assert not stack, f"{stack[-1]} is not closed"
assert text.count("$") % 2 == 0, "a dollar is alone"
assert text.count("\\left") == text.count("\\right"), "\\left without \\right"
group = r"(?:\{(?:[^{}]|\{[^{}]*\})*\}|[^{}\s])"
for script in ("_", r"\^"):
    other = r"\^" if script == "_" else "_"
    twice = re.search(f"{script}{group}(?:{other}{group})?{script}{group}", text)
    assert not twice, f"twice in one place: {twice.group()}"
print("well formed")
