// Does a keyed record tell of a request that its writer sent? By what its writer says of itself, or by whose names stand on it.
import { CLIENT, PATH, ROUTE, UPSTREAM, USER_AGENT } from '../../core/hit.ts';
import { startsWith } from '../bytes/scanner.ts';
import type { Chunk } from '../format.ts';
import { SENT, URL_ALONE } from '../served.ts';
import { keys, textOf, values } from './line-values.ts';
import { DIRECTION, WRITER } from './slots.ts';

/** The server that was asked is named. */
export const ASKED_SIDE = 1;
/** An exception is told of. */
export const EXCEPTION_SIDE = 2;

interface Selected {
  /** For each slot an index into `values`, or -1. */
  readonly best: Int16Array;
  /** ASKED_SIDE, EXCEPTION_SIDE. */
  readonly asides: number;
}

const PEER = keys.id('net.peer.ip');

/** As spans and loggers say which side of the exchange they tell of. */
const ASKING = /^(?:(?:span_kind_)?client|out(?:bound|going)?|egress)$/i;

/** As the libraries are called that ask, and the loggers in them. */
const ASKER =
  /http[._ -]?client|rest[._-]?(?:client|template)|web[._-]?client|okhttp|feign|undici|urllib3?|httpx|axios|faraday|guzzle|resty/i;

/** Who asks an application's own server is known by an address or a browser; a whole URL without either is what the application asked of another. */
export function outgoingSigns(chunk: Chunk, selected: Selected): number {
  const { best } = selected;
  if (best[DIRECTION] !== -1 && ASKING.test(textOf(chunk, best[DIRECTION])!)) return SENT;
  if (best[WRITER] !== -1 && ASKER.test(textOf(chunk, best[WRITER])!)) return SENT;
  if (!asksOrNobody(selected)) return 0;
  const at = values.starts[best[PATH]];
  const end = values.ends[best[PATH]];
  const isUrl = startsWith(chunk.bytes, at, end, 'http://') || startsWith(chunk.bytes, at, end, 'https://');
  return !isUrl ? 0 : isAsked(selected) ? SENT : URL_ALONE;
}

/** May it, whatever its values are? */
export const mayBeOutgoing = (selected: Selected): boolean =>
  selected.best[DIRECTION] !== -1 || selected.best[WRITER] !== -1 || asksOrNobody(selected);

/** There is a path, and the one who asked is the writer, or not told of. */
function asksOrNobody(selected: Selected): boolean {
  const { best } = selected;
  const isAnonymous = best[CLIENT] === -1 && best[USER_AGENT] === -1 && best[UPSTREAM] === -1;
  return best[PATH] !== -1 && (isAnonymous || isAsked(selected));
}

/** The address of the peer is that of the one who was asked where his name is next to it. */
const isAsked = ({ best, asides }: Selected): boolean =>
  (asides & ASKED_SIDE) !== 0 && best[ROUTE] === -1 && (best[CLIENT] === -1 || values.ids[best[CLIENT]] === PEER);
