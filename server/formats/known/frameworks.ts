// What web frameworks and small servers print of a request on their own account: Morgan, hapi, Tornado, chi, ASP.NET Core, Kubernetes' API
// server, Artifactory … (framework-*.ts).
import { CLIENT, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { clientBefore, timeBefore } from '../bytes/leading-fields.ts';
import { rejected } from '../misses.ts';
import { isDigit, Needle } from '../bytes/scanner.ts';
import { Line } from '../layout/pattern-line.ts';
import { APPS } from './framework-apps.ts';
import { GATEWAYS } from './framework-gateways.ts';
import { SERVERS } from './framework-servers.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { DOT, QUOTE, SPACE } = ASCII;

const NO_PATTERN = rejected('framework-no-request', 'no request as a web framework prints it');
/** Longer lines are no such request; and a pattern sees no more than it must. */
const LINE_BYTES_MAX = 8 * 1024;

/** In this order: what is whole enough to be nothing else comes first. */
export const FRAMEWORKS = [...APPS, ...SERVERS, ...GATEWAYS];

class FrameworkReader implements Reader {
  readonly #time = new TimeReader();
  readonly #protocol = new Needle('HTTP/');
  readonly #line = new Line();
  /** Those that lines had last come first: a stream has few. */
  readonly #patterns = FRAMEWORKS.map(({ pattern }) => pattern);

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    if (end - start > LINE_BYTES_MAX || this.#isQuoted(chunk, start, end)) return NO_PATTERN;
    const line = this.#line,
      patterns = this.#patterns;
    line.open(chunk, start, end, hit);
    let i = 0;
    while (
      i < patterns.length &&
      !((i === 0 || !patterns[i].needsMethod || line.method(0) !== -1) && patterns[i].read(line))
    )
      i++;
    if (i === patterns.length) return NO_PATTERN;
    for (const pattern = patterns[i]; i >= 0; i--) patterns[i] = i > 0 ? patterns[i - 1] : pattern;
    if (line.frontEnd === line.frontStart) return undefined;
    hit.ts = timeBefore(this.#time, chunk.bytes, line.frontStart, line.frontEnd);
    if (!hit.has(CLIENT)) clientBefore(chunk.bytes, line.frontStart, line.frontEnd, hit);
    return undefined;
  }

  /** Is there a quoted request with its status behind it? Other formats read that. */
  #isQuoted(chunk: Chunk, start: number, end: number): boolean {
    const b = chunk.bytes;
    for (let at = this.#protocol.find(chunk, start, end); at !== -1; at = this.#protocol.find(chunk, at + 1, end)) {
      let stop = at + 5;
      while (stop < end && (isDigit(b[stop]) || b[stop] === DOT)) stop++;
      if (
        stop + 5 <= end &&
        b[stop] === QUOTE &&
        b[stop + 1] === SPACE &&
        b[stop + 2] >= 0x31 &&
        b[stop + 2] <= 0x35 &&
        isDigit(b[stop + 3]) &&
        isDigit(b[stop + 4])
      )
        return true;
    }
    return false;
  }
}

export const frameworks = {
  name: 'frameworks',
  title: "web frameworks' own request lines",
  proxy: 'unknown',
  samples: FRAMEWORKS.flatMap(({ samples }) => samples),
  open: () => new FrameworkReader(),
} as const satisfies Format;
