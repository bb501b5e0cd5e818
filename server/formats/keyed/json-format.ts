// A format of JSON lines, from what its keys mean. All of them look at one scan of the line.
import type { Format, Miss, Reader, Sample, Surroundings } from '../format.ts';
import { KeyedFormat, type KeyedFormatSpec } from './keyed-format.ts';
import { keys, values } from './line-values.ts';
import { JsonScanner } from './json-scanner.ts';
import { rejected, TOO_MANY_KEYS } from '../misses.ts';

export const jsonScanner = new JsonScanner(keys, values);

const NOT_JSON: Miss = rejected('json-not-an-object', 'not a JSON object');

interface JsonFormatSpec<Name extends string> extends KeyedFormatSpec {
  name: Name;
  samples: readonly Sample[];
}

export function jsonFormat<Name extends string>(
  spec: JsonFormatSpec<Name>,
): Format & { readonly name: Name; readonly keyed: KeyedFormat } {
  const keyed = new KeyedFormat(spec);
  const open = (around?: Readonly<Surroundings>): Reader => ({
    read(chunk, start, end, hit) {
      if (!jsonScanner.scan(chunk, start, end)) return NOT_JSON;
      const miss = keyed.fill(chunk, hit, around);
      return miss?.kind === 'rejected' && jsonScanner.isCut ? TOO_MANY_KEYS : miss;
    },
  });
  const { name, title, proxy, samples } = spec;
  return { name, title, proxy, samples, begins: '{', keyed, open };
}
