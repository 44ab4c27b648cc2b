// When the point in focus may reach the setpoint of a warning that stands: an interval and what is behind it, or none.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { lost, readForecasts } from "../engine/link";
import { useReading } from "../engine/shown";
import { alarms, limits } from "../engine/store";
import type { Forecast, Point } from "../types";
import { say, words } from "../words/words";

/** It is asked for again so often. [ms] */
const AGAIN = 5000;

export function Forecasts({ point }: { point: Point }) {
  const found = useSignal<readonly Forecast[]>([]);
  const standing = [...alarms.value.values()]
    .filter((alarm) => alarm.point === point.id && alarm.returned === null && limits.value.get(alarm.id)?.looks_ahead)
    .map((alarm) => alarm.episode)
    .sort()
    .join();

  useEffect(() => {
    if (standing === "") return;
    let over = false;
    let timer = 0;
    const read = async () => {
      const answer = lost.peek() === false ? await readForecasts(point.id).catch(() => []) : [];
      if (over) return;
      found.value = answer;
      timer = window.setTimeout(read, AGAIN);
    };
    void read();
    return () => {
      over = true;
      clearTimeout(timer);
      found.value = [];
    };
  }, [standing]);

  const doubt = lost.value !== false || useReading(point.id)?.doubt === true;
  const shown = found.value.filter((one) => one.reason !== null || !doubt);
  if (shown.length === 0) return null;
  return (
    <section class="forecast">
      <h3>{words.value.forecast}</h3>
      {shown.map((one) => (
        <p key={one.limit} class={one.reason === null ? "" : "without"}>
          {shown.length > 1 && `${say(limits.value.get(one.limit)?.message ?? { zh: one.limit, en: "" })}${words.value.colon}`}
          {say(one.sentence)}
        </p>
      ))}
    </section>
  );
}
