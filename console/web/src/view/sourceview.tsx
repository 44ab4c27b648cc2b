// What every source brought since the engine started, what is missing, since when and why.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Frame } from "./frame";
import { lost, readSourcePoints, readSources } from "../engine/link";
import { links, points } from "../engine/store";
import { Symbol } from "./symbol";
import type { Gap, Link, PointCounts, SampleCounts, SourceCounts, Sources } from "../types";
import { date, duration, moment } from "../words/format";
import { clockError, sourceWords } from "../words/sourcewords";
import { say } from "../words/words";

/** The view is read again so often. [ms] */
const AGAIN = 2000;
const COUNTED = ["received", "late", "duplicate", "backfilled", "bad", "lost"] as const;

export function SourceView() {
  const text = sourceWords.value;
  const view = useSignal<Sources | null>(null);
  const chosen = useSignal<string | null>(null);
  const worst = useSignal<readonly PointCounts[]>([]);
  useEffect(() => repeated(view, chosen, worst), [chosen.value]);
  const shown = view.value;
  if (shown === null) return <Frame title={text.title}>{null}</Frame>;
  return (
    <Frame title={`${text.title} · ${text.since(date(shown.since))}`} wide>
      <div class="scroll">
        <table class="counts-of">
          <thead>
            <tr>
              <th>{text.source}</th>
              <CountHeads />
              <th>{text.oldest}</th>
              <th title={text.transitMeans}>{text.transit}</th>
              <th>{text.clock}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {shown.sources.map((source) => (
              <Row key={source.id} source={source} now={shown.now} chosen={chosen} />
            ))}
          </tbody>
        </table>
      </div>
      {chosen.value !== null && <Worst source={chosen.value} counts={worst.value} />}
      <Gaps view={shown} />
    </Frame>
  );
}

/** Reads the view, and the points of the chosen source, until the dialog is closed; what is there stays while the engine is lost. */
function repeated(view: Signal<Sources | null>, chosen: Signal<string | null>, worst: Signal<readonly PointCounts[]>): () => void {
  let over = false;
  let timer = 0;
  const read = async () => {
    if (lost.peek() === false) {
      const of = chosen.peek();
      const [answer, counts] = await Promise.all([
        readSources().catch(() => null),
        of === null ? [] : readSourcePoints(of).catch(() => null),
      ]);
      if (over) return;
      if (answer !== null) view.value = answer;
      if (counts !== null) worst.value = counts;
    }
    timer = window.setTimeout(read, AGAIN);
  };
  void read();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

function CountHeads() {
  const text = sourceWords.value;
  return (
    <>
      <th>{text.expected}</th>
      {COUNTED.map((name) => (
        <th key={name}>{text[name]}</th>
      ))}
      <th title={text.unknownMeans}>{text.unknown}</th>
    </>
  );
}

function Counts({ of, least }: { of: SampleCounts; least: boolean }) {
  const share = of.expected && of.unknown ? (100 * of.unknown) / of.expected : 0;
  return (
    <>
      <td title={least ? sourceWords.value.atLeast : undefined}>{of.expected === null ? "—" : `${least ? "≥ " : ""}${figure(of.expected)}`}</td>
      {COUNTED.map((name) => (
        <td key={name}>{figure(of[name])}</td>
      ))}
      <td>
        {of.unknown === null ? "—" : figure(of.unknown)}
        {share >= 0.05 && <small>{share.toFixed(1)} %</small>}
      </td>
    </>
  );
}

function Row({ source, now, chosen }: { source: SourceCounts; now: number; chosen: Signal<string | null> }) {
  const text = sourceWords.value;
  const link = links.value.get(source.id);
  const { scan } = source;
  return (
    <>
      <tr data-source={source.id}>
        <th scope="row">
          {source.id}
          <small>{text.silent(source.silent, source.points)}</small>
        </th>
        <Counts of={source} least={source.by_change} />
        <td>
          {duration(scan.age)}
          {scan.times_behind > 0 && <small>{text.times(scan.times_behind)}</small>}
        </td>
        <td>{source.median === null || source.longest === null ? "—" : text.within(source.median, source.longest)}</td>
        <td>{clockError(link?.skew ?? null)}</td>
        <td>
          <button aria-pressed={chosen.value === source.id} onClick={() => (chosen.value = chosen.value === source.id ? null : source.id)}>
            {text.points}
          </button>
        </td>
      </tr>
      <tr class="says">
        <td colSpan={13}>
          {link && <span>{stands(link, now)}</span>}
          {source.trouble && <span>{say(source.trouble)}</span>}
          {scan.behind_since !== null && (
            <span>
              <Symbol sign="yellow" /> {text.behind(scan.unread, source.points, duration(scan.longest))}
            </span>
          )}
          {source.restarts > 0 && <span>{text.restarts(source.restarts)}</span>}
          {source.revised.map((message) => (
            <span key={message.en}>{say(message)}</span>
          ))}
          <i>{source.endpoint}</i>
        </td>
      </tr>
    </>
  );
}

function stands(link: Link, now: number) {
  const text = sourceWords.value;
  const since = moment(link.since, now);
  if (link.fresh) return text.up(since);
  return (
    <>
      <Symbol sign="unknown" /> {link.connected ? text.old(since) : text.down(since)}
    </>
  );
}

function Worst({ source, counts }: { source: string; counts: readonly PointCounts[] }) {
  const text = sourceWords.value;
  return (
    <div class="scroll part">
      <h3>{text.worst(source)}</h3>
      <table class="counts-of points-of">
        <thead>
          <tr>
            <th>{text.points}</th>
            <CountHeads />
            <th>{text.age}</th>
          </tr>
        </thead>
        <tbody>
          {counts.map((one) => (
            <tr key={one.point}>
              <th scope="row">
                {one.point}
                <small>{points.value.get(one.point)?.name}</small>
              </th>
              <Counts of={one} least={false} />
              <td>{one.age === null ? text.never : text.ago(duration(one.age))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Gaps({ view }: { view: Sources }) {
  const text = sourceWords.value;
  const gaps = view.sources.flatMap((source) => source.gaps.map((gap) => ({ source: source.id, gap })));
  gaps.sort((a, b) => b.gap.start - a.gap.start);
  return (
    <div class="scroll part">
      <h3>{text.gaps}</h3>
      {gaps.length === 0 ? (
        <p class="none">{text.noGaps}</p>
      ) : (
        <table class="counts-of gaps-of">
          <thead>
            <tr>
              {[text.source, text.from, text.until, text.points, text.rows, text.filled].map((head) => (
                <th key={head}>{head}</th>
              ))}
              <th class="word">{text.how}</th>
              <th class="word">{text.why}</th>
            </tr>
          </thead>
          <tbody>
            {gaps.map(({ source, gap }) => (
              <GapRow key={`${source} ${gap.start}`} source={source} gap={gap} now={view.now} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function GapRow({ source, gap, now }: { source: string; gap: Gap; now: number }) {
  const text = sourceWords.value;
  return (
    <tr>
      <th scope="row">{source}</th>
      <td>{moment(gap.start, now)}</td>
      <td>
        {gap.until === null ? text.lasting : moment(gap.until, now)}
        <small>{duration((gap.until ?? now) - gap.start)}</small>
      </td>
      <td>{figure(gap.points)}</td>
      <td>{gap.expected === null ? text.notKnown : figure(gap.expected)}</td>
      <td>{figure(gap.filled)}</td>
      <td class="word">{text[gap.how]}</td>
      <td class="word">{gap.reason && say(gap.reason)}</td>
    </tr>
  );
}

/** A count with its thousands apart. */
function figure(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
}
