"""The chat page: the sandbox's Telegram as people see it, in a browser on this machine.

`Page` (in `page.py`) is routes for the server; the page itself is three files in `static/`. It draws the
messages as the Bot API writes them, and acts through `Person` like any test does.
"""
