// The live alarm list: the most urgent first, only the rows in view in the document, nothing moves under a reader.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { acknowledge, underway } from "../engine/actions";
import { against, duration, figure, isBetween, isValueOf, moment, relation, scaleOf, setpoint, unit } from "../words/format";
import { lost } from "../engine/link";
import {
  alarmOf, choose, chosen, detailOpen, hidden, letGo, newcomers, onlyLevel, onlySource, onlyUnacked, pointerHolds, rows, search,
} from "../engine/list";
import { useReading } from "../engine/shown";
import { alarms, isUnacked, limits, now, points, sourceNames } from "../engine/store";
import { Symbol } from "./symbol";
import type { Judged } from "../words/format";
import type { Alarm } from "../types";
import { LEVELS } from "../words/levels";
import { say, tongue, words } from "../words/words";

const narrow = matchMedia("(max-width: 760px)");
const MARGIN = 4;

export function AlarmList() {
  const text = words.value;
  const unacked = [...alarms.value.values()].filter(isUnacked).length;
  return (
    <section class="alarms" aria-label={text.alarms}>
      <div class="bar">
        <h2>
          {text.alarms} <i>{alarms.value.size}</i>
        </h2>
        <div class="tabs">
          <button aria-pressed={!onlyUnacked.value} onClick={() => (onlyUnacked.value = false)}>
            {text.all}
          </button>
          <button aria-pressed={onlyUnacked.value} onClick={() => (onlyUnacked.value = true)}>
            {text.unackedOnly} {unacked}
          </button>
        </div>
        <Filtered />
        <input
          id="filter"
          type="search"
          value={search.value}
          placeholder={text.filter}
          aria-label={text.filter}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      </div>
      <Head />
      <Arrived />
      <Rows />
    </section>
  );
}

function Filtered() {
  const text = words.value;
  if (hidden.value === 0 && onlyLevel.value === null && onlySource.value === null) return null;
  const level = onlyLevel.value;
  const source = onlySource.value === null ? null : sourceNames.value.get(onlySource.value)?.name;
  const clear = () => {
    search.value = "";
    onlyLevel.value = onlySource.value = null;
    onlyUnacked.value = false;
  };
  return (
    <p class="filtered">
      {level && <Symbol sign={level} />}
      <span title={source ?? ""}>{[level && text[level], text.hiddenByFilter(hidden.value)].filter(Boolean).join(" · ")}</span>
      <button onClick={clear}>{text.clearFilter}</button>
    </p>
  );
}

function Head() {
  const text = words.value;
  return (
    <div class="row head" aria-hidden="true">
      <span class="c-sign" />
      <span>{text.state}</span>
      <span>{text.since}</span>
      <span>{text.content}</span>
      <span>{text.value}</span>
      <span>{text.ticket}</span>
      <span />
    </div>
  );
}

/** What came while the list was held. */
function Arrived() {
  const fresh = newcomers.value;
  if (fresh.length === 0) return null;
  const highest = LEVELS.find((level) => fresh.some((alarm) => alarm.level === level))!;
  return (
    <button class="arrived" onClick={letGo}>
      <Symbol sign={highest} /> <b>{words.value.arrived(fresh.length)}</b> {words.value.show} <kbd>Esc</kbd>
    </button>
  );
}

