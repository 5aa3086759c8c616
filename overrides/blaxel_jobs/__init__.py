"""Cancel Blaxel job executions."""

__version__ = "0.1.0"
