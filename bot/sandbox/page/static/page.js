// The chat page. What the server tells (`News`) changes `world`; drawing reads `world` and `seat`.
// Texts from chats become text nodes, never markup.

export const TEXTS = {
  zh: {
    local: "只在这台电脑上 · 不联网",
    people: "以谁的身份",
    chats: "聊天",
    messages: "消息",
    note: "这里的一切只在本机运行，停止 wenbao try 后不留记录。",
    back: "返回聊天列表",
    to_end: "到最新消息",
    cancel: "取消",
    menu: "命令",
    attach: "发送文件",
    input: "输入消息",
    keys: "按钮键盘",
    send: "发送",
    start: "开始",
    drop: "松开即发送",
    placeholder: "输入问题，或 / 看命令",
    placeholder_group: "在群里用 /ask 提问，或 @ 机器人",
    to_dark: "换成深色",
    to_light: "换成浅色",
    bot: "机器人",
    typing: "正在输入…",
    uploading: "正在发送文件…",
    members: (n) => `${n} 位成员 · 机器人只看得到命令、提及和回复`,
    what: "这个机器人能做什么？",
    more: "展开",
    less: "收起",
    edited: "已编辑",
    reply: "回复",
    answering: (name) => `回复 ${name}`,
    today: "今天",
    yesterday: "昨天",
    you: "你",
    via: (name) => `通过 @${name}`,
    open_link: (url) => `打开这个链接吗？\n\n${url}`,
    open: "打开",
    ok: "好",
    copied: "已复制",
    no_answer: "机器人没有回应",
    lost: "连不上 wenbao try 了，它停了吗？正在重试…",
    no_commands: "没有这样的命令",
    searching: "正在查找…",
    nothing: "没有结果",
    inline: "群聊和私聊都能用的查询",
    choose_chat: "发到哪个聊天？",
    download: "下载",
    photo: "图片",
    file: "文件",
    unread: (n) => `${n} 条未读`,
    deleted: "已删除的消息",
    secret: "点一下显示",
    no_messages: "还没有消息",
  },
  en: {
    local: "On this computer only",
    people: "Who you are",
    chats: "Chats",
    messages: "Messages",
    note: "Everything here runs on this machine; nothing is kept once wenbao try stops.",
    back: "Back to the chats",
    to_end: "To the latest message",
    cancel: "Cancel",
    menu: "Commands",
    attach: "Send a file",
    input: "Message",
    keys: "Button keyboard",
    send: "Send",
    start: "START",
    drop: "Drop to send",
    placeholder: "Ask a question, or / for commands",
    placeholder_group: "In a group: /ask and your question, or @ the bot",
    to_dark: "Switch to dark",
    to_light: "Switch to light",
    bot: "bot",
    typing: "typing…",
    uploading: "sending a file…",
    members: (n) => `${n} members · the bot sees only commands, mentions and replies`,
    what: "What can this bot do?",
    more: "Show more",
    less: "Show less",
    edited: "edited",
    reply: "Reply",
    answering: (name) => `Reply to ${name}`,
    today: "Today",
    yesterday: "Yesterday",
    you: "You",
    via: (name) => `via @${name}`,
    open_link: (url) => `Open this link?\n\n${url}`,
    open: "Open",
    ok: "OK",
    copied: "Copied",
    no_answer: "The bot did not answer",
    lost: "wenbao try cannot be reached. Did it stop? Trying again…",
    no_commands: "No such command",
    searching: "Searching…",
    nothing: "Nothing found",
    inline: "A query that works in any chat",
    choose_chat: "Send it to which chat?",
    download: "Download",
    photo: "Photo",
    file: "File",
    unread: (n) => `${n} unread`,
    deleted: "Deleted message",
    secret: "Click to reveal",
    no_messages: "No messages yet",
  },
};

const ICONS = {
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  down: "M5 9l7 7 7-7",
  send: "M12 19V6M6 11.5l6-6 6 6",
  menu: "M6.5 4h11A2.5 2.5 0 0 1 20 6.5v11a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 17.5v-11A2.5 2.5 0 0 1 6.5 4zM14 8l-4 8",
  keys: "M4 7h16v10H4zM8 10.5h.01M12 10.5h.01M16 10.5h.01M9 14h6",
  attach: "M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.3a1.6 1.6 0 0 1-2.3-2.3l7.4-7.3",
  reply: "M10 6L4 12l6 6M4 12h9a7 7 0 0 1 7 7",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3L19 19M19 5l-1.7 1.7M6.7 17.3L5 19",
  load: "M12 4v11M7 10.5l5 5 5-5M6 20h12",
  link: "M7 17L17 7M9 7h8v8",
  share: "M14 5l6 6-6 6M20 11H10a6 6 0 0 0-6 6v1",
  copy: "M9 9h10v10H9zM5 15V5h10",
};

