// What the page asks of the engine; the product checks it against alarms/command.py.

export type Command =
  | { command: "acknowledge"; alarm: string; episode: string; by: string }
  | { command: "analyse"; found: string; by: string; note: string }
  | { command: "rectify"; ticket: string; by: string; responsible: string; measures: string; due: string | null }
  | { command: "submit" | "accept"; ticket: string; by: string; note: string }
  | { command: "refuse"; ticket: string; by: string; reason: string };
