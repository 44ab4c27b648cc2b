"""The view of a ticket stays small however long its history is, and every line can be asked for."""

from alarms import Ticket, TicketEvent, TicketState, TicketStep
from hazwatch.desk.alarms import LINES_ASKED, NEWEST_LINES, ticket_lines, ticket_view
from plant import Level

OPENED = TicketStep(5, 1_000_000, "open", None, TicketState.REGISTERED, "e", "")


def with_steps(count: int) -> Ticket:
    """Return a ticket that was submitted and refused again and again."""
    ticket = Ticket(
        number="YH-2026-0001",
        hazard_source="gas",
        rule="T1.alarm",
        point="T1",
        level=Level.RED,
        message="瓦斯超限",
        message_en="",
        state=TicketState.RECTIFICATION,
        responsible="李四",
        measures="m",
        due=None,
        episodes=1,
        history=(OPENED,),
    )
    for number in range(count):
        change = (TicketEvent.SUBMIT, TicketEvent.REFUSE)[number % 2]
        step = TicketStep(10 + 2 * number, 1_000_000, change, "王五", TicketState.ACCEPTANCE, None, "x" * 2000)
        ticket = ticket.after(step)
    return ticket


def test_a_view_has_the_newest_lines_and_counts_the_others() -> None:
    view = ticket_view(with_steps(300))
    assert len(view["history"]) == NEWEST_LINES
    assert view["history"][-1]["record"] == 10 + 2 * 299
    assert view["earlier"] == 301 - NEWEST_LINES


def test_a_short_history_is_in_the_view_whole() -> None:
    view = ticket_view(with_steps(3))
    assert (view["earlier"], [line["change"] for line in view["history"]]) == (
        0,
        ["open", "submit", "refuse", "submit"],
    )


def test_page_by_page_all_lines_come_once_and_in_order() -> None:
    ticket, before = with_steps(300), None
    seen: list[int] = []
    while True:
        page = ticket_lines(ticket, before)
        assert len(page["lines"]) <= LINES_ASKED
        seen = [line["record"] for line in page["lines"]] + seen
        assert page["earlier"] == len(ticket.history) - len(seen)
        if not page["earlier"]:
            break
        before = seen[0]
    assert seen == [step.record for step in ticket.history]
