"""What can go wrong, as a person is told it.

    WenbaoError                exit
    ├── InputError             2     the question, an argument or a file given on the command line
    │   ├── BlankQuestion      2     nothing was asked
    │   ├── QuestionTooLong    2     more than 512 characters
    │   └── SettingsError      2     config/*.toml or an environment variable
    ├── HomeError              3     the home folder cannot be used
    ├── CorpusError            3     the corpus folder as a whole
    │   ├── EmptyCorpus        3     there is no report in it
    │   └── UnreadableReport   3     one report file; skipped unless --strict
    ├── IndexUnavailable       3     there is no index that can be opened
    │   ├── IndexDamaged       3     files are missing, cut short or changed
    │   ├── IndexForeign       3     written in another format version
    │   ├── IndexLocked        3     another process is building
    │   └── IndexUnwritable    3     no room on the disk, or no right to write
    ├── InboxUnavailable       3     the questions that wait cannot be written down
    ├── JournalUnavailable     3     the journal cannot be read or written
    ├── CheckFailed            3     a new index answers the judged questions worse
    └── TelegramError          4     the Bot API or the way to it
        └── TokenRejected      4     Telegram does not know the token

Every message is one line: what happened, where, and what to do about it.
"""

from typing import ClassVar


class WenbaoError(Exception):
    """Root of all errors that are meant for a person; `exit_code` is the contract's."""

    exit_code: ClassVar[int] = 3


class InputError(WenbaoError):
    """What was asked for cannot be done as given; nothing was changed."""

    exit_code = 2


class BlankQuestion(InputError):
    """The question has no visible character."""


class QuestionTooLong(InputError):
    """The question is longer than a question may be."""


class SettingsError(InputError):
    """A setting is unknown, malformed or out of range; the message has file:line."""


class HomeError(WenbaoError):
    """The home folder is missing, incomplete or not writable."""


class CorpusError(WenbaoError):
    """The corpus folder cannot be used."""


class EmptyCorpus(CorpusError):
    """There is no report to answer from."""


class UnreadableReport(CorpusError):
    """One file of the corpus cannot be read as a report."""


class IndexUnavailable(WenbaoError):
    """No generation can be opened."""


class IndexDamaged(IndexUnavailable):
    """A generation's files are missing, cut short or changed."""


class IndexForeign(IndexUnavailable):
    """A generation was written in a format that this version does not read."""


class IndexLocked(IndexUnavailable):
    """Another process holds the lock for building."""


class IndexUnwritable(IndexUnavailable):
    """A generation cannot be written: the disk is full, read-only or somebody else's."""


class InboxUnavailable(WenbaoError):
    """The file of the updates in hand cannot be opened, read or written."""


class JournalUnavailable(WenbaoError):
    """The journal's database or its key cannot be opened, read or written."""


class CheckFailed(WenbaoError):
    """A new generation answers the judged questions worse than the published one, which stays."""


class TelegramError(WenbaoError):
    """The Bot API, or the network on the way to it, refused."""

    exit_code = 4


class TokenRejected(TelegramError):
    """Telegram does not accept the bot's token."""
