"""A fuzzer's bytes as edits of a text: so that most inputs get past the first line."""

from __future__ import annotations

import struct

__all__ = ["edited"]

_EDITS = ("delete", "double", "swap", "cut", "insert", "replace", "join", "indent")


def edited(text: str, data: bytes) -> str:
    """Return the text after the edits that `data` stands for.

    Each takes an edit's number (1 byte), a line's (2 bytes) and the length of a line of its own
    (1 byte), followed by that line in UTF-8.
    """
    lines = text.split("\n")
    while len(data) >= 4 and lines:
        number, row, length = struct.unpack(">BHB", data[:4])
        own, data = data[4 : 4 + length].decode("utf-8", "replace"), data[4 + length :]
        at = row % len(lines)
        match _EDITS[number % len(_EDITS)]:
            case "delete":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                lines[at], lines[at - 1] = lines[at - 1], lines[at]
            case "cut":
                del lines[at + 1 :]
            case "insert":
                lines.insert(at, own)
            case "replace":
                lines[at] = own
            case "join":
                lines[at : at + 2] = [own.join(lines[at : at + 2])]
            case _:
                lines[at] = f"  {lines[at]}"
    return "\n".join(lines)
