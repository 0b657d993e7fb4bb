"""A strict local Telegram: what passes here passes there.

It speaks the Bot API over HTTP on loopback and keeps its state in memory. `Sandbox` (in `sandbox.py`) is
the state and the way to act as the bot's users; `run_in_thread` and `BotApiServer` (in `run.py`) serve it.
"""
