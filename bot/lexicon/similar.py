"""Words of the index that a mistyped piece of a question was probably meant to be.

Four tables, made when the index is built and mapped when it is opened:

    spellings.marisa   a word without an inner character ("售_服务") → the words it may be
    sounds.marisa      the syllables of a word → words that sound so; the same syllables with what sloppy
                       typing mixes up made one ("~cu li") → more words
    readings.marisa    a character → its syllables; a syllable → itself
    own.marisa         the first two for the domain's own words; a letter and a length ("c9") → Latin words

They may have more words than stand in the index: that is asked for each.

Evidence is taken in this order, the weaker only when the stronger found nothing: the same sound, a slip in
a Latin word, nearly the same sound, a character out of place, a character that looks alike. That a word
shares all but one character is not enough: 售前服务 is not 售后服务, and 保费 is not 保险. Between equals
the word of more passages is meant. Tones play no part.
"""

import functools
import itertools
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.domain import Name
from bot.lexicon.table import Table, Weighted

# Without compatibility characters, which normal forms replace.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002f7ff\U00030000-\U0003ffff"
HAN_WORD = re.compile(rf"[{_HAN}]{{2,6}}")
LATIN_WORD = re.compile(r"[a-z]{4,40}")
_PIECE = re.compile(rf"[{_HAN}a-z '’·-]{{2,42}}")
_PART = re.compile(rf"[{_HAN}]|[a-z]+")
_TONES = re.compile("[\u0300-\u036f]")

_MOST, _MOST_SYLLABLES, _LONGEST_SYLLABLE = 3, 6, 6
# Bounds on what is tried and kept; few words reach them.
_MOST_CUTS, _MOST_KEYS = 16, 64

_SAME_SOUND, _NEAR_SOUND, _SWAPPED, _ONE_OFF, _LOOKS_ALIKE, _LOOKS_ALIKE_OF_TWO = 1.0, 0.7, 0.8, 0.5, 0.7, 0.6
# A rarer reading of a character; a character that sounds right but does not look alike.
_SOUND_ONLY = 0.75
_LETTERS_FOR_TWO_SLIPS = 8
# Of the best word's weight; what has less is noise.
_LEAST_SHARE = 0.3
# Who wrote a figure meant it: 第八十七 is not 第十七.
_NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两几半")

# Spellings that typists do not tell apart: zh and z, ang and an, ü and u.
SLOPPY = ((re.compile("^([zcs])h"), r"\1"), (re.compile("(?<=[aei])ng$"), "n"), (re.compile("v"), "u"))

