// The Chart.js side of the timeline: stacked bars over bucket numbers, hatched gaps, and the lane of annotations above.
import { BarController, BarElement, Chart, LinearScale, type ChartConfiguration, type Plugin } from 'chart.js';
import { classToken, STACK } from './codes.ts';
import { compact, share } from './format.ts';
import { byClass, frameTo, type Frame } from './frame.ts';
import { token } from './theme.svelte.ts';
import { timeTicks } from './time-ticks.ts';

Chart.register(BarController, BarElement, LinearScale);

export type Mode = 'count' | 'share' | 'errors';
/** Something on the lane: a moment (`to` null) or a stretch. */
export interface Mark { from: number; to: number | null; text: string; kind: 'deploy' | 'restart' | 'note' | 'gap' | 'incident' | 'warn' }
export interface Drawing { frame: Frame; mode: Mode; marks: readonly Mark[]; utc: boolean }
export interface Area { left: number; right: number; top: number; bottom: number }

const LANE = 26;
const ERRORS = new Set(['5xx', '4xx', 'other']);

export function createTimeline(canvas: HTMLCanvasElement, onArea: (area: Area) => void): { chart: Chart; draw(d: Drawing): void } {
  let current: Drawing | null = null;
  const plugin: Plugin<'bar'> = {
    id: 'fivealarm',
    beforeDatasetsDraw: (chart) => { if (current) drawGaps(chart, current); },
    afterDatasetsDraw: (chart) => { if (current) { drawUnfinished(chart, current); drawMarks(chart, current); } },
    afterLayout: ({ chartArea: { left, right, top, bottom } }) => onArea({ left, right, top, bottom }),
  };
  const chart = new Chart(canvas, configuration(plugin, () => current)) as Chart;
  return {
    chart,
    draw(d) {
      current = d;
      apply(chart, d);
      chart.update('none');
    },
  };
}

function configuration(plugin: Plugin<'bar'>, current: () => Drawing | null): ChartConfiguration<'bar'> {
  return {
    type: 'bar',
    data: { datasets: [] },
    plugins: [plugin],
    options: {
      animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false, events: [],
      layout: { padding: { top: LANE } },
      scales: {
        x: {
          type: 'linear', min: 0, max: 1, stacked: true, offset: false, grid: { display: false }, border: { display: false },
          afterBuildTicks(scale) {
            const d = current();
            if (!d) return;
            const ticks = timeTicks(d.frame.from, frameTo(d.frame), Math.max(2, Math.floor(scale.width / 90)), d.utc);
            scale.ticks = ticks.map(({ at, text }) => ({ value: (at - d.frame.from) / d.frame.step, label: text }));
          },
          ticks: { autoSkip: false, maxRotation: 0, align: 'center', callback(_v, i, ticks) { return ticks[i].label as string; } },
        },
        y: {
          type: 'linear', min: 0, stacked: true, border: { display: false },
          // A fixed width keeps the bars still while the numbers grow.
          afterFit: (scale) => { scale.width = 46; },
          ticks: { maxTicksLimit: 5, callback: (v) => (current()?.mode === 'share' ? share(Number(v)) : compact(Number(v))) },
        },
      },
    },
  };
}

function apply(chart: Chart, { frame, mode }: Drawing): void {
  const classes = byClass(frame);
  const totals = Array.from({ length: frame.n }, (_, i) => STACK.reduce((sum, cls) => sum + classes[cls][i], 0));
  const bar = frame.n <= 150 ? 0.86 : 1;
  chart.data.datasets = STACK.filter((cls) => mode !== 'errors' || ERRORS.has(cls)).map((cls) => ({
    label: cls,
    data: classes[cls].map((n, i) => ({ x: i + 0.5, y: mode === 'share' ? (totals[i] ? n / totals[i] : 0) : n })) as never,
    backgroundColor: fill(cls),
    barPercentage: 1, categoryPercentage: bar,
  }));
  const { x, y } = chart.options.scales as Record<'x' | 'y', { max?: number; suggestedMax?: number; ticks: { color?: string; font?: unknown }; grid: { color?: string } }>;
  x.max = frame.n;
  y.max = mode === 'share' ? 1 : undefined;
  y.suggestedMax = mode === 'share' ? undefined : 4;
  x.ticks.color = y.ticks.color = token('--mute');
  x.ticks.font = y.ticks.font = { size: 11, family: getComputedStyle(document.body).fontFamily };
  y.grid.color = token('--line-soft');
}

