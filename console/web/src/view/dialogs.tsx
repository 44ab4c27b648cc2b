// Small dialogs: who is on duty, one ticket with what can be done about it now, the keyboard.
import { useSignal } from "@preact/signals";
import { Compared, place } from "./alarmlist";
import { carryOut, dialog, failure, signedOn } from "../engine/actions";
import { date, instant, moment } from "../words/format";
import { Stood } from "./foundlist";
import { close, Frame } from "./frame";
import { lost, readLines } from "../engine/link";
import { person, signOn } from "../engine/settings";
import { found, now, site, sourceNames, tickets } from "../engine/store";
import { SourceView } from "./sourceview";
import { Symbol } from "./symbol";
import { Steps } from "./ticketlist";
import type { Command } from "../engine/command";
import type { Found, Ticket, TicketAction, TicketLines, Version } from "../types";
import { say, tongue, words } from "../words/words";

export function Dialogs() {
  const open = dialog.value;
  if (open === null) return null;
  if (open.kind === "help") return <Help />;
  if (open.kind === "rules") return <Rules />;
  if (open.kind === "sources") return <SourceView />;
  if (open.kind === "person") return <Person then={open.then} />;
  if (open.kind === "found") {
    const one = found.value.get(open.id);
    return one === undefined ? <Gone what={words.value.analysed} /> : <FoundCard key={one.id} one={one} />;
  }
  const ticket = tickets.value.get(open.number);
  return ticket === undefined ? <Gone what={words.value.closed} /> : <TicketCard key={ticket.number} ticket={ticket} />;
}

function Gone({ what }: { what: string }) {
  return (
    <Frame title={what}>
      <p>{what}</p>
    </Frame>
  );
}

