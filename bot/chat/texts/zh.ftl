# What the bot says to people who read Chinese. The same messages as in en.ftl.

start =
    你好，我是问报。

    有问题直接问我，我从团队的报告里找出能回答的原文，一字不改，并注明出自哪份报告、哪一节。
help =
    怎么问：
    • 私聊里直接打字，例如：怎么处理投诉
    • 群里发 /ask 加问题，或者 @ 我，或者回复我
    • 中文、英文都行，512 个字以内
    • 只查一份报告：/search 07 怎么处理投诉

    我回的都是报告里的原文；报告里没写的，我会直说。
    /reports 看有哪些报告，/lang 换语言，/privacy 看我记下什么，/forget 删除。
tap = 点一个下面的问题试试，或者直接打字：
type = 直接打字就可以问。
greeting = 你好！想查什么？直接问我就行，例如：怎么处理投诉
thanks-said = 不客气！还有想查的，直接问我。
ask-in-group = 在群里这样问我：
placeholder = 输入你的问题
not-found = 报告里没有写到能回答这个问题的内容。
missing = 报告里没有这些词：{ $words }
quoted = “{ $word }”
nearest = 最接近的是这几节，点开看看：
try-other-words = 换个说法试试：用业务里常用的词（例如“投诉”“外呼”），一次只问一件事。
no-reports = 现在还没有报告可查。等管理员放进报告，我就能回答了。
unreadable = 这条消息里有读不出来的字符，请重新打一遍。
blank =
    请把问题一起发给我，例如：
    /ask 怎么处理投诉
too-long = 问题有点长，请缩短到 512 个字以内，一次只问一件事。
text-only = 我只看得懂文字。请把问题打成字发给我。
unknown-command = 我不认识这个命令。直接打字就可以问，也可以看看 /help 。
trouble = 抱歉，我这会儿查不了报告。请过几分钟再问一次。
link-outdated = 资料已更新，链接里的那一段已经不在了。直接问我吧。

# The cards, and the buttons below them. Buttons are short: two or three stand in a row.

repaired = 按“{ $question }”查找
in-report = 只查了《{ $report }》
also = 另见{ $reports }
place = 第 { $number }/{ $count } 段
before = 上文
after = 下文
open = { $number } 展开
more = 更多 ▸
fewer = ◂ 前面
why = 命中的词
matched =
    命中的词：
    { $words }
literal = 不改字，按原样查
everywhere = 查全部报告
context = 上下文
passage-only = 收起上下文
whole-section = 整节
share = 分享
ask-again = 重新提问
outdated = 资料已更新，这里的内容变了。
thanks = 谢谢！
why-bad = 哪里不好？
thanks-bad = 谢谢，已经记下。
reason-passage = 答非所问
reason-outdated = 内容过时
reason-incomplete = 不完整
reason-other = 其他

# The list of commands.

command-start = 从这里开始
command-help = 怎么问，能问什么
command-ask = 向报告提问
command-search = 只查一份报告
command-reports = 看有哪些报告
command-lang = 选择语言
command-privacy = 我记下什么
command-forget = 删除我的记录
command-stats = 使用情况
command-gaps = 报告里缺什么
command-refresh = 更新资料
command-status = 运行状态

# Buttons, browsing, inline mode and the choice of a language.

button-unknown = 这个按钮已经失效。请重新提问，或发 /reports 。
updated-reports = 资料已更新，这个按钮指的内容不在了。请从目录重新打开：
reports-title = 报告目录（{ $count } 份）
report-sections = { $count } 节，点数字打开：
page = 第 { $page }/{ $pages } 页
previous = ‹ 上一页
next = 下一页 ›
back = ‹ 返回
all-reports = 全部报告
search-how = 只查一份报告：发 /search 加编号和问题，例如 /search 07 怎么处理投诉 。或者选一份，再点“在本报告里查”：
report-alone = 只查这份：/search { $number } 加问题
report-within = 在本报告里查
report-document = 整份文件
within = 已限定在《{ $report }》里查，直接提问即可。
within-group = 已限定在《{ $report }》里查，发 /ask 加问题即可。
within-leave = 查全部报告
no-such-report = 没有“{ $report }”这份报告。发 /reports 可以看到全部报告。
left = 好，以后查全部报告。
document = 《{ $report }》在这份文件里。
document-missing = 这份文件现在取不到。
document-large = 这份文件太大，Telegram 发不了。
converted = 已轉換為繁體，原文為簡體
original = 看简体原文
as-traditional = 看繁體
upload = 我不收文件。请把报告交给管理这个机器人的同事，由他放进来，之后就能查到。
inline-start = 输入问题，查团队的报告
inline-nothing = 报告里没有找到，看看怎么问
inline-trouble = 现在查不了报告，点这里打开对话
inline-open = 在问报里打开
language-choose = 选择语言 · 選擇語言 · Choose your language
language-zh = 简体中文
language-zh-Hant = 繁體中文
language-en = English
language-convert = 报告原文也显示为繁体
language-set = 好，以后用中文跟你说。

