"""A validator of OpenAPI documents that is not the pipeline's."""

from __future__ import annotations

from scripts import light_import

# Grammars of formats that no test needs: a second and a half.
with light_import.without("rfc3987_syntax"):
    from openapi_spec_validator import validate

__all__ = ["validate"]
