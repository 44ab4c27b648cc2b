// Found late (补传数据超限): what late data turned out to have held. It is past: no sound, no stripe, no count of alarms.
import { dialog } from "../engine/actions";
import { Compared, place } from "./alarmlist";
import { moment } from "../words/format";
import { found, now } from "../engine/store";
import { Symbol } from "./symbol";
import type { Found } from "../types";
import { say, tongue, words } from "../words/words";

export function FoundList() {
  const text = words.value;
  const waiting = [...found.value.values()].sort((a, b) => b.found - a.found || b.since - a.since);
  if (waiting.length === 0) return null;
  return (
    <section class="found" aria-label={text.foundLate}>
      <h2>
        {text.foundLate} <i>{waiting.length}</i>
        <span>{text.foundWhy}</span>
      </h2>
      <ul>
        {waiting.map((one) => (
          <li key={one.id} class="find" data-found={one.id}>
            <Symbol sign={one.level} />
            <span class="what">
              <b title={say(one.message)} lang={tongue(say(one.message))}>{say(one.message)}</b>
              <small>
                {place(one)}
                {one.ticket && ` · ${text.toAnalyse}`}
              </small>
            </span>
            <span class="when">
              <Stood one={one} />
              <small>{text.foundAt(moment(one.found, now.value))}</small>
            </span>
            <span class="c-value">{one.value === null ? "—" : <Compared alarm={{ ...one, id: one.condition }} value={one.value} />}</span>
            <button onClick={() => (dialog.value = { kind: "found", id: one.id })}>{text.analyse}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** When it began and ended; of an alarm that was live only when it really began. */
export function Stood({ one }: { one: Found }) {
  const text = words.value;
  const began = moment(one.since, now.value);
  if (one.of !== null) return <>{text.beganAt(began)}</>;
  return <>{one.returned === null ? text.noReturn(began) : `${began} – ${moment(one.returned, now.value)}`}</>;
}
