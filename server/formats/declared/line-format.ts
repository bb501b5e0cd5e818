// A known format whose lines are written down in nginx's own language, `[$time_local] $status "$request"`: one string for each way
// that a line may look. The variables that mean something are those of nginx.ts; any other name is a text that is not read.
import type { Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { TemplateReader } from '../layout/template-reader.ts';
import type { Template } from '../layout/template.ts';
import { compileNginx } from './nginx.ts';

export interface LineFormatSpec<Name extends string> extends Pick<
  Format,
  'title' | 'proxy' | 'samples' | 'begins' | 'narrows'
> {
  readonly name: Name;
  /** A line is of the first that reads it. */
  readonly lines: readonly [string, ...string[]];
}

/** Throws when the fields of a line cannot be told apart. */
export function lineFormat<Name extends string>({
  lines,
  ...spec
}: LineFormatSpec<Name>): Format & { readonly name: Name } {
  const templates = lines.map(compiled);
  return { ...spec, open: () => readerOf(templates) };
}

function compiled(source: string): Template {
  const template = compileNginx(source);
  if (typeof template === 'string') throw new Error(`${source}: ${template}`);
  return template;
}

function readerOf([first, ...others]: readonly Template[]): Reader {
  const reader = new TemplateReader(first);
  return others.length === 0 ? reader : new EitherReader(reader, readerOf(others));
}

class EitherReader implements Reader {
  readonly #first: TemplateReader;
  readonly #second: Reader;

  constructor(first: TemplateReader, second: Reader) {
    this.#first = first;
    this.#second = second;
  }

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const miss = this.#first.read(chunk, start, end, hit);
    if (miss === undefined) return undefined;
    const { proxy } = hit;
    hit.reset(chunk.bytes);
    hit.proxy = proxy;
    return this.#second.read(chunk, start, end, hit);
  }
}
