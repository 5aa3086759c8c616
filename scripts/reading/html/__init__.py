"""Saved pages: the text that a browser would show.

In: the bytes of an HTML file. Out: a `Page` or a `DocumentPage`, by `saved_page.read_html_page`.
Imported by `reading.capture` and `fetching`.
"""