# Access, privacy and the admin's commands.
not-allowed = 这个机器人只回答指定的人和群。需要使用，请把你的 Telegram 编号 { $id } 告诉管理它的同事。
not-allowed-inline = 你还没有使用权限
too-often = 问得有点快，请稍等一会儿再问。
too-often-inline = 问得有点快，请稍等
privacy-who = 我不记你的名字。你的 Telegram 编号（{ $id }）只以加密摘要的形式保存，没有密钥就认不出是谁。
privacy-questions = 我保存：你问了什么、什么时候问的、在哪个聊天里（同样只存摘要）、用哪种语言、给你看了哪些段落，你点的 👍 👎 和理由，你选的语言。
privacy-no-questions = 我保存：什么时候有人提问、在哪个聊天里（同样只存摘要）、用哪种语言、给出了哪些段落，点的 👍 👎 和理由，你选的语言。问题的文字不进记录。
privacy-rest =
    消息下面的按钮记得自己指什么，其中可能有问题的文字。最近答过的问题会留在内存里，不记是谁问的，重启就没了。

    超过 { $days } 天的都会自动删除；你选的语言保留到你改掉或删除。消息答完之前照 Telegram 发来的原样（包括你的名字）暂存，答完就删；处理不了的最多留 { $aside } 天，供管理员排查，/forget 不涉及它。
privacy-log = 运行日志里会写出问题的文字。
privacy-forget = 发 /forget 可以删除属于你的记录。Telegram 里的聊天记录由你自己删除。
forget-sure = 要删除我保存的、属于你的一切吗？包括你的提问、👍 👎、语言选择，你那些答案下面的按钮也会失效。删了就找不回来。
forget-yes = 全部删除
forget-done = 已删除：提问 { $questions } 个，👍 👎 { $judgements } 个，答案按钮 { $buttons } 组，语言选择 { $settings } 项。
forget-none = 我没有保存任何属于你的东西。
stats-title = 最近 { $days } 天
stats-nothing = 还没有人提问。
stats-figures = { $questions } 个问题，答出 { $answered } 个（{ $share }%），{ $people } 人提问
stats-sections = 回答最多的章节：
stats-reason =
    { $reason ->
        [passage] { reason-passage }
        [outdated] { reason-outdated }
        [incomplete] { reason-incomplete }
        [other] { reason-other }
       *[unknown] { $reason }
    }
stats-per-day = 每天的问题
stats-answered = 答出
stats-unanswered = 没答出
stats-reasons = 不满意的理由
gaps-title = 大家问了，报告里没写（或没写好）
gaps-none = 没有发现缺口：问到的报告里都有。
gaps-unanswered = 没答出 { $times } 次
status-index =
    { $reports } 份报告，{ $passages } 个段落
    索引 { $generation }
    建于 { $built }，{ $age }前
status-running = 已运行 { $uptime } · 版本 { $version }
span-days = { $days } 天 { $hours } 小时
span-hours = { $hours } 小时 { $minutes } 分钟
span-minutes = { $minutes } 分钟
refresh-nothing = 这里没有可以刷新的索引。
refresh-started = 正在查看报告有没有变化…
refresh-waiting = 另一次刷新正在进行，完成后接着刷新…
refresh-progress = 正在建立索引：{ $done } / { $total } 段（{ $share }%）
refresh-built = 索引已更新，用时 { $seconds } 秒
refresh-unchanged = 没有变化
admin-trouble = 出了问题：{ $error }
