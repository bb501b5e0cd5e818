// Runs every contract check over the hits of every source.
import { causes } from '#shared/causes/index.ts';
import { causeOf } from '../cause.ts';
import { failedFirst, lastAttempt } from '../exchange.ts';
import { CLIENT, METHOD, PATH, ROUTE, UPSTREAM, type Hit } from '../hit.ts';
import { routeOf } from '../count/route.ts';
import type { ContractCheck, Found, Sighting, Watcher } from './check.ts';
import { contractChecks } from './index.ts';

export interface SourceFinding extends Found {
  source: string;
  check: ContractCheck;
}

interface Watching {
  check: ContractCheck;
  watcher: Watcher;
}

/** Sources beyond these are not checked: each costs memory. */
const SOURCES_MAX = 200;

export class Contract {
  readonly #sources = new Map<string, Watching[]>();

  see(source: string, hit: Hit, at: number): void {
    let watchers = this.#sources.get(source);
    if (watchers === undefined) {
      if (this.#sources.size >= SOURCES_MAX) return;
      this.#sources.set(source, (watchers = contractChecks.map((check) => ({ check, watcher: check.watch() }))));
    }
    const sighting = sightingOf(hit, at);
    for (const { watcher } of watchers) watcher.see(sighting);
  }

  /** What holds now, problems first. What a check throws is of its source alone, where `failed` takes it. */
  found(failed?: (error: unknown, source: string) => void): SourceFinding[] {
    const foundAt = (source: string, { check, watcher }: Watching): SourceFinding[] => {
      try {
        return watcher.found().map((f) => ({ source, check, ...f }));
      } catch (error) {
        if (failed === undefined) throw error;
        failed(error, source);
        return [];
      }
    };
    return [...this.#sources]
      .flatMap(([source, watchers]) => watchers.flatMap((watching) => foundAt(source, watching)))
      .sort((a, b) => Number(b.check.level === 'problem') - Number(a.check.level === 'problem') || b.hits - a.hits);
  }
}

function sightingOf(hit: Hit, at: number): Sighting {
  const cause = causeOf(hit);
  const path = (hit.text(PATH) ?? '').split('?', 1)[0];
  const upstream = hit.text(UPSTREAM) ?? '',
    client = hit.text(CLIENT) ?? '';
  return {
    at,
    code: hit.code,
    method: hit.text(METHOD) ?? '',
    path,
    route: hit.text(ROUTE) || (path === '' ? '' : routeOf(path)),
    client: client === '-' ? '' : client,
    upstream: upstream === '-' ? '' : lastAttempt(upstream),
    failedFirst: cause > 0 ? failedFirst(hit) : '',
    bytes: hit.size,
    durationMs: hit.durationMs,
    cause: cause === 0 ? '' : causes[cause - 1].id,
    weight: hit.count,
  };
}