const language = (navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en";
const texts = TEXTS[language];
const token = document.querySelector("meta[name=page-token]").content;
const $ = (id) => document.getElementById(id);

// What the server told: the bot and people, chats by id, each a Map of message id → {message, keyboard}.
const world = { about: null, chats: new Map() };
// What this page adds: who one is, which chat is open, and per person and chat what was read and written.
const seat = {
  person: null,
  chat: null,
  read: new Map(),
  drafts: new Map(),
  answering: null,
  usedKeyboard: new Map(),
};

// ---- small tools

function el(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function icon(name, kind = "icon") {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", kind);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const initial = (name) => /[\p{L}\p{N}]/u.exec(name)?.[0] || "·";
const avatar = (name, hue) =>
  el("span", { class: "avatar", "data-hue": hue, "aria-hidden": "true" }, initial(name));
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false });
const time = (seconds) => clock.format(new Date(seconds * 1000));
const isMine = (message) => message.from.id === seat.person;
const nameOf = (user) => (user.id === seat.person ? texts.you : user.first_name);

function day(seconds) {
  const date = new Date(seconds * 1000);
  const ago = Math.round(
    (new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000,
  );
  if (ago < 2) return ago === 1 ? texts.yesterday : texts.today;
  return new Intl.DateTimeFormat(language, { month: "long", day: "numeric" }).format(date);
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

const person = () => world.about.people.find((one) => one.user.id === seat.person);
const chat = (id = seat.chat) => person().chats.find((one) => one.id === id);
const isGroup = (one) => one.type !== "private";
const isBot = (user) => user.id === world.about.bot.id;
const messagesOf = (id) => world.chats.get(id) || new Map();
const last = (id) => [...messagesOf(id).values()].at(-1);
const key = (id = seat.chat) => `${seat.person}:${id}`;
const hue = (id) => (isBot({ id }) ? 0 : id < 0 ? 3 : 1 + (id % 2));
const titleOf = (one) => (isGroup(one) ? one.title : world.about.bot.first_name);
const hueOf = (one) => (isGroup(one) ? 3 : 0);

// ---- talking to the server

async function post(path, body, headers = {}) {
  try {
    const answer = await fetch(`/page/${path}`, {
      method: "POST",
      headers: { "x-page-token": token, ...headers },
      body,
    });
    if (answer.ok) return await answer.json();
    const told = await answer.text();
    const isJson = answer.headers.get("content-type") === "application/json";
    toast(isJson ? JSON.parse(told).description : told);
  } catch {
    toast(texts.lost);
  }
  return null;
}

const act = (name, given) =>
  post(name, JSON.stringify({ person: seat.person, ...given }), { "content-type": "application/json" });

function listen() {
  const events = new EventSource("/page/events");
  events.onmessage = ({ data }) => learn(JSON.parse(data));
  events.onopen = () => {
    $("banner").hidden = true;
  };
  events.onerror = () => {
    $("banner").textContent = texts.lost;
    $("banner").hidden = false;
  };
}

function learn(news) {
  if (news.token) {
    if (news.token !== token) location.reload(); // of a later run
    world.chats.clear();
    $("messages").replaceChildren();
    return;
  }
  if (news.about) learnAbout(news.about);
  const changed = new Set();
  for (const [chatId, messageId] of news.removed || []) {
    messagesOf(chatId).delete(messageId);
    if (chatId === seat.chat) document.getElementById(`m${messageId}`)?.remove();
    changed.add(chatId);
  }
  const isFirst = world.chats.size === 0;
  for (const one of news.messages || []) {
    const id = one.message.chat.id;
    if (!world.chats.has(id)) world.chats.set(id, new Map());
    world.chats.get(id).set(one.message.message_id, one);
    if (isBot(one.message.from)) stopTyping(id);
    changed.add(id);
  }
  if (changed.has(seat.chat))
    drawNews(
      (news.messages || []).filter((one) => one.message.chat.id === seat.chat),
      isFirst,
    );
  for (const [chatId, action] of news.actions || []) showTyping(chatId, action);
  drawSide();
}

function learnAbout(about) {
  const isFirst = world.about === null;
  world.about = about;
  if (isFirst) {
    const mine =
      about.people.find((one) => one.user.language_code.slice(0, 2) === language) || about.people[0];
    sit(mine.user.id, mine.chats[0].id);
  } else {
    drawHead();
    drawIntro();
    if (input.value.startsWith("/")) typed(); // the list that is offered may be another one now
  }
}

// ---- typing

const ACTION_MS = 5000; // for which an action is shown, unless a message comes first
const typing = new Map();

function showTyping(chatId, action) {
  if (action === "cancel") return stopTyping(chatId);
  clearTimeout(typing.get(chatId)?.timer);
  typing.set(chatId, { action, timer: setTimeout(() => stopTyping(chatId), ACTION_MS) });
  return drawTyping();
}

function stopTyping(chatId) {
  clearTimeout(typing.get(chatId)?.timer);
  typing.delete(chatId);
  drawTyping();
}

function drawTyping() {
  if (!world.about || seat.chat === null) return;
  const doing = typing.get(seat.chat);
  const wasAtEnd = isAtEnd();
  $("typing").hidden = !doing;
  const status = $("head-status");
  status.classList.toggle("busy", Boolean(doing));
  const here = chat();
  const calm = isGroup(here) ? texts.members(world.about.people.length + 1) : texts.bot;
  const busy = doing?.action.startsWith("upload") ? texts.uploading : texts.typing;
  status.textContent = doing ? busy : calm;
  if (wasAtEnd) toEnd();
}

// ---- texts with entities; offsets are UTF-16 units, as in JavaScript's strings

const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const PLAIN = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code" };

function drawText(text, entities = []) {
  const drawn = document.createDocumentFragment();
  const ordered = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  drawRange(drawn, text, ordered, 0, text.length);
  return drawn;
}

function drawRange(parent, text, entities, start, end) {
  let at = start;
  let isAfterBlock = false;
  entities.forEach((entity, place) => {
    const to = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || to <= entity.offset) return; // drawn within the one before
    const isBlock = BLOCKS.has(entity.type);
    drawPlain(parent, text.slice(at, entity.offset), isAfterBlock, isBlock);
    const inside = entities.slice(place + 1).filter((other) => other.offset < to);
    const [node, body] = entityNode(entity, text.slice(entity.offset, to));
    drawRange(body, text, inside, entity.offset, to);
    parent.append(node);
    at = to;
    isAfterBlock = isBlock;
  });
  drawPlain(parent, text.slice(at, end), isAfterBlock, false);
}

// A block begins and ends a line by itself, so the line break beside it is not drawn.
function drawPlain(parent, text, isAfterBlock, isBeforeBlock) {
  let shown = isAfterBlock ? text.replace(/^\n/, "") : text;
  if (isBeforeBlock) shown = shown.replace(/\n$/, "");
  if (shown) parent.append(shown);
}

function entityNode(entity, words) {
  const both = (node) => [node, node];
  if (Object.hasOwn(PLAIN, entity.type)) return both(el(PLAIN[entity.type]));
  switch (entity.type) {
    case "blockquote":
      return both(el("blockquote", { class: "quote" }));
    case "expandable_blockquote":
      return expandable();
    case "pre": {
      const code = el("code", { "data-language": entity.language });
      return [el("pre", { tabindex: 0 }, code), code];
    }
    case "spoiler":
      return both(
        el("span", {
          class: "spoiler",
          role: "button",
          tabindex: 0,
          "aria-label": texts.secret,
          onclick: reveal,
          onkeydown: onEnter(reveal),
        }),
      );
    case "bot_command":
      return both(el("button", { class: "command", type: "button", onclick: () => send(words) }));
    case "text_link":
      return both(link(entity.url));
    case "url":
      return both(link(/^[a-z]+:/i.test(words) ? words : `https://${words}`));
    case "email":
      return both(link(`mailto:${words}`));
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
    case "phone_number":
      return both(el("span", { class: "marked" }));
    default:
      return both(el("span"));
  }
}

function expandable() {
  const body = el("span", { class: "quote-body" });
  const words = el("span", {}, texts.more);
  const button = el(
    "button",
    { class: "expand", type: "button", "aria-expanded": "false", "data-key": "expand" },
    words,
    icon("down"),
  );
  const node = el("blockquote", { class: "quote closed expandable" }, body, button);
  button.addEventListener("click", () => {
    const isOpen = !node.classList.toggle("closed");
    button.setAttribute("aria-expanded", String(isOpen));
    words.textContent = isOpen ? texts.less : texts.more;
  });
  return [node, body];
}

// A quotation that is short enough has nothing to expand; known only once it is laid out.
function trimExpandables(node) {
  for (const quote of node.querySelectorAll(".expandable.closed")) {
    const body = quote.querySelector(".quote-body");
    quote.querySelector(".expand").hidden = body.scrollHeight <= body.clientHeight + 1;
  }
}

function reveal(event) {
  event.currentTarget.classList.add("seen");
  event.currentTarget.removeAttribute("aria-label");
}

const onEnter = (done) => (event) => {
  if (event.key === "Enter" || event.key === " ") done(event);
};

function link(url) {
  return el("a", {
    href: safeUrl(url),
    rel: "noreferrer noopener",
    onclick: (event) => {
      event.preventDefault();
      follow(url);
    },
  });
}

const safeUrl = (url) => (/^(https?|mailto|tg):/i.test(url) ? url : "#");

// Links of Telegram's own are followed here: to this bot, and to share something in one of the chats.
// Any other one leaves this machine, and only if one says so.
async function follow(url) {
  const whole = /^t\.me\//i.test(url) ? `https://${url}` : url;
  const { hostname, pathname, searchParams } = URL.canParse(whole) ? new URL(whole) : {};
  const isTelegram = hostname === "t.me";
  if (isTelegram && pathname.toLowerCase() === `/${world.about.bot.username.toLowerCase()}`) {
    open(person().chats[0].id);
    const payload = searchParams.get("start");
    if (payload) await act("start", { payload });
  } else if (isTelegram && pathname === "/share/url") {
    chooseChat([searchParams.get("url"), searchParams.get("text")].filter(Boolean).join("\n"));
  } else if (safeUrl(url) !== "#" && (await ask(texts.open_link(url), texts.open))) {
    window.open(url, "_blank", "noreferrer,noopener");
  }
}

// ---- messages

function drawMessage({ message, reactions }, isNew = false) {
  const mine = isMine(message);
  const bubble = el("div", { class: "bubble" });
  if (isGroup(message.chat) && !mine)
    bubble.append(el("span", { class: "sender", "data-hue": hue(message.from.id) }, message.from.first_name));
  if (message.via_bot) bubble.append(el("span", { class: "via" }, texts.via(message.via_bot.username)));
  if (message.reply_to_message) bubble.append(drawAnswered(message));
  bubble.append(...drawMedia(message));
  const text = message.text ?? message.caption ?? "";
  const words = el("div", { class: text ? "text" : "text bare" });
  words.append(drawText(text, message.entities ?? message.caption_entities));
  words.append(
    el(
      "span",
      { class: "meta" },
      message.edit_date ? `${texts.edited} ${time(message.date)}` : time(message.date),
    ),
  );
  bubble.append(words);
  if (reactions.length)
    bubble.append(el("div", { class: "reactions" }, ...reactions.map((one) => el("span", {}, one))));
  const stack = el("div", { class: "stack" }, bubble, drawButtons(message));
  const parts = isGroup(message.chat) && !mine ? [avatar(message.from.first_name, hue(message.from.id))] : [];
  const name = `${nameOf(message.from)}, ${time(message.date)}`;
  const node = el("article", {
    class: `message ${mine ? "mine" : "theirs"}${isNew ? " new" : ""}`,
    id: `m${message.message_id}`,
    "aria-label": name,
    "data-from": message.from.id,
    "data-day": day(message.date),
  });
  const reply = el(
    "button",
    {
      class: "icon-button reply-button",
      type: "button",
      "aria-label": texts.reply,
      "data-key": "reply",
      onclick: () => answer(message),
    },
    icon("reply"),
  );
  node.append(...parts, stack, reply);
  return node;
}

function drawAnswered(message) {
  const { from, text, caption, message_id } = message.reply_to_message;
  const words = message.quote?.text ?? text ?? caption ?? texts.file;
  return el(
    "button",
    { class: "answered", type: "button", "data-key": "answered", onclick: () => find(message_id) },
    el("strong", {}, nameOf(from)),
    el("span", {}, words.slice(0, 200)),
  );
}

function drawMedia(message) {
  const address = (file) => `/page/files/${encodeURIComponent(file.file_id)}`;
  if (message.photo?.length) {
    const best = message.photo.at(-1);
    return [
      el("img", {
        class: "photo",
        src: address(best),
        alt: message.caption || texts.photo,
        width: best.width,
        height: best.height,
      }),
    ];
  }
  if (!message.document) return [];
  const { file_name: name = texts.file, file_size: bytes } = message.document;
  const words = [el("strong", {}, name), el("small", {}, bytes === undefined ? "" : size(bytes))];
  return [
    el(
      "a",
      {
        class: "file",
        href: address(message.document),
        download: name,
        "data-key": "file",
      },
      el("span", { class: "disc" }, icon("load"), el("span", { class: "sr" }, `${texts.download} `)),
      ...words,
    ),
  ];
}

function drawButtons(message) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  const drawn = rows.map((row, y) =>
    el("div", { class: "buttons-row" }, ...row.map((button, x) => drawButton(message, button, `${y}:${x}`))),
  );
  return el("div", { class: "buttons", role: "group", onkeydown: moveInButtons }, ...drawn);
}

function drawButton(message, button, place) {
  const corner = button.url
    ? "link"
    : "switch_inline_query" in button
      ? "share"
      : button.copy_text
        ? "copy"
        : null;
  const node = el(
    "button",
    { class: "button", type: "button", "data-key": place },
    button.text,
    corner && icon(corner, "icon corner"),
  );
  node.addEventListener("click", () => press(message, button, node));
  return node;
}

async function press(message, button, node) {
  if (button.url) return follow(button.url);
  if (button.copy_text) {
    await navigator.clipboard.writeText(button.copy_text.text);
    return toast(texts.copied);
  }
  const bot = world.about.bot.username;
  if ("switch_inline_query_current_chat" in button)
    return write(`@${bot} ${button.switch_inline_query_current_chat}`);
  if ("switch_inline_query" in button) return chooseChat(`@${bot} ${button.switch_inline_query}`);
  if (node.getAttribute("aria-busy") === "true") return null;
  node.setAttribute("aria-busy", "true");
  const told = await act("press", {
    chat: message.chat.id,
    message: message.message_id,
    data: button.callback_data,
  });
  node.removeAttribute("aria-busy");
  if (told === null) return null;
  if (told.url) return follow(told.url);
  if (!("text" in told)) return toast(texts.no_answer);
  if (told.show_alert && told.text) return ask(told.text);
  return told.text ? toast(told.text) : null;
}

function moveInButtons(event) {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!step || !event.target.dataset.key) return;
  event.preventDefault();
  const [y, x] = event.target.dataset.key.split(":").map(Number);
  const row = event.currentTarget.children[y + step[0]];
  row?.children[Math.min(x + step[1], row.children.length - 1)]?.focus();
}

