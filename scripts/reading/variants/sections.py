"""The sections of a page, whatever a capture did to their lines, as the platform's pages have them.

Older pages have a field's flags in a row, converters set a blank line between all lines of a field
or none at all, and what a browser folds (`Show child attributes`) is a line of its own. Here a
section's lines are taken apart and set anew: a name, a type, flags; then, between blank lines,
description, options, constraints and examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from scripts.facts import Kind
from scripts.failure import PipelineError, Problem
from scripts.reading.json_text import read_json
from scripts.reading.line import Lines
from scripts.reading.page import Type
from scripts.reading.text.field_line import (
    FLAG_WORDS,
    FLAGS,
    LABELS,
    NAME,
    STATUS,
    TYPES,
    is_detail,
    is_media,
    parse_type,
)
from scripts.reading.variants import locales
from scripts.reading.variants.row import flags, typed
from scripts.reading.variants.style import Style, Tokens

_CHILDREN = re.compile(
    r"(?:Show|Hide) ?child attributes|(?:显示|隐藏|顯示|隱藏) ?子(?:属性|屬性)|"
    r"(?:Afficher|Masquer) (?:les )?attributs enfants|(?:表示|非表示|隠す) ?子属性|"
    r"(?:Mostrar|Ocultar) atributos (?:secundarios|hijos|secundários|filhos)|"
    r"하위 속성 (?:표시|숨기기)"
)
"""The button that unfolds a field; what it unfolds follows with dotted names."""
_UNFOLDED = re.compile(r"Hide|隐藏|隱藏|Masquer|非表示|隠す|Ocultar|.*숨기기")
"""How it begins where the field is unfolded."""
_BULLET = re.compile(r"[*•\u2022-]\s+(?P<branch>\S.{0,60}?)\s*")
_OPTIONS_BEHIND = re.compile(r"(?P<label>[^:\uff1a]{2,40}[:\uff1a]) *(?P<values>\S.*)")
"""A label with all that it announces on its line."""
_SCHEMES = re.compile(r"(?P<selected>.{4,}).*(?P=selected)")
_OF_TYPE = re.compile(
    r"The (?:response|body|request body) is of type `?[^`]+`?\s*\.|"
    r"This response (?:has no body data|does not have an example)\."
)
_STATUS = r"(?:[1-5](?:\d\d|XX)|default)"
_STATUSES = re.compile(rf"{_STATUS}(?:\s*{_STATUS})*")
_SIZE = re.compile(r"(?P<which>Minimum|Maximum|Required) length: (?P<count>\d.*)")
_DAMAGED_MEDIA = re.compile(r"(?P<status>[1-5]\d\d) - undefined")


def normalize(lines: Lines, heading: str, style: Style, file: str, remarks: list[Problem]) -> Lines:
    """Return the lines of a section, less its heading, as pages of 2026 have them.

    `remarks` takes up what a person should look at.
    """
    section = _Section(Tokens.of(lines), style, file, remarks)
    section.preamble(heading)
    while section.at < len(section.tokens.lines):
        section.field()
    return section.out


@dataclass(slots=True)
class _Section:
    tokens: Tokens
    style: Style
    file: str
    remarks: list[Problem]
    at: int = 0
    out: Lines = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.tokens.text(self.at)

    def begins(self, at: int) -> bool:
        """Return whether a field begins at a line."""
        return at < len(self.tokens.lines) and (
            self.tokens.begins_field(at, spaced=self.style.spaced) or self.lacks_type(at)
        )

    def lacks_type(self, at: int) -> bool:
        """Return whether a name stands here that flags follow: a union may have no type line."""
        name, after = self.tokens.text(at), self.tokens.text(at + 1)
        anchored = self.tokens.lines[at].within == "name"
        if not NAME.fullmatch(name) or flags(name) or typed(name) is not None:
            return False
        apart = self.tokens.gaps[at] if not self.style.spaced else anchored
        beside = self.style.spaced or not (after and self.tokens.gaps[at + 1])
        return apart and beside and locales.flag(after) == "required"

    @property
    def within_field(self) -> bool:
        """Return whether the line under the cursor still belongs to the field under way."""
        return self.at < len(self.tokens.lines) and not self.begins(self.at)

    def put(self, *texts: str) -> None:
        """Set texts for the line under the cursor, and step behind it."""
        line = self.tokens.lines[self.at]
        self.out += [line.with_text(text) for text in texts]
        self.at += 1

    def blank(self) -> None:
        if self.out and self.out[-1].text:
            self.out.append(self.out[-1].with_text(""))

    def preamble(self, heading: str) -> None:
        """Set what stands before the first field, a paragraph a line."""
        if heading == "Authorizations":
            self._scheme()
        elif heading in ("Body", "Response"):
            self._media(heading)
        # A word right behind a status or content type describes; elsewhere it may be a name.
        described = self.at + 1 if self.at else 0
        while self.within_field:
            if self._branches():
                continue
            if _OF_TYPE.fullmatch(self.text) or _CHILDREN.fullmatch(self.text):
                self.at += 1
                continue
            if self.tokens.gaps[self.at] or self.style.spaced or self.style.dense:
                self.blank()
            word = NAME.fullmatch(self.text) is not None
            self.put(self.tokens.lines[self.at].text)
            if not word or (self.at == described and not flags(self.text)):
                self.blank()

    def _scheme(self) -> None:
        """Step over the menu of security schemes: the selected one, then all of them."""
        if _SCHEMES.match(self.text) and not self.begins(self.at):
            self.at += 1

    def _media(self, heading: str) -> None:
        """Set status and content type on one line.

        A menu of statuses shows the selected one first, then all in a row. Tabs of several say
        nothing: the fields are those of one of them.
        """
        lines: list[list[str]] = []
        first = self.at
        while heading == "Response" and _STATUSES.fullmatch(self.text) and not self.begins(self.at):
            lines.append(re.findall(_STATUS, self.text))
            self.at += 1
        selected = len(lines) == 1 or (len(lines) == 2 and len(lines[1]) > 1)
        status = lines[0][0] if selected and len(lines[0]) == 1 else ""
        text = self.text
        if found := _DAMAGED_MEDIA.fullmatch(text):
            text = found["status"]
        whole = heading == "Response" and not lines and STATUS.fullmatch(text)
        if self.begins(self.at):
            pass
        elif is_media(text) or whole:
            self.put(f"{status} - {text}" if status else text)
            self.blank()
            return
        elif _is_media_type_menu(text):
            self.at += 1
        if status:
            self.out.append(self.tokens.lines[first].with_text(status))
            self.blank()

    def field(self) -> None:
        """Set one field."""
        behind_word = bool(self.out) and NAME.fullmatch(self.out[-1].text) is not None
        if self.tokens.gaps[self.at] or self.style.spaced or self.style.dense or not behind_word:
            self.blank()  # a word right above might be a name that has lost its type
        name = self.text
        if self.lacks_type(self.at):
            what = f"the field {name!r} has no type, and was taken for anything"
            self.remarks.append(self.tokens.lines[self.at].problem(what, self.file))
            self.put(name, "any")
        elif self.style.flagged_names and name.endswith("required"):
            self.put(name.removesuffix("required"))
            self.put(*(typed(self.text) or [self.text]), "required")
        else:
            self.put(name)
            self.put(*(typed(self.text) or [self.text]))
        while self.within_field:
            parts = flags(self.text)
            if not parts or (self.tokens.gaps[self.at] and not self.style.spaced):
                break
            if parts == ["default:"]:
                parts = self._default()
            self.put(*parts)
        if self.within_field and self._may_describe():
            self.blank()
        elif self.within_field:
            self.put(self.text)  # a damaged flag: the reader of page text will name it
        while self.within_field:
            self._detail()

    def _may_describe(self) -> bool:
        """Return whether a line behind a type or flags is a description, not a damaged flag.

        A blank line decides where the style has none between flags.
        """
        text = locales.label(locales.constraint(self.text))
        if is_detail(text) or (self.tokens.gaps[self.at] and not self.style.spaced):
            return True
        if self.style.spaced:
            return not get_close_matches(text, FLAG_WORDS, n=1, cutoff=0.8)
        word, _, rest = text.partition(" ")
        close = not rest and get_close_matches(text.lower(), FLAGS, n=1, cutoff=0.6)
        joined = word in FLAGS and rest[:1].isupper()
        return self.style.dense and not close and not joined and typed(text) is None

    def _default(self) -> list[str]:
        """Return `default:` with the value on the line behind it; none where that is no value.

        Where blank lines stand between all lines, a value is what a flag follows, or one of the
        options; a default that is null or empty leaves nothing.
        """
        after = self.at + 1
        value = self.tokens.text(after)
        if not value or flags(value) or self.begins(after):
            return []
        if self.tokens.gaps[after] and not (
            flags(self.tokens.text(after + 1)) or value in self._rest_of_field(after + 1)
        ):
            return []
        self.at += 1
        return [f"default:{value}"]

    def _rest_of_field(self, at: int) -> Iterator[str]:
        """Yield the lines from one to the end of the field, without commas."""
        while at < len(self.tokens.lines) and not self.begins(at):
            yield self.tokens.text(at).rstrip(",")
            at += 1

    def _detail(self) -> None:
        """Set a paragraph, a constraint, the options or the examples of a field."""
        text = self.text
        label = locales.label(text)
        if _CHILDREN.fullmatch(text):
            below = self.tokens.text(self.at + 1)
            if _UNFOLDED.match(text) and self.begins(self.at + 1) and "." not in below:
                what = f"{below!r} was taken for a field beside the one that is unfolded here"
                what += ": no dot shows that it is one within"
                self.remarks.append(self.tokens.lines[self.at + 1].problem(what, self.file))
            self.at += 1
            self.blank()
            return
        if self._branches():
            return
        if label == "Available options:":
            self.blank()
            self.put(label)
            self._options()
            return
        if label in LABELS:
            self.blank()
            self.put(label)
            self.blank()
            self._examples()
            return
        behind = _OPTIONS_BEHIND.fullmatch(text)
        if behind and locales.label(behind["label"]) == LABELS[0] and self._of_enum():
            self.blank()
            self.put(f"{LABELS[0]} {behind['values']}")
            if behind["values"].endswith(","):
                self._options()
            return
        constraint = locales.constraint(text)
        if _is_sentence(constraint):
            constraint = text
        if size := _SIZE.fullmatch(constraint):
            kind = "array" if self._of_array() else "string"
            constraint = f"{size['which']} {kind} length: {size['count']}"
        if parts := self._field_parts():
            self.blank()
            self.put(*parts)
            return
        damaged = self._is_damaged_field()
        if damaged or not self._is_continued():
            self.blank()
        self.put(constraint if constraint != text else self.tokens.lines[self.at].text)
        if damaged:
            self.put(self.text)

    def _field_parts(self) -> list[str]:
        """Return the parts of a paragraph that can only be part of a damaged field.

        The reader of page text knows parts by their lines and their English words.
        """
        if self._is_continued():
            return []
        name, _, rest = self.text.partition(" ")
        behind_name = typed(rest) or []
        if len(behind_name) > 1:
            return [f"{name} {behind_name[0]}", *behind_name[1:]]
        parts = typed(self.text) or flags(self.text)
        if any(map(_is_sentence, parts)):
            return []
        return parts if len(parts) > 1 or set(parts) <= set(FLAG_WORDS) else []

    def _is_continued(self) -> bool:
        """Return whether a line belongs to the block of the one before, as on the page."""
        return not self.tokens.gaps[self.at] and not self.style.dense

    def _is_damaged_field(self) -> bool:
        """Return whether a field stands here whose type is damaged, where no blank lines show it.

        Its name is one that an anchor announces, or else a word that another word follows which is
        nearly a type, or could be one.
        """
        apart = self.style.dense or self.style.spaced
        if not apart or self.at + 1 >= len(self.tokens.lines) or not NAME.fullmatch(self.text):
            return False
        word = self.tokens.text(self.at + 1)
        if self.tokens.lines[self.at].within == "name":
            return True
        if self.style.dense:
            return re.fullmatch(r"[a-z]+(?:\[\])*", word) is not None
        return bool(get_close_matches(word.rstrip("[]"), TYPES, n=1, cutoff=0.75))

    def _of_array(self) -> bool:
        """Return whether the field under way is an array."""
        return any(one.depth or one.base == "array" for one in self._types())

    def _of_enum(self) -> bool:
        """Return whether the field under way is an enum."""
        return any(one.base == "enum" for one in self._types())

    def _types(self) -> tuple[Type, ...]:
        """Return the types of the field under way."""
        for at in range(len(self.out) - 1, 0, -1):
            types = parse_type(self.out[at].text)
            if types is not None and NAME.fullmatch(self.out[at - 1].text):
                return types
        return ()

    def _options(self) -> None:
        while self.at < len(self.tokens.lines):
            if is_detail(locales.label(locales.constraint(self.text))):
                break  # the last option is missing
            if self.tokens.gaps[self.at] and self.begins(self.at) and self.out[-1].text[-1:] == ",":
                self.out.append(self.out[-1].with_text(""))  # the last option is empty text
                break
            last = not self.text.endswith(",")
            self.put(self.text)
            if last:
                break
        if self.at < len(self.tokens.lines) and self.tokens.gaps[self.at]:
            self.blank()

    def _examples(self) -> None:
        """Set each example as JSON, without blank lines between."""
        while self.within_field:
            texts = [line.text for line in self.tokens.lines[self.at :]]
            try:
                _, end = read_json(texts, 0, "", Kind.STATED)
            except PipelineError:
                break
            for _ in range(end):
                self.put(self.tokens.lines[self.at].text)
        if self.at < len(self.tokens.lines) and self.tokens.gaps[self.at]:
            self.blank()

    def _branches(self) -> bool:
        """Set the branches of a union, which stand as tabs or bullets; return whether there are."""
        end = self.at
        found: list[str] = []
        while end < len(self.tokens.lines):
            text = self.tokens.text(end)
            bullet = _BULLET.fullmatch(text)
            branch = bullet["branch"] if bullet else text
            typed = " · " in branch and parse_type(branch) is not None
            if not typed and bullet is None:
                break
            found.append(branch if typed else f"{branch} · any")
            end += 1
        tabs = end < len(self.tokens.lines) and _CHILDREN.fullmatch(self.tokens.text(end))
        all_typed = all(not branch.endswith(" · any") for branch in found)
        if len(found) < 2 or not (tabs or all_typed):
            return False
        self.blank()
        for branch in found:
            self.put(branch)
        self.blank()
        return True


def _is_media_type_menu(text: str) -> bool:
    """Return whether a text is a menu of content types, in a row."""
    types = re.findall(r"(?:application|text|multipart|image|audio|video)/", text)
    return len(types) > 1 and all("/" in word for word in text.split())


def _is_sentence(text: str) -> bool:
    """Return whether a line that begins like a default is prose."""
    head, colon, rest = text.partition(":")
    return head == "default" and bool(colon) and " " in rest.strip()
