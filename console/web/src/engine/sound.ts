// Sound: one figure per level, repeated while something red waits; another one when the engine is lost.
import { effect, signal } from "@preact/signals";
import { lost } from "./link";
import { muted } from "./settings";
import { alarms } from "./store";
import type { Level } from "../types";
import { LEVELS } from "../words/levels";

/** Browsers play nothing before the reader has touched the page. */
export const blocked = signal(true);

const TONES: Record<Level | "lost", readonly number[]> = {
  red: [880, 660, 880, 660],
  orange: [740, 587],
  yellow: [587],
  blue: [440],
  lost: [330, 247, 330, 247],
};
const REPEAT = 10_000;

let context: AudioContext | null = null;

function play(figure: Level | "lost"): void {
  if (muted.value || context === null || context.state !== "running") return;
  TONES[figure].forEach((frequency, index) => {
    const start = context!.currentTime + index * 0.18;
    const tone = context!.createOscillator();
    const volume = context!.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.2, start + 0.02);
    volume.gain.linearRampToValueAtTime(0, start + 0.16);
    tone.connect(volume).connect(context!.destination);
    tone.start(start);
    tone.stop(start + 0.17);
  });
}

function unblock(): void {
  context ??= new AudioContext();
  void context.resume().then(() => (blocked.value = context?.state !== "running"));
}

export function startSound(): void {
  document.addEventListener("pointerdown", unblock);
  document.addEventListener("keydown", unblock);
  let heard: ReadonlySet<string> | null = null;
  effect(() => {
    const waiting = [...alarms.value.values()].filter((alarm) => alarm.state === "unacked");
    const fresh = heard === null ? [] : waiting.filter((alarm) => !heard!.has(alarm.episode));
    if (lost.value === false) heard = new Set(waiting.map((alarm) => alarm.episode));
    const highest = LEVELS.find((level) => fresh.some((alarm) => alarm.level === level));
    if (highest !== undefined) play(highest);
  });
  effect(() => {
    if (lost.value) play("lost");
  });
  setInterval(() => {
    if (lost.value) play("lost");
    else if ([...alarms.value.values()].some((alarm) => alarm.level === "red" && alarm.state === "unacked")) play("red");
  }, REPEAT);
}
