"""`Article`: one article of the Coal Mine Safety Regulations, as `articles.toml` has it."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from plant.message import Text

Mark = Literal["V", "S", "M"]
"""How a number is known: read in full, seen in an excerpt, or from memory."""
Force = Literal["must", "should"]
DIGITS: Final = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article of the regulation.

    Attributes
    ----------
    number, edition : int
        Number of the article, and year of the edition.
    force : str
        "must" if nothing else is permitted, "should" if a mine may deviate for a reason (article 777).
    mark : str
        How its text is known.
    says : Text
        What it requires, in short.

    """

    number: int
    edition: int
    force: Force
    mark: Mark
    says: Text

    @property
    def binds(self) -> bool:
        """Whether no approval of a mine permits a looser value."""
        return self.force == "must"

    @property
    def name(self) -> Text:
        """Regulation, edition and number."""
        return cited([self])


def cited(of: Iterable[Article]) -> Text:
    """Return regulation, edition and numbers of articles of one edition."""
    known = {article.number: article for article in of}
    edition = next(iter(known.values())).edition
    chinese = "、".join(f"第{_chinese(number)}条" for number in known)
    english = " and ".join(map(str, known))
    return Text(
        f"煤矿安全规程({edition}) {chinese}",
        f"Coal Mine Safety Regulations ({edition}), {'articles' if len(known) > 1 else 'article'} {english}",
    )


def _chinese(number: int) -> str:
    """Write a number from 100 to 999 as the regulation does: 五百三十六, 一百七十一, 五百二十."""
    hundreds, tens, ones = (DIGITS[number // base % 10] for base in (100, 10, 1))
    if number % 100 == 0:
        return f"{hundreds}百"
    if number // 10 % 10 == 0:
        return f"{hundreds}百零{ones}"
    return f"{hundreds}百{tens}十" + (ones if number % 10 else "")


@cache
def articles() -> Mapping[int, Article]:
    """Return all articles by number."""
    table = tomllib.loads(files("plant.law").joinpath("articles.toml").read_text(encoding="utf-8"))
    return {
        int(number): Article(
            number=int(number),
            edition=table["edition"],
            force=row["force"],
            mark=row["mark"],
            says=Text(row["says"], row["says_en"]),
        )
        for number, row in table["article"].items()
    }


def article(number: int) -> Article:
    """Return an article; raise KeyError for one that the table does not have."""
    return articles()[number]
