"""The table of faults is whole, and every test that it names is there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.simulator.faults.rows import ROWS, Row

TESTS = Path(__file__).parents[2]


def test_no_fault_is_forgotten() -> None:
    assert len({row.fault for row in ROWS}) == 36


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_each_is_tested_where_the_table_says(row: Row) -> None:
    assert row.tests
    for test in row.tests:
        file, _, name = test.partition("::")
        assert name in _tests(file), test


@cache
def _tests(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
