"""The strict local Telegram. What it enforces, and where that is tested:

| rule | tests |
| --- | --- |
| text 1–4096 after parsing, raw text with markup at most 32,768 bytes, given entities | test_messages.py |
| the dialect of HTML and its errors, UTF-16 offsets, the first 100 entities | test_markup.py |
| captions 0–1024, uploads 50 MB, photos 10 MB, getFile 20 MB | test_files.py, test_uploads.py |
| 100 buttons, 8 in a row, callback_data 1–64 bytes, addresses | test_keyboards.py |
| answers to presses: 200 characters, once, within 10 s | test_callbacks.py |
| inline: 50 results, ids 1–64 bytes, offset 64 bytes, query 256, once, within 10 s | test_inline.py |
| commands: 100 of [a-z0-9_]{1,32}, scopes, languages; names and descriptions | test_commands.py |
| deep links: 64 of [A-Za-z0-9_-] | test_chats.py, test_inline.py |
| "message is not modified", exact quotes of at most 1024, 48 hours to delete | test_messages.py |
| getUpdates: offset, limit, long poll, 409 for the older one | test_updates.py |
| webhooks: address, secret, order, retries, Retry-After, 409 for getUpdates | test_webhook.py |
| flood control: 1/s in a chat, 20/min in a group, 30/s overall | test_limits.py |
| 401, 404, 400 (chat not found), unknown methods and parameters | test_transport.py, test_messages.py |
| 403: blocked, never written to, thrown out, left | test_messages.py, test_chats.py |
| privacy mode | test_people.py, test_files.py, test_inline.py |
| faults on request | test_faults.py, test_files.py, test_webhook.py |
"""
