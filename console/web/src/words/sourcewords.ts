// The words of the sources view, in both languages; tsc refuses a key that one of them lacks.
import { computed } from "@preact/signals";
import { language } from "../engine/settings";

const zh = {
  title: "数据源",
  since: (time: string) => `${time} 启动以来`,
  source: "数据源", link: "连接", expected: "应收", received: "收到", late: "迟到", duplicate: "重复", backfilled: "补传", bad: "无有效值",
  lost: "丢失", unknown: "未知", oldest: "最旧读数", transit: "源到主机", clock: "时钟", points: "测点",
  up: (time: string) => `已连接，自 ${time}`, down: (time: string) => `中断，自 ${time}`, old: (time: string) => `数据过旧，自 ${time}`,
  behind: (unread: number, all: number, longest: string) => `巡检落后：${all} 个测点中有 ${unread} 个超过 ${longest} 没有读到`,
  times: (n: number) => `落后 ${n} 次`, within: (median: number, longest: number) => `${median} / ${longest} ms`,
  atLeast: "至少：服务器还报告两次巡检之间的变化，应有多少无人能知",
  transitMeans: "一半的数值 / 99 % 的数值在此时间内到达", unknownMeans: "没有及时收到有效值的周期",
  silent: (silent: number, all: number) => `${all} 个测点，${silent} 个没有有效值`,
  restarts: (n: number) => `重启 ${n} 次`,
  gaps: "缺口", noGaps: "没有缺口", from: "从", until: "到", lasting: "仍在继续", rows: "样本（约）", filled: "补到", how: "来自", why: "原因",
  queue: "设备的队列", history: "设备的历史", none: "无从补齐", notKnown: "不知道",
  worst: (source: string) => `${source} 中缺失最多的测点`, age: "上次读到", never: "没有读到过", ago: (time: string) => `${time} 前`,
  exact: "准确", ahead: (time: string) => `快 ${time}`, late_by: (time: string) => `慢 ${time}`, noClock: "—",
  years: (n: number) => `${n} 年`, months: (n: number) => `${n} 个月`, days: (n: number) => `${n} 天`, hours: (n: number) => `${n} 小时`,
  minutes: (n: number) => `${n} 分钟`, seconds: (n: string) => `${n} 秒`,
};

type SourceWords = typeof zh;

const en: SourceWords = {
  title: "Sources",
  since: (time) => `since the start at ${time}`,
  source: "Source", link: "Link", expected: "Expected", received: "Received", late: "Late", duplicate: "Duplicate", backfilled: "Back-filled", bad: "No valid value",
  lost: "Lost", unknown: "Unknown", oldest: "Oldest reading", transit: "To engine", clock: "Clock", points: "Points",
  up: (time) => `connected since ${time}`, down: (time) => `lost since ${time}`, old: (time) => `old data since ${time}`,
  behind: (unread, all, longest) => `behind its scan: ${unread} of ${all} points not read for longer than ${longest}`,
  times: (n) => (n === 1 ? "behind once" : `behind ${n} times`), within: (median, longest) => `${median} / ${longest} ms`,
  atLeast: "at least: the server also reports changes between two scans, and nobody can know how many there should be",
  transitMeans: "half of the values / 99 % of them came within", unknownMeans: "periods in which no valid value came in time",
  silent: (silent, all) => `${all} points, ${silent} without a valid value`,
  restarts: (n) => (n === 1 ? "restarted once" : `restarted ${n} times`),
  gaps: "Gaps", noGaps: "No gaps", from: "From", until: "Until", lasting: "still lasts", rows: "Samples (about)", filled: "Filled", how: "From where", why: "Why",
  queue: "queue of the device", history: "history of the device", none: "nothing fills it", notKnown: "not known",
  worst: (source) => `Points of ${source} that lack most`, age: "Last read", never: "never", ago: (time) => `${time} ago`,
  exact: "exact", ahead: (time) => `ahead by ${time}`, late_by: (time) => `behind by ${time}`, noClock: "—",
  years: (n) => `${n} years`, months: (n) => `${n} months`, days: (n) => `${n} days`, hours: (n) => `${n} hours`,
  minutes: (n) => `${n} minutes`, seconds: (n) => `${n} s`,
};

export const sourceWords = computed<SourceWords>(() => (language.value === "zh" ? zh : en));

const DAY = 24 * 3600_000;
/** Below this a clock is exact, as far as an answer over a network can show. [ms] */
const EXACT = 100;

/** How far a clock is off, as people say it: in the largest unit of which it has two. */
export function clockError(skew: number | null): string {
  const text = sourceWords.value;
  if (skew === null) return text.noClock;
  if (Math.abs(skew) < EXACT) return text.exact;
  const time = length(Math.abs(skew));
  return skew > 0 ? text.ahead(time) : text.late_by(time);
}

function length(ms: number): string {
  const text = sourceWords.value;
  const units = [
    [365 * DAY, text.years], [30 * DAY, text.months], [DAY, text.days], [3600_000, text.hours], [60_000, text.minutes],
  ] as const;
  const unit = units.find(([size]) => ms >= 2 * size);
  return unit === undefined ? text.seconds((ms / 1000).toFixed(1)) : unit[1](Math.round(ms / unit[0]));
}
