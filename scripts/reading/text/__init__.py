"""Page text in the platform's form of today, read strictly, from top to bottom.

In: the lines of a page. Out: a `Page`, by `reader.read_page_text`. A line that no rule accounts for
is an error. Imported by the rest of `reading`.
"""