# Characters that share a part, and so are taken for each other; each group is told by its part.
_LOOK_ALIKE = """
拆诉斥折析浙哲逝 堪勘湛斟甚 陪赔培倍部剖 份纷粉芬盼吩贫 令领铃零龄岭邻怜冷玲 今令念含吟 包抱饱跑泡炮袍胞
放防房访仿纺妨芳旁 绕烧浇挠饶晓 掌常堂赏党躺趟裳尝 浅钱线残践栈贱 论轮伦沦抢 枪抢苍舱沧创仓 住注驻柱往蛀主
性姓胜牲星生 经径轻劲茎颈 难准维推堆谁唯摊滩雄雅 付附府符咐 油抽袖邮轴宙笛由 伯拍怕泊柏帕迫 伴拌判胖畔半
返饭板版贩叛反 功攻 江红 贡项 空工 何河阿柯歌可 课棵颗裸果 期棋旗欺基斯其 故姑枯固估苦胡古
站战粘沾贴店点占钻 评苹坪秤平 吗妈码骂玛 结洁桔吉 造靠浩告 证政症征正 张涨账帐胀长 种钟冲忠肿中 慢漫蔓馒曼
模摸漠膜幕墓慕募暮莫 借错措惜腊猎醋 快块决缺诀筷 很跟根恨银限狠眼 粮浪娘朗狼良 抄吵炒妙沙纱钞秒
招照绍超昭沼召 神伸审申 甲由田申 末未味妹昧沫 己已巳 纪记忌改起 晚挽勉免 兔免 说税脱悦锐阅 输愉偷榆俞愈
城诚盛成 程呈逞 理厘埋里 作昨炸诈窄 交校较胶郊效饺咬 订打灯叮钉厅顶盯 该刻孩核骇 格络路客略落洛烙各
组祖阻姐租粗助 低底抵纸 第递梯涕弟 彩菜踩睬采 漂飘瓢票 债绩积渍责 溃遗匮贵 值植置殖直 填镇慎真 俱惧具
织识职积帜只 给拾答塔搭恰洽合 价界阶介 消销削稍哨宵屑捎 完院玩远园冠元 损圆员陨 管馆棺官 碗腕婉 花化华货讹
溶熔蓉容 凉谅惊景掠京 优犹忧扰尤 铁跌秩失 骑椅寄崎奇 亿忆艺 指脂诣旨 治始抬怡冶台 会云 运坛云 纹坟蚊文
技枝歧肢支 投没设役 休体本 珠株殊朱 速辣束 想箱湘相 秘密蜜泌必 护沪炉庐户 务备各 办为力 驾架咖贺加 烟恩姻因
困团图因国 刚钢岗纲 饼拼屏瓶 讲进 赶杆肝汗旱干 千干于午牛 扶肤夫 天夭无夫 大太犬 人入八 土士 日目曰 贝见
现视规观觉见 拨泼废发 拨拔 腹覆履复 悠修攸 险检验签脸剑捡俭 蓝篮滥监 谦赚嫌歉兼 踢赐惕易 场扬肠杨畅汤荡
荣莹劳营 涛铸筹寿 调绸稠雕周 铜筒洞桐同 但担胆坦旦 唱倡昌 障彰章 镜境竟 睡锤捶垂 澄橙瞪登 增赠憎曾 综踪棕宗
你称弥 呢泥妮尼 据剧锯居 挽换 锻段缎 群裙君 净睁挣筝静争 绿禄碌录 矿扩旷广 源愿原 绝色艳 谋煤媒某 谨勤仅
供洪拱烘共 栽载裁截戴 式试拭 代袋贷 减喊感咸 域惑或 饿俄娥我 议仪蚁义 样洋养详鲜祥 尊遵 弹禅蝉单 溢益
剪煎箭前 俗裕浴欲谷 诠痊拴全 除徐途叙余 换唤焕涣 像橡象 够狗拘购句 购沟构钩勾 的约钓酌药 询殉旬 均匀韵
歉欢欠 资姿咨瓷次 终疼图冬 峰锋蜂逢缝 铭名 移哆多 例烈裂列 补扑朴仆 绰悼掉桌 址齿耻止 诞延蛋 庭挺艇廷
健键建 律津 却脚 法去 到致室至 统充 流疏梳硫 训顺川 洲酬州 学觉 誉举 翻播潘番 择泽译驿释 选先洗
活刮适括话舌 受爱 授受 援缓暖 浮俘乳 稻滔蹈 摇遥谣 排徘悲非 导异 派脉 催崔摧 留溜榴 退腿褪 误娱 确解角 接按
挂桂蛙洼 询洵 赢羸 徒徙 幕墓 候侯喉
"""


# A word, perhaps of the index, and how well a piece fits it.
_Candidate = tuple[str, float]
# A piece cut into characters and syllables, how these sound, and how usual that reading is.
_Heard = tuple[Sequence[str], Sequence[str], float]


