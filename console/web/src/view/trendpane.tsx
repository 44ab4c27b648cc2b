// The trend of the point in focus: ranges, zoom, the words under the cursor.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Chart, type Picture } from "./chart";
import { figure, moment, unit } from "../words/format";
import { lost, readTrend } from "../engine/link";
import { language, theme } from "../engine/settings";
import { useReading } from "../engine/shown";
import { now } from "../engine/store";
import type { Alarm, Point, Trend } from "../types";
import { say, words } from "../words/words";

const MINUTE = 60_000;
const RANGES: readonly [string, number][] = [
  ["10 min", 10 * MINUTE],
  ["2 h", 120 * MINUTE],
  ["8 h", 480 * MINUTE],
  ["24 h", 1440 * MINUTE],
];
/** The trend is read again so often; between, readings are appended. [ms] */
const AGAIN = 5000;

/** What the reader chose; before that 2 h, or 10 min where the history is younger than a third of that. */
const range = { span: RANGES[1]![1], chosen: false };

export function TrendPane({ point, alarm }: { point: Point; alarm: Alarm | undefined }) {
  const text = words.value;
  const span = useSignal(range.span);
  const zoom = useSignal<[number, number] | null>(null);
  const trend = useSignal<Trend | null>(null);
  const failed = useSignal(false);
  const cursor = useSignal<string | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);

  useEffect(() => {
    const made = new Chart(frame.current!, {
      zoomed: (start, end) => (zoom.value = [start, end]),
      reset: () => (zoom.value = null),
      pointed: (index) => (cursor.value = index === null ? null : described(trend, point, index)),
    });
    chart.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    let over = false;
    let timer = 0;
    const read = async () => {
      if (lost.peek() === false) {
        const [start, end] = zoom.value ?? [now.peek() - span.value, now.peek()];
        const answer = await readTrend(point.id, start, end, chart.current?.pixels ?? 600).catch(() => null);
        if (over) return;
        failed.value = answer === null;
        if (answer !== null) trend.value = answer;
        const first = answer?.time[0];
        if (!range.chosen && first !== undefined && span.value === RANGES[1]![1] && end - first < span.value / 3) span.value = RANGES[0]![1];
      }
      timer = window.setTimeout(read, AGAIN);
    };
    void read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [span.value, zoom.value]);

  const reading = useReading(point.id);
  const picture: Picture | null = trend.value && {
    trend: trend.value,
    reading: zoom.value === null ? (reading ?? null) : null,
    now: zoom.value === null ? now.value : trend.value.end,
    span: zoom.value === null ? span.value : null,
    episode: alarm?.point === point.id ? { since: alarm.since, until: alarm.returned, level: alarm.level } : null,
    label: (line) => say(line.message),
    restores: text.restores,
    point,
  };
  useEffect(() => {
    if (picture) chart.current?.draw(picture);
  }, [trend.value, picture?.reading, picture?.now, theme.value, language.value, alarm?.state]);

  const name = zoom.value === null ? RANGES.find(([, ms]) => ms === span.value)![0] : text.zoomed;
  const empty = trend.value !== null && trend.value.last.every((one) => one === null);
  return (
    <div class="trend">
      <div class="chart" ref={frame} role="img" aria-label={text.chart(point.name, name)} data-rows={trend.value?.time.length ?? 0}>
        {(failed.value || trend.value === null || empty) && (
          <p class="none">{failed.value ? text.trendFailed : trend.value === null ? text.loading : text.nothingHere}</p>
        )}
      </div>
      <div class="ranges">
        {RANGES.map(([label, ms]) => (
          <button
            key={label}
            aria-pressed={zoom.value === null && span.value === ms}
            onClick={() => {
              zoom.value = null;
              range.span = span.value = ms;
              range.chosen = true;
            }}
          >
            {label}
          </button>
        ))}
        {zoom.value !== null && <button onClick={() => (zoom.value = null)}>{text.wholeRange}</button>}
        <span class="readout">{cursor.value ?? (trend.value?.raw && zoom.value !== null ? text.raw : text.dragToZoom)}</span>
      </div>
    </div>
  );
}

function described(trend: Signal<Trend | null>, point: Point, index: number): string | null {
  const at = trend.value?.time[index];
  if (at === undefined || trend.value === null) return null;
  const { minimum, maximum, last, quality, end } = trend.value;
  const worst = (["GOOD", "UNCERTAIN", "BAD"] as const)[quality[index] ?? 0] ?? "BAD";
  const value = last[index] == null ? "—" : figure(last[index], point);
  const spread = minimum[index] != null && minimum[index] !== maximum[index];
  const between = spread ? ` (${figure(minimum[index]!, point)} – ${figure(maximum[index]!, point)})` : "";
  const late = trend.value.bands.some((band) => band.kind === "unevaluated" && band.start <= at && at < band.end);
  return `${moment(at, end)}  ${value}${between} ${unit(point.unit)} · ${words.value[worst]}${late ? ` · ${words.value.unevaluated}` : ""}`;
}
