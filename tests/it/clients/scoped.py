"""Enums of Qt by their whole names, as PyQt6 alone knows them: `Qt.Key.Key_Escape`, never
`Qt.Key_Escape`, which PyQt5 takes too. Prints how many it has looked at; fails on a short one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path


def names(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Whatever begins with a class of Qt and goes on with a capital, with its line."""
    for it in ast.walk(node):
        if isinstance(it, ast.Attribute) and isinstance(it.value, ast.Name):
            name = f"{it.value.id}.{it.attr}"
            if name.startswith("Q") and it.attr[:1].isupper():
                yield name, it.lineno


def scopes(tree: ast.AST) -> set[str]:
    """Those of them that have members: classes of enums."""
    inside = (it.value for it in ast.walk(tree) if isinstance(it, ast.Attribute))
    called = (it.func for it in ast.walk(tree) if isinstance(it, ast.Call))
    return {
        f"{it.value.id}.{it.attr}"
        for it in (*inside, *called)
        if isinstance(it, ast.Attribute) and isinstance(it.value, ast.Name)
    }


def main() -> None:
    files = sorted(Path(sys.argv[1]).rglob("*.py"))
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    known = {scope for tree in trees.values() for scope in scopes(tree)}
    total = 0
    for file, tree in trees.items():
        for name, line in names(tree):
            assert name in known, f"{file}:{line}: `{name}` has no scope"
            total += 1
    # The check itself must be able to fail.
    short = ast.parse("Qt.Key.Key_Escape, Qt.AlignTop")
    assert [name for name, _ in names(short) if name not in scopes(short)] == ["Qt.AlignTop"]
    print(total)


if __name__ == "__main__":
    main()
