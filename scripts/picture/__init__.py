"""The contract becomes report.html: pages and contract side by side, linked both ways.

In: pages, the contract with its origins, overlays. Out: one HTML file, by `document.draw`. Imported
by `release.unreleased` and its command.
"""
