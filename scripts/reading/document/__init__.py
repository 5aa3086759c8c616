"""`.md` pages: the OpenAPI document inside the fence, brought up to OpenAPI 3.1.

In: the text of an `.md` page. Out: a `DocumentPage`, by `markdown.read_markdown_page`. Imported by
the rest of `reading` and by `fetching`; `traversal` by whatever walks a contract.
"""
