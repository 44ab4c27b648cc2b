// Generated from console/views by scripts/build-console: change it there.
// Times are ms since 1970 UTC, in the engine's time.

/** The same text in Chinese and in English; as a str it is the English one. */
export type Text = {
  zh: string;
  en: string;
};

export type Level = "red" | "orange" | "yellow" | "blue";

/** A hazard source of the site file. */
export type HazardSource = {
  id: string;
  name: string;
  kind: string;
  grade: "I" | "II" | "III" | "IV";
  place: string;
};

/** A point of the site file; `decimals` is the number of decimals of its resolution. */
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
 * A limit, vote or interlock: the meaning of an alarm of this condition, and the response.
 *
 * `feature` is `vote` or `interlock` for these two, and their `setpoint` and `clear` are null. `unit` is the unit of
 * the feature (`%/min` for a rate of change). The page decides by three facts, not by the name:
 * `is_value`: the feature is the value of the point itself, so its setpoint is drawn beside the values; `counts`: its
 * numbers count something, so the resolution of the point does not apply; `looks_ahead`: its alarms have forecasts.
 */
export type Limit = {
  id: string;
  hazard_source: string;
  point: string | null;
  feature: string;
  is_value: boolean;
  counts: boolean;
  looks_ahead: boolean;
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
 * The rule-set or the presentation in force and its approval; the approval of the first one is null.
 *
 * `approved` is a time of the machine's clock, `since` a time of the log.
 */
export type Version = {
  version: string;
  since: number;
  author: string | null;
  approver: string | null;
  reason: string | null;
  approved: number | null;
};

/** The data that cannot change while the engine runs; lists are in the order of the site file. */
export type Site = {
  id: string;
  name: string;
  timezone: string;
  rules: string;
  rule_set: Version;
  presentation: Version;
  hazard_sources: HazardSource[];
  points: Point[];
  limits: Limit[];
};

export type AlarmState = "normal" | "unacked" | "acked" | "rtn_unacked";

export type TicketState = "registered" | "rectification" | "acceptance" | "closed";

export type TicketAction = "rectify" | "submit" | "accept" | "refuse";

/** A condition that is or was active: `value`, `setpoint` and `since` (its time) describe the raise. */
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
 * One alarm: `id` is the id of its condition, `episode` the event id of the raise that began the present episode.
 *
 * `returned` is set while the condition is back to normal, `acked_*` once somebody acknowledged this episode. The
 * engine sends an alarm that becomes normal once more, in state `normal`; the page then drops it.
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
  response: Text | null;
};

/**
 * A late find (补传数据超限): a past condition, shown by late data, that is not an alarm.
 *
 * `id` is the event id of the retrospective raise. The condition was active from `since` to `returned`; `found` is the
 * time of the review. If `of` is set, the find is the earlier beginning of the raise with that id. `returned` is null
 * in that case, and if the review has no clear. `ticket` tells whether the rule opens tickets. The engine sends an
 * analysed find once more, with `analysed_by`; the page then drops it.
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

/**
 * One step in a ticket's history: `change` is `open`, `attach` or an action; `by` is null for the engine.
 *
 * `record` is the number of its record in the journal; a page asks for what was before it.
 */
export type TicketLine = {
  record: number;
  time: number;
  change: string;
  by: string | null;
  note: string;
};

/** Lines of a ticket's history, oldest first, and the number of lines before them. */
export type TicketLines = {
  earlier: number;
  lines: TicketLine[];
};

/**
 * One hazard ticket (事故隐患治理单): `rule` is the id of its condition, `actions` are possible now.
 *
 * `history` has its newest lines, as many as a message should carry; `earlier` counts those before them.
 *
 * The engine sends a closed ticket once more; the page then drops it.
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
  earlier: number;
  history: TicketLine[];
};

export type Quality = "GOOD" | "UNCERTAIN" | "BAD";

/** The state of a hazard source: the highest level of its active conditions, and the number of points in doubt. */
export type HazardSourceState = {
  id: string;
  level: Level | null;
  doubtful: number;
};

/** The last accepted sample of a point; `bad_since` is set while the point is in doubt. */
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

/**
 * The link to a source; `skew` is how far its clock is ahead (null: unknown). [ms].
 *
 * `connected` is false while the source delivers nothing usable; `fresh` also wants a point that is not stale. `since`
 * is when one of the two changed.
 */
export type Link = {
  id: string;
  protocol: string;
  connected: boolean;
  fresh: boolean;
  since: number;
  skew: number | null;
};

/** A fault of the engine itself (a full disk, a slow journal); the page shows it until it is withdrawn. */
export type Notice = {
  id: string;
  level: Level;
  message: Text;
  since: number;
};

/**
 * The contents of the live page, without normal alarms and closed tickets, and without readings.
 *
 * `found` has the newest late finds that nobody has analysed yet. `annunciated` counts the alarms that were raised in
 * the last ten minutes.
 */
export type Snapshot = {
  now: number;
  hazard_sources: HazardSourceState[];
  alarms: Alarm[];
  tickets: Ticket[];
  found: Found[];
  sources: Link[];
  notices: Notice[];
  annunciated: number;
};

