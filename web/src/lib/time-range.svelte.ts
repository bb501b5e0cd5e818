// The range that the dashboard shows, as the URL says it: `from=now-15m` moves with time, two ISO times stand still.
import { texts } from '../texts/index.ts';
import { clock } from './clock.svelte.ts';
import { router } from './router.svelte.ts';

export const PRESETS = ['5m', '15m', '1h', '6h', '24h', '7d'] as const;
const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DEFAULT = '15m';
/** Up to this length the live counts alone are enough; beyond, the server is asked. */
const LIVE_MS = 15 * 60_000;
/** Buckets are never finer than this. */
export const FINEST_MS = 10_000;

function spanMs(text: string): number | null {
  const m = /^(\d{1,4})([smhd])$/.exec(text);
  return m ? Number(m[1]) * UNIT_MS[m[2]] : null;
}

export interface Range {
  from: number;
  to: number;
}

class TimeRange {
  /** '15m' while the range moves with time; null while it stands still. */
  preset: string | null = $derived.by(() => {
    const from = router.param('from');
    if (!from) return DEFAULT;
    const span = /^now-(.+)$/.exec(from)?.[1];
    if (span && spanMs(span) && (router.param('to') ?? 'now') === 'now') return span;
    return this.#fixed(from) ? null : DEFAULT;
  });
  fixed: Range | null = $derived.by(() => this.#fixed(router.param('from')));
  lengthMs: number = $derived(this.preset ? spanMs(this.preset)! : this.fixed!.to - this.fixed!.from);
  /** In headings, which are in capitals: the unit of 15M is unclear. */
  text: string = $derived(
    this.preset
      ? texts.range.last(this.preset.replace(/m$/, ' min').replace(/(?<=\d)(?=[shd]$)/, ' '))
      : texts.range.fixed,
  );
  /** True when live counts alone can draw it. */
  live: boolean = $derived(this.preset !== null && this.lengthMs <= LIVE_MS);

  #fixed(from: string | null): Range | null {
    const to = router.param('to');
    if (!from || !to) return null;
    const [a, b] = [readTime(from), readTime(to)];
    return a !== null && b !== null && b > a ? { from: a, to: b } : null;
  }

  /** The range at a moment. A moving one ends with the bucket that is being filled. */
  at(now: number, step = FINEST_MS): Range {
    if (!this.preset) return this.fixed!;
    const to = Math.floor(now / step) * step + step;
    return { from: to - this.lengthMs, to };
  }

  choose(preset: string): void {
    router.set({ from: preset === DEFAULT ? null : `now-${preset}`, to: null });
  }

  /** A zoom is a step of history: Back undoes it. */
  zoom(from: number, to: number): void {
    const span = Math.max(to - from, 3 * FINEST_MS);
    router.set(
      { from: new Date(from).toISOString(), to: new Date(from + span).toISOString() },
      { state: { zoomed: true } },
    );
  }

  /** One step back out: the range before the zoom, or three times as wide when the link began zoomed. */
  zoomOut(): void {
    if ((history.state as { zoomed?: boolean } | null)?.zoomed) return history.back();
    const { from, to } = this.at(clock.now);
    const by = to - from;
    router.set({
      from: new Date(from - by).toISOString(),
      to: new Date(Math.min(to + by, Math.max(clock.now, to))).toISOString(),
    });
  }

  /** The address of what is seen now, standing still. */
  frozenHref(): string {
    const { from, to } = this.at(clock.now);
    return location.origin + router.with({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  }
}

/** Milliseconds, seconds or ISO 8601. */
function readTime(text: string): number | null {
  if (/^\d{9,14}$/.test(text)) return Number(text) < 1e11 ? Number(text) * 1000 : Number(text);
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

export const range = new TimeRange();
