// Generated from console/views by scripts/build-console: change it there.
// Times are ms since 1970 UTC, in the engine's time.

export type Level = "red" | "orange" | "yellow" | "blue";

/** What a person reads, in both languages. */
export type Text = {
  zh: string;
  en: string;
};

/** A hazard source as the site file has it. */
export type HazardSource = {
  id: string;
  name: string;
  kind: string;
  grade: "I" | "II" | "III" | "IV";
  place: string;
};

/** A point as the site file has it; `decimals` are those of its resolution. */
export type Point = {
  id: string;
  name: string;
  hazard_source: string;
  quantity: string;
  unit: string;
  range: [number, number] | null;
  resolution: number | null;
  decimals: number | null;
  source: string | null;
};

/**
 * A limit, vote or interlock: what an alarm of this condition means, and what to do.
 *
 * `feature` is `vote` or `interlock` for these two. `setpoint` and `clear` are null for them. `unit` is that of the
 * feature (`%/min` of a rate of change).
 */
export type Limit = {
  id: string;
  hazard_source: string;
  point: string | null;
  feature: string;
  direction: "high" | "low" | null;
  setpoint: number | null;
  clear: number | null;
  unit: string;
  level: Level;
  ticket: boolean;
  message: Text;
  response: Text;
  consequence: Text;
  time_to_respond: number | null;
  basis: Text;
};

/**
 * The rule-set in force: since when, and who stands for it; null of the first, which was found in the site file.
 *
 * `approved` is the time on the clock of the machine, `since` that of the log.
 */
export type RuleSet = {
  version: string;
  since: number;
  author: string | null;
  approver: string | null;
  reason: string | null;
  approved: number | null;
};

/** What does not change while the engine runs; lists in the order of the site file. */
export type Site = {
  id: string;
  name: string;
  timezone: string;
  rules: string;
  rule_set: RuleSet;
  hazard_sources: HazardSource[];
  points: Point[];
  limits: Limit[];
};

export type AlarmState = "normal" | "unacked" | "acked" | "rtn_unacked";

export type TicketState = "registered" | "rectification" | "acceptance" | "closed";

export type TicketAction = "rectify" | "submit" | "accept" | "refuse";

/** What stands or stood: `value` and `setpoint` are those of the raise, `since` is its time. */
export type Standing = {
  level: Level;
  hazard_source: string;
  point: string | null;
  message: Text;
  value: number | null;
  setpoint: number | null;
  direction: "high" | "low" | null;
  unit: string;
  since: number;
  returned: number | null;
};

/**
 * One alarm; `id` is that of its condition, `episode` the event id of the raise of its present episode.
 *
 * `returned` is set while it is returned, `acked_*` once somebody acknowledged this episode. One that became normal
 * is sent once more, in state `normal`, and is then forgotten.
 */
export type Alarm = {
  level: Level;
  hazard_source: string;
  point: string | null;
  message: Text;
  value: number | null;
  setpoint: number | null;
  direction: "high" | "low" | null;
  unit: string;
  since: number;
  returned: number | null;
  id: string;
  episode: string;
  state: AlarmState;
  since_ns: string;
  recorded: number;
  acked_by: string | null;
  acked_at: number | null;
  ticket: string | null;
};

/**
 * What was found in late data (补传发现): past, no alarm; `id` is that of its retrospective raise.
 *
 * `since` and `returned` are when it stood, `found` when it was found. `returned` is null where no clear was found,
 * and where `of` is set: the id of the raise of which this is the earlier beginning. `ticket` says whether its rule
 * opens tickets. One that was analysed is sent once more, with `analysed_by`, and is then forgotten.
 */
export type Found = {
  level: Level;
  hazard_source: string;
  point: string | null;
  message: Text;
  value: number | null;
  setpoint: number | null;
  direction: "high" | "low" | null;
  unit: string;
  since: number;
  returned: number | null;
  id: string;
  condition: string;
  of: string | null;
  found: number;
  ticket: boolean;
  analysed_by: string | null;
};

/** One step of a ticket's history: `change` is `open`, `attach` or an action; `by` is null for the engine. */
export type TicketLine = {
  time: number;
  change: string;
  by: string | null;
  note: string;
};

/**
 * One hazard ticket (隐患单); `rule` is the id of its condition, `actions` what is possible now.
 *
 * A closed one is sent once more and is then forgotten.
 */
