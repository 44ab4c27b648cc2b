// Open hazard tickets (事故隐患治理单): the one that is due first on top, with its step.
import { dialog } from "../engine/actions";
import { duration } from "../words/format";
import { now, sourceNames, tickets } from "../engine/store";
import { Symbol } from "./symbol";
import type { Ticket, TicketState } from "../types";
import { say, tongue, words } from "../words/words";

/** Which of the six steps a ticket stands at. */
const STEP: Record<TicketState, number> = { registered: 0, rectification: 2, acceptance: 4, closed: 5 };

export function TicketList() {
  const text = words.value;
  const open = [...tickets.value.values()].sort((a, b) => (a.due ?? Infinity) - (b.due ?? Infinity) || b.opened - a.opened);
  return (
    <section class="tickets" aria-label={text.tickets}>
      <h2>
        {text.tickets} <i>{open.length}</i>
        <span>{text.byDue}</span>
      </h2>
      <ul>
        {open.length === 0 && <li class="none">{text.noTickets}</li>}
        {open.map((ticket) => (
          <li key={ticket.number} class="ticket" data-ticket={ticket.number}>
            <span class="num">{ticket.number}</span>
            <span class="what">
              <b title={say(ticket.message)} lang={tongue(say(ticket.message))}>{say(ticket.message)}</b>
              <small>
                <Symbol sign={ticket.level} /> {sourceNames.value.get(ticket.hazard_source)?.name} · {text.episodes(ticket.episodes)}
              </small>
            </span>
            <Steps state={ticket.state} />
            <Due ticket={ticket} />
            <button onClick={() => (dialog.value = { kind: "ticket", number: ticket.number })}>{text.handle}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Steps({ state }: { state: TicketState }) {
  const at = STEP[state];
  return (
    <ol class="steps" aria-label={words.value[state]}>
      {words.value.steps.map((step, index) => (
        <li key={step} class={index < at ? "past" : index === at ? "now" : ""} aria-current={index === at ? "step" : undefined}>
          {step}
        </li>
      ))}
    </ol>
  );
}

export function Due({ ticket }: { ticket: Ticket }) {
  const text = words.value;
  if (ticket.due === null) return <span class="due">{text.opened(duration(now.value - ticket.opened))}</span>;
  const left = ticket.due - now.value;
  return left < 0 ? <span class="due late">{text.overdue(duration(-left))}</span> : <span class="due">{text.left(duration(left))}</span>;
}