function drawNews(news, isFirst) {
  const wasAtEnd = isAtEnd();
  const list = $("messages");
  let hasMine = false;
  let newest = null;
  for (const one of news) {
    const old = document.getElementById(`m${one.message.message_id}`);
    const node = drawMessage(one, !isFirst && !old);
    const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    if (old) old.replaceWith(node);
    else list.append(node);
    if (focused !== undefined) refocus(node, focused);
    trimExpandables(node);
    hasMine ||= isMine(one.message) && !old;
    if (!old) newest = node;
  }
  group();
  drawIntro();
  drawKeyboard();
  if (hasMine || isFirst) toEnd();
  else if (wasAtEnd) toNew(newest);
  else drawToEnd();
}

// The button with which one changed a message is gone with its old form; the one in its place goes on.
function refocus(node, focused) {
  const same =
    node.querySelector(`[data-key="${CSS.escape(focused)}"]`) || [...node.querySelectorAll(".button")].at(-1);
  (same || $("input")).focus();
}

function drawAll() {
  const list = $("messages");
  list.replaceChildren(...[...messagesOf(seat.chat).values()].map((one) => drawMessage(one)));
  trimExpandables(list);
  group();
  drawIntro();
  drawTyping();
  drawKeyboard();
  toEnd();
}

// Days between messages, and messages of one sender as one block.
function group() {
  for (const old of $("messages").querySelectorAll(".day")) old.remove();
  const all = [...$("messages").querySelectorAll(".message")];
  all.forEach((node, place) => {
    const before = all[place - 1];
    const after = all[place + 1];
    const joins = (other) =>
      other && other.dataset.from === node.dataset.from && other.dataset.day === node.dataset.day;
    node.classList.toggle("first", !joins(before));
    node.classList.toggle("last", !joins(after));
    const sender = node.querySelector(".sender");
    if (sender) sender.hidden = Boolean(joins(before));
    if (before?.dataset.day !== node.dataset.day) node.before(el("div", { class: "day" }, node.dataset.day));
  });
}

