# What the bot says to people who read Chinese. The same messages as in en.ftl.

start =
    你好，我是问报。

    有问题直接问我，我从团队的报告里找出能回答的原文，一字不改，并注明出自哪份报告、哪一节。
help =
    怎么问：
    • 私聊里直接打字，例如：怎么处理投诉
    • 群里发 /ask 加问题，或者 @ 我，或者回复我
    • 中文、英文都行，512 个字以内
    • 只查一份报告：in:07 怎么处理投诉

    我回的都是报告里的原文；报告里没写的，我会直说。
    /reports 看有哪些报告，/lang 换语言。
tap = 点一个下面的问题试试，或者直接打字：
type = 直接打字就可以问。
ask-in-group = 在群里这样问我：
placeholder = 输入你的问题
not-found = 报告里没有写到能回答这个问题的内容。
missing = 报告里没有这些词：{ $words }
nearest = 最接近的是这几节，点开看看：
try-other-words = 换个说法试试：用业务里常用的词（例如“投诉”“外呼”），一次只问一件事。
no-reports = 现在还没有报告可查。等管理员放进报告，我就能回答了。
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
