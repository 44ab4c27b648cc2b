"""What is wrong is said in Chinese and English, each part once."""

import re

import pytest

from hazwatch.words.chinese import PHRASES, both, in_chinese


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('no [[point]] has the id "T9"', '没有编号为 "T9" 的 [[point]] / no [[point]] has the id "T9"'),
        ("1.2: expected at most 1.0", "1.2: 应不大于 1.0 / expected at most 1.0"),
        ("high: expected more than 0; found -1", "high: 应大于 0; 实际为 -1 / expected more than 0; found -1"),
        ("a.csv: cannot be written: No space left on device",
         "a.csv: 无法写入: 磁盘已满 / cannot be written: No space left on device"),
        ("/tmp: cannot be read: [Errno 21] Is a directory: '/tmp'",
         "/tmp: 无法读取: 是目录 / cannot be read: Is a directory"),
        ("hazwatch: [Errno 13] Permission denied: '/data/history'",
         "hazwatch: /data/history: 没有权限 / Permission denied"),
        ("no engine answers at http://x: [Errno 111] Connection refused; start one with `hazwatch run`",
         "http://x 没有引擎应答: 连接被拒绝; 用 `hazwatch run` 启动 / "
         "no engine answers at http://x: Connection refused; start one with `hazwatch run`"),
        ("argument --host: host foo: expected a loopback address such as 127.0.0.1",
         "argument --host: host foo: 应为环回地址, 如 127.0.0.1 / expected a loopback address such as 127.0.0.1"),
        ("range: expected [lowest, highest] with lowest < highest",
         "range: 应为 [下限, 上限], 下限 < 上限 / expected [lowest, highest] with lowest < highest"),
        ("规则已批准 / approved: expected 255 or less", "规则已批准 / approved: expected 255 or less"),
        ("nobody wrote this down", "nobody wrote this down"),
    ],
)  # fmt: skip
def test_a_message_is_said_in_both_languages(message: str, expected: str) -> None:
    assert both(message) == expected


@pytest.mark.parametrize("english", PHRASES)
def test_every_phrase_is_found_by_itself_and_keeps_what_differs(english: str) -> None:
    places = [f"X{number}Y" for number in range(english.count("{}"))]
    said = in_chinese(english.format(*places))
    assert said is not None
    assert re.search(r"[\u4e00-\u9fff]", said)
    assert all(place in said for place in places)
