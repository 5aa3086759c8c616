"""The contract becomes report.html: pages and contract side by side, linked both ways.

In: pages, overlays, the contract with its origins. Out: one HTML file, by `document.draw`. Imported
by `release.unreleased` and its command.
"""
