// Numbers and times as people read them: the sensor's resolution, the site's 24-hour clock.
import { site } from "../engine/store";
import type { Alarm, Limit, Point } from "../types";

/** What a value is compared by. */
export type Judged = Pick<Alarm, "id" | "point" | "setpoint" | "direction" | "unit">;

export type Parts = { year: string; month: string; day: string; hour: string; minute: string; second: string };

let zone = "";
let clock: Intl.DateTimeFormat;

export function timezone(): string {
  return site.value?.timezone ?? "Asia/Shanghai";
}

function parts(ms: number): Parts {
  if (zone !== timezone()) {
    zone = timezone();
    const two = "2-digit" as const;
    clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: two, day: two, hour: two, minute: two, second: two,
    });
  }
  return Object.fromEntries(clock.formatToParts(ms).map((part) => [part.type, part.value])) as Parts;
}

export function timeOfDay(ms: number): string {
  const at = parts(ms);
  return `${at.hour}:${at.minute}:${at.second}`;
}

export function hourMinute(ms: number): string {
  const at = parts(ms);
  return `${at.hour}:${at.minute}`;
}

export function monthDay(ms: number): string {
  const at = parts(ms);
  return `${at.month}-${at.day}`;
}

/** With the whole date: for what lasts longer than a shift. */
export function date(ms: number): string {
  return `${parts(ms).year}-${monthDay(ms)} ${timeOfDay(ms)}`;
}

/** The ms of a day and a time of the site's clock, "2026-03-01" and "16:00"; "24:00" is the end of the day. */
export function instant(day: string, time: string): number {
  const [year, month, dayOfMonth] = day.split("-").map(Number) as [number, number, number];
  const [hour, minute] = time.split(":").map(Number) as [number, number];
  const wanted = Date.UTC(year, month - 1, dayOfMonth, hour, minute);
  const behind = (ms: number): number => {
    const at = parts(ms);
    return Date.UTC(+at.year, +at.month - 1, +at.day, +at.hour, +at.minute) - ms;
  };
  const guess = wanted - behind(wanted);
  return wanted - behind(guess); // the offset of that day, where the first guess lay on the other side of a change
}

/** With the day where it is not today's. */
export function moment(ms: number, today: number): string {
  return monthDay(ms) === monthDay(today) ? timeOfDay(ms) : `${monthDay(ms)} ${hourMinute(ms)}`;
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10 && seconds % 60 !== 0) return `${minutes} min ${seconds % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** In the resolution of the sensor; three significant digits where it has none. */
export function figure(value: number, point?: Point | null): string {
  if (point?.decimals != null) return value.toFixed(point.decimals);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

/** A setpoint at least as exact as it was written. */
export function setpoint(value: number, point?: Point | null): string {
  const shown = figure(value, point);
  return Math.abs(Number(shown) - value) > 1e-9 * Math.max(1, Math.abs(value)) ? String(Number(value.toPrecision(6))) : shown;
}

/** The point in whose resolution the numbers of a condition are shown, if any. */
export function scaleOf(limit: Limit | undefined, point: Point | null | undefined): Point | null {
  return limit === undefined || limit.counts ? null : (point ?? null);
}

/** A value beside its setpoint: no less exact than that. */
export function against(value: number, limit: number, point: Point | null): string {
  const shown = figure(value, point);
  const exact = setpoint(limit, point).split(".")[1]?.length ?? 0;
  return (shown.split(".")[1]?.length ?? 0) < exact ? value.toFixed(exact) : shown;
}

/** `m3/h` as it is printed: m³/h. */
export function unit(text: string): string {
  return text.replace(/m([23])(?!\d)/g, (_, power: string) => `m${power === "2" ? "²" : "³"}`);
}

/** What is measured, where the unit does not tell: the gas of a concentration, as a formula. */
export function substance(point: Point): string {
  return point.unit === "%" || point.unit === "ppm" ? point.quantity.replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]!) : "";
}

/** A text of the site file as a sentence, with the full stop of its language if it has none. */
export function sentence(text: string): string {
  const stop = /\p{Script=Han}/u.test(text) ? "。" : ".";
  return text === "" || /[.。!！?？…]$/.test(text) ? text : `${text}${stop}`;
}

/** Whether the number on the screen is that of the point now (and not a rate, a vote ...). */
export function isValueOf(limit: Limit | undefined): boolean {
  return limit?.is_value === true;
}

/** On which side of the setpoint a value is; within half a step of the sensor it is at it, as the rules have it. */
export function relation(alarm: Judged, value: number, point: Point | null): string {
  const limit = alarm.setpoint ?? 0;
  const tolerance = point?.resolution ? point.resolution / 2 : Math.max(1e-12, 1e-9 * Math.abs(limit));
  if (alarm.direction === "high") return value >= limit - tolerance ? "≥" : "<";
  return value <= limit + tolerance ? "≤" : ">";
}

/** Whether a value has left a limit without having reached the clear value: the alarm stands. */
export function isBetween(alarm: Alarm, clear: number, value: number, point: Point | null): boolean {
  const inside = relation(alarm, value, point) === (alarm.direction === "high" ? "≥" : "≤");
  const out = relation({ ...alarm, setpoint: clear }, value, point) === (alarm.direction === "high" ? "<" : ">");
  return !inside && !out;
}
