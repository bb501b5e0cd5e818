// The Chart.js side of the timeline: stacked bars over bucket numbers, hatched gaps, and the lane of annotations above.
import { BarController, BarElement, Chart, LinearScale, type ChartConfiguration, type Plugin } from 'chart.js';
import { texts } from '../texts/index.ts';
import { classToken, STACK } from './codes.ts';
import { axisNumber, percent } from './format.ts';
import { byClass, frameTo, type Frame } from './frame.ts';
import { token } from './theme.svelte.ts';
import { timeTicks } from './time-ticks.ts';

Chart.register(BarController, BarElement, LinearScale);

export type Mode = 'count' | 'share' | 'errors';
/** Something on the lane: a point in time (`to` null) or a time range. */
export interface Mark {
  from: number;
  to: number | null;
  text: string;
  kind: 'deploy' | 'restart' | 'note' | 'gap' | 'incident' | 'warn';
}
export interface Drawing {
  frame: Frame;
  mode: Mode;
  marks: readonly Mark[];
  utc: boolean;
}
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const LANE = 32;
const RANK: Record<Mark['kind'], number> = { incident: 0, deploy: 1, warn: 2, restart: 3, note: 4, gap: 5 };
const ERRORS = new Set(['5xx', '4xx', 'other']);

export function createTimeline(
  canvas: HTMLCanvasElement,
  onArea: (area: Area) => void,
): { chart: Chart; draw(d: Drawing): void } {
  let current: Drawing | null = null;
  const plugin: Plugin<'bar'> = {
    id: 'fivealarm',
    beforeDatasetsDraw: (chart) => {
      if (current) drawGaps(chart, current);
    },
    afterDatasetsDraw: (chart) => {
      if (current) {
        drawUnfinished(chart, current);
        drawMarks(chart, current);
      }
    },
    afterLayout: ({ chartArea: { left, right, top, bottom } }) => onArea({ left, right, top, bottom }),
  };
  const chart = new Chart(
    canvas,
    configuration(plugin, () => current),
  ) as Chart;
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
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: { top: LANE } },
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: 1,
          stacked: true,
          offset: false,
          grid: { display: false },
          border: { display: false },
          afterBuildTicks(scale) {
            const d = current();
            if (!d) return;
            const ticks = timeTicks(d.frame.from, frameTo(d.frame), Math.max(2, Math.floor(scale.width / 90)), d.utc);
            scale.ticks = ticks.map(({ at, text }) => ({ value: (at - d.frame.from) / d.frame.step, label: text }));
          },
          ticks: {
            autoSkip: false,
            maxRotation: 0,
            align: 'center',
            callback(_v, i, ticks) {
              return ticks[i].label as string;
            },
          },
        },
        y: {
          type: 'linear',
          min: 0,
          stacked: true,
          border: { display: false },
          // A fixed width keeps the bars still while the numbers grow.
          afterFit: (scale) => {
            scale.width = 46;
          },
          // Chart.js would stretch the steps to end at the top.
          afterBuildTicks(scale) {
            const { stepSize: step } = scale.chart.options.scales!.y!.ticks as { stepSize?: number };
            if (step)
              scale.ticks = Array.from({ length: Math.floor(scale.max / step) + 1 }, (_, i) => ({ value: i * step }));
          },
          ticks: { callback: (v) => (current()?.mode === 'share' ? percent(Number(v)) : axisNumber(Number(v))) },
        },
      },
    },
  };
}

function apply(chart: Chart, { frame, mode }: Drawing): void {
  const classes = byClass(frame);
  const totals = Array.from({ length: frame.n }, (_, i) => STACK.reduce((sum, cls) => sum + classes[cls][i], 0));
  const bar = frame.n <= 150 ? 0.86 : 1;
  // The same objects again: new ones cost Chart.js all that it has worked out about them.
  const before = new Map(chart.data.datasets.map((dataset) => [dataset.label, dataset]));
  chart.data.datasets = STACK.filter((cls) => mode !== 'errors' || ERRORS.has(cls)).map((cls) =>
    Object.assign(before.get(cls) ?? { label: cls }, {
      // null for none: Chart.js draws bars that touch a little larger, a zero too, which would underline every gap.
      data: classes[cls].map((n, i) => ({
        x: i + 0.5,
        y: n === 0 ? null : mode === 'share' ? n / totals[i] : n,
      })) as never,
      backgroundColor: fill(cls),
      barPercentage: 1,
      categoryPercentage: bar,
    }),
  );
  const { x, y } = chart.options.scales as Record<
    'x' | 'y',
    { max?: number; ticks: { color?: string; font?: unknown; stepSize?: number }; grid: { color?: string } }
  >;
  x.max = frame.n;
  const highest = Math.max(
    ...totals.map((total, i) => (mode === 'errors' ? classes['5xx'][i] + classes['4xx'][i] + classes.other[i] : total)),
  );
  y.ticks.stepSize = mode === 'share' ? 0.25 : niceStep(highest);
  // To the next half step: in whole ones a fifth of the height may stay empty, and an axis that fits exactly would never stand still.
  y.max = mode === 'share' ? 1 : Math.ceil((highest * 1.02 || 1) / (y.ticks.stepSize / 2)) * (y.ticks.stepSize / 2);
  x.ticks.color = y.ticks.color = token('--mute');
  x.ticks.font = y.ticks.font = { size: 11, family: getComputedStyle(document.body).fontFamily };
  y.grid.color = token('--line-soft');
}