function drawIntro() {
  $("messages").querySelector(".intro")?.remove();
  const here = chat();
  const isEmpty = messagesOf(here.id).size === 0;
  if (isEmpty) {
    const words = isGroup(here)
      ? [texts.placeholder_group]
      : [el("strong", {}, texts.what), here.description || texts.placeholder];
    $("messages").append(
      el("div", { class: "intro" }, el("span", { class: "logo", "aria-hidden": "true" }), ...words),
    );
  }
  $("start").hidden = !isEmpty || isGroup(here);
}

function find(messageId) {
  const node = document.getElementById(`m${messageId}`);
  if (!node) return toast(texts.deleted);
  node.scrollIntoView({ block: "center", behavior: "smooth" });
  node.classList.remove("found");
  requestAnimationFrame(() => node.classList.add("found"));
  return null;
}

const scroller = $("scroller");
const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
let staysAtEnd = true;

function drawToEnd() {
  staysAtEnd = isAtEnd();
  $("to-end").hidden = staysAtEnd;
}

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  drawToEnd();
}

// To the end, unless the beginning of what came, or the question before it, would be above the window.
function toNew(node) {
  toEnd();
  const from = node?.previousElementSibling?.matches(".mine") ? node.previousElementSibling : node;
  const above = from ? from.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 12 : 0;
  if (above < 0) scroller.scrollTop += above;
  drawToEnd();
}

