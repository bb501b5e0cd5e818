// Chooses where the Now page's numbers come from: live counts for a short moving range, the server for everything else,
// and holds the picture still while somebody looks closely.
import { untrack } from 'svelte';
import type { Series, Totals } from '#shared/api.ts';
import { apiPath } from './api.ts';
import { clock } from './clock.svelte.ts';
import { frameOfSeries, type Frame } from './frame.ts';
import { live } from './live.svelte.ts';
import { playback } from './playback.svelte.ts';
import { Query } from './query.svelte.ts';
import { FINEST_MS, range, type Range } from './time-range.svelte.ts';

/** How long an answer of the server stays good: a fraction of its bucket, within reason. */
const refreshMs = (step: number): number => Math.min(60_000, Math.max(5000, step / 3));

export class NowFrame {
  #source: () => string | null;
  #series: Query<Series>;
  #before: Query<Totals>;
  #tick = $state(0);
  /** What the held picture is a picture of. */
  #key = '';
  frame: Frame | null = $state.raw(null);

  constructor(source: () => string | null) {
    this.#source = source;
    this.#series = new Query(() => this.#path('/api/series', this.#range(), { by: 'code' }));
    this.#before = new Query(() => {
      const { from, to } = this.#range();
      return this.#path('/api/totals', { from: from - (to - from), to: from }, {});
    });
    $effect(() => live.show(range.live ? source() : null));
    $effect(() => () => live.show(null));
    $effect(() => {
      if (!range.preset) return;
      const every = range.live ? 10_000 : refreshMs(this.#series.data?.step ?? FINEST_MS);
      const timer = setInterval(() => {
        if (!document.hidden && !playback.held) this.#tick++;
      }, every);
      return () => clearInterval(timer);
    });
    $effect(() => {
      const next = this.#current();
      const key = `${source()} ${range.preset ?? range.fixed!.from} ${range.lengthMs}`;
      if (playback.held && key === this.#key) return;
      // Until the answer for a new range is there, what is shown is of the range before.
      if (next && (range.live || !this.#series.loading)) this.#key = key;
      this.frame = next ?? untrack(() => this.frame);
    });
  }

  get error() {
    return this.#series.error;
  }
  /** Sources whose counts in this range may be of a sample. */
  get sampled(): readonly string[] {
    return this.#series.data?.sampled ?? [];
  }

  /** Count of each code in the period of the same length before; null while unknown. */
  before: Map<number, number> | null = $derived.by(() => {
    const answer = this.#before.data;
    if (!answer) return null;
    const out = new Map<number, number>();
    for (const t of answer.totals) out.set(t.code, (out.get(t.code) ?? 0) + t.count);
    return out;
  });

  /** The range to ask the server for: read again at each tick, not at each second of the clock. */
  #range(): Range {
    void this.#tick;
    return range.at(untrack(() => clock.now));
  }

  #path(path: string, { from, to }: Range, more: Record<string, string>): string {
    return apiPath(path, { from, to, source: this.#source(), ...more });
  }

  #current(): Frame | null {
    const series = this.#series.data;
    if (!range.live || !live.ready)
      return series ? frameOfSeries(series, range.preset ? untrack(() => live.asOf ?? clock.now) : Infinity) : null;
    void live.version;
    const source = this.#source();
    // Asked for, and not here yet: what was shown before is shown until it is.
    if (source !== null && source !== live.shown) return null;
    const asOf = untrack(() => live.asOf!);
    const { from, to } = range.at(asOf);
    const n = Math.round((to - from) / FINEST_MS);
    return {
      from,
      step: FINEST_MS,
      n,
      asOf,
      byCode: live.counts.byCode(from, FINEST_MS, n, source),
      gaps: series?.gaps ?? [],
      oldest: series?.oldest ?? null,
    };
  }
}
