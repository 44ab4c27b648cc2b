// Hazard sources by level: their colour, their leading value, what stands there.
import { computed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { figure, setpoint, unit } from "../words/format";
import { readTrend } from "../engine/link";
import { chooseSource, onlySource, rows } from "../engine/list";
import { useReading } from "../engine/shown";
import { alarms, hazardSources, now, points, site, tickets } from "../engine/store";
import { Symbol, type Sign } from "./symbol";
import type { HazardSource, Level, Limit, Point } from "../types";
import { LEVELS } from "../words/levels";
import { words } from "../words/words";

const SPARK_WIDTH = 180;
const SPARK_SPAN = 2 * 3600_000;
const SPARK_LEAST = 300_000;
const SPARK_EVERY = 15_000;

function signOf(id: string): Sign {
  const state = hazardSources.value.get(id);
  return state?.level ?? (state === undefined || state.doubtful > 0 ? "unknown" : "normal");
}

function rank(sign: Sign): number {
  return sign === "normal" ? 9 : sign === "unknown" ? 3.5 : LEVELS.indexOf(sign as Level);
}

// Each of these is one walk over a large site, for all tiles together.

/** The limits of the value of each point. */
const valueLimits = computed(() => grouped((site.value?.limits ?? []).filter((limit) => limit.is_value), (limit) => limit.point));
/** The first point of each hazard source that has limits, else its first one. */
const firstPoints = computed(() => {
  const first = new Map<string, Point>();
  for (const point of site.value?.points ?? []) {
    const known = first.get(point.hazard_source);
    const isBetter = known === undefined || (!valueLimits.value.has(known.id) && valueLimits.value.has(point.id));
    if (isBetter) first.set(point.hazard_source, point);
  }
  return first;
});
/** The point of the most urgent alarm of each hazard source. */
const urgentPoints = computed(() => {
  const first = new Map<string, string>();
  for (const id of rows.value) {
    const alarm = alarms.value.get(id);
    if (alarm?.point && !first.has(alarm.hazard_source)) first.set(alarm.hazard_source, alarm.point);
  }
  return first;
});
const alarmsOf = computed(() => grouped([...alarms.value.values()], (alarm) => alarm.hazard_source));
const ticketsOf = computed(() => grouped([...tickets.value.values()], (ticket) => ticket.hazard_source));

function grouped<T>(items: readonly T[], key: (item: T) => string | null): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    if (name === null) continue;
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

/** The point that speaks for a hazard source. */
function leading(source: HazardSource): Point | undefined {
  return points.value.get(urgentPoints.value.get(source.id) ?? "") ?? firstPoints.value.get(source.id);
}

export function Sources() {
  const text = words.value;
  const sources = [...(site.value?.hazard_sources ?? [])].sort((a, b) => rank(signOf(a.id)) - rank(signOf(b.id)));
  return (
    <section class="sources" aria-label={text.hazardSources}>
      <h2>
        {text.hazardSources} <i>{sources.length}</i>
        <span>{text.byLevel}</span>
      </h2>
      <ul>
        {sources.map((source) => (
          <Tile key={source.id} source={source} />
        ))}
      </ul>
    </section>
  );
}

function Tile({ source }: { source: HazardSource }) {
  const text = words.value;
  const sign = signOf(source.id);
  const point = leading(source);
  return (
    <li>
      <button
        class={`tile ${sign}`}
        data-source={source.id}
        aria-pressed={onlySource.value === source.id}
        onClick={() => chooseSource(source.id, point?.id ?? null)}
      >
        <span class="th">
          <Symbol sign={sign} />
          <b title={source.name}>{source.name}</b>
          <span class="grade" title={text.assessed}>
            {text.grade(source.grade)}
          </span>
        </span>
        {point && <Leading point={point} />}
        <span class="tf">
          <span class="limits">{point && limitText(point)}</span>
          <span class="standing">{standing(source.id)}</span>
        </span>
      </button>
    </li>
  );
}

function Leading({ point }: { point: Point }) {
  const reading = useReading(point.id);
  const doubt = reading === undefined || reading.doubt || reading.value === null;
  return (
    <>
      <span class="q" title={point.name}>
        {point.name}
      </span>
      <span class="tb">
        <span class={doubt ? "v doubt" : "v"}>
          {doubt ? words.value.unknown : figure(reading.value!, point)}
          {!doubt && <small>{unit(point.unit)}</small>}
        </span>
        <Spark point={point.id} />
      </span>
    </>
  );
}

function limitText(point: Point): string {
  const own: readonly Limit[] = valueLimits.value.get(point.id) ?? [];
  return own
    .filter((limit) => limit.setpoint !== null)
    .sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
    .slice(0, 2)
    .map((limit) => `${words.value[limit.level]} ${limit.direction === "high" ? "≥" : "≤"} ${setpoint(limit.setpoint!, point)}`)
    .join(" · ");
}

function standing(id: string): string {
  const text = words.value;
  const count = alarmsOf.value.get(id)?.length ?? 0;
  const open = ticketsOf.value.get(id)?.length ?? 0;
  const doubtful = hazardSources.value.get(id)?.doubtful ?? 0;
  const parts = [
    count > 0 && `${text.alarms} ${count}`,
    open > 0 && `${text.ticket} ${open}`,
    doubtful > 0 && `${text.unknown} ${doubtful}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(" · ") : text.normal;
}

function Spark({ point }: { point: string }) {
  const [path, setPath] = useState("");
  useEffect(() => {
    let over = false;
    const read = async () => {
      const end = now.peek();
      const trend = await readTrend(point, end - SPARK_SPAN, end, 480).catch(() => null);
      // Of a young history the curve shows what there is, not a needle at the end of two hours.
      const start = Math.max(end - SPARK_SPAN, Math.min(trend?.time[0] ?? 0, end - SPARK_LEAST));
      if (!over && trend !== null) setPath(drawn(trend.time, trend.last, start, end));
    };
    void read();
    const timer = setInterval(read, SPARK_EVERY);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [point]);
  return (
    <svg class="spark" viewBox={`0 0 ${SPARK_WIDTH} 22`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

function drawn(time: readonly number[], value: readonly (number | null)[], start: number, end: number): string {
  const known = value.filter((one): one is number => one !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  let pen = false;
  const steps = time.map((at, index) => {
    const one = value[index] ?? null;
    const x = ((Math.max(at, start) - start) / (end - start)) * SPARK_WIDTH;
    const held = pen ? `H${x.toFixed(1)}` : "";
    pen = one !== null;
    if (one === null) return held;
    const y = (span === 0 ? 11 : 20 - ((one - low) / span) * 18).toFixed(1);
    return held === "" ? `M${x.toFixed(1)} ${y}` : `${held}V${y}`;
  });
  return known.length === 0 ? "" : steps.join("") + (pen ? `H${SPARK_WIDTH}` : "");
}

