"""What one call does, without any I/O: attempts, waits, verdicts and the doubt they leave.

In: a request, and the outcomes of its sends. Out: effects for a driver, at last an answer or an
error, by `policy.call`. Imported by the drivers of `_transport`.
"""
