"""A captured file becomes one Page of facts, each with the line that states it.

In: the bytes of a file of `spec/docs`. Out: a `Page` (page text, saved HTML) or a `DocumentPage`
(`.md`), by `capture.read_capture`. Imported by `contract`, `fetching` and the commands.
"""
