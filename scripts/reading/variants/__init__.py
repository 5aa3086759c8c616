"""Captures of other years, converters and languages, brought into the form that `text` reads.

In: lines in any form. Out: lines in today's form, each with the line of the file it came from, by
`normalization.normalize`. Imported by `reading.html` and `reading.capture`.
"""
