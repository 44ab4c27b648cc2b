// The shapes of console/views.py, which says what each field means. Times are ms since 1970 UTC, in the engine's time.

export type Level = "red" | "orange" | "yellow" | "blue";
export type Quality = "GOOD" | "UNCERTAIN" | "BAD";
export type AlarmState = "normal" | "unacked" | "acked" | "rtn_unacked";
export type TicketState = "registered" | "rectification" | "acceptance" | "closed";
export type TicketAction = "rectify" | "submit" | "accept" | "refuse";
export type Text = { zh: string; en: string };

export type HazardSource = { id: string; name: string; kind: string; grade: "I" | "II" | "III" | "IV"; place: string };
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
export type RuleSet = {
  version: string;
  since: number;
  author: string | null;
  approver: string | null;
  reason: string | null;
  approved: number | null;
};
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

export type HazardSourceState = { id: string; level: Level | null; doubtful: number };
export type Alarm = {
  id: string;
  episode: string;
  state: AlarmState;
  level: Level;
  hazard_source: string;
  point: string | null;
  message: Text;
  value: number | null;
  setpoint: number | null;
  direction: "high" | "low" | null;
  unit: string;
  since: number;
  since_ns: string;
  recorded: number;
  returned: number | null;
  acked_by: string | null;
  acked_at: number | null;
  ticket: string | null;
};
/** What a value is compared by. */
export type Judged = Pick<Alarm, "id" | "point" | "setpoint" | "direction" | "unit">;
export type Found = {
  id: string;
  condition: string;
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
  of: string | null;
  found: number;
  ticket: boolean;
  analysed_by: string | null;
};
export type TicketLine = { time: number; change: string; by: string | null; note: string };
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
export type Link = { id: string; protocol: string; connected: boolean; since: number; skew: number | null };
export type Notice = { id: string; level: Level; message: Text; since: number };
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
export type Change = Partial<Omit<Snapshot, "now">> & { withdrawn?: string[] };
export type Message =
  | { kind: "snapshot"; run: string; number: number; snapshot: Snapshot }
  | { kind: "delta"; number: number; change: Change }
  | { kind: "beat"; number: number; now: number };

export type LimitLine = {
  id: string;
  start: number;
  end: number;
  setpoint: number;
  clear: number | null;
  level: Level;
  message: Text;
};
export type Band = { start: number; end: number; kind: "bad" | "stale" };
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
/** `early` and `late` are null where there is no forecast; `reason` says why. */
export type Forecast = {
  limit: string;
  at: number | null;
  early: number | null;
  late: number | null;
  samples: number;
  uncertain: number;
  reason: string | null;
  sentence: Text;
};
export type Command =
  | { command: "acknowledge"; alarm: string; episode: string; by: string }
  | { command: "analyse"; found: string; by: string; note: string }
  | { command: "rectify"; ticket: string; by: string; responsible: string; measures: string; due: string | null }
  | { command: "submit" | "accept"; ticket: string; by: string; note: string }
  | { command: "refuse"; ticket: string; by: string; reason: string };

export const LEVELS: readonly Level[] = ["red", "orange", "yellow", "blue"];
