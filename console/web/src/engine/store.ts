// What the page knows of the engine: a snapshot, kept current by numbered deltas.
import { computed, signal } from "@preact/signals";
import type { Alarm, Change, Found, HazardSourceState, Limit, Link, Notice, Point, Site, Snapshot, Ticket } from "../types";
import { LEVELS } from "../words/levels";

export const site = signal<Site | null>(null);
export const alarms = signal<ReadonlyMap<string, Alarm>>(new Map());
export const tickets = signal<ReadonlyMap<string, Ticket>>(new Map());
/** What was found in late data, and nobody has analysed. */
export const found = signal<ReadonlyMap<string, Found>>(new Map());
export const hazardSources = signal<ReadonlyMap<string, HazardSourceState>>(new Map());
export const links = signal<ReadonlyMap<string, Link>>(new Map());
export const notices = signal<ReadonlyMap<string, Notice>>(new Map());
export const annunciated = signal(0);
/** The engine's clock at its last heartbeat. [ms] */
export const now = signal(0);

export const points = computed<ReadonlyMap<string, Point>>(() => by(site.value?.points ?? [], (point) => point.id));
export const limits = computed<ReadonlyMap<string, Limit>>(() => by(site.value?.limits ?? [], (limit) => limit.id));
export const sourceNames = computed(() => by(site.value?.hazard_sources ?? [], (source) => source.id));

/** Unacknowledged and all alarms of each level. */
export const counts = computed(() => {
  const count = new Map(LEVELS.map((level) => [level, { unacked: 0, all: 0 }]));
  for (const alarm of alarms.value.values()) {
    const entry = count.get(alarm.level)!;
    entry.all += 1;
    if (isUnacked(alarm)) entry.unacked += 1;
  }
  return count;
});

export function isUnacked(alarm: Alarm): boolean {
  return alarm.state === "unacked" || alarm.state === "rtn_unacked";
}

export function takeSnapshot(snapshot: Snapshot): void {
  alarms.value = by(snapshot.alarms, (alarm) => alarm.id);
  tickets.value = by(snapshot.tickets, (ticket) => ticket.number);
  found.value = by(snapshot.found, (one) => one.id);
  hazardSources.value = by(snapshot.hazard_sources, (source) => source.id);
  links.value = by(snapshot.sources, (link) => link.id);
  notices.value = by(snapshot.notices, (notice) => notice.id);
  annunciated.value = snapshot.annunciated;
  now.value = snapshot.now;
}

export function takeChange(change: Change): void {
  if (change.alarms) takeAlarms(change.alarms);
  if (change.tickets)
    tickets.value = merged(tickets.value, change.tickets, (ticket) => ticket.number, (ticket) => ticket.state === "closed");
  if (change.found) found.value = merged(found.value, change.found, (one) => one.id, (one) => one.analysed_by !== null);
  if (change.hazard_sources) hazardSources.value = merged(hazardSources.value, change.hazard_sources, (source) => source.id);
  if (change.sources) links.value = merged(links.value, change.sources, (link) => link.id);
  if (change.notices) notices.value = merged(notices.value, change.notices, (notice) => notice.id);
  if (change.withdrawn) {
    const over = new Set(change.withdrawn);
    notices.value = new Map([...notices.value].filter(([id]) => !over.has(id)));
  }
  if (change.annunciated !== undefined) annunciated.value = change.annunciated;
}

export function takeAlarms(more: readonly Alarm[]): void {
  alarms.value = merged(alarms.value, more, (alarm) => alarm.id, (alarm) => alarm.state === "normal");
}

function by<T>(items: readonly T[], key: (item: T) => string): Map<string, T> {
  return new Map(items.map((item) => [key(item), item]));
}

function merged<T>(old: ReadonlyMap<string, T>, items: readonly T[], key: (item: T) => string, over?: (item: T) => boolean) {
  const next = new Map(old);
  for (const item of items) {
    if (over?.(item)) next.delete(key(item));
    else next.set(key(item), item);
  }
  return next;
}