export type Ticket = {
  number: string;
  hazard_source: string;
  rule: string;
  level: Level;
  state: TicketState;
  message: Text;
  opened: number;
  due: number | null;
  responsible: string | null;
  measures: string | null;
  episodes: number;
  actions: TicketAction[];
  history: TicketLine[];
};

export type Quality = "GOOD" | "UNCERTAIN" | "BAD";

/** How a hazard source stands: its highest standing level, and how many of its points are in doubt. */
export type HazardSourceState = {
  id: string;
  level: Level | null;
  doubtful: number;
};

/** The last accepted sample of a point. `bad_since` is set while the point is in doubt. */
export type Reading = {
  point: string;
  value: number | null;
  quality: Quality;
  state: number;
  time: number | null;
  time_ns: string | null;
  arrival: number | null;
  doubt: boolean;
  stale: boolean;
  bad_since: number | null;
};

/** The link to a source, and how far its clock is ahead (negative: behind; null: not known). [skew: ms]. */
export type Link = {
  id: string;
  protocol: string;
  connected: boolean;
  since: number;
  skew: number | null;
};

/** Something wrong with the engine itself (a full disk, a journal that is behind); shown until it is withdrawn. */
export type Notice = {
  id: string;
  level: Level;
  message: Text;
  since: number;
};

/**
 * All that the live page shows; alarms without those that are normal, tickets without the closed ones.
 *
 * `found` holds the newest of what was found late and nobody has analysed.
 *
 * `annunciated` counts the alarms raised in the last ten minutes.
 */
export type Snapshot = {
  now: number;
  hazard_sources: HazardSourceState[];
  alarms: Alarm[];
  tickets: Ticket[];
  found: Found[];
  readings: Reading[];
  sources: Link[];
  notices: Notice[];
  annunciated: number;
};

/** A part of a snapshot that changed: whole entries; `withdrawn` names the notices that are over. */
export type Change = {
  hazard_sources?: HazardSourceState[];
  alarms?: Alarm[];
  tickets?: Ticket[];
  found?: Found[];
  readings?: Reading[];
  sources?: Link[];
  notices?: Notice[];
  withdrawn?: string[];
  annunciated?: number;
};

/** The present, and the number of the last change that is in it; `run` names the run of the engine. */
export type SnapshotMessage = {
  kind: "snapshot";
  run: string;
  number: number;
  snapshot: Snapshot;
};

/** What changed after the message before it; `number` counts these messages without gaps. */
export type DeltaMessage = {
  kind: "delta";
  number: number;
  change: Change;
};

/** The engine lives: the time on its clock, and the number of the last change. */
export type BeatMessage = {
  kind: "beat";
  number: number;
  now: number;
};

export type Message = SnapshotMessage | DeltaMessage | BeatMessage;

export type ForecastReason = "calculated" | "doubt" | "few" | "reached" | "one_sided" | "uncertain" | "flat" | "far";

/** A limit that was in force from `start` to `end`. */
export type LimitLine = {
  id: string;
  start: number;
  end: number;
  setpoint: number;
  clear: number | null;
  level: Level;
  message: Text;
};

/** A time in which the values cannot be believed, or there were none. */
export type Band = {
  start: number;
  end: number;
  kind: "bad" | "stale";
};

/**
 * Samples of a point as columns of one length, at most `pixels` rows, in the order of time.
 *
 * With `raw` each row is a sample; otherwise it stands for those of one pixel, at the time of the first. A row whose
 * values are null begins a gap: until then the value before it holds. `quality` is the worst of the row.
 */
export type Trend = {
  point: string;
  start: number;
  end: number;
  raw: boolean;
  time: number[];
  minimum: (number | null)[];
  maximum: (number | null)[];
  last: (number | null)[];
  quality: number[];
  bands: Band[];
  limits: LimitLine[];
};

/**
 * When a point may reach the setpoint of a `projected` limit, as seen at `at`, the time of its last evidence.
 *
 * With a chance of 90 % between `early` and `late`, if it goes on as in the window of the limit; both are null where
 * there is no forecast, and `reason` says why. `samples` are behind it, `uncertain` of them UNCERTAIN.
 */
export type Forecast = {
  limit: string;
  at: number | null;
  early: number | null;
  late: number | null;
  samples: number;
  uncertain: number;
  reason: ForecastReason | null;
  sentence: Text;
};
