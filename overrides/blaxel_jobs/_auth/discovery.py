"""Where credentials come from when none are passed in: the places where the vendor's tools look."""

from __future__ import annotations

import logging
import os

from blaxel_jobs._auth.credentials import ApiKey, ClientCredentials, Credentials

__all__ = ["find_identity"]

_LOGGER = logging.getLogger("blaxel_jobs")


def find_identity(
    credentials: Credentials | None, workspace: str | None
) -> tuple[Credentials, str | None]:
    """Return the credentials to use, and the workspace to name, if any.

    What is passed in wins over the environment, the environment over the vendor CLI's file. The
    file is only looked at for credentials; then its workspace is named too, since they belong
    together. Raises ConfigurationError where there are none, naming what was looked for.
    """
    workspace = workspace or os.environ.get("BL_WORKSPACE", "").strip() or None
    if credentials is not None:
        return credentials, workspace
    if os.environ.get("BL_API_KEY"):
        if os.environ.get("BL_CLIENT_CREDENTIALS"):
            _LOGGER.warning(
                "BL_API_KEY and BL_CLIENT_CREDENTIALS are both set: BL_API_KEY is used, as the "
                "vendor's tools do; unset the other"
            )
        return ApiKey(os.environ["BL_API_KEY"]), workspace
    if os.environ.get("BL_CLIENT_CREDENTIALS"):
        return ClientCredentials.from_base64(os.environ["BL_CLIENT_CREDENTIALS"]), workspace
    # Read where it is needed alone: most services never look at the file.
    from blaxel_jobs._auth.config_file import read_config_file

    return read_config_file(workspace)
