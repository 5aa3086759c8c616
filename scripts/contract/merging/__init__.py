"""The contributions of many pages become one: operations without duplicates, components shared.

In: contributions. Out: the one that speaks for each operation (`precedence`), one set of components
(`components`), and notices of what pages say differently. Imported by `contract.assembly`.
"""