class Similar:
    """Opened tables; read-only, safe to share between threads.

    Args:
        tables: Of a generation, in the order of SIMILAR_FILES.
        df: Tells in how many passages a word stands.
    """

    def __init__(self, tables: Sequence[Table], df: Callable[[str], int]) -> None:
        self._df = df
        self._spellings, self._sounds, self._readings, self._own = tables

    def repairs(self, piece: str) -> list[Name]:
        """Return words of the index that `piece` was probably meant to be.

        Args:
            piece: Part of a question that the index does not know: characters, pinyin (syllables apart or
                run together, tones or none), both mixed, or a Latin word.

        Returns:
            At most three words, heaviest first, weights in (0, 1], source "repair"; none when the index knows
            the piece, or when too little speaks for any word.
        """
        text = spelt(piece)
        if not _PIECE.fullmatch(text) or self._df(text):
            return []
        heard = self._heard(text)
        return (
            self._best(self._sounding(heard))
            or self._best(self._misspelt(text))
            or self._best(self._nearly_sounding(heard))
            or self._best(self._out_of_place(text))
            or self._best(self._looking_alike(text))
        )

    def _best(self, candidates: Iterable[_Candidate]) -> list[Name]:
        """Return the words that fit best, each weighted by how common it is beside the commonest."""
        fitting: dict[str, float] = {}
        for word, strength in candidates:
            if strength > fitting.get(word, 0.0):
                fitting[word] = strength
        dfs = {word: df for word in fitting if (df := self._df(word))}
        commonest = max(dfs.values(), default=1)
        weights = {word: fitting[word] * math.sqrt(df / commonest) for word, df in dfs.items()}
        least = _LEAST_SHARE * max(weights.values(), default=0.0)
        ordered = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST]
        return [Name(word, round(weight, 3), "repair") for word, weight in ordered if weight >= least]

    def _heard(self, text: str) -> list[_Heard]:
        return [
            (cut, [syllable for syllable, _ in reading], math.prod(usual for _, usual in reading))
            for cut in self._cuts(text)
            for reading in itertools.islice(itertools.product(*map(self._readings.get, cut)), _MOST_KEYS)
        ]

    def _cuts(self, text: str) -> list[tuple[str, ...]]:
        """Return the ways to read a text as two to six characters and syllables."""
        cuts: list[tuple[str, ...]] = [()]
        for part in _PART.findall(text):
            parts = self._syllables(part) if part.isascii() else [(part,)]
            cuts = [cut + more for cut in cuts for more in parts][:_MOST_CUTS]
        return [cut for cut in cuts if 1 < len(cut) <= _MOST_SYLLABLES]

    def _syllables(self, run: str) -> list[tuple[str, ...]]:
        """Return the ways to cut letters into syllables, the fewest first; xian is one, xi'an are two."""
        if run in self._readings:
            return [(run,)]
        cuts: list[list[tuple[str, ...]]] = [[()]]
        for end in range(1, len(run) + 1):
            starts = range(max(0, end - _LONGEST_SYLLABLE), end)
            last = [
                (start, run[start:end])
                for start in starts
                if cuts[start] and run[start:end] in self._readings
            ]
            found = [(*cut, syllable) for start, syllable in last for cut in cuts[start]]
            cuts.append(sorted(found, key=len)[:_MOST_CUTS])
        return cuts[-1]

    def _sounding(self, heard: Iterable[_Heard]) -> Iterator[_Candidate]:
        for cut, syllables, usual in heard:
            for word in self._sounding_so(" ".join(syllables)):
                strength = _SAME_SOUND * usual * _likeness(cut, word, most_wrong=len(cut) - 1)
                yield word, strength

    def _sounding_so(self, key: str) -> list[str]:
        return self._sounds.words(key) + self._own.words(key)

    def _nearly_sounding(self, heard: Iterable[_Heard]) -> Iterator[_Candidate]:
        for cut, syllables, usual in heard:
            key = " ".join(sloppy(syllable) for syllable in syllables)
            for word in self._sounding_so(key) + self._sounding_so(f"~{key}"):
                yield word, _NEAR_SOUND * usual * _likeness(cut, word, most_wrong=1)

    def _misspelt(self, text: str) -> Iterator[_Candidate]:
        """Latin words with the same first letter and one slip, or two when both have eight letters."""
        if not LATIN_WORD.fullmatch(text):
            return
        lengths = range(len(text) - 2, len(text) + 3)
        words = list(itertools.chain.from_iterable(self._own.words(shelf(text[0], n)) for n in lengths))
        if not words:
            return
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        near = process.extract(text, words, scorer=OSA.distance, score_cutoff=2, limit=None)
        least = min((slips for _, slips, _ in near), default=0)
        for word, slips, _ in near:
            if slips == least and (slips == 1 or min(len(word), len(text)) >= _LETTERS_FOR_TWO_SLIPS):
                yield word, 1 - slips / len(text)

    def _out_of_place(self, text: str) -> Iterator[_Candidate]:
        """Words of which the text is a swap of neighbours, or has a character too many or too few inside."""
        if not HAN_WORD.fullmatch(text) or len(text) < 3:
            return
        gaps = (
            (self._spellings.words(gap) + self._own.words(gap), strength) for gap, strength in _with_gap(text)
        )
        whole = (([word], strength) for word, strength in itertools.chain(_swapped(text), _shortened(text)))
        for words, strength in itertools.chain(whole, gaps):
            for word in words:
                if _numerals(text) == _numerals(word):
                    yield word, strength

    def _looking_alike(self, text: str) -> Iterator[_Candidate]:
        if not HAN_WORD.fullmatch(text):
            return
        strength = _LOOKS_ALIKE_OF_TWO if len(text) == 2 else _LOOKS_ALIKE
        for at, character in enumerate(text):
            for other in _alike().get(character, ()):
                word = text[:at] + other + text[at + 1 :]
                yield word, strength