// ---- the side: who one is, and their chats

function sit(personId, chatId) {
  keepDraft();
  seat.person = personId;
  seat.chat = null;
  drawPeople();
  open(chatId);
}

function open(chatId) {
  keepDraft();
  seat.chat = chatId;
  seat.answering = null;
  $("app").dataset.pane = "chat";
  $("input").value = seat.drafts.get(key()) || "";
  drawHead();
  drawAll();
  drawAnswering();
  drawSide();
  typed();
}

function keepDraft() {
  if (seat.chat !== null) seat.drafts.set(key(), $("input").value);
}

function drawPeople() {
  const choices = world.about.people.map(({ user, chats }) => {
    const radio = el("input", { class: "sr", type: "radio", name: "person", value: user.id });
    radio.checked = user.id === seat.person;
    radio.addEventListener("change", () => {
      const isInGroup = seat.chat < 0;
      sit(user.id, isInGroup ? seat.chat : chats[0].id);
      $("people").querySelector("input:checked").focus();
    });
    return el(
      "label",
      { lang: user.language_code.slice(0, 2) },
      radio,
      avatar(user.first_name, hue(user.id)),
      user.first_name,
    );
  });
  $("people").replaceChildren(...choices);
}

function drawHead() {
  const here = chat();
  $("head-title").textContent = titleOf(here);
  const picture = $("head-avatar");
  picture.textContent = initial(titleOf(here));
  picture.dataset.hue = hueOf(here);
  $("input").placeholder = isGroup(here) ? texts.placeholder_group : texts.placeholder;
  $("menu").hidden = here.commands.length === 0;
  drawTyping();
}