function Help() {
  return (
    <Frame title={words.value.keys}>
      <dl class="keys">
        {words.value.keyList.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Frame>
  );
}

function Rules() {
  const text = words.value;
  const shown = site.value;
  if (shown === null) return null;
  return (
    <Frame title={text.ruleSet}>
      <InForce version={shown.rule_set} />
      <h3>{text.presentation}</h3>
      <InForce version={shown.presentation} />
    </Frame>
  );
}

function InForce({ version }: { version: Version }) {
  const text = words.value;
  const lines: [string, string][] = [
    [text.version, version.version],
    [text.inForceSince, date(version.since)],
    [text.author, version.author ?? text.nobody],
    [text.approver, version.approver ?? text.nobody],
    [text.approved, version.approved === null ? "—" : date(version.approved)],
    [text.why, version.reason ?? "—"],
  ];
  return (
    <>
      <dl class="keys">
        {lines.map(([key, what]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      {version.approver === null && <p>{text.notApproved}</p>}
    </>
  );
}

function Person({ then }: { then: (() => void) | null }) {
  const text = words.value;
  const name = useSignal(person.value);
  return (
    <Frame title={text.askName}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.value.trim() === "") return;
          signOn(name.value.trim());
          close();
          then?.();
        }}
      >
        <p>{text.askNameWhy}</p>
        <label>
          {text.name}
          <input autofocus required maxLength={40} value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
        </label>
        <p class="buttons">
          <button class="primary">{text.save}</button>
          <button type="button" onClick={close}>
            {text.cancel}
          </button>
        </p>
      </form>
    </Frame>
  );
}

function TicketCard({ ticket }: { ticket: Ticket }) {
  const text = words.value;
  return (
    <Frame title={`${text.ticket} ${ticket.number}`}>
      <p class="subject">
        <Symbol sign={ticket.level} /> <b lang={tongue(say(ticket.message))}>{say(ticket.message)}</b>
        <small>{sourceNames.value.get(ticket.hazard_source)?.name}</small>
      </p>
      <Steps state={ticket.state} />
      <p>
        {text[ticket.state]} · {text.episodes(ticket.episodes)}
        {ticket.responsible && ` · ${text.responsible}${text.colon}${ticket.responsible}`}
        {ticket.measures && ` · ${text.measures}${text.colon}${ticket.measures}`}
      </p>
      <h3>{text.history}</h3>
      <History ticket={ticket} />
      {ticket.actions.length === 0 && <p>{text.noActions}</p>}
      {ticket.actions.map((action) => (
        <ActionForm key={action} ticket={ticket} action={action} />
      ))}
      {failure.value && (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
    </Frame>
  );
}

/** The newest lines come with the ticket; a button asks for those before them. */
function History({ ticket }: { ticket: Ticket }) {
  const text = words.value;
  const older = useSignal<TicketLines>({ earlier: ticket.earlier, lines: [] });
  const first = older.value.lines[0]?.record ?? ticket.history[0]?.record ?? 0;
  // Lines that were the newest when the card was opened may have left the ticket since.
  const lines = [...older.value.lines, ...ticket.history.filter((line) => line.record > (older.value.lines.at(-1)?.record ?? 0))];
  const earlier = older.value.lines.length === 0 ? ticket.earlier : older.value.earlier;
  return (
    <>
      {earlier > 0 && (
        <button
          onClick={() =>
            void readLines(ticket.number, first).then(
              (answer) => (older.value = { earlier: answer.earlier, lines: [...answer.lines, ...lines] }),
              () => (failure.value = text.unreachable),
            )
          }
        >
          {text.earlierLines(earlier)}
        </button>
      )}
      <ol class="ep">
        {lines.map((line) => (
          <li key={line.record}>
            <time>{moment(line.time, now.value)}</time> {said(line.change)} · {line.by ?? text.engine}
            {line.note && `${text.colon}${line.note}`}
          </li>
        ))}
      </ol>
    </>
  );
}

function FoundCard({ one }: { one: Found }) {
  const text = words.value;
  const note = useSignal("");
  return (
    <Frame title={text.foundLate}>
      <p class="subject">
        <Symbol sign={one.level} /> <b lang={tongue(say(one.message))}>{say(one.message)}</b>
        <small>{place(one)}</small>
      </p>
      <p>
        <Stood one={one} /> · {text.foundAt(date(one.found))} {one.value !== null && <Compared alarm={{ ...one, id: one.condition }} value={one.value} />}
      </p>
      <p>{one.ticket ? `${text.toAnalyse}${text.stop}${text.foundMeans}` : text.foundMeans}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signedOn(() => void carryOut({ command: "analyse", found: one.id, by: person.value, note: note.value }));
        }}
      >
        <label>
          {text.analysis}
          <input autofocus required maxLength={500} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
        </label>
        <p class="buttons">
          <button class="primary" disabled={lost.value !== false}>
            {text.analyse}
          </button>
        </p>
      </form>
      {failure.value && (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
    </Frame>
  );
}

function said(change: string): string {
  return (words.value as unknown as Record<string, string>)[change] ?? change;
}

function ActionForm({ ticket, action }: { ticket: Ticket; action: TicketAction }) {
  const text = words.value;
  const fields = useSignal<Record<string, string>>({});
  const field = (name: "responsible" | "measures" | "dueDate" | "shiftEnd" | "note" | "reason", required: boolean) => {
    const common = {
      required,
      value: fields.value[name] ?? "",
      onInput: (event: { currentTarget: HTMLInputElement }) => (fields.value = { ...fields.value, [name]: event.currentTarget.value }),
    };
    return (
      <label key={name}>
        {text[name]}
        {name === "dueDate" || name === "shiftEnd" ? (
          <input type={name === "dueDate" ? "date" : "time"} {...common} />
        ) : (
          <input maxLength={500} {...common} />
        )}
      </label>
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        signedOn(() => void carryOut(commandOf(ticket, action, fields.value)));
      }}
    >
      {action === "rectify" && [field("responsible", true), field("measures", true), field("dueDate", false), field("shiftEnd", false)]}
      {(action === "submit" || action === "accept") && field("note", false)}
      {action === "refuse" && field("reason", true)}
      <p class="buttons">
        <button class={action === "refuse" ? "" : "primary"} disabled={lost.value !== false}>
          {text[action]}
        </button>
      </p>
    </form>
  );
}

function commandOf(ticket: Ticket, action: TicketAction, fields: Record<string, string>): Command {
  const common = { ticket: ticket.number, by: person.value };
  if (action === "rectify") {
    const day = fields["dueDate"];
    const due = day ? String(BigInt(instant(day, fields["shiftEnd"] || "24:00")) * 1_000_000n) : null; // ns: more than a Number holds
    return { ...common, command: action, responsible: fields["responsible"] ?? "", measures: fields["measures"] ?? "", due };
  }
  if (action === "refuse") return { ...common, command: action, reason: fields["reason"] ?? "" };
  return { ...common, command: action, note: fields["note"] ?? "" };
}
