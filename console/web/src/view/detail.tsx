// The one in focus: its value and how far it can be believed, its trend, what to do, what happened, what can be done.
import { acknowledge, dialog, failure } from "../engine/actions";
import { Compared, place, Value } from "./alarmlist";
import { Forecasts } from "./forecast";
import { duration, figure, moment, sentence, substance, unit } from "../words/format";
import { lost } from "../engine/link";
import { alarmOf, chosen, chosenPoint, detailOpen } from "../engine/list";
import { useReading } from "../engine/shown";
import { isUnacked, limits, now, points, site, sourceNames } from "../engine/store";
import { Symbol } from "./symbol";
import { TrendPane } from "./trendpane";
import type { Alarm, Point } from "../types";
import { say, tongue, words } from "../words/words";

export function Detail() {
  const text = words.value;
  const alarm = chosen.value === null ? undefined : alarmOf(chosen.value);
  const point = points.value.get(chosenPoint.value ?? alarm?.point ?? "");
  return (
    <aside class={detailOpen.value ? "open" : ""} aria-label={alarm ? say(alarm.message) : text.point}>
      <button class="closer" onClick={() => (detailOpen.value = false)}>
        ← {text.close}
      </button>
      {alarm === undefined && point === undefined ? (
        <p class="none">{text.nothingChosen}</p>
      ) : (
        <>
          {point ? <Focus point={point} alarm={alarm} /> : <AlarmHead alarm={alarm!} />}
          {point && <TrendPane key={point.id} point={point} alarm={alarm} />}
          {point && <Forecasts key={`forecasts ${point.id}`} point={point} />}
          {alarm && <WhatToDo alarm={alarm} />}
          {alarm && <Episode alarm={alarm} />}
          {alarm && <Actions alarm={alarm} />}
        </>
      )}
    </aside>
  );
}

/** An alarm without a point: a vote. */
function AlarmHead({ alarm }: { alarm: Alarm }) {
  return (
    <div class="ah">
      <Symbol sign={alarm.level} />
      <div>
        <b lang={tongue(say(alarm.message))}>{say(alarm.message)}</b>
        <small>{place(alarm)}</small>
      </div>
      <div class="big">
        <Value alarm={alarm} />
      </div>
    </div>
  );
}

function Focus({ point, alarm }: { point: Point; alarm: Alarm | undefined }) {
  const text = words.value;
  const reading = useReading(point.id);
  const doubt = reading === undefined || reading.doubt || reading.value === null;
  const source = sourceNames.value.get(point.hazard_source);
  return (
    <>
      <div class="ah">
        {alarm && <Symbol sign={alarm.level} />}
        <div>
          <Chooser point={point} />
          <small>
            {[source?.name, point.id, point.source].filter(Boolean).join(" · ")}
          </small>
        </div>
        <div class={doubt ? "big doubt" : "big"}>
          {doubt ? text.unknown : figure(reading.value!, point)}
          {!doubt && <small>{[unit(point.unit), substance(point)].filter(Boolean).join(" ")}</small>}
        </div>
      </div>
      <dl class="facts">
        <div>
          <dt>{text.quality}</dt>
          <dd>{reading === undefined || reading.time === null ? text.never : reading.stale ? text.stale : text[reading.quality]}</dd>
        </div>
        <div>
          <dt>{text.sourceTime}</dt>
          <dd>{reading?.time == null ? "—" : `${moment(reading.time, now.value)}${tenths(reading.time)}`}</dd>
        </div>
        <div>
          <dt>{text.arrival}</dt>
          <dd>{reading?.time == null || reading.arrival === null ? "—" : signed(reading.arrival - reading.time)}</dd>
        </div>
        {reading?.bad_since != null && (
          <div>
            <dt class="doubt">{text.badSince(moment(reading.bad_since, now.value))}</dt>
          </div>
        )}
      </dl>
    </>
  );
}

function tenths(ms: number): string {
  return `.${Math.floor((ms % 1000) / 100)}`;
}

function signed(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${(Math.abs(ms) / 1000).toFixed(2)} s`;
}

/** Every point of the hazard source is one choice away. */
function Chooser({ point }: { point: Point }) {
  const own = (site.value?.points ?? []).filter((other) => other.hazard_source === point.hazard_source);
  return (
    <select aria-label={words.value.point} value={point.id} onChange={(event) => (chosenPoint.value = event.currentTarget.value)}>
      {own.map((other) => (
        <option key={other.id} value={other.id}>
          {other.name}
        </option>
      ))}
    </select>
  );
}

function WhatToDo({ alarm }: { alarm: Alarm }) {
  const text = words.value;
  const limit = limits.value.get(alarm.id);
  if (limit === undefined && alarm.response === null) return null;
  const nothing = { zh: "", en: "" };
  const response = say(alarm.response ?? limit?.response ?? nothing);
  const why = [
    { label: text.consequence, told: say(limit?.consequence ?? nothing) },
    { label: text.basis, told: say(limit?.basis ?? nothing) },
  ].filter(({ told }) => told);
  const within = limit?.time_to_respond ?? null;
  return (
    <section class="todo">
      <h3>{text.whatToDo}</h3>
      <p class={response ? "" : "incomplete"}>
        <span lang={tongue(response)}>{sentence(response) || text.noResponse}</span> {within !== null && <b>{text.within(duration(within))}</b>}
      </p>
      {why.length > 0 && (
        <p class="why">
          {why.map(({ label, told }) => (
            <span key={label}>
              {label}{text.colon}<span lang={tongue(told)}>{sentence(told)}</span>{" "}
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

function Episode({ alarm }: { alarm: Alarm }) {
  const text = words.value;
  const late = Math.abs(alarm.recorded - alarm.since) > 60_000;
  return (
    <section>
      <h3>{text.thisEpisode}</h3>
      <ol class="ep">
        <li>
          <time>{moment(alarm.since, now.value)}</time> {text.raised}{text.colon}<span lang={tongue(say(alarm.message))}>{say(alarm.message)}</span>
          {alarm.value !== null && (
            <>
              {" "}
              <Compared alarm={alarm} value={alarm.value} />
            </>
          )}
          {late && ` (${text.recorded} ${moment(alarm.recorded, now.value)})`}
        </li>
        {alarm.ticket && (
          <li>
            <time>{moment(alarm.recorded, now.value)}</time> {text.registeredAs} {alarm.ticket}
          </li>
        )}
        {alarm.acked_at !== null && (
          <li>
            <time>{moment(alarm.acked_at, now.value)}</time> {text.ackedBy(alarm.acked_by ?? "?")}
          </li>
        )}
        {alarm.returned !== null && (
          <li>
            <time>{moment(alarm.returned, now.value)}</time> {text.returned}
          </li>
        )}
        {alarm.state !== "normal" && (
          <li class="next">
            <time>{text.now}</time>{" "}
            {(isUnacked(alarm) ? text.waiting : text.lasting)(duration(now.value - alarm.since))}
          </li>
        )}
      </ol>
    </section>
  );
}

function Actions({ alarm }: { alarm: Alarm }) {
  const text = words.value;
  return (
    <div class="act">
      {failure.value && (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
      <button class="primary" disabled={lost.value !== false || !isUnacked(alarm)} onClick={() => acknowledge(alarm.id)}>
        {text.acknowledge} <kbd>A</kbd>
      </button>
      {alarm.ticket && (
        <button onClick={() => (dialog.value = { kind: "ticket", number: alarm.ticket! })}>
          {text.ticket} <kbd>T</kbd>
        </button>
      )}
    </div>
  );
}