function drawSide() {
  if (!world.about) return;
  const latest = last(seat.chat)?.message.message_id || 0;
  if (seat.chat !== null && !document.hidden) seat.read.set(key(), latest);
  const focused = $("chats").contains(document.activeElement)
    ? document.activeElement.dataset.chat
    : undefined;
  $("chats").replaceChildren(...person().chats.map(drawChat));
  if (focused) $("chats").querySelector(`[data-chat="${focused}"]`)?.focus();
}

function drawChat(one) {
  const latest = last(one.id)?.message;
  const read = seat.read.get(key(one.id)) || 0;
  const unread = [...messagesOf(one.id).values()].filter(
    ({ message }) => message.message_id > read && !isMine(message),
  ).length;
  const words = latest
    ? (latest.text ?? latest.caption ?? latest.document?.file_name ?? texts.photo).replace(/\s+/g, " ")
    : texts.no_messages;
  const prefix = latest && (isMine(latest) || isGroup(one)) ? `${nameOf(latest.from)}: ` : "";
  const badge = unread
    ? el("span", { class: "unread", "aria-label": texts.unread(unread) }, String(unread))
    : null;
  return el(
    "button",
    {
      class: "chat",
      type: "button",
      "data-chat": one.id,
      "aria-current": String(one.id === seat.chat),
      tabindex: one.id === seat.chat ? 0 : -1,
      onclick: () => open(one.id),
    },
    avatar(titleOf(one), hueOf(one)),
    el("span", { class: "chat-title" }, titleOf(one)),
    el("span", { class: "chat-time" }, latest ? time(latest.date) : ""),
    el("span", { class: "chat-last" }, prefix + words.slice(0, 80)),
    badge,
  );
}

$("chats").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...$("chats").children];
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
});

// ---- writing

const input = $("input");

function write(words) {
  input.value = words;
  input.focus();
  input.setSelectionRange(words.length, words.length);
  typed();
}

async function send(words) {
  const text = words.trim();
  if (!text) return;
  const answered = seat.answering;
  answer(null);
  const present = presentKeyboard();
  if (present?.one_time_keyboard) seat.usedKeyboard.set(key(), present.id);
  drawKeyboard();
  const done = await act("send", {
    chat: seat.chat,
    text,
    ...(answered && { reply_to: answered.message_id }),
  });
  if (done === null) write(words);
}

function submit() {
  const words = input.value;
  input.value = "";
  typed();
  send(words);
}

function answer(message) {
  seat.answering = message;
  drawAnswering();
  if (message) input.focus();
}

function drawAnswering() {
  const message = seat.answering;
  $("answering").hidden = !message;
  if (!message) return;
  $("answering-name").textContent = texts.answering(nameOf(message.from));
  $("answering-words").textContent = (message.text ?? message.caption ?? texts.file).slice(0, 200);
}

