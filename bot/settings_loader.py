"""config/bot.toml < environment → Settings, with errors that say where and what is allowed.

The check needs pydantic-settings, which takes longer to import than a question to answer. What it
accepted is therefore remembered, under a fingerprint of the file and the environment that it saw.
"""

import contextlib
import dataclasses
import difflib
import hashlib
import json
import os
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from annotated_types import Interval

from bot import __version__
from bot.errors import SettingsError
from bot.settings import Settings

_PREFIX = "WENBAO_"
_TRUE_OR_FALSE = "true or false"
_IDS = "a list of Telegram ids"
_NOT_SETTINGS = frozenset({"WENBAO_HOME", "WENBAO_WEBHOOK_SECRET"})


def load(path: Path, environ: Mapping[str, str], cache: Path) -> Settings:
    """Return the settings of a home.

    Args:
        path: config/bot.toml; need not exist.
        environ: The process's environment; names in it that start with WENBAO_ are settings.
        cache: File in which accepted settings are remembered.

    Raises:
        SettingsError: The file is malformed, or a key is unknown or its value out of range.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    variables = {k: v for k, v in environ.items() if k.upper().startswith(_PREFIX) and k not in _NOT_SETTINGS}
    fingerprint = hashlib.sha256(
        json.dumps([__version__, content.decode("latin-1"), sorted(variables.items())]).encode()
    ).hexdigest()
    if (remembered := _remembered(cache, fingerprint)) is not None:
        return remembered
    settings = _checked(path, content, variables)
    _remember(cache, fingerprint, settings)
    return settings


def known_keys() -> Iterator[tuple[str, str, dataclasses.Field[Any], str]]:
    """Yield (section, key, field, what is allowed) of every setting, in the order of the file."""
    hints = typing.get_type_hints(Settings, include_extras=True)
    for section in dataclasses.fields(Settings):
        types = typing.get_type_hints(hints[section.name], include_extras=True)
        for key in dataclasses.fields(hints[section.name]):
            yield section.name, key.name, key, _allowed(types[key.name])


def _checked(path: Path, content: bytes, variables: Mapping[str, str]) -> Settings:
    import tomllib

    try:
        text = content.decode("utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: is not UTF-8; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column \d+\)|at end of document", str(error))
        line = int(place.group(1)) if place and place.group(1) else text.count("\n") + 1
        what = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise SettingsError(f"{path}:{line}: is not valid TOML: {what}; correct this line") from error
    _refuse_unknown(path, text, table, variables)
    return _validated(path, text, table, variables)


def _refuse_unknown(path: Path, text: str, table: Mapping[str, Any], variables: Mapping[str, str]) -> None:
    known = [f"{section}.{key}" for section, key, _, _ in known_keys()]
    sections = {name.split(".")[0] for name in known}
    for section, values in table.items():
        where = f"{path}:{_line(text, section)}"
        if section not in sections:
            raise SettingsError(f"{where}: unknown {section}; {_nearest(section, sections)}")
        if not isinstance(values, dict):
            raise SettingsError(f"{where}: {section} is a section: write [{section}]")
        for key in values:
            if f"{section}.{key}" not in known:
                where = f"{path}:{_line(text, section, key)}"
                raise SettingsError(
                    f"{where}: unknown {section}.{key}; {_nearest(f'{section}.{key}', known)}"
                )
            allowed = next(a for s, k, _, a in known_keys() if (s, k) == (section, key))
            # Pydantic would take one for the other.
            if _is_bool(values[key]) != (allowed == _TRUE_OR_FALSE):
                where = f"{path}:{_line(text, section, key)}"
                raise SettingsError(f"{where}: {section}.{key} is {values[key]!r}; allowed: {allowed}")
    names = {_variable(*name.split(".")): name for name in known}
    for variable in variables:
        if variable not in names:
            raise SettingsError(f"environment: unknown {variable}; {_nearest(variable, names)}")


def _validated(path: Path, text: str, table: Mapping[str, Any], variables: Mapping[str, str]) -> Settings:
    from pydantic import Field, ValidationError, create_model
    from pydantic_settings import BaseSettings, EnvSettingsSource, InitSettingsSource, SettingsConfigDict
    from pydantic_settings.sources import PydanticBaseSettingsSource

    given = _decoded(variables)

    class GivenEnvironment(EnvSettingsSource):
        def _load_env_vars(self) -> Mapping[str, str | None]:
            return dict(given)

    class FromFileAndEnvironment(BaseSettings):
        model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid")

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return GivenEnvironment(settings_cls), InitSettingsSource(settings_cls, dict(table))

    sections: dict[str, Any] = {
        field.name: (field.type, Field(default_factory=field.type))  # type: ignore[arg-type]
        for field in dataclasses.fields(Settings)
    }
    model = create_model("Loaded", __base__=FromFileAndEnvironment, **sections)
    try:
        loaded = model()
    except ValidationError as error:
        raise SettingsError(_explained(path, text, variables, error.errors()[0])) from error
    return Settings(**{name: getattr(loaded, name) for name in sections})


def _explained(path: Path, text: str, variables: Mapping[str, str], error: Mapping[str, Any]) -> str:
    section, key = (str(part) for part in error["loc"][:2])
    allowed = next(allowed for s, k, _, allowed in known_keys() if (s, k) == (section, key))
    variable = _variable(section, key)
    where = f"environment {variable}" if variable in variables else f"{path}:{_line(text, section, key)}"
    return f"{where}: {section}.{key} is {error['input']!r}; allowed: {allowed}"


def _variable(section: str, key: str) -> str:
    return f"{_PREFIX}{section.upper()}__{key.upper()}"


def _is_bool(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, list) and any(map(_is_bool, value)))


def _decoded(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the environment with its names in lower case and its lists as lists.

    Raises:
        SettingsError: A list in it is no JSON list of whole numbers.
    """
    lists = {_variable(s, k): (f"{s}.{k}", allowed) for s, k, _, allowed in known_keys() if allowed == _IDS}
    return {
        name.lower(): _ids(name, value, *lists[name]) if name in lists else value
        for name, value in variables.items()
    }


