"""The rules of the house that imports alone cannot say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "layers", "geodata", "etl")
WEB = {"dash", "dash_leaflet", "dash_svg", "folium", "fastapi", "starlette"}
IO = {"sqlalchemy", "psycopg", "os", "pathlib", "subprocess", "urllib", "socket", "geoalchemy2", "requests"}
LONGEST_FILE = 400
SQL = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\b", re.IGNORECASE | re.DOTALL
)


def modules(*folders: str) -> Iterator[Path]:
    """Every Python file of ours below the folders, migrations left out."""
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "versions" not in file.parts:
                yield file


def imports(file: Path) -> set[str]:
    """Full names of what a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def roots(file: Path) -> set[str]:
    """First part of each import."""
    return {name.split(".")[0] for name in imports(file)}


def test_only_the_command_line_knows_both_sides() -> None:
    knows = [str(file.relative_to(ROOT)) for file in modules("app") if "etl" in roots(file)]
    assert knows == ["app/cli.py"]


def test_the_web_stays_in_app() -> None:
    strayed = {str(f.relative_to(ROOT)): roots(f) & WEB for f in modules("layers", "geodata", "etl")}
    assert {file: names for file, names in strayed.items() if names} == {}


def test_space_and_rules_are_pure() -> None:
    impure = {str(f.relative_to(ROOT)): roots(f) & IO for f in modules("geodata/space", "geodata/rules")}
    assert {file: names for file, names in impure.items() if names} == {}


def test_a_layer_never_imports_another() -> None:
    allowed = {"layers.base"}
    for file in modules("layers"):
        if file.stem in {"__init__", "base"}:
            continue
        others = {n for n in imports(file) if n.startswith("layers.") and not n.startswith("layers.base")}
        assert others <= allowed, file


def test_table_definitions_are_seen_by_queries_and_commands_only() -> None:
    may = ("geodata/queries", "geodata/commands", "geodata/cube", "geodata/store")
    strayed = [
        str(file.relative_to(ROOT))
        for file in modules(*PACKAGES)
        if any(name.startswith("geodata.store.schema") for name in imports(file))
        and not str(file.relative_to(ROOT)).startswith(may)
    ]
    assert strayed == []


def test_sql_text_stays_in_geodata() -> None:
    strayed = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in modules("app", "layers", "etl")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert strayed == []


def test_no_drawer_for_odds_and_ends() -> None:
    banned = {"utils", "helpers", "common", "misc", "util"}
    assert [str(f) for f in modules(*PACKAGES) if banned & {f.stem, *f.relative_to(ROOT).parts}] == []


def test_files_stay_readable() -> None:
    long = {
        str(f.relative_to(ROOT)): n
        for f in modules(*PACKAGES, "tests")
        if (n := len(f.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(f.relative_to(ROOT))
        for f in modules(*PACKAGES)
        if f.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(f.read_text("utf-8")))
    ]
    assert silent == []


def test_no_bare_except_hides_a_fault() -> None:
    bare = [
        f"{f.relative_to(ROOT)}:{node.lineno}"
        for f in modules(*PACKAGES)
        for node in ast.walk(ast.parse(f.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert bare == []


def test_importing_touches_nothing(tmp_path: Path) -> None:
    """Importing any module opens no file for writing, no socket and no database."""
    names = [
        ".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for f in modules(*PACKAGES)
    ]
    names = [n for n in names if not n.startswith("geodata.store.migrations")]
    watch = (
        "import sys\n"
        "def hook(event, args):\n"
        "    if event in ('socket.connect', 'subprocess.Popen'): raise SystemExit(f'{event} {args}')\n"
        "    if event == 'open' and isinstance(args[1], str) and set(args[1]) & set('wax+')"
        " and '__pycache__' not in str(args[0]) and '/dev/null' not in str(args[0])"
        " and not str(args[0]).startswith('/tmp/'): raise SystemExit(f'{event} {args}')\n"
        "sys.addaudithook(hook)\n"
        "import importlib\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", watch], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"})  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def test_nothing_tracked_names_a_machine_or_a_registry() -> None:
    """Pins carry hashes and no address; nothing names the machine it was written on."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        file = ROOT / name
        if name.startswith("requirements") and file.is_file():
            assert "://" not in file.read_text("utf-8"), name


def test_every_dependency_is_pinned_with_a_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt"):
        lines = (ROOT / name).read_text("utf-8").splitlines()
        pins = [line for line in lines if re.match(r"[a-zA-Z]", line)]
        assert pins, name
        assert all("==" in line and line.rstrip().endswith("\\") for line in pins), name