/** A round step that cuts the axis in four or five. */
function niceStep(highest: number): number {
  const raw = Math.max(1, highest / 4.2);
  const unit = 10 ** Math.floor(Math.log10(raw));
  return (
    [1, 2, 2.5, 5, 10].map((k) => k * unit).find((step) => step >= raw && (step >= 10 || Number.isInteger(step))) ??
    10 * unit
  );
}

/** Success is the ground that errors stand on: it is drawn quieter. */
const fill = (cls: (typeof STACK)[number]): string => (cls === '2xx' ? token('--c2-fill') : token(classToken(cls)));

const xOf = (chart: Chart, d: Drawing, at: number): number => {
  const { left, right } = chart.chartArea;
  return Math.min(right, Math.max(left, chart.scales.x.getPixelForValue((at - d.frame.from) / d.frame.step)));
};

function drawGaps(chart: Chart, d: Drawing): void {
  const {
    ctx,
    chartArea: { top, bottom },
  } = chart;
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
    if (b - a > 60)
      label(ctx, texts.timeline.noData, (a + b) / 2, (top + bottom) / 2, 'center', token('--mute'), token('--raise'));
    ctx.restore();
  }
}

/** The bucket being filled is drawn faint, so that its growing is not read as a fall. */
function drawUnfinished(chart: Chart, d: Drawing): void {
  const {
    ctx,
    chartArea: { top, bottom, right },
  } = chart;
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
  const {
    ctx,
    chartArea: { top, bottom, left, right },
  } = chart;
  const colours: Record<Mark['kind'], string> = {
    incident: token('--fire'),
    warn: token('--warn'),
    deploy: token('--accent'),
    note: token('--accent'),
    restart: token('--mute'),
    gap: token('--mute'),
  };
  const lane = top - LANE;
  const seen = d.marks
    .filter((m) => (m.to ?? m.from) >= d.frame.from && m.from <= frameTo(d.frame))
    .sort((a, b) => RANK[a.kind] - RANK[b.kind] || a.from - b.from);
  const rows = [-Infinity, -Infinity];
  const taken: [number, number][] = [];
  const labels: (() => void)[] = [];
  ctx.save();
  ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  for (const mark of seen) {
    const [a, b] = [xOf(chart, d, mark.from), xOf(chart, d, mark.to ?? mark.from)];
    ctx.fillStyle = ctx.strokeStyle = colours[mark.kind];
    ctx.beginPath();
    if (mark.to !== null) {
      // Two ranges at the same time get a row each; more share the second row.
      const row = a >= rows[0] ? 0 : 1;
      rows[row] = Math.max(rows[row], b);
      ctx.roundRect(a, lane + row * 7, Math.max(4, b - a), 5, 2.5);
      ctx.fill();
    } else {
      ctx.lineWidth = 1;
      ctx.setLineDash([3, 3]);
      ctx.moveTo(Math.round(a) + 0.5, lane + 16);
      ctx.lineTo(Math.round(a) + 0.5, bottom);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    // Labels share one line, the important ones first; what no longer fits is left to the crosshair.
    const text = mark.text.length > 44 ? `${mark.text.slice(0, 43)}…` : mark.text;
    const width = ctx.measureText(text).width;
    const places = mark.to === null ? [a + 6, a - width - 6] : [a];
    const x = places
      .map((at) => Math.min(Math.max(at, left), right - width))
      .find((at) => taken.every(([from, to]) => at > to + 10 || at + width < from - 10));
    if (x === undefined) continue;
    taken.push([x, x + width]);
    labels.push(() =>
      label(ctx, text, x, lane + 21, 'left', mark.to === null ? colours[mark.kind] : token('--mute'), token('--raise')),
    );
  }
  for (const draw of labels) draw(); // over all the lines
  ctx.restore();
}

function label(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  align: CanvasTextAlign,
  colour: string,
  ground: string,
): void {
  ctx.textAlign = align;
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 4;
  ctx.strokeStyle = ground;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}