function typed() {
  $("send").disabled = !input.value.trim();
  if (!CSS.supports("field-sizing", "content")) {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight}px`;
  }
  const inline = inlineQuery();
  if (input.value.startsWith("/") && !/\s/.test(input.value))
    showCommands(input.value.slice(1).toLowerCase());
  else if (inline !== null) askInline(inline);
  else closePopup();
}

input.addEventListener("input", typed);
input.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // an input method's own keys
  if (inPopup(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  }
});
input.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) {
    event.preventDefault();
    upload(event.clipboardData.files);
  }
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
  input.focus();
});
$("start").addEventListener("click", () => {
  send("/start");
  input.focus();
});

// ---- files

async function upload(files) {
  const to = seat.chat;
  for (const file of files) {
    const given = new URLSearchParams({ person: seat.person, chat: to, name: file.name, type: file.type });
    await post(`upload?${given}`, file, { "content-type": "application/octet-stream" });
  }
}

$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async () => {
  await upload([...$("file").files]);
  $("file").value = "";
});
const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  $("drop").hidden = false;
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) $("drop").hidden = true;
});
document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  $("drop").hidden = true;
  upload([...event.dataTransfer.files]);
});

// ---- the popup above the input: commands, inline results, chats

const popup = { items: [], chosen: -1, more: null };

function showPopup(label, items, { chosen = -1, empty = "", head = null } = {}) {
  popup.items = items;
  popup.more = null;
  $("options").setAttribute("aria-label", label);
  const nodes = items.map((item, place) => option(item, place));
  $("options").replaceChildren(
    ...(nodes.length || !empty ? nodes : [el("li", { class: "empty", role: "presentation" }, empty)]),
  );
  $("popup-head").hidden = !head;
  $("popup-head").textContent = head?.text || "";
  $("popup-head").onclick = head?.act || null;
  $("popup").hidden = !nodes.length && !empty && !head;
  $("menu").setAttribute("aria-expanded", String(!$("popup").hidden && label === texts.menu));
  choose(Math.min(chosen, items.length - 1));
}

function option(item, place) {
  const node = el(
    "li",
    { class: `option ${item.kind || ""}`, role: "option", id: `option-${place}`, "aria-selected": "false" },
    ...item.draw(),
  );
  node.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  node.addEventListener("click", () => pick(item));
  return node;
}

function pick(item) {
  closePopup();
  item.choose();
}

function choose(place) {
  popup.chosen = place;
  [...$("options").querySelectorAll(".option")].forEach((node, one) => {
    node.setAttribute("aria-selected", String(one === place));
    if (one === place) node.scrollIntoView({ block: "nearest" });
  });
  if (place >= 0) input.setAttribute("aria-activedescendant", `option-${place}`);
  else input.removeAttribute("aria-activedescendant");
}

function closePopup() {
  showPopup("", []);
}

// Returns whether the key was the popup's.
function inPopup(event) {
  const isOpen = !$("popup").hidden;
  const count = popup.items.length;
  if (!isOpen) return false;
  if (event.key === "Escape") closePopup();
  else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(popup.chosen < 0 ? (step > 0 ? 0 : count - 1) : (popup.chosen + step + count) % count);
    if (popup.chosen === count - 1) popup.more?.();
  } else if (event.key === "Enter" && !event.shiftKey && popup.chosen >= 0) pick(popup.items[popup.chosen]);
  else if (event.key === "Tab" && !event.shiftKey && popup.items[popup.chosen]?.complete)
    popup.items[popup.chosen].complete();
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

function showCommands(beginning) {
  const items = chat()
    .commands.filter(({ command }) => command.startsWith(beginning))
    .map(({ command, description }) => ({
      kind: "row",
      draw: () => [
        el("span", { class: "option-words" }, el("strong", {}, `/${command}`), el("span", {}, description)),
      ],
      choose: () => {
        input.value = "";
        typed();
        send(isGroup(chat()) ? `/${command}@${world.about.bot.username}` : `/${command}`);
        input.focus();
      },
      complete: () => write(`/${command} `),
    }));
  showPopup(texts.menu, items, { chosen: 0, empty: chat().commands.length ? texts.no_commands : "" });
}

$("menu").addEventListener("click", () => {
  if ($("menu").getAttribute("aria-expanded") === "true") closePopup();
  else showCommands("");
  input.focus();
});
$("popup-head").addEventListener("mousedown", (event) => event.preventDefault());

function chooseChat(words) {
  const items = person().chats.map((one) => ({
    draw: () => [
      avatar(titleOf(one), hueOf(one)),
      el("span", { class: "option-words" }, el("strong", {}, titleOf(one))),
    ],
    choose: () => {
      open(one.id);
      write(words);
    },
  }));
  showPopup(texts.choose_chat, items, { chosen: 0 });
  input.focus();
}

// ---- inline mode: @bot and a query, answered with cards

const INLINE_PAUSE_MS = 250;
const inline = { timer: 0, asked: null };

function inlineQuery() {
  const [, name, query] = /^@(\w+)\s([^]*)$/.exec(input.value) || [];
  return name && name.toLowerCase() === world.about?.bot.username.toLowerCase() ? query.trim() : null;
}

function askInline(query) {
  clearTimeout(inline.timer);
  inline.timer = setTimeout(async () => {
    if (inlineQuery() !== query) return;
    showPopup(texts.inline, [], { empty: texts.searching });
    const found = await act("inline", { chat: seat.chat, query, offset: "" });
    if (inlineQuery() === query && found) showResults(query, found, found.results || []);
  }, INLINE_PAUSE_MS);
}

function showResults(query, found, results, chosen = -1) {
  const items = results.map((result) => ({
    draw: () => drawResult(result),
    choose: () => chooseResult(result),
  }));
  const head = found.button && {
    text: found.button.text,
    act: () => follow(`https://t.me/${world.about.bot.username}?start=${found.button.start_parameter || ""}`),
  };
  showPopup(texts.inline, items, { chosen, empty: head ? "" : texts.nothing, head });
  if (!found.next_offset) return;
  popup.more = async () => {
    popup.more = null;
    const more = await act("inline", { chat: seat.chat, query, offset: found.next_offset });
    if (inlineQuery() === query && more?.results)
      showResults(query, { ...more, button: found.button }, [...results, ...more.results], popup.chosen);
  };
}

