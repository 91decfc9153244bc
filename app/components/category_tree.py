"""The trees of categories to choose from; which are chosen is marked in the browser."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.actions import act, data
from app.components.icons import STROKES
from app.terms import Terms
from geodata.queries.categories import Category

Below = dict[int | None, list[Category]]


def category_tree(terms: Terms, categories: Sequence[Category]) -> list[Component]:
    """A box to find a category in, all of them at once, and the trees."""
    find = dcc.Input(
        id="what-find",
        type="search",
        placeholder=terms("bar.find_category"),
        autoComplete="off",
        className="find-box",
    )
    everything = html.Button(terms("bar.all_categories"), className="tree-all", **act("categories-none"))
    below: Below = defaultdict(list)
    for each in categories:
        below[each.parent_id].append(each)
    schemes = dict.fromkeys(each.scheme for each in categories)
    trees = [_scheme(terms, scheme, below, titled=len(schemes) > 1) for scheme in schemes]
    facts = data(tree=json.dumps(trees, ensure_ascii=False), unfold=terms("bar.unfold"), sign=STROKES["next"])
    return [find, everything, html.Div(className="tree", **facts)]


def _scheme(terms: Terms, scheme: str, below: Below, *, titled: bool) -> list[Any]:
    """Title and branches; the browser makes the elements, as two thousand components would hold up the first picture."""
    tops = [_branch(terms, each, below) for each in below[None] if each.scheme == scheme]
    return [terms.either("scheme", scheme) if titled else "", tops]


def _branch(terms: Terms, category: Category, below: Below) -> list[Any]:
    """Code, name, and the same of each category below."""
    children = [_branch(terms, child, below) for child in below.get(category.id, [])]
    return [category.code, terms.pick(category.name, category.name_en), children]
