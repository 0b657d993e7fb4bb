# What the bot says to people who read English. The same messages as in zh.ftl.

start =
    Hello, I’m Wenbao.

    Ask me anything about the work. I look through the team’s reports and send you the passages that answer, word for word, each with its report and section.
help =
    How to ask:
    • In a private chat, just type, for example: how to handle complaints
    • In a group, send /ask and your question, mention me, or reply to me
    • Chinese or English, up to 512 characters
    • In one report only: /search 07 how to handle complaints

    Everything I send is the reports’ own wording. If the reports don’t say, I’ll tell you.
    /reports shows which reports there are, /lang changes the language, /privacy tells what I keep, /forget deletes it.
tap = Tap one of these questions, or type your own:
type = Just type your question.
greeting = Hello! What would you like to know? Just ask, for example: how to handle complaints
thanks-said = You’re welcome! Ask me whenever you need something.
ask-in-group = In a group, ask me like this:
placeholder = Type your question
not-found = I couldn’t find an answer to that in the reports.
missing = No report has these words: { $words }
quoted = “{ $word }”
nearest = These sections come nearest. Tap one to read it:
try-other-words = Try other words, such as those used in daily work (“complaint”, “outbound call”), and ask one thing at a time.
no-reports = There are no reports to look in yet. Once somebody adds them, I can answer.
unreadable = This message has characters that cannot be read. Please type it again.
blank =
    Please send your question along with the command, for example:
    /ask how to handle complaints
too-long = That question is a bit long for me. Please keep it within 512 characters and ask one thing at a time.
text-only = I can only read text. Please type your question.
unknown-command = I don’t know that command. Just type your question, or see /help.
trouble = Sorry, I can’t look in the reports right now. Please ask again in a few minutes.
link-outdated = The reports have changed, and the passage of this link is no longer there. Just ask me.

# The cards, and the buttons below them. Buttons are short: two or three stand in a row.

repaired = Looked up as “{ $question }”
in-report = Only in 《{ $report }》
also = See also { $reports }
place = passage { $number } of { $count }
before = Before
after = After
open = { $number } Open
more = More ▸
fewer = ◂ Back
why = Matches
matched =
    Matched words:
    { $words }
literal = Look up as typed
everywhere = All reports
context = Context
passage-only = Hide context
whole-section = Section
share = Share
ask-again = Ask again
outdated = The reports have changed, and so has this.
thanks = Thank you!
why-bad = What is wrong?
thanks-bad = Thank you, noted.
reason-passage = Wrong passage
reason-outdated = Outdated
reason-incomplete = Incomplete
reason-other = Other

# The list of commands.

command-start = Begin here
command-help = How to ask, and what
command-ask = Ask the reports
command-search = Ask one report only
command-reports = Which reports there are
command-lang = Choose your language
command-privacy = What I keep
command-forget = Delete what I keep of you
command-stats = How I am used
command-gaps = What the reports lack
command-refresh = Bring the index up to date
command-status = How I am doing

# Buttons, browsing, inline mode and the choice of a language.

button-unknown = This button no longer works. Please ask again, or send /reports.
updated-reports = The reports have changed, and what this button stood for is gone. Please open it anew:
reports-title = Reports ({ $count })
report-sections = Sections: { $count }. Tap a number to open one:
page = Page { $page } of { $pages }
previous = ‹ Previous
next = Next ›
back = ‹ Back
all-reports = All reports
search-how = To look in one report only, send /search with its number and your question, for example /search 07 how to handle complaints. Or choose one, and then “Ask within this report”:
report-alone = In this one only: /search { $number } and your question
report-within = Ask within this report
report-document = The whole file
within = From now on I look only in 《{ $report }》. Just ask.
within-group = From now on I look only in 《{ $report }》. Send /ask and your question.
within-leave = Look in all reports
no-such-report = There is no report “{ $report }”. Send /reports to see them all.
left = All right, I look in all reports again.
document = 《{ $report }》 is in this file.
document-missing = This file cannot be fetched at the moment.
document-large = This file is too large for Telegram.
converted = 已轉換為繁體，原文為簡體
original = As written (Simplified)
as-traditional = In Traditional characters
upload = I don’t take files. Please give the report to the colleague who runs this bot; once it is added, I can answer from it.
inline-start = Type a question about the reports
inline-nothing = Nothing in the reports – how to ask
inline-trouble = The reports can’t be searched now – open the chat
inline-open = Open in the chat
language-choose = 选择语言 · 選擇語言 · Choose your language
language-zh = 简体中文
language-zh-Hant = 繁體中文
language-en = English
language-convert = Show the reports in Traditional characters as well
language-set = All right, English it is.

