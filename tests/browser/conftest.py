from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.webdriver import Browser, browser


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as session:
        yield session
