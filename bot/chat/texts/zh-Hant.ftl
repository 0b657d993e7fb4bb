# What the bot says to people who read Traditional Chinese. The same messages as in zh.ftl.

start =
    你好，我是問報。

    有問題直接問我，我從團隊的報告裡找出能回答的原文，一字不改，並註明出自哪份報告、哪一節。
help =
    怎麼問：
    • 私訊裡直接打字，例如：怎麼處理投訴
    • 群裡發 /ask 加問題，或者 @ 我，或者回覆我
    • 中文、英文都行，512 個字以內
    • 只查一份報告：/search 07 怎麼處理投訴

    我回的都是報告裡的原文；報告裡沒寫的，我會直說。
    /reports 看有哪些報告，/lang 換語言，/privacy 看我記下什麼，/forget 刪除。
tap = 點一個下面的問題試試，或者直接打字：
type = 直接打字就可以問。
greeting = 你好！想查什麼？直接問我就行，例如：怎麼處理投訴
thanks-said = 不客氣！還有想查的，直接問我。
ask-in-group = 在群裡這樣問我：
placeholder = 輸入你的問題
not-found = 報告裡沒有寫到能回答這個問題的內容。
missing = 報告裡沒有這些詞：{ $words }
quoted = 「{ $word }」
nearest = 最接近的是這幾節，點開看看：
try-other-words = 換個說法試試：用業務裡常用的詞（例如「投訴」「外呼」），一次只問一件事。
no-reports = 現在還沒有報告可查。等管理員放進報告，我就能回答了。
unreadable = 這條訊息裡有讀不出來的字元，請重新打一遍。
blank =
    請把問題一起發給我，例如：
    /ask 怎麼處理投訴
too-long = 問題有點長，請縮短到 512 個字以內，一次只問一件事。
text-only = 我只看得懂文字。請把問題打成字發給我。
unknown-command = 我不認識這個命令。直接打字就可以問，也可以看看 /help 。
trouble = 抱歉，我這會兒查不了報告。請過幾分鐘再問一次。
link-outdated = 資料已更新，連結裡的那一段已經不在了。直接問我吧。

# The cards, and the buttons below them. Buttons are short: two or three stand in a row.

repaired = 按「{ $question }」查詢
in-report = 只查了《{ $report }》
also = 另見{ $reports }
place = 第 { $number }/{ $count } 段
before = 上文
after = 下文
open = { $number } 展開
more = 更多 ▸
fewer = ◂ 前面
why = 命中的詞
matched =
    命中的詞：
    { $words }
literal = 不改字，按原樣查
everywhere = 查全部報告
context = 上下文
passage-only = 收起上下文
whole-section = 整節
share = 分享
ask-again = 重新提問
outdated = 資料已更新，這裡的內容變了。
thanks = 謝謝！
why-bad = 哪裡不好？
thanks-bad = 謝謝，已經記下。
reason-passage = 答非所問
reason-outdated = 內容過時
reason-incomplete = 不完整
reason-other = 其他

# The list of commands.

command-start = 從這裡開始
command-help = 怎麼問，能問什麼
command-ask = 向報告提問
command-search = 只查一份報告
command-reports = 看有哪些報告
command-lang = 選擇語言
command-privacy = 我記下什麼
command-forget = 刪除我的記錄
command-stats = 使用情況
command-gaps = 報告裡缺什麼
command-refresh = 更新資料
command-status = 執行狀態

# Buttons, browsing, inline mode and the choice of a language.

button-unknown = 這個按鈕已經失效。請重新提問，或發 /reports 。
updated-reports = 資料已更新，這個按鈕指的內容不在了。請從目錄重新開啟：
reports-title = 報告目錄（{ $count } 份）
report-sections = { $count } 節，點數字開啟：
page = 第 { $page }/{ $pages } 頁
previous = ‹ 上一頁
next = 下一頁 ›
back = ‹ 返回
all-reports = 全部報告
search-how = 只查一份報告：發 /search 加編號和問題，例如 /search 07 怎麼處理投訴 。或者選一份，再點「在本報告裡查」：
report-alone = 只查這份：/search { $number } 加問題
report-within = 在本報告裡查
report-document = 整份檔案
within = 已限定在《{ $report }》裡查，直接提問即可。
within-group = 已限定在《{ $report }》裡查，發 /ask 加問題即可。
within-leave = 查全部報告
no-such-report = 沒有「{ $report }」這份報告。發 /reports 可以看到全部報告。
left = 好，以後查全部報告。
document = 《{ $report }》在這份檔案裡。
document-missing = 這份檔案現在取不到。
document-large = 這份檔案太大，Telegram 發不了。
converted = 已轉換為繁體，原文為簡體
original = 看簡體原文
as-traditional = 看繁體
upload = 我不收檔案。請把報告交給管理這個機器人的同事，由他放進來，之後就能查到。
inline-start = 輸入問題，查團隊的報告
inline-nothing = 報告裡沒有找到，看看怎麼問
inline-trouble = 現在查不了報告，點這裡開啟對話
inline-open = 在問報裡開啟
language-choose = 选择语言 · 選擇語言 · Choose your language
language-zh = 简体中文
language-zh-Hant = 繁體中文
language-en = English
language-convert = 報告原文也顯示為繁體
language-set = 好，以後用中文跟你說。

