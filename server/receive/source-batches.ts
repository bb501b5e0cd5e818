// The parts of a batch, one a source: which one a record belongs to, by its request, its envelope or itself, and where it counts.
import { SOURCE, type Hit } from '../core/hit.ts';
import { Failure } from '../errors.ts';
import { SourceBatch } from './source-batch.ts';
import { AUTO, OTHER_SOURCE, type SourceRegistry, type SourceState } from './source-registry.ts';

/** So many sources without a place are kept apart in a batch, which may name as many as it has lines; the rest is read as `other`. */
const WITHOUT_PLACE_MAX = 200;

export class SourceBatches {
  readonly #registry: SourceRegistry;
  readonly #format: string | undefined;
  readonly #inherits: boolean;
  readonly #parts = new Map<string, SourceBatch>();
  #lastNamed: { name: Buffer; part: SourceBatch | undefined } = { name: Buffer.alloc(0), part: undefined };
  #withoutPlace = 0;
  #further: SourceBatch | undefined;
  /** Of the source that the batch was sent to. */
  #main: SourceBatch | undefined;

  /**
   * `format`: a name, 'auto' or a log_format string, when the request gives one. `inherits`: what is set for the source that the lines were
   * sent to holds for those that they name, too.
   */
  constructor(registry: SourceRegistry, format: string | undefined, inherits: boolean) {
    this.#registry = registry;
    this.#format = format;
    this.#inherits = inherits;
  }

  /** Throws errors.badSource and FormatError. */
  open(name: string): SourceBatch {
    const part = this.#newPart(name);
    this.#parts.set(name, part);
    return part;
  }

  #newPart(name: string): SourceBatch {
    const state = this.#registry.get(name);
    this.#withoutPlace++;
    const part = new SourceBatch(state, this.#registry.reader(state, this.#format ?? this.#formatAround(state)));
    this.#main ??= part;
    return part;
  }

  #formatAround({ format }: SourceState): string | undefined {
    const around = this.#inherits ? this.#main?.state.format : undefined;
    return format === AUTO && around !== AUTO ? around : undefined;
  }

  /** What the rest of the names came to, apart from lines that were sent as `other`. */
  get further(): SourceBatch | undefined {
    return this.#further;
  }

  /** Undefined when its name cannot be one. */
  of(name: string): SourceBatch | undefined {
    const known = this.#parts.get(name);
    if (known !== undefined) return known;
    try {
      if (this.#withoutPlace < WITHOUT_PLACE_MAX || this.#registry.hasPlace(name)) return this.open(name);
      return (this.#further ??= this.#newPart(OTHER_SOURCE));
    } catch (error) {
      if (error instanceof Failure) return undefined;
      throw error;
    }
  }

  /** The part of the source that the line itself names; mostly that of the line before. */
  namedBy(hit: Hit): SourceBatch | undefined {
    const bytes = hit.bufferOf(SOURCE),
      start = hit.startOf(SOURCE),
      end = hit.endOf(SOURCE);
    const { name, part } = this.#lastNamed;
    if (end - start === name.length && bytes.compare(name, 0, name.length, start, end) === 0) return part;
    const found = this.of(bytes.toString('utf8', start, end));
    if (found !== undefined) this.#lastNamed = { name: Buffer.from(bytes.subarray(start, end)), part: found };
    return found;
  }

  /** A source has its place from its first hit on. False for a count of none, which is no hit. */
  place(part: SourceBatch, hits: number): boolean {
    if (hits === 0) return false;
    const { id, name } = this.#registry.place(part.state);
    part.source = id;
    part.countedAs = name;
    if (name === part.state.name) this.#withoutPlace--;
    return true;
  }

  /** Those that something came for. */
  get received(): SourceBatch[] {
    const parts = [...this.#parts.values()];
    if (this.#further !== undefined) parts.push(this.#further);
    return parts.filter((part) => part.received > 0);
  }
}