# Access, privacy and the admin's commands.
not-allowed = This bot answers certain people and groups only. If you need it, please give your Telegram id, { $id }, to the colleague who runs it.
not-allowed-inline = You may not use this bot yet
too-often = That’s a bit fast for me. Please wait a moment before you ask again.
too-often-inline = Please wait a moment
privacy-who = I don’t keep your name. Your Telegram id ({ $id }) is kept only as a keyed hash, which tells nobody without the key who you are.
privacy-questions = I keep: what you asked and when, in which chat (as a hash too) and language, which passages you were shown, your 👍 👎 with their reasons, and the language you chose.
privacy-no-questions = I keep: when somebody asked, in which chat (as a hash too) and language, which passages were shown, 👍 👎 with their reasons, and the language you chose. The text of questions is not recorded.
privacy-rest =
    The buttons below a message remember what they mean, which may include the text of a question. Questions that were answered lately stay in memory, without who asked them, until I am restarted.

    All this is deleted after { $days } days; your language stays until you change or delete it. A message is kept as Telegram sent it (your name included) until it is answered; one that could not be dealt with for up to { $aside } days, so that an admin can find out why; /forget does not reach it.
privacy-log = The log of the running bot shows the text of questions.
privacy-forget = Send /forget to delete what is yours. The chat itself is Telegram’s; you delete it there.
forget-sure = Delete everything of yours that I keep: your questions, your 👍 👎 and your language? The buttons below your answers will stop working. This cannot be undone.
forget-yes = Delete everything
forget-done =
    Deleted: { $questions ->
        [one] { $questions } question
       *[other] { $questions } questions
    }, { $judgements } 👍 👎, the buttons of { $buttons ->
        [one] { $buttons } answer
       *[other] { $buttons } answers
    }, { $settings ->
        [one] { $settings } choice of language
       *[other] { $settings } choices of language
    }.
forget-none = I keep nothing that is yours.
stats-title =
    { $days ->
        [one] Today
       *[other] The last { $days } days
    }
stats-nothing = Nobody has asked anything yet.
stats-figures =
    { $questions ->
        [one] { $questions } question
       *[other] { $questions } questions
    }, { $answered } answered ({ $share }%), { $people ->
        [one] { $people } person
       *[other] { $people } people
    }
stats-sections = Sections that answered most:
stats-reason =
    { $reason ->
        [passage] { reason-passage }
        [outdated] { reason-outdated }
        [incomplete] { reason-incomplete }
        [other] { reason-other }
       *[unknown] { $reason }
    }
stats-per-day = Questions per day
stats-answered = answered
stats-unanswered = not answered
stats-reasons = Why it did not help
gaps-title = Asked, and the reports do not say (or not well)
gaps-none = No gaps: what was asked is in the reports.
gaps-unanswered = not answered { $times } ×
status-index =
    { $reports ->
        [one] { $reports } report
       *[other] { $reports } reports
    }, { $passages ->
        [one] { $passages } passage
       *[other] { $passages } passages
    }
    index { $generation }
    built { $built }, { $age } ago
status-running = up for { $uptime } · version { $version }
span-days = { $days } d { $hours } h
span-hours = { $hours } h { $minutes } min
span-minutes = { $minutes } min
refresh-nothing = There is no index here to refresh.
refresh-started = Looking for changes in the reports…
refresh-waiting = Another refresh is under way; this one follows…
refresh-progress = Building the index: { $done } of { $total } passages ({ $share }%)
refresh-built = The index is up to date, after { $seconds } s
refresh-unchanged = Nothing changed
admin-trouble = Something went wrong: { $error }
