// The drawing of a trend: steps, gaps, hatched doubt, the limits with their words, the episode as a band.
import uPlot from "uplot";
import { hourMinute, monthDay, setpoint, timeOfDay, timezone } from "../words/format";
import type { Level, LimitLine, Point, Reading, Trend } from "../types";

export type Picture = {
  trend: Trend;
  /** The present value, drawn up to `now`; null in a zoom into the past. */
  reading: Reading | null;
  now: number;
  /** Width of the window that ends now; null for that of the trend. [ms] */
  span: number | null;
  episode: { since: number; until: number | null; level: Level } | null;
  label: (line: LimitLine) => string;
  restores: string;
  point: Point;
};
export type Asked = {
  zoomed: (start: number, end: number) => void;
  reset: () => void;
  pointed: (index: number | null) => void;
};

const HEIGHT = 270;
const FONT = '13px "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif';
const MINUTE = 60_000;
/** Steps of the time axis. [ms] */
const STEPS = [1e3, 5e3, 1e4, 3e4, 1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440].map((n) => (n >= 1e3 && n <= 3e4 ? n : n * MINUTE));

export class Chart {
  private plot: uPlot;
  private picture: Picture | null = null;
  private observer: ResizeObserver;

  constructor(frame: HTMLElement, asked: Asked) {
    const stepped = uPlot.paths.stepped!({ align: 1, alignGaps: 1 });
    const line = { paths: stepped, points: { show: false }, spanGaps: false };
    this.plot = new uPlot(
      {
        width: frame.clientWidth,
        height: HEIGHT,
        ms: 1,
        tzDate: (ms) => uPlot.tzDate(new Date(ms), timezone()),
        padding: [10, 18, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 }, y: false },
        select: { show: true, left: 0, top: 0, width: 0, height: 0 },
        scales: { x: { time: true, range: () => this.window() }, y: { range: () => this.heights() } },
        axes: [
          {
            stroke: () => colour("--dim"),
            font: FONT,
            grid: { show: false },
            ticks: { show: true, stroke: () => colour("--line"), size: 4 },
            space: 80,
            size: 32,
            incrs: STEPS,
            values: (_, splits, __, ___, step) => splits.map((at) => timeLabel(at, step)),
          },
          {
            stroke: () => colour("--dim"),
            font: FONT,
            size: 52,
            grid: { stroke: () => colour("--line"), width: 1 },
            ticks: { show: false },
            splits: (_, __, low, high) => ticks(low, high),
            values: (_, splits) => labels(splits),
          },
        ],
        series: [
          {},
          { ...line, stroke: "transparent" },
          { ...line, stroke: "transparent" },
          { ...line, stroke: () => colour("--ink"), width: 1.8 },
        ],
        bands: [{ series: [2, 1], fill: () => colour("--spread") }],
        hooks: {
          drawClear: [() => this.behind()],
          draw: [() => this.inFront()],
          setSelect: [
            (plot) => {
              if (plot.select.width > 4) asked.zoomed(plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x"));
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
          setCursor: [
            (plot) => {
              const index = plot.cursor.idx;
              asked.pointed(index == null || index >= (this.picture?.trend.time.length ?? 0) ? null : index);
            },
          ],
        },
      },
      [[], [], [], []],
      frame,
    );
    this.plot.over.addEventListener("dblclick", asked.reset);
    this.observer = new ResizeObserver(() => {
      if (frame.clientWidth > 0) this.plot.setSize({ width: frame.clientWidth, height: HEIGHT });
    });
    this.observer.observe(frame);
  }

  get pixels(): number {
    return Math.max(100, this.plot.over.clientWidth);
  }

  destroy(): void {
    this.observer.disconnect();
    this.plot.destroy();
  }

  draw(picture: Picture): void {
    this.picture = picture;
    const { time, minimum, maximum, last } = picture.trend;
    const columns = [[...time], [...minimum], [...maximum], [...last]] as [number[], ...(number | null)[][]];
    const add = (at: number, value: number | null) => [at, value, value, value].forEach((one, column) => (columns[column] as (number | null)[]).push(one));
    const { reading } = picture;
    const end = columns[0].at(-1) ?? 0;
    if (reading?.time != null && !reading.doubt && reading.time > end) add(reading.time, reading.value);
    // The last value holds until the end of the picture, unless it is in doubt.
    const held = columns[3]!.at(-1) ?? null;
    const until = picture.span === null ? picture.trend.end : picture.now;
    if (!reading?.doubt && until > (columns[0].at(-1) ?? 0)) add(until, held);
    this.plot.setData(columns as uPlot.AlignedData);
  }

  private window(): [number, number] {
    if (this.picture === null) return [0, 1];
    const { trend, now, span } = this.picture;
    return span === null ? [trend.start, trend.end] : [now - span, now];
  }

  private heights(): [number, number] {
    if (this.picture === null) return [0, 1];
    const { trend, reading } = this.picture;
    const numbers = [...trend.minimum, ...trend.maximum, ...trend.limits.map((line) => line.setpoint), reading?.doubt ? null : (reading?.value ?? null)];
    const known = numbers.filter((one): one is number => one !== null);
    if (known.length === 0) return [0, 1];
    const low = Math.min(...known);
    const high = Math.max(...known);
    const margin = (high - low) * 0.12 || Math.abs(high) * 0.1 || 1;
    return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
  }

  /** The episode and the bands of doubt. */
  private behind(): void {
    if (this.picture === null) return;
    const { ctx, bbox } = this.plot;
    const { trend, episode, now, reading, span } = this.picture;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    if (episode) {
      ctx.fillStyle = colour(`--${episode.level}`);
      ctx.globalAlpha = 0.13;
      ctx.beginPath();
      this.band(episode.since, episode.until ?? now);
      ctx.fill();
      ctx.globalAlpha = 1;
    }
    // One path: where bands lie over each other the hatching must not become denser.
    ctx.beginPath();
    for (const band of trend.bands) this.band(band.start, band.end);
    if (reading?.doubt && span !== null && reading.bad_since !== null) this.band(Math.max(reading.bad_since, trend.end), now);
    ctx.fillStyle = hatch(ctx, colour("--dim"));
    ctx.fill();
    ctx.restore();
  }

  private band(start: number, end: number): void {
    const { ctx, bbox } = this.plot;
    const left = this.plot.valToPos(start, "x", true);
    ctx.rect(left, bbox.top, Math.max(1, this.plot.valToPos(end, "x", true) - left), bbox.height);
  }

  /** The limits, with their words on them. */
  private inFront(): void {
    if (this.picture === null) return;
    const { ctx, bbox } = this.plot;
    const { trend, point, label, restores } = this.picture;
    const ratio = devicePixelRatio;
    const right = bbox.left + bbox.width;
    const words: { y: number; text: string; ink: string }[] = [];
    ctx.save();
    for (const line of trend.limits) {
      const draw = (value: number, dash: number[], text: string) => {
        const y = this.plot.valToPos(value, "y", true);
        if (y < bbox.top || y > bbox.top + bbox.height) return;
        const ink = colour(`--${line.level}`);
        ctx.strokeStyle = ink;
        ctx.lineWidth = 1.3 * ratio;
        ctx.setLineDash(dash.map((n) => n * ratio));
        ctx.beginPath();
        ctx.moveTo(Math.max(bbox.left, this.plot.valToPos(line.start, "x", true)), y);
        ctx.lineTo(line.end >= trend.end ? right : Math.min(right, this.plot.valToPos(line.end, "x", true)), y);
        ctx.stroke();
        words.push({ y, text: `${text} ${setpoint(value, point)}`, ink });
      };
      draw(line.setpoint, [6, 4], label(line));
      if (line.clear !== null && line.clear !== line.setpoint) draw(line.clear, [2, 4], restores);
    }
    ctx.setLineDash([]);
    ctx.font = FONT.replace("13px", `${13 * ratio}px`);
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    ctx.lineJoin = "round";
    ctx.lineWidth = 4 * ratio;
    ctx.strokeStyle = colour("--ground");
    let last = -Infinity;
    let x = 0;
    for (const { y, text, ink } of words.sort((a, b) => a.y - b.y)) {
      x = y - last < 16 * ratio ? x : bbox.left + 6 * ratio; // words of lines that are close stand in one row
      if (x === bbox.left + 6 * ratio) last = Math.max(y, bbox.top + 17 * ratio);
      ctx.strokeText(text, x, last - 2 * ratio);
      ctx.fillStyle = ink;
      ctx.fillText(text, x, last - 2 * ratio);
      x += ctx.measureText(text).width + 14 * ratio;
    }
    ctx.restore();
  }
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function hatch(ctx: CanvasRenderingContext2D, stroke: string): CanvasPattern {
  const tile = document.createElement("canvas");
  const size = 8 * devicePixelRatio;
  tile.width = tile.height = size;
  const pen = tile.getContext("2d")!;
  pen.strokeStyle = stroke;
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1.5 * devicePixelRatio;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat")!;
}

function timeLabel(ms: number, step: number): string {
  if (step < MINUTE) return timeOfDay(ms);
  return hourMinute(ms) === "00:00" ? monthDay(ms) : hourMinute(ms);
}

/** All of them with as many decimals as the finest needs. */
function labels(splits: readonly number[]): string[] {
  const decimals = Math.max(0, ...splits.map((at) => (String(at).split(".")[1] ?? "").length));
  return splits.map((at) => at.toFixed(Math.min(6, decimals)));
}

function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
