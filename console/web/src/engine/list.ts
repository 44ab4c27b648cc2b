// The alarm list: its order, its filter, what is chosen, and the hold that keeps rows still while somebody reads.
import { computed, effect, signal, untracked } from "@preact/signals";
import { alarms, isUnacked, points, sourceNames } from "./store";
import type { Alarm, Level } from "../types";
import { LEVELS } from "../words/levels";

/** The keyboard lets go by itself after this. [ms] */
const KEYBOARD_HOLD = 20_000;

export const search = signal("");
export const onlyLevel = signal<Level | null>(null);
export const onlyUnacked = signal(false);
export const onlySource = signal<string | null>(null);

/** The id of the alarm in focus; it changes only when the reader, or an empty list, says so. */
export const chosen = signal<string | null>(null);
/** The point in focus, where it is not that of the chosen alarm. */
export const chosenPoint = signal<string | null>(null);
/** Where the details slide over the list, whether they do now. */
export const detailOpen = signal(false);

const pointer = signal(false);
const keyboard = signal(false);
export const holding = computed(() => pointer.value || keyboard.value);

/** The rows, in their order. While it is held, what has gone stays and what has come waits. */
export const rows = signal<readonly string[]>([]);
/** The last picture of every row, also of one that has gone. */
const pictures = new Map<string, Alarm>();

const matching = computed(() => [...alarms.value.values()].filter(matches));
export const hidden = computed(() => alarms.value.size - matching.value.length);
export const newcomers = computed<readonly Alarm[]>(() => {
  const shown = new Set(rows.value);
  return matching.value.filter((alarm) => !shown.has(alarm.id));
});

const STATE_RANK = { unacked: 0, rtn_unacked: 1, acked: 2, normal: 3 } as const;

function byUrgency(a: Alarm, b: Alarm): number {
  return (
    STATE_RANK[a.state] - STATE_RANK[b.state] ||
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    b.recorded - a.recorded ||
    (a.id < b.id ? -1 : 1)
  );
}

function matches(alarm: Alarm): boolean {
  if (onlyLevel.value !== null && alarm.level !== onlyLevel.value) return false;
  if (onlyUnacked.value && !isUnacked(alarm)) return false;
  if (onlySource.value !== null && alarm.hazard_source !== onlySource.value) return false;
  const sought = search.value.trim().toLowerCase();
  return sought === "" || textOf(alarm).includes(sought);
}

function textOf(alarm: Alarm): string {
  const point = alarm.point === null ? undefined : points.value.get(alarm.point);
  const source = sourceNames.value.get(alarm.hazard_source);
  const all = [alarm.id, alarm.message.zh, alarm.message.en, alarm.ticket, alarm.point, point?.name, source?.name, source?.place];
  return all.filter(Boolean).join("\n").toLowerCase();
}

export function arrange(): void {
  const sorted = [...matching.peek()].sort(byUrgency);
  const focus = chosen.peek();
  if (focus !== null && !alarms.peek().has(focus)) {
    // The chosen alarm is over: its point stays in focus, and no key decides on another alarm by surprise.
    chosenPoint.value ??= pictures.get(focus)?.point ?? null;
    if (chosenPoint.peek() !== null) chosen.value = null;
  }
  pictures.clear();
  for (const alarm of sorted) pictures.set(alarm.id, alarm);
  rows.value = sorted.map((alarm) => alarm.id);
  if (chosen.peek() === null && chosenPoint.peek() === null && sorted[0]) chosen.value = sorted[0].id;
}

effect(() => {
  void [matching.value, holding.value];
  untracked(() => {
    if (!holding.value) arrange();
    else for (const id of rows.value) pictures.set(id, alarms.value.get(id) ?? gone(pictures.get(id)!));
  });
});

// What the reader asks of the list itself, it does at once.
effect(() => {
  void [search.value, onlyLevel.value, onlyUnacked.value, onlySource.value];
  untracked(arrange);
});

function gone(alarm: Alarm): Alarm {
  return { ...alarm, state: "normal" };
}

/** The alarm of a row, also one that returned to normal while the list was held. */
export function alarmOf(id: string): Alarm | undefined {
  return alarms.value.get(id) ?? (pictures.has(id) ? gone(pictures.get(id)!) : undefined);
}

export function pointerHolds(on: boolean): void {
  pointer.value = on;
  if (!on) keyboard.value = false;
}

let idle = 0;

export function keyboardHolds(): void {
  keyboard.value = true;
  clearTimeout(idle);
  idle = window.setTimeout(() => (keyboard.value = false), KEYBOARD_HOLD);
}

export function letGo(): void {
  pointer.value = keyboard.value = false;
  arrange();
}

export function choose(id: string): void {
  chosen.value = id;
  chosenPoint.value = null;
}

export function chooseSource(id: string, point: string | null): void {
  onlySource.value = onlySource.value === id ? null : id;
  const first = rows.value.find((row) => alarms.value.get(row)?.hazard_source === id);
  if (first !== undefined) choose(first);
  else if (point !== null) {
    chosen.value = null;
    chosenPoint.value = point;
  }
}

export function move(by: number): void {
  const at = chosen.value === null ? -1 : rows.value.indexOf(chosen.value);
  const next = rows.value[Math.max(0, Math.min(rows.value.length - 1, at + by))];
  if (next !== undefined) choose(next);
}
