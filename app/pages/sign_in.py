"""The sign-in page: plain HTML, no script, so it opens at once on any machine."""

from __future__ import annotations

from html import escape

from app.terms import Terms


def html(
    terms: Terms, language: str | None = None, message: str | None = None, onward: str | None = None
) -> str:
    """The page; `message` says why the last try failed, `onward` is where to go once signed in."""
    lang = "en" if (language or terms.language) == "en" else "zh-CN"
    words = {
        key: escape(terms(f"sign_in.{key}"))
        for key in ("title", "place", "name", "password", "enter", "promise", "other", "other_href")
    }
    kept = f'<input type="hidden" name="next" value="{escape(onward)}">' if onward else ""
    alert = f'<p class="sign-message" role="alert">{escape(message)}</p>' if message else ""
    return f"""<!DOCTYPE html>
<html lang="{lang}" data-theme="dark">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words["title"]}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/tokens.css">
<link rel="stylesheet" href="/assets/base.css">
<link rel="stylesheet" href="/assets/sign-in.css">
</head>
<body class="sign">
<div class="sign-ground" aria-hidden="true"></div>
<main class="sign-card">
<h1><span class="sign-mark">{escape(terms("brand.name"))}</span><span class="sign-place">{words["place"]}</span></h1>
<form method="post" action="/sign-in">
{kept}{alert}
<label for="name">{words["name"]}</label>
<input id="name" name="name" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required
 autofocus>
<label for="password">{words["password"]}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">{words["enter"]}</button>
</form>
<p class="sign-promise">{words["promise"]}</p>
</main>
<a class="sign-other" href="{words["other_href"]}" hreflang="{"zh-CN" if lang == "en" else "en"}">{words["other"]}</a>
</body>
</html>"""