function drawResult(result) {
  const words = [el("strong", {}, result.title || ""), el("span", {}, result.description || "")];
  return [
    el("span", { class: "option-thumb", "aria-hidden": "true" }, initial(result.title || "")),
    el("span", { class: "option-words" }, ...words),
  ];
}

async function chooseResult(result) {
  input.value = "";
  typed();
  await act("choose", { chat: seat.chat, query_id: result.query_id, result_id: result.id });
  input.focus();
}

$("popup").addEventListener("scroll", () => {
  const box = $("popup");
  if (box.scrollHeight - box.scrollTop - box.clientHeight < 80) popup.more?.();
});

// ---- reply keyboards

function presentKeyboard() {
  let present = null;
  for (const { message, keyboard } of messagesOf(seat.chat).values()) {
    if (keyboard && isForMe(message, keyboard))
      present = keyboard.keyboard ? { id: message.message_id, ...keyboard } : null;
  }
  return present;
}

function isForMe(message, keyboard) {
  return (
    !keyboard.selective ||
    message.reply_to_message?.from.id === seat.person ||
    (message.entities || []).some((one) => one.user?.id === seat.person)
  );
}

function drawKeyboard() {
  const present = presentKeyboard();
  const isUsed = present?.one_time_keyboard && seat.usedKeyboard.get(key()) === present.id;
  $("keys").hidden = !present;
  $("keyboard").hidden = !present || isUsed;
  $("keys").setAttribute("aria-expanded", String(!$("keyboard").hidden));
  const rows = (present?.keyboard || []).map((row) =>
    el(
      "div",
      { class: "keyboard-row" },
      ...row.map((button) => {
        const words = typeof button === "string" ? button : button.text;
        return el("button", { type: "button", onclick: () => useKeyboard(words) }, words);
      }),
    ),
  );
  $("keyboard").replaceChildren(...rows);
  if (present?.input_field_placeholder) input.placeholder = present.input_field_placeholder;
}

function useKeyboard(words) {
  send(words);
  input.focus();
}

$("keys").addEventListener("click", () => {
  const isOpen = $("keyboard").hidden;
  $("keyboard").hidden = !isOpen;
  $("keys").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) $("keyboard").querySelector("button")?.focus();
});

// ---- what is said in passing

let toastTimer = 0;

function toast(words) {
  $("toast").textContent = words;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    $("toast").hidden = true;
  }, 4000);
}

function ask(words, yes = null) {
  $("dialog-text").textContent = words;
  $("dialog-yes").textContent = yes || texts.ok;
  $("dialog-no").hidden = !yes;
  $("dialog").returnValue = "no";
  $("dialog").showModal();
  return new Promise((resolve) =>
    $("dialog").addEventListener("close", () => resolve($("dialog").returnValue === "yes"), { once: true }),
  );
}

// ---- light and dark, keys, and the beginning

const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";

function drawTheme() {
  const label = isDark() ? texts.to_light : texts.to_dark;
  $("theme").replaceChildren(icon(isDark() ? "sun" : "moon"));
  $("theme").setAttribute("aria-label", label);
  $("theme").title = label;
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  drawTheme();
}

$("theme").addEventListener("click", () => {
  setTheme(isDark() ? "light" : "dark");
  localStorage.setItem("theme", document.documentElement.dataset.theme);
});
dark.addEventListener("change", drawTheme);

$("back").addEventListener("click", () => {
  $("app").dataset.pane = "list";
  $("chats").querySelector("[aria-current=true]")?.focus();
});
$("answering-end").addEventListener("click", () => {
  answer(null);
  input.focus();
});
$("to-end").addEventListener("click", toEnd);
scroller.addEventListener("scroll", drawToEnd);
new ResizeObserver(() => {
  if (staysAtEnd) toEnd();
  trimExpandables($("messages"));
}).observe(scroller);
document.addEventListener("visibilitychange", drawSide);
document.addEventListener("keydown", (event) => {
  if ($("dialog").open) return;
  const isWriting = event.target instanceof HTMLTextAreaElement;
  if (event.key === "Escape") {
    if (!$("popup").hidden) closePopup();
    else if (seat.answering) answer(null);
    else input.focus();
  } else if (event.key === "/" && !isWriting && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    write("/");
  }
});

function begin() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = texts[node.dataset.text];
  for (const node of document.querySelectorAll("[data-label]"))
    node.setAttribute("aria-label", texts[node.dataset.label]);
  for (const node of document.querySelectorAll("button[data-label]")) node.title = texts[node.dataset.label];
  for (const node of document.querySelectorAll("[data-icon]")) node.append(icon(node.dataset.icon));
  setTheme(localStorage.getItem("theme"));
  listen();
  if (matchMedia("(hover: hover)").matches) input.focus();
}

begin();
