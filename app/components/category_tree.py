"""The trees of categories to choose from; which are chosen is marked in the browser."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.icons import icon
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
    return [find, everything, html.Div(trees, className="tree")]


def _scheme(terms: Terms, scheme: str, below: Below, *, titled: bool) -> html.Div:
    tops = [_branch(terms, each, None, below) for each in below[None] if each.scheme == scheme]
    title = html.H3(terms.either("scheme", scheme)) if titled else None
    return html.Div([title, html.Ul(tops)], className="tree-scheme")


def _branch(terms: Terms, category: Category, above: Category | None, below: Below) -> html.Li:
    name = terms.pick(category.name, category.name_en)
    about = data(name=name, above=above.code if above else None)
    choose = html.Button(
        [html.Span(className="tick"), name], className="tree-name", role="checkbox", **act("category", code=category.code), **about,
        **aria(checked="false"),
    )  # fmt: skip
    children = below.get(category.id)
    if not children:
        return html.Li(html.Div([html.Span(className="tree-gap"), choose], className="tree-row"))
    inner = html.Ul([_branch(terms, child, category, below) for child in children])
    fold = html.Summary(icon("next"), **aria(label=terms("bar.unfold")))
    return html.Li(
        [
            html.Details([fold, inner], className="tree-fold"),
            html.Div(choose, className="tree-row tree-parent"),
        ]
    )