# Access, privacy and the admin's commands.
not-allowed = 這個機器人只回答指定的人和群。需要使用，請把你的 Telegram 編號 { $id } 告訴管理它的同事。
not-allowed-inline = 你還沒有使用權限
too-often = 問得有點快，請稍等一會兒再問。
too-often-inline = 問得有點快，請稍等
privacy-who = 我不記你的名字。你的 Telegram 編號（{ $id }）只以加密摘要的形式保存，沒有金鑰就認不出是誰。
privacy-questions = 我保存：你問了什麼、什麼時候問的、在哪個聊天裡（同樣只存摘要）、用哪種語言、給你看了哪些段落，你點的 👍 👎 和理由，你選的語言。
privacy-no-questions = 我保存：什麼時候有人提問、在哪個聊天裡（同樣只存摘要）、用哪種語言、給出了哪些段落，點的 👍 👎 和理由，你選的語言。問題的文字不進記錄。
privacy-rest =
    訊息下面的按鈕記得自己指什麼，其中可能有問題的文字。最近答過的問題會留在記憶體裡，不記是誰問的，重啟就沒了。

    超過 { $days } 天的都會自動刪除；你選的語言保留到你改掉或刪除。訊息答完之前照 Telegram 發來的原樣（包括你的名字）暫存，答完就刪；處理不了的最多留 { $aside } 天，供管理員排查，/forget 不涉及它。
privacy-log = 執行日誌裡會寫出問題的文字。
privacy-forget = 發 /forget 可以刪除屬於你的記錄。Telegram 裡的聊天記錄由你自己刪除。
forget-sure = 要刪除我保存的、屬於你的一切嗎？包括你的提問、👍 👎、語言選擇，你那些答案下面的按鈕也會失效。刪了就找不回來。
forget-yes = 全部刪除
forget-done = 已刪除：提問 { $questions } 個，👍 👎 { $judgements } 個，答案按鈕 { $buttons } 組，語言選擇 { $settings } 項。
forget-none = 我沒有保存任何屬於你的東西。
stats-title = 最近 { $days } 天
stats-nothing = 還沒有人提問。
stats-figures = { $questions } 個問題，答出 { $answered } 個（{ $share }%），{ $people } 人提問
stats-sections = 回答最多的章節：
stats-reason =
    { $reason ->
        [passage] { reason-passage }
        [outdated] { reason-outdated }
        [incomplete] { reason-incomplete }
        [other] { reason-other }
       *[unknown] { $reason }
    }
stats-per-day = 每天的問題
stats-answered = 答出
stats-unanswered = 沒答出
stats-reasons = 不滿意的理由
gaps-title = 大家問了，報告裡沒寫（或沒寫好）
gaps-none = 沒有發現缺口：問到的報告裡都有。
gaps-unanswered = 沒答出 { $times } 次
status-index =
    { $reports } 份報告，{ $passages } 個段落
    索引 { $generation }
    建於 { $built }，{ $age }前
status-running = 已運行 { $uptime } · 版本 { $version }
span-days = { $days } 天 { $hours } 小時
span-hours = { $hours } 小時 { $minutes } 分鐘
span-minutes = { $minutes } 分鐘
refresh-nothing = 這裡沒有可以更新的索引。
refresh-started = 正在查看報告有沒有變化…
refresh-waiting = 另一次更新正在進行，完成後接著更新…
refresh-progress = 正在建立索引：{ $done } / { $total } 段（{ $share }%）
refresh-built = 索引已更新，用時 { $seconds } 秒
refresh-unchanged = 沒有變化
admin-trouble = 出了問題：{ $error }