def spelt(piece: str) -> str:
    """Return a piece in lower case and without tones; ü is v, as it is typed."""
    return _TONES.sub("", unicodedata.normalize("NFD", piece.strip().lower()).replace("u\u0308", "v"))


toneless = functools.lru_cache(maxsize=4096)(spelt)


@functools.lru_cache(maxsize=1024)
def sloppy(syllable: str) -> str:
    """Return a syllable with what sloppy typing mixes up made one."""
    for pattern, plain in SLOPPY:
        syllable = pattern.sub(plain, syllable)
    return syllable


def shelf(letter: str, length: int) -> str:
    """Return the key of Latin words with a first letter and a length."""
    return f"{letter}{length}"


def _likeness(cut: Sequence[str], word: str, *, most_wrong: int) -> float:
    """Return how well a word fits the characters of a piece that sounds like it, 0..1.

    A character beside pinyin is meant as it stands; a piece of characters only has at least one right.
    """
    wrong = [(c, other) for c, other in zip(cut, word, strict=True) if c != other and not c.isascii()]
    mixed = any(c.isascii() for c in cut)
    if len(wrong) > (0 if mixed else most_wrong) or any(c in _NUMERALS for c, _ in wrong):
        return 0.0
    return math.prod(1.0 if _look_alike(*pair) else _SOUND_ONLY for pair in wrong)


def _numerals(text: str) -> list[str]:
    return [character for character in text if character in _NUMERALS]


def _swapped(text: str) -> Iterator[Weighted]:
    for at in range(len(text) - 1):
        yield text[:at] + text[at + 1] + text[at] + text[at + 2 :], _SWAPPED


def _shortened(text: str) -> Iterator[Weighted]:
    """Yield the text without a character that is there twice, or, leaving four, without an inner one."""
    for at in range(1, len(text)):
        doubled = text[at] == text[at - 1]
        if doubled or 4 < len(text) != at + 1:
            yield text[:at] + text[at + 1 :], _SWAPPED if doubled else _ONE_OFF


def _with_gap(text: str) -> Iterator[Weighted]:
    for at in range(1, len(text)):
        yield f"{text[:at]}_{text[at:]}", _ONE_OFF


def _look_alike(one: str, other: str) -> bool:
    return other in _alike().get(one, ())


@functools.cache
def _alike() -> dict[str, list[str]]:
    """Return for each character those that share a part with it, in the order of the groups."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for group in _LOOK_ALIKE.split():
        for one, other in itertools.permutations([c for c in group if c not in _NUMERALS], 2):
            found[one][other] = None
    return {character: list(others) for character, others in found.items()}
