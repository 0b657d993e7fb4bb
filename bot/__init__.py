"""wenbao (问报): cited answers from a team's reports."""

__version__ = "0.1.0"
