"""One page becomes its contribution to the contract: an operation and its components.

In: a `Page` or a `DocumentPage`. Out: a `Contribution`, by `contribution.contribution`. Imported by
the rest of `contract`; `naming` by `generation` too.
"""