function Rows() {
  const frame = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(800);
  const tall = useSignal(narrow.matches);
  useEffect(() => {
    const element = frame.current!;
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
      tall.value = narrow.matches;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const row = tall.value ? 96 : 58;
  useEffect(() => {
    const at = chosen.value === null ? -1 : rows.value.indexOf(chosen.value);
    const element = frame.current!;
    if (at < 0) return;
    if (at * row < element.scrollTop) element.scrollTop = at * row;
    else if ((at + 1) * row > element.scrollTop + element.clientHeight) element.scrollTop = (at + 1) * row - element.clientHeight;
  }, [chosen.value]);
  const first = Math.max(0, Math.floor(top.value / row) - MARGIN);
  const last = Math.min(rows.value.length, Math.ceil((top.value + height.value) / row) + MARGIN);
  return (
    <div
      class="rows"
      id="rows"
      ref={frame}
      role="grid"
      tabIndex={0}
      aria-label={words.value.alarms}
      aria-rowcount={rows.value.length}
      aria-activedescendant={chosen.value === null ? undefined : `alarm-${chosen.value}`}
      onScroll={(event) => (top.value = event.currentTarget.scrollTop)}
      onPointerEnter={(event) => event.pointerType !== "touch" && pointerHolds(true)}
      onPointerMove={(event) => event.pointerType !== "touch" && pointerHolds(true)}
      onPointerLeave={() => pointerHolds(false)}
    >
      {rows.value.length === 0 && <p class="none">{alarms.value.size === 0 ? words.value.noAlarms : words.value.noMatch}</p>}
      <div class="canvas" style={{ height: `${rows.value.length * row}px` }}>
        {rows.value.slice(first, last).map((id, index) => (
          <Row key={id} id={id} index={first + index} top={(first + index) * row} />
        ))}
      </div>
    </div>
  );
}

function Row({ id, index, top }: { id: string; index: number; top: number }) {
  const text = words.value;
  const alarm = alarmOf(id);
  if (alarm === undefined) return null;
  const unacked = isUnacked(alarm);
  const name = alarm.state === "normal" ? text.gone : text[alarm.state];
  return (
    <div
      class={`row alarm ${alarm.state} ${alarm.level}`}
      id={`alarm-${id}`}
      data-alarm={id}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={chosen.value === id}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => {
        choose(id);
        detailOpen.value = true;
      }}
    >
      <span class="c-sign" role="gridcell">
        <Symbol sign={alarm.level} />
      </span>
      <span class="c-state" role="gridcell">
        <span class="st">{name}</span>
        <small>{text[alarm.level]}</small>
      </span>
      <span class="c-since" role="gridcell">
        {moment(alarm.since, now.value)}
        <small>{duration(now.value - alarm.since)}</small>
      </span>
      <span class="c-what" role="gridcell">
        <b title={say(alarm.message)} lang={tongue(say(alarm.message))}>{say(alarm.message)}</b>
        <small title={place(alarm)}>{place(alarm)}</small>
      </span>
      <span class="c-value" role="gridcell">
        <Value alarm={alarm} />
      </span>
      <span class="c-ticket" role="gridcell">
        {alarm.ticket}
      </span>
      <span class="c-act" role="gridcell">
        {unacked && (
          <button
            tabIndex={-1}
            disabled={lost.value !== false || underway.value.has(id)}
            onClick={(event) => {
              event.stopPropagation();
              choose(id);
              acknowledge(id);
            }}
          >
            {text.acknowledge}
          </button>
        )}
      </span>
    </div>
  );
}

export function place(alarm: Pick<Alarm, "hazard_source" | "point">): string {
  const source = sourceNames.value.get(alarm.hazard_source)?.name ?? alarm.hazard_source;
  const point = alarm.point === null ? null : (points.value.get(alarm.point)?.name ?? alarm.point);
  return point === null ? source : `${source} › ${point}`;
}

/** The value now against the setpoint, or against the clear value when it waits for that; of a rate or a vote that of the raise, and it says so. */
export function Value({ alarm }: { alarm: Alarm }) {
  const limit = limits.value.get(alarm.id);
  const isOfNow = limit !== undefined && isValueOf(limit) && alarm.point !== null;
  const reading = useReading(isOfNow ? alarm.point : null);
  if (!isOfNow)
    return alarm.value === null ? (
      <>—</>
    ) : (
      <>
        <Compared alarm={alarm} value={alarm.value} />
        <small>{words.value.whenRaised}</small>
      </>
    );
  if (reading === undefined || reading.doubt || reading.value === null)
    return (
      <>
        <span class="doubt">{words.value.unknown}</span> <i>{alarm.direction === "high" ? "≥" : "≤"}</i>{" "}
        {setpoint(alarm.setpoint!, points.value.get(alarm.point!))} <i>{unit(alarm.unit)}</i>
      </>
    );
  const point = points.value.get(alarm.point!) ?? null;
  if (alarm.returned !== null || limit.clear === null || !isBetween(alarm, limit.clear, reading.value, point))
    return <Compared alarm={alarm} value={reading.value} />;
  return (
    <>
      <span class="compared">
        {against(reading.value, limit.clear, point)} <i>{unit(alarm.unit)}</i>
      </span>
      <small>
        {words.value.restores} {alarm.direction === "high" ? "<" : ">"} {setpoint(limit.clear, point)}
      </small>
    </>
  );
}

/** A value of an alarm against its setpoint. */
export function Compared({ alarm, value }: { alarm: Judged; value: number }) {
  const limit = limits.value.get(alarm.id);
  const point = scaleOf(limit, alarm.point === null ? null : points.value.get(alarm.point));
  if (alarm.setpoint === null || alarm.direction === null)
    return (
      <span class="compared">
        {figure(value, point)} <i>{unit(alarm.unit)}</i>
      </span>
    );
  const sign = relation(alarm, value, isValueOf(limit) ? point : null);
  return (
    <span class="compared">
      {against(value, alarm.setpoint, point)} {sign} {setpoint(alarm.setpoint, point)} <i>{unit(alarm.unit)}</i>
    </span>
  );
}