/** The changed entries of a snapshot, each complete; `withdrawn` has the ids of notices that ended. */
export type Change = {
  hazard_sources?: HazardSourceState[];
  alarms?: Alarm[];
  tickets?: Ticket[];
  found?: Found[];
  sources?: Link[];
  notices?: Notice[];
  withdrawn?: string[];
  annunciated?: number;
};

/**
 * A snapshot and the number of the last delta in it; `run` identifies the run of the engine.
 *
 * Of many alarms it has the most urgent ones, and the messages after it bring the others.
 */
export type SnapshotMessage = {
  kind: "snapshot";
  run: string;
  number: number;
  snapshot: Snapshot;
};

/** The changes since the message before; `number` counts deltas without gaps. */
export type DeltaMessage = {
  kind: "delta";
  number: number;
  change: Change;
};

/** More alarms of the snapshot, as they are now. */
export type AlarmsMessage = {
  kind: "alarms";
  alarms: Alarm[];
};

/** Readings of points that the page shows. */
export type ReadingsMessage = {
  kind: "readings";
  readings: Reading[];
};

/** A sign of life with the engine's time and the number of the last delta. */
export type BeatMessage = {
  kind: "beat";
  number: number;
  now: number;
};

export type StreamMessage = SnapshotMessage | AlarmsMessage | DeltaMessage | ReadingsMessage | BeatMessage;

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

export type BandKind = "bad" | "stale" | "damaged" | "unevaluated";

/** A period with values that are not trustworthy, without values, or whose values came too late for the rules. */
export type TrendBand = {
  start: number;
  end: number;
  kind: BandKind;
};

/**
 * Samples of a point as columns of equal length, at most `pixels` rows, in order of time.
 *
 * If `raw` is true, each row is a sample; otherwise a row summarises the samples of one pixel, at the time of the
 * first. A row with null values begins a gap; up to it the value before holds. `quality` is the worst of the row.
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
  bands: TrendBand[];
  limits: LimitLine[];
};

/**
 * A forecast of when a point reaches the setpoint of a `projected` limit; `at` is the time of its last evidence.
 *
 * If the trend in the limit's window continues, the point reaches the setpoint between `early` and `late` with a
 * probability of 90 %. Without a forecast both are null, and `reason` names the cause. The forecast is based on
 * `samples` samples, of which `uncertain` are UNCERTAIN.
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

/**
 * What came of the samples of a point, or of all points of a source, since the engine started.
 *
 * `expected` counts the readings that were due by the period of the source (null: it has none); changes come in
 * addition. Of `received`, `late` are older than a sample before, `duplicate` repeat it, `backfilled` were kept by the
 * source, `bad` have no valid value. `lost` are known to be lost. `unknown` counts the periods in which no valid
 * value came in time, whatever came later.
 */
export type SampleCounts = {
  expected: number | null;
  received: number;
  late: number;
  duplicate: number;
  backfilled: number;
  bad: number;
  lost: number;
  unknown: number | null;
};

/** The counts of a point; `age` is the time since anything arrived for it (null: nothing has). [ms]. */
export type PointCounts = {
  expected: number | null;
  received: number;
  late: number;
  duplicate: number;
  backfilled: number;
  bad: number;
  lost: number;
  unknown: number | null;
  point: string;
  age: number | null;
};

/**
 * A period that lacks samples; `until` is null while it lasts.
 *
 * `expected` is the number of samples at the rate before (null: not known), `filled` the number that came later, and
 * `how` says where these came from: the queue of the device, its history, or nowhere.
 */
export type Gap = {
  start: number;
  until: number | null;
  points: number;
  expected: number | null;
  filled: number;
  how: "queue" | "history" | "none";
  reason: Text | null;
};

/**
 * How a source keeps its scan.
 *
 * `period` is the time in which it reads every point (null: none), `age` the time since the point that waits longest
 * was read, `longest` the age from which it is behind. `unread` points are older than that, `behind_since` is null
 * while there are none, and `times_behind` counts how often there were some. [ms].
 */
export type Scan = {
  period: number | null;
  age: number;
  longest: number;
  unread: number;
  behind_since: number | null;
  times_behind: number;
};

/**
 * The counts of a source, its scan, the way of its samples to the engine, and its gaps, the newest first.
 *
 * `median` and `longest` are times from source to engine of the last minutes: half of the changed values, and 99 of
 * 100, came within (null: not known). [ms]. `by_change`: it also reports changes between two readings. `trouble` says
 * why the link brings nothing, `revised` what the device does otherwise than it was asked to.
 */
export type SourceCounts = {
  expected: number | null;
  received: number;
  late: number;
  duplicate: number;
  backfilled: number;
  bad: number;
  lost: number;
  unknown: number | null;
  id: string;
  protocol: string;
  endpoint: string;
  points: number;
  silent: number;
  by_change: boolean;
  scan: Scan;
  median: number | null;
  longest: number | null;
  restarts: number;
  trouble: Text | null;
  revised: Text[];
  gaps: Gap[];
};

/** All sources; `since` is the start from which the counts count. */
export type Sources = {
  now: number;
  since: number;
  sources: SourceCounts[];
};
