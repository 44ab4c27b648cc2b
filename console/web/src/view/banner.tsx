// What must not be overlooked: the engine is gone, or something is wrong with it; and what a screen reader says.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { moment, timeOfDay } from "../words/format";
import { attempts, lost } from "../engine/link";
import { alarms, notices, now } from "../engine/store";
import { Symbol } from "./symbol";
import { place } from "./alarmlist";
import { say, words } from "../words/words";

export function Banner() {
  const text = words.value;
  if (lost.value === false) return null;
  if (lost.value === null) return <p class="connecting">{text.connecting}</p>;
  return (
    <div class="banner" role="alert">
      <b>{text.lostTitle}</b>
      {text.lostText(now.value ? timeOfDay(now.value) : "--:--:--", Math.max(1, attempts.value))}
    </div>
  );
}

export function Notices() {
  return (
    <>
      {[...notices.value.values()].map((notice) => (
        <div key={notice.id} class="notice" role="alert">
          <Symbol sign={notice.level} /> <b>{say(notice.message)}</b> <span>{moment(notice.since, now.value)}</span>
        </div>
      ))}
    </>
  );
}

/** The newest unacknowledged alarm, for who listens instead of looking. */
export function Spoken() {
  const spoken = useSignal("");
  const unacked = [...alarms.value.values()].filter((alarm) => alarm.state === "unacked");
  const newest = unacked.reduce<(typeof unacked)[number] | null>((best, one) => (best && best.recorded >= one.recorded ? best : one), null);
  useEffect(() => {
    if (newest) spoken.value = words.value.newAlarm(`${words.value[newest.level]}, ${say(newest.message)}, ${place(newest)}`);
  }, [newest?.episode]);
  return (
    <p class="spoken" aria-live="polite">
      {spoken.value}
    </p>
  );
}
