// What the operator does: every command in one place, with the name it is given under.
import { signal } from "@preact/signals";
import { alarmOf } from "./list";
import { lost, send } from "./link";
import { isUnacked } from "./store";
import { person } from "./settings";
import type { Command } from "./command";
import { words } from "../words/words";

export type Dialog = { kind: "help" } | { kind: "rules" } | { kind: "sources" } | { kind: "person"; then: (() => void) | null } | { kind: "ticket"; number: string } | { kind: "found"; id: string };

export const dialog = signal<Dialog | null>(null);
/** Why the last command failed. */
export const failure = signal<string | null>(null);
/** Alarms whose acknowledgement is on its way. */
export const underway = signal<ReadonlySet<string>>(new Set());

/** Asks who is on duty where that is not known yet, then goes on. */
export function signedOn(then: () => void): void {
  if (person.value === "") dialog.value = { kind: "person", then };
  else then();
}

export async function carryOut(command: Command): Promise<boolean> {
  failure.value = null;
  if (lost.value !== false) return false; // what the page shows is old: nothing is decided on it
  const reason = await send(command);
  if (reason !== null) {
    const text = words.value;
    const told: Record<string, string> = { unreachable: text.unreachable, not_durable: text.notDurable };
    failure.value = told[reason] ?? `${text.refused}: ${text.reasons[reason] ?? reason}`;
  }
  return reason === null;
}

export function acknowledge(id: string): void {
  const alarm = alarmOf(id);
  if (alarm === undefined || !isUnacked(alarm) || lost.value !== false || underway.value.has(id)) return;
  const { episode } = alarm; // the episode that was seen, whatever comes while the name is asked for
  signedOn(async () => {
    underway.value = new Set([...underway.value, id]);
    await carryOut({ command: "acknowledge", alarm: id, episode, by: person.value });
    underway.value = new Set([...underway.value].filter((other) => other !== id));
  });
}
