"""`./run` sets itself up once, again where it must, and says in one line what is missing."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[1]
PYTHON = """\
#!/bin/sh
printf '%s\\n' "$*" >>"$RUN_LOG"
case "$*" in
-V) echo "Python ${RUN_VERSION:-3.11.2}" ;;
*ensurepip*) exit "${RUN_NO_VENV:-0}" ;;
*version_info*) exit "${RUN_TOO_OLD:-0}" ;;
"-m venv --clear "*)
    made=${*#-m venv --clear }
    rm -rf "$made"
    mkdir -p "$made/bin"
    cp "$0" "$made/bin/python"
    ;;
*"coverage run"*) exit "${RUN_FAILURE:-0}" ;;
*"-m hazwatch"*) echo "$HAZWATCH_RUN" ;;
*"pip install"*) sleep "${RUN_SLOW:-0}"; exit "${RUN_NO_PACKAGES:-0}" ;;
esac
"""


class Checkout:
    """A checkout whose Python only writes down what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a mine's checkout"
        self.log = folder / "log"
        self.elsewhere = folder / "elsewhere"
        self.programs = folder / "programs"
        for made in (self.root, self.elsewhere, self.programs):
            made.mkdir()
        shutil.copy(ROOT / "run", self.root)
        for lock in ("requirements.lock", "requirements-dev.lock"):
            (self.root / lock).write_text("numpy==2.4.6\n", encoding="utf-8")
        for program in ("sh", "dirname", "cat", "cksum", "rm", "mkdir", "cp", "sleep"):
            (self.programs / program).symlink_to(shutil.which(program) or program)
        self.python = self.programs / "python3"
        self.python.write_text(PYTHON, encoding="utf-8")
        self.python.chmod(0o755)

    def run(self, *words: str, **settings: str) -> tuple[int, list[str], list[str]]:
        """Return exit code, what it said, and what Python was asked but for its version."""
        self.log.write_text("", encoding="utf-8")
        done = self.start(*words, **settings)
        asked = [line for line in self.log.read_text(encoding="utf-8").splitlines() if line[:2] not in ("-V", "-c")]
        return done.returncode, done.stderr.splitlines(), asked

    def start(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.root / "run", *words],
            cwd=self.elsewhere,
            env={"PATH": str(self.programs), "RUN_LOG": str(self.log)} | settings,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_first_time_it_makes_the_environment_with_pip_and_hashes_from_any_folder(checkout: Checkout) -> None:
    code, said, asked = checkout.run("demo", "--seconds", "5")
    assert (code, len(said)) == (0, 1)
    assert asked[0] == f"-m venv --clear {checkout.root}/.venv"
    assert asked[1].endswith(f"--require-hashes -r {checkout.root}/requirements.lock")
    assert asked[2:] == ["-P -m hazwatch demo --seconds 5"]


def test_the_second_time_it_runs_at_once(checkout: Checkout) -> None:
    checkout.run("test")
    assert checkout.run("test", "tests/plant", "-q") == (0, [], ["-m pytest tests/plant -q"])


def test_the_quick_tests_are_those_that_are_neither_slow_nor_live_on_all_cores(checkout: Checkout) -> None:
    checkout.run("test")
    asked = ["-m pytest -m not slow and not live -n auto --dist worksteal -x"]
    assert checkout.run("quick", "-x")[2] == asked


@pytest.mark.parametrize("failure", [0, 1])
def test_coverage_prints_its_table_also_where_a_test_fails(checkout: Checkout, failure: int) -> None:
    checkout.run("test")
    code, _, asked = checkout.run("coverage", "tests/plant", RUN_FAILURE=str(failure))
    assert (code, asked) == (failure, ["-m coverage run -m pytest tests/plant", "-m coverage report"])


def test_the_product_is_told_how_it_was_started_and_prints_its_commands_so(checkout: Checkout) -> None:
    checkout.run("hazwatch")
    assert checkout.start("hazwatch", "check").stdout == f"{checkout.root}/run\n"


def test_what_the_tests_need_holds_what_the_product_needs(checkout: Checkout) -> None:
    checkout.run("test")
    assert checkout.run("hazwatch", "check", "a site.toml") == (0, [], ["-P -m hazwatch check a site.toml"])


def test_where_the_product_alone_is_set_up_the_tests_add_to_it(checkout: Checkout) -> None:
    checkout.run("demo")
    asked = checkout.run("test")[2]
    assert asked[0].endswith(
        f"pip install --quiet --disable-pip-version-check --require-hashes -r {checkout.root}/requirements-dev.lock"
    )
    assert asked[1:] == ["-m pytest"]
    assert checkout.run("demo")[2] == ["-P -m hazwatch demo"]


@pytest.mark.parametrize("changed", ["requirements.lock", "requirements-dev.lock", None])
def test_where_a_lock_or_the_interpreter_changed_it_sets_up_again(checkout: Checkout, changed: str | None) -> None:
    checkout.run("test")
    settings = {} if changed else {"RUN_VERSION": "3.12.1"}
    if changed:
        (checkout.root / changed).write_text("numpy==2.4.7\n", encoding="utf-8")
    assert checkout.run("test", **settings)[2][0].startswith("-m venv --clear")
    assert checkout.run("test", **settings)[2] == ["-m pytest"]


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed: apt-get install util-linux")
def test_two_that_begin_at_once_set_up_once(checkout: Checkout) -> None:
    (checkout.programs / "flock").symlink_to(shutil.which("flock") or "flock")
    checkout.log.write_text("", encoding="utf-8")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: checkout.start("demo", RUN_SLOW="0.5"), range(2)))
    assert [one.returncode for one in done] == [0, 0]
    asked = checkout.log.read_text(encoding="utf-8")
    assert (asked.count("-m venv --clear"), asked.count("pip install"), asked.count("hazwatch demo")) == (1, 1, 2)


def test_a_set_up_that_failed_is_tried_again(checkout: Checkout) -> None:
    code, said, _ = checkout.run("test", RUN_NO_PACKAGES="1")
    assert code == 1
    assert "could not be installed" in said[-1]
    assert checkout.run("test")[2][0].startswith("-m venv --clear")


def test_a_missing_python_is_said_in_one_line(checkout: Checkout) -> None:
    checkout.python.unlink()
    code, said, _ = checkout.run("demo")
    assert (code, len(said)) == (1, 1)
    assert "apt-get install python3 python3-venv" in said[0]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("RUN_TOO_OLD", "Python 3.11, 3.12 or 3.13 is needed: apt-get install python3 python3-venv"),
        ("RUN_NO_VENV", "Python's venv module is missing: apt-get install python3-venv"),
    ],
)
def test_what_is_missing_is_said_in_one_line(checkout: Checkout, setting: str, said: str) -> None:
    code, lines, asked = checkout.run("test", **{setting: "1"})
    assert (code, asked) == (1, [])
    assert [line.startswith("run: ") and said in line for line in lines] == [True]


def test_without_a_task_it_says_what_there_is(checkout: Checkout) -> None:
    assert checkout.run()[0] == 2
    assert checkout.run("nonsense")[0] == 2
    assert checkout.run("--help")[0] == 0
    assert not list(checkout.elsewhere.iterdir())
