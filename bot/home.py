"""The home: the folder with `config/` and `corpus/`, and what the program keeps in it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import HomeError, InputError


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of one home. What the program writes lies in `private`, mode 0700."""

    root: Path

    @property
    def corpus(self) -> Path:
        """Return the folder of reports."""
        return self.root / "corpus"

    @property
    def private(self) -> Path:
        """Return the folder of what the program writes."""
        return self.root / ".wenbao"

    @property
    def index(self) -> Path:
        """Return the folder of generations."""
        return self.private / "index"

    def config(self, name: str) -> Path:
        """Return a file of `config/`; the one that comes with the program when the home has none."""
        own = self.root / "config" / name
        return own if own.is_file() else defaults() / "config" / name

    def make_private(self) -> Path:
        """Make the private folder if need be and return it.

        Raises:
            HomeError: It cannot be made.
        """
        try:
            self.private.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HomeError(f"{self.private} cannot be made: {error.strerror}") from error
        return self.private


def find(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Home:
    """Return the home: the given folder, else $WENBAO_HOME, else `cwd` if it is one, else the user's.

    Raises:
        HomeError: The given folder does not exist, or the user's was not filled yet.
    """
    named = explicit or (Path(environ["WENBAO_HOME"]) if environ.get("WENBAO_HOME") else None)
    if named is not None:
        if not named.is_dir():
            raise HomeError(f"there is no folder {named}; make it with: wenbao init {named}")
        return Home(named.resolve())
    if (cwd / "config" / "bot.toml").is_file():
        return Home(cwd.resolve())
    user = user_home()
    if not (user / "config" / "bot.toml").is_file():
        raise HomeError(
            f"neither {cwd} nor {user} has a config/bot.toml; make a home with: wenbao init [FOLDER]"
        )
    return Home(user)


def user_home() -> Path:
    """Return the home that is used when none is named."""
    import platformdirs

    return Path(platformdirs.user_data_dir("wenbao", appauthor=False))


def defaults() -> Path:
    """Return the folder with the default `config/` and the sample `corpus/`."""
    packaged = Path(__file__).parent / "home"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent


def fill(root: Path, *, samples: bool) -> list[Path]:
    """Copy the default config and, if wanted, the sample reports into a folder; return what was new.

    Files that are there are left as they are.

    Raises:
        InputError: `root` is a file.
        HomeError: It cannot be written.
    """
    if root.exists() and not root.is_dir():
        raise InputError(f"{root} is a file; name a folder")
    made: list[Path] = []
    try:
        for name in ("config", "corpus"):
            (root / name).mkdir(parents=True, exist_ok=True)
        for source in _files(samples=samples):
            target = root / source.relative_to(defaults())
            if not target.exists():
                shutil.copyfile(source, target)
                made.append(target)
    except OSError as error:
        raise HomeError(f"{root} cannot be filled: {error.strerror}: {error.filename}") from error
    return made


def _files(*, samples: bool) -> list[Path]:
    folders = ["config", "corpus"] if samples else ["config"]
    return sorted(path for name in folders for path in (defaults() / name).iterdir() if path.is_file())
