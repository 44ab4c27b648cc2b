// The link to the engine: reconnects by itself, asks anew where a number is missing, and knows when it is lost.
import { batch, effect, signal } from "@preact/signals";
import { shownNumbers, takeReadings } from "./shown";
import { now, site, takeAlarms, takeChange, takeSnapshot } from "./store";
import type { Command } from "./command";
import type { Alarm, Forecast, PointCounts, Site, Sources, StreamMessage, TicketLines, Trend } from "../types";

/** Without a heartbeat for so long the engine is lost. [ms] */
const LOST_AFTER = 3000;
/** A silent socket is given up after this. [ms] */
const SILENT = 6000;
const RETRY = [250, 500, 1000, 2000, 3000];
/** Tries of a request while other programs of this machine ask too much (429): some of them come through. */
const TRIES = 20;

/** `null` before the first snapshot. */
export const lost = signal<boolean | null>(null);
export const attempts = signal(0);

let socket: WebSocket | null = null;
let run = "";
let number = -1;
let heard = performance.now();
let awaiting = true;
/** More alarms of a snapshot that waits for the site. */
let early: readonly Alarm[] = [];

export function connect(): void {
  open();
  setInterval(watch, 250);
  effect(show);
  document.addEventListener("visibilitychange", watch);
}

function open(): void {
  attempts.value += 1;
  awaiting = true;
  heard = Math.max(heard, performance.now() - LOST_AFTER); // the new socket gets its time
  const fresh = new WebSocket(`ws://${location.host}/api/stream`);
  socket = fresh;
  fresh.onmessage = (event: MessageEvent<string>) => {
    if (fresh === socket) void take(JSON.parse(event.data) as StreamMessage, fresh);
  };
  fresh.onclose = () => {
    if (fresh === socket) reopen();
  };
}

function reopen(): void {
  socket = null;
  const wait = RETRY[Math.min(attempts.value, RETRY.length - 1)]!;
  setTimeout(open, wait * (0.75 + Math.random() / 2));
}

async function take(message: StreamMessage, from: WebSocket): Promise<void> {
  if (message.kind === "snapshot") {
    early = [];
    if (message.run !== run || site.value === null) {
      const answer = await get<{ run: string; site: Site }>("/api/site").catch(() => null);
      if (from !== socket) return;
      if (answer?.run !== message.run) {
        from.close(); // the engine changed in between: begin again
        return;
      }
      run = message.run;
      batch(() => (site.value = answer.site));
    }
    if (message.number < number && !awaiting) return;
    const isFirst = number < 0;
    batch(() => {
      takeSnapshot(message.snapshot);
      takeAlarms(early);
    });
    early = [];
    number = message.number;
    awaiting = false;
    attempts.value = 0;
    alive();
    from.send("here"); // a page that never says a word gives way when there are too many
    if (isFirst) show();
  } else if (message.kind === "alarms") {
    if (awaiting) early = [...early, ...message.alarms];
    else takeAlarms(message.alarms);
  } else if (message.kind === "readings") {
    takeReadings(message.readings);
  } else if (message.kind === "delta") {
    if (awaiting || message.number <= number) return;
    if (message.number !== number + 1) return resync();
    number = message.number;
    batch(() => takeChange(message.change));
  } else {
    if (awaiting) return;
    if (message.number !== number) return resync();
    now.value = message.now;
    alive();
  }
}

/** Tells the engine which points the page shows; it sends their readings until it hears of others. */
function show(): void {
  const numbers = JSON.stringify(shownNumbers.value);
  if (socket?.readyState === WebSocket.OPEN) socket.send(`show ${numbers}`);
}

function resync(): void {
  awaiting = true;
  socket?.send("resync");
}

function alive(): void {
  heard = performance.now();
  lost.value = false;
}

function watch(): void {
  const silence = performance.now() - heard;
  if (silence > LOST_AFTER) lost.value = true;
  if (silence > SILENT && socket !== null) {
    const silent = socket;
    heard = performance.now() - LOST_AFTER - 1;
    reopen();
    silent.close();
  }
}

/** Ask, and ask again while the engine is asked too much; the last answer. */
async function ask(path: string, patience: number, request: RequestInit = {}): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(path, { ...request, signal: AbortSignal.timeout(patience) });
    if (answer.status !== 429 || attempt === TRIES) return answer;
    await pause(400);
  }
}

function pause(mean: number): Promise<void> {
  return new Promise((done) => setTimeout(done, mean * (0.5 + Math.random())));
}

async function get<T>(path: string): Promise<T> {
  let answer = await ask(path, 10_000);
  if (answer.status === 503) {
    await pause(2000); // others wait for their trends; one more try, as a trend that is too long stays so
    answer = await ask(path, 10_000);
  }
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

export function readTrend(point: string, start: number, end: number, pixels: number): Promise<Trend> {
  const query = new URLSearchParams({
    point,
    start: String(Math.round(start)),
    end: String(Math.round(end)),
    pixels: String(Math.max(2, Math.min(4000, Math.round(pixels)))),
  });
  return get<Trend>(`/api/trend?${query}`);
}

export function readForecasts(point: string): Promise<readonly Forecast[]> {
  return get<readonly Forecast[]>(`/api/forecasts?${new URLSearchParams({ point })}`);
}

/** What every source brought, and what is missing. */
export function readSources(): Promise<Sources> {
  return get<Sources>("/api/sources");
}

/** The points of a source that lack most. */
export function readSourcePoints(source: string): Promise<readonly PointCounts[]> {
  return get<readonly PointCounts[]>(`/api/sources/${encodeURIComponent(source)}/points`);
}

/** Lines of a ticket's history before a record of the journal. */
export function readLines(ticket: string, before: number): Promise<TicketLines> {
  return get<TicketLines>(`/api/tickets/${encodeURIComponent(ticket)}?before=${before}`);
}

/** Why a command was not carried out; `null` when it was. A lost answer is asked for again under the same key. */
export async function send(command: Command): Promise<string | null> {
  const key = randomKey();
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const answer = await ask("/api/commands", 5000, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify(command),
      });
      if (answer.status === 429) break;
      const outcome = (await answer.json()) as { reason: string | null };
      return answer.ok ? null : (outcome.reason ?? "malformed");
    } catch {
      await new Promise((done) => setTimeout(done, 300 * (attempt + 1)));
    }
  }
  return "unreachable";
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
