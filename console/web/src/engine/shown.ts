// Which points the page shows: the engine sends the readings of these.
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { site } from "./store";
import type { Reading } from "../types";

/** Rows come and go while somebody scrolls: the engine hears of it at most this often. [ms] */
const EVERY = 300;

/** How many parts of the page show a point. */
const users = new Map<string, number>();
const shown = signal<readonly string[]>([]);
const readings = signal<ReadonlyMap<string, Reading>>(new Map());
let timer = 0;

/** The points that are shown, by their numbers in the order of the site. */
export const shownNumbers = computed<readonly number[]>(() => {
  const number = new Map((site.value?.points ?? []).map((point, index) => [point.id, index]));
  return shown.value.map((point) => number.get(point)).filter((one) => one !== undefined);
});

/** Takes readings; those of points that are no longer shown would grow old unseen. */
export function takeReadings(news: readonly Reading[]): void {
  const next = new Map([...readings.value].filter(([point]) => users.has(point)));
  for (const reading of news) if (users.has(reading.point)) next.set(reading.point, reading);
  readings.value = next;
}

function settle(): void {
  timer = 0;
  if (shown.value.length === users.size && shown.value.every((point) => users.has(point))) return;
  takeReadings([]);
  shown.value = [...users.keys()];
}

function change(point: string, by: number): void {
  const left = (users.get(point) ?? 0) + by;
  if (left > 0) users.set(point, left);
  else users.delete(point);
  if (timer === 0) timer = window.setTimeout(settle, EVERY);
}

/** The reading of a point, as long as a part of the page asks for it; none for no point. */
export function useReading(point: string | null): Reading | undefined {
  useEffect(() => {
    if (point === null) return;
    change(point, 1);
    return () => change(point, -1);
  }, [point]);
  return point === null ? undefined : readings.value.get(point);
}
