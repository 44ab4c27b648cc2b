"""What is wrong, in Chinese beside English: the core says it in English, and here stands each sentence in both."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

PHRASES: Final[Mapping[str, str]] = {
    # tables, keys, ids
    "unknown key; expected one of those in {}": "没有这个键; 可用的键见 {0}",
    "unknown table; expected one of those in {}": "没有这种表; 可用的表见 {0}",
    "unknown table; expected [[case]]": "没有这种表; 应为 [[case]]",
    "expected tables [[case]], in double brackets": "应为 [[case]] 表, 用双方括号",
    "expected [[{}]], in double brackets; found [{}]": "应写 [[{0}]], 用双方括号; 实际为 [{1}]",
    "expected a table": "应为一个表",
    "missing; expected a value": "缺少此键, 必须给出",
    "duplicate id; expected each once, line {} has it": "编号重复: 第 {0} 行已用; 每个编号只能用一次",
    "duplicate id; expected each once, {} has it": "编号重复: {0} 已用; 每个编号只能用一次",
    "invalid syntax": "语法错误",
    'another {} has the id "{}"': '编号 "{1}" 已被另一个 {0} 使用',
    'no [[{}]] has the id "{}"': '没有编号为 "{1}" 的 [[{0}]]',
    'no limit, health condition, interlock or vote has the id "{}"': '没有编号为 "{0}" 的限值, 健康条件, 联锁或表决',
    'no condition has the id "{}"': '没有编号为 "{0}" 的条件',
    'no condition has the id "{}"; is "{}" meant?': '没有编号为 "{0}" 的条件; 是否为 "{1}"?',
    'no [[point]] has the id "{}"; is "{}" meant?': '没有编号为 "{0}" 的 [[point]]; 是否为 "{1}"?',
    # kinds of values
    "expected text": "应为文字, 加引号",
    "expected text that is not empty": "不能为空",
    "expected a number without quotes": "应为数字, 不加引号",
    "expected a number": "应为数字",
    "expected a number, or nothing": "应为数字, 或留空",
    "expected a number, 0 or more": "应为不小于 0 的数字",
    "expected a whole number": "应为整数",
    "expected a whole number above 0": "应为大于 0 的整数",
    "expected true or false": "应为 true 或 false",
    "expected a list": "应为列表, 用方括号",
    "expected less than {}": "应小于 {0}",
    "expected a number that is finite": "应为有限的数字",
    "expected {} values or more": "至少应有 {0} 个值",
    "expected {} values or less": "至多应有 {0} 个值",
    "expected more than {}": "应大于 {0}",
    "expected {} or more": "应不小于 {0}",
    "expected {} or less": "应不大于 {0}",
    'expected "opcua" or "modbus"': '应为 "opcua" 或 "modbus"',
    "found {}": "实际为 {0}",
    "expected visible characters on one line": "应为一行可见字符",
    "expected visible characters alone": "只能用可见字符",
    "expected whole days, \"1d\" or more; leave it out to keep everything": '应为整天数, 至少 "1d"; 不写则全部保留',
    "expected a date without quotes, such as {}": "应为不加引号的日期, 如 {0}",
    "expected an IANA time zone such as {}": "应为 IANA 时区, 如 {0}",
    "expected a time zone such as {}": "应为时区, 如 {0}",
    "expected a time of the years {} to {}": "应为 {0} 至 {1} 年的时间",
    "expected a time not before the start": "不应早于开始时间",
    'expected "10ms" or longer': '应为 "10ms" 或更长',
    'expected a duration above zero, or "never"': '应为大于零的时长, 或 "never"',
    "expected a duration above zero": "应为大于零的时长",
    'expected a duration such as {}': "应为时长, 如 {0}",
    "expected a whole number of nanoseconds": "应为整数纳秒",
    "expected ISO 8601 with a zone, such as {}, or nanoseconds UTC": "应为带时区的 ISO 8601, 如 {0}, 或 UTC 纳秒",
    "expected at most 36500d": "最长 36500d",
    # points
    "range: expected [lowest, highest] with lowest < highest": "range: 应为 [下限, 上限], 下限 < 上限",
    "expected either an expression or a source with an address, not both": "expression 与 source/address 只能二选一",
    "expected source and address together": "source 与 address 须同时给出",
    "expected another point than this one": "不能是本测点自己",
    "expected at least one point": "至少应有一个测点",
    '"{}" belongs to "{}"; expected points of "{}"': '"{0}" 属于 "{1}"; 应为 "{2}" 的测点',
    "it follows from itself; expected other points": "由它自己算出; 应为其他测点",
    '"{}" is not in the grammar; {}': '"{0}" 不合语法; {1}',
    '"{}" is no point id; {}': '"{0}" 不是测点编号; {1}',
    '"{}" with {} arguments is not in the grammar; {}': '"{0}" 带 {1} 个参数不合语法; {2}',
    "expected numbers, nan, point ids (in quotes where they are no plain names), {}":
        "可用: 数字, nan, 测点编号 (不是普通名字的加引号), {0}",
    '"never": the point will not be missed when it falls silent': '"never": 测点数据中断时不会发现',
    '{}: a steady point looks stale; expected more than {} of its source, {}':
        "{0}: 数值不变的测点会被当成数据中断; 应大于其数据源的 {1} {2}",
    'expected an OPC UA node id such as {}': "应为 OPC UA 节点, 如 {0}",
    "expected a namespace of at most {}, and a number of at most {}": "命名空间最大 {0}, 编号最大 {1}",
    'expected an address such as {}, with its port': "应为地址, 如 {0}, 含端口",
    "expected an address such as {}": "应为地址, 如 {0}",
    'expected "host:port", such as {}': '应为 "主机:端口", 如 {0}',
    'expected "host:port", such as {}, found the scheme {}': '应为 "主机:端口", 如 {0}; 实际为 {1}',
    "expected key=value parts, each once, as in {}": "应为 键=值, 每个一次, 如 {0}",
    "unknown key {}: expected keys among {}": "没有键 {0}: 应为 {1}",
    "expected one of holding=, input=, coil=, discrete=, as in {}":
        "应有 holding=, input=, coil=, discrete= 之一, 如 {0}",
    "scale: expected a number other than 0": "scale: 不能为 0",
    "a {} is one bit: expected neither type nor order": "{0} 只有一位: 不能有 type 和 order",
    "{} at {}: expected to end at or before register 65535": "{1} 处的 {0}: 不能超过寄存器 65535",
    'column "{}": unknown; expected keys of [[point]] in {}': '列 "{0}": 没有这个键; [[point]] 的键见 {1}',
    'column "{}" stands there twice': '列 "{0}" 出现两次',
    "expected the names of the columns": "应为各列的名称",
    "expected {} cells, as in the first line; found {}": "应有 {0} 格, 与首行相同; 实际 {1} 格",
    'expected "lowest..highest", such as {}': '应为 "下限..上限", 如 {0}',
    'expected a file name, "points.csv"': '应为文件名, 如 "points.csv"',
    # limits, votes, profiles
    "expected either high or low": "high 与 low 须给其一",
    "expected clear or deadband, not both": "clear 与 deadband 只能二选一",
    'feature "{}" needs {}': '特征 "{0}" 须有 {1}',
    'feature "{}" takes no {}': '特征 "{0}" 没有 {1}',
    "expected a multiple of the resolution {} of {}": "应为 {1} 分辨率 {0} 的整数倍",
    "never reached within the range {}; expected a value inside it": "量程 {0} 内不可能达到; 应在量程内",
    "never left within the range {}; expected a value inside it": "量程 {0} 内不可能解除; 应在量程内",
    "expected votes that stand before this one in the file": "只能用文件中排在前面的表决",
    "expected every member once": "每个成员只能出现一次",
    # cases
    "duplicate name; expected each once in a file": "名称重复; 一个文件中只能用一次",
    "expected one of those in `conditions`": "应为 `conditions` 中的一个",
    "expected a value and how often, such as {}": "应为值和次数, 如 {0}",
    "expected it at least once, and a ramp at least twice, such as {}": "至少一次, 渐变至少两次, 如 {0}",
    "expected at most {} places in a series": "一个序列最多 {0} 个位置",
    "expected numbers that a float64 can hold": "数字超出 float64",
    "expected text; an id with dots stands in quotes, as in {}": "应为文字; 带点的编号加引号, 如 {0}",
    "it is calculated; expected series of {}": "它是计算测点; 应给出 {0} 的序列",
    "the series go on until {}; expected that or more": "序列到 {0} 才结束; 不应更短",
    "expected a case within a hundred years of 1970, and not longer than {}": "应在 1970 年前后一百年内, 不长于 {0}",
    "the case ends at {}; expected until = {}": "用例止于 {0}; 应写 until = {1}",
    "expected at most the number of members, {}": "不能大于成员数 {0}",
    'profile "{}" is for "{}"; found "{}"': '规程限值 "{0}" 用于 "{1}"; 实际为 "{2}"',
    '{} is looser than {} of profile "{}" ({})': '{0} 比规程限值 "{2}" 的 {1} 宽松 ({3})',
    "expected a value as strict, or `basis`: who approved it": "应同样严格, 或写明 `basis`: 谁批准的",
    'its profile gives "{}" the limit "{}"; expected that point, or another id':
        '规程限值已有 "{0}" 限值 "{1}"; 应为该测点, 或另取编号',
    '"{}" is an example ({}); write what you need from {} as [[limit]] of your own':
        '"{0}" 只是示例 ({1}); 请照 {2} 自行写成 [[limit]]',
    # files
    "cannot be read: there is no such file": "无法读取: 没有这个文件",
    "cannot be read: {}": "无法读取: {0}",
    "is read by this command; expected another file to write": "本命令正在读取它; 请另给输出文件",
    "{} and {} read the same address of the same source": "{0} 和 {1} 读取同一数据源的同一地址",
    "no points: nothing is watched": "没有测点: 什么都不监测",
    "cannot be written: {}": "无法写入: {0}",
    "the output cannot be written: {}": "无法写出: {0}",
    "no such file or directory": "没有这个文件或目录",
    "not UTF-8 (GBK?); save it as UTF-8": "不是 UTF-8 (GBK?); 请另存为 UTF-8",
    'no profile "{}"; expected one of {}, such as {}': '没有规程限值 "{0}"; 应为 {1} 中的一个, 如 {2}',
    "{} (at line {}, column {})": "{0} (第 {1} 行, 第 {2} 列)",
    "permission denied": "没有权限",
    "not a directory": "不是目录",
    "file exists": "已有同名文件",
    "read-only file system": "文件系统只读",
    "input/output error": "磁盘读写错误",
    "too many open files": "打开的文件过多",
    "connection refused": "连接被拒绝",
    "name or service not known": "没有这个主机名",
    "address already in use": "地址已被占用",
    "cannot assign requested address": "不是本机地址",
    "is a directory": "是目录",
    "no space left on device": "磁盘已满",
    "there are no samples": "没有样本",
    "no samples": "没有样本",
    "nothing is kept there": "没有历史数据",
    "nothing is there of this period; there is {} to {} ({})": "没有这段时间的数据; 现有 {0} 至 {1} ({2})",
    "the period ends before it begins: give --from before --to": "结束早于开始: --from 应早于 --to",
    "no history; is {} the folder of a run (--data)?": "没有历史库; {0} 是运行的目录 (--data) 吗?",
    "expected a trace .csv, .csv.gz or .parquet": "应为测点记录文件 .csv, .csv.gz 或 .parquet",
    "expected UTF-8 text ({})": "应为 UTF-8 文本 ({0})",
    "expected a point of the site file": "应为现场文件中的测点",
    "expected a source of the site file: {}": "应为现场文件中的数据源: {0}",
    "expected GOOD, UNCERTAIN or BAD": "应为 GOOD, UNCERTAIN 或 BAD",
    "expected 0 or 1": "应为 0 或 1",
    "expected the bit mask of MT/T 1201, 0 to 65535": "应为 MT/T 1201 状态位, 0 至 65535",
    "expected {} fields": "应有 {0} 个字段",
    "expected comma-separated values ({})": "应为逗号分隔的值 ({0})",
    'column "{}": expected times with a zone': '列 "{0}": 应为带时区的时间',
    "there is no such file": "没有这个文件",
    '"{}" is no point id': '"{0}" 不是测点编号',
    "there is no copy of the site file in force": "没有现行现场文件的副本",
    "the copy of the site file in force is damaged": "现行现场文件的副本已损坏",
    "expected a journal, found another database": "应为运行记录, 实际为其他数据库",
    "expected a journal of version {}, found version {}": "应为版本 {0} 的运行记录, 实际为版本 {1}",
    "expected format {}, found {}": "应为格式 {0}, 实际为 {1}",
    "cannot listen on {}: taken, or not of this machine": "无法在 {0} 监听: 已被占用, 或不是本机地址",
    "port {} is taken; {} is free; give another with --port": "端口 {0} 已被占用; {1} 可用; 请用 --port 另给",
    "expected a loopback address such as 127.0.0.1": "应为环回地址, 如 127.0.0.1",
    "Parquet needs pyarrow (pip install pyarrow); or convert the trace to CSV":
        "Parquet 需要 pyarrow (pip install pyarrow); 或把测点记录转为 CSV",
    "unrecognized arguments: {}": "没有这些选项: {0}",
    "invalid choice: {} (choose from {})": "没有 {0}; 应为下列之一: {1}",
    "the following arguments are required: {}": "缺少: {0}",
    "expected one argument": "应给出一个值",
    "expected at least one argument": "至少应给出一个值",
    "invalid float value: {}": "应为数字, 实际为 {0}",
    "invalid int value: {}": "应为整数, 实际为 {0}",
    "expected {} fields, found {}": "应有 {0} 个字段, 实际 {1} 个",
    "expected the columns {}": "应有列 {0}",
    'expected a column "{}", found {}': '应有列 "{0}"; 实际为 {1}',
    'column "{}": expected one of {}': '列 "{0}": 应为下列之一: {1}',
    'column "{}": expected a point of the site file': '列 "{0}": 应为现场文件中的测点',
    "expected one, as in other rows (every row has one, or none)": "与其他行不一致: 要么每行都有, 要么都没有",
    # the command line
    "a step goes to the engine that runs; expected --url, its address": "办理要发给运行中的引擎; 请用 --url 给出其地址",
    "expected a port, 0 to 65535": "应为端口, 0 至 65535",
    "expected a number above 0 and at most 1000000, found {}": "应为大于 0 且不大于 1000000 的数, 实际为 {0}",
    "no such point in {}: {}": "{0} 中没有测点: {1}",
    "expected at most two versions; with --json one": "最多两个版本; 用 --json 时一个",
    "several versions begin so; there are: {}": "有几个版本这样开头: {0}",
    "no version begins so; there are: {}": "没有这样开头的版本; 现有: {0}",
    "an approval needs --author, --approver and --reason; missing: {}":
        "批准须有 --author, --approver, --reason; 缺少: {0}",
    "author and approver: expected names": "编制人和批准人: 应为姓名",
    "no engine answers at {}: {}; start one with `hazwatch run`": "{0} 没有引擎应答: {1}; 用 `hazwatch run` 启动",
    "no alarm {}; the alarms that are shown now: {}": "没有报警 {0}; 当前显示的报警: {1}",
    "expected a time such as {}": "应为时间, 如 {0}",
    "nothing of {} in the record says how it behaves": "记录中没有能说明 {0} 变化规律的数据",
    "cannot listen where the site file says: {}": "无法在现场文件给出的地址监听: {0}",
    "holds something else than a demonstration; give another folder with --data": "不是演示目录; 请用 --data 另给目录",
    "another demonstration runs in it; give another folder with --data": "另一个演示正在使用; 请用 --data 另给目录",
    "process {} is writing it": "进程 {0} 正在写入",
    "expected at most {}": "应不大于 {0}",
    "expected at least {}": "应不小于 {0}",
    "expected one of {}": "应为下列之一: {0}",
    "expected FROM..TO, such as {}": "应为 起..止, 如 {0}",
    "expected FROM before TO": "起应早于止",
    "a Modbus device is polled and always answers; expected freeze for its value, or lost_link for its source":
        "Modbus 设备是轮询的, 总会应答; 冻结其值用 freeze, 断开数据源用 lost_link",
    'expected "POINT KIND FROM..TO", such as {}': '应为 "测点 种类 起..止", 如 {0}',
    "expected the value of the spike, as in {}": "应给出尖峰的值, 如 {0}",
}  # fmt: skip
"""English, with {} for what differs, and Chinese, with {0}, {1} for the same in order."""
ALREADY: Final = re.compile(r"[\u4e00-\u9fff].* / ")
ERRNO: Final = re.compile(r"\[Errno -?\d+\] (.+?)(?:: '([^']*)')?(?=;|$)", re.MULTILINE)
"""How Python writes an error of the operating system: what is wrong, and the file that it is about."""


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(map(re.escape, english.split("{}"))), re.DOTALL | re.IGNORECASE)


PATTERNS: Final = tuple((_pattern(english), chinese) for english, chinese in PHRASES.items())


@lru_cache(maxsize=1024)
def in_chinese(message: str) -> str | None:
    """Return a sentence in Chinese; None where it is not known.

    One that ends in another ("…; found 3") is two; what stands before ": " stays as it is, such as a value or a name.
    """
    for pattern, chinese in PATTERNS:
        if found := pattern.fullmatch(message):
            return chinese.format(*(in_chinese(part) or part for part in found.groups()))
    first, two, rest = message.rpartition("; ")
    if two and (said := in_chinese(rest)):
        return f"{in_chinese(first) or first}; {said}"
    head, two, tail = message.partition(": ")
    if two and (said := in_chinese(tail)):
        return f"{head}: {said}"
    return None


def both(message: str) -> str:
    """Return a message in Chinese and English, or as it is where it says both already or is not known.

    What stands before ": " in both, such as the name of a file, is said once.
    """
    message = ERRNO.sub(_sentence, message)
    chinese = None if ALREADY.search(message) else in_chinese(message)
    if chinese is None:
        return message
    head, two, rest = message.partition(": ")
    said = chinese.removeprefix(f"{head}: ")
    if not two or said == chinese:
        return f"{chinese} / {message}"
    inner = both(rest)
    return f"{head}: {inner if inner != rest else f'{said} / {rest}'}"


def _sentence(found: re.Match[str]) -> str:
    """Return an error of the operating system without its number, and with its file unless that was said before."""
    wrong, file = found.groups()
    return wrong if file is None or file in found.string[: found.start()] else f"{file}: {wrong}"