/** Success is the ground that errors stand on: it is drawn quieter. */
const fill = (cls: (typeof STACK)[number]): string => (cls === '2xx' ? token('--c2-fill') : token(classToken(cls)));

const xOf = (chart: Chart, d: Drawing, at: number): number => {
  const { left, right } = chart.chartArea;
  return Math.min(right, Math.max(left, chart.scales.x.getPixelForValue((at - d.frame.from) / d.frame.step)));
};

function drawGaps(chart: Chart, d: Drawing): void {
  const { ctx, chartArea: { top, bottom } } = chart;
  for (const gap of d.frame.gaps) {
    const [a, b] = [xOf(chart, d, gap.from), xOf(chart, d, Math.min(gap.to, d.frame.asOf))];
    if (b - a < 1) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(a, top, b - a, bottom - top);
    ctx.clip();
    ctx.strokeStyle = token('--hatch');
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let x = a - (bottom - top); x < b; x += 7) {
      ctx.moveTo(x, bottom);
      ctx.lineTo(x + (bottom - top), top);
    }
    ctx.stroke();
    if (b - a > 60) label(ctx, 'no data', (a + b) / 2, (top + bottom) / 2, 'center', token('--mute'), token('--raise'));
    ctx.restore();
  }
}

/** The bucket being filled is drawn faint, so that its growing is not read as a fall. */
function drawUnfinished(chart: Chart, d: Drawing): void {
  const { ctx, chartArea: { top, bottom, right } } = chart;
  const start = d.frame.from + Math.floor((d.frame.asOf - d.frame.from) / d.frame.step) * d.frame.step;
  if (start >= frameTo(d.frame) || d.frame.asOf - start < 1) return;
  const a = xOf(chart, d, start);
  ctx.save();
  ctx.globalAlpha = 0.5;
  ctx.fillStyle = token('--raise');
  ctx.fillRect(a, top, right - a, bottom - top);
  ctx.restore();
}

function drawMarks(chart: Chart, d: Drawing): void {
  const { ctx, chartArea: { top, bottom, left, right } } = chart;
  const colours: Record<Mark['kind'], string> = { incident: token('--fire'), warn: token('--warn'), deploy: token('--accent'), note: token('--accent'), restart: token('--mute'), gap: token('--mute') };
  const lane = top - LANE;
  let taken = left - 8;
  ctx.save();
  for (const mark of [...d.marks].sort((a, b) => a.from - b.from)) {
    const end = mark.to ?? mark.from;
    if (end < d.frame.from || mark.from > frameTo(d.frame)) continue;
    const [a, b] = [xOf(chart, d, mark.from), xOf(chart, d, end)];
    ctx.fillStyle = ctx.strokeStyle = colours[mark.kind];
    if (mark.to !== null) {
      ctx.beginPath();
      ctx.roundRect(a, lane + 1, Math.max(4, b - a), 5, 2.5);
      ctx.fill();
    } else {
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(a, lane + 2);
      ctx.lineTo(a, bottom);
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.roundRect(a - 3, lane + 1, 6, 6, 1.5);
      ctx.fill();
    }
    // Labels share one line; the one that no longer fits is left to the crosshair.
    ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const text = mark.text.length > 44 ? `${mark.text.slice(0, 43)}…` : mark.text;
    const width = ctx.measureText(text).width;
    const x = Math.max(taken + 8, Math.min(a + (mark.to === null ? 6 : 0), right - width));
    if (x > taken && x + width <= right + 1 && x - a < 80) {
      label(ctx, text, x, lane + 15, 'left', token('--mute'), token('--raise'));
      taken = x + width;
    }
  }
  ctx.restore();
}

function label(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, align: CanvasTextAlign, colour: string, ground: string): void {
  ctx.textAlign = align;
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 4;
  ctx.strokeStyle = ground;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}
