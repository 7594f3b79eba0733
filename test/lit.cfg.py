"""lit configuration: tests of passes, diagnostics and tools."""

import os

import lit.formats

config.name = "lrc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".dsf"]
config.excludes = ["errors", "broken", "inputs", "corpus", "golden", "unit"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.lrc_binary_root, "test", "lit")

tools = os.path.join(config.lrc_binary_root, "bin")
config.environment["PATH"] = os.pathsep.join(
    [tools, config.llvm_tools_dir, config.environment["PATH"]]
)
config.environment["FILECHECK_OPTS"] = "--enable-var-scope"
# Nothing is written outside of the build.
config.environment["LRC_CACHE_DIR"] = os.path.join(config.lrc_binary_root, "cache")
config.substitutions += [
    ("%python", config.python),
    ("%examples", os.path.join(config.lrc_source_root, "examples")),
    ("%source", config.lrc_source_root),
    ("%build", config.lrc_binary_root),
    ("%fakecuda", os.path.join(config.lrc_binary_root, "test", "fake-cuda")),
]