def _ids(variable: str, text: str, key: str, allowed: str) -> list[int]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list) or not all(type(number) is int for number in value):
        where = f"environment {variable}: {key} is {text!r}"
        raise SettingsError(f"{where}; allowed: {allowed}, as JSON: [123456789]")
    return value


def _nearest(name: str, known: Iterable[str]) -> str:
    """Name the known key that was probably meant."""
    candidates = list(known)
    near = difflib.get_close_matches(name, candidates, n=1, cutoff=0.0)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(candidates)}"


def _line(text: str, section: str, key: str | None = None) -> int:
    """Return the 1-based line of a section or of a key in it; the parser does not tell."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^]]+?)\s*\]", line)
        inside = header.group(1) == section if header else inside
        if key is None and (inside or re.match(rf"\s*{re.escape(section)}\b", line)):
            return number
        if key and inside and re.match(rf"\s*[\"']?{re.escape(key)}\b", line):
            return number
        if key and re.match(rf"\s*{re.escape(section)}\s*(\.\s*{re.escape(key)}\b|=)", line):
            return number
    return 1


def _allowed(annotation: Any) -> str:  # noqa: ANN401
    """Say in words what a setting takes."""
    if typing.get_origin(annotation) is Literal:
        return " or ".join(repr(value) for value in typing.get_args(annotation))
    if annotation == tuple[int, ...]:
        return _IDS
    base, *rules = typing.get_args(annotation) or (annotation,)
    noun = {bool: _TRUE_OR_FALSE, int: "a whole number", float: "a number", str: "text"}[base]
    interval = next((rule for rule in rules if isinstance(rule, Interval)), None)
    if interval is None:
        return noun
    low = f"above {interval.gt}" if interval.gt is not None else f"from {interval.ge}"
    return f"{noun} {low} to {interval.le}"


def _remembered(cache: Path, fingerprint: str) -> Settings | None:
    try:
        stored = json.loads(cache.read_bytes())
        if stored["fingerprint"] != fingerprint:
            return None
        sections = typing.get_type_hints(Settings)
        return Settings(
            **{name: sections[name](**_as_given(values)) for name, values in stored["settings"].items()}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # nothing was remembered, or not by this version: they are checked anew


def _as_given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section's values as they were before JSON, which knows no tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _remember(cache: Path, fingerprint: str, settings: Settings) -> None:
    stored = json.dumps({"fingerprint": fingerprint, "settings": dataclasses.asdict(settings)})
    aside = cache.with_name(f"{cache.name}.{os.getpid()}")
    try:
        cache.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.write_text(stored, "utf-8")
        aside.replace(cache)
    except OSError:  # a home that cannot be written only pays the check again
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
