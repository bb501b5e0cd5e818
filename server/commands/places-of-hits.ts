// Feeds detection with the places of hits as they are read from a file: what a running server takes from its deltas.
import { causes } from '#shared/causes/index.ts';
import { causeOf } from '../core/cause.ts';
import { clientOf } from '../core/count/client.ts';
import { durationBucket } from '../core/count/duration.ts';
import { MemoryDictionary } from '../core/count/memory-dictionary.ts';
import { SOURCES_MAX } from '../core/count/value-id.ts';
import { Values } from '../core/count/values.ts';
import type { Engine } from '../core/detect/engine.ts';
import { isFailure } from '../core/failing.ts';
import type { Hit } from '../core/hit.ts';

export class PlacesOfHits {
  readonly #dictionary = new MemoryDictionary();
  readonly #values = new Values({ dictionary: this.#dictionary, causeOf, causes: causes.map(({ id }) => id) });
  readonly #sources = new Map<string, number>();

  textOf(id: number): string | undefined {
    return this.#dictionary.textOf(id);
  }

  /** After the engine has counted the hit itself. */
  count(engine: Engine, source: string, second: number, hit: Hit): void {
    let number = this.#sources.get(source);
    if (number === undefined) {
      if (this.#sources.size >= SOURCES_MAX) return;
      this.#sources.set(source, (number = this.#sources.size + 1));
    }
    const watched = engine.source(source, second),
      values = this.#values,
      minute = Math.floor(second / 60);
    const { code, count } = hit;
    const upstream = values.upstream(hit, number, minute),
      route = values.route(hit, number, minute),
      host = values.host(hit, number, minute);
    if (upstream !== 0) engine.countPlace(watched, second, upstream, code, count);
    if (route !== 0) engine.countPlace(watched, second, route, code, count);
    if (host !== 0) engine.countPlace(watched, second, host, code, count);
    const cause = causeOf(hit);
    if (isFailure(code, cause)) {
      engine.countFailing(watched, second, { code, cause, upstream, route, host, client: clientOf(hit) }, count);
    } else if (hit.durationMs >= 0) {
      const bucket = durationBucket(hit.durationMs);
      engine.countDuration(watched, 0, bucket, count);
      if (upstream !== 0) engine.countDuration(watched, upstream, bucket, count);
      if (route !== 0) engine.countDuration(watched, route, bucket, count);
    }
  }
}
