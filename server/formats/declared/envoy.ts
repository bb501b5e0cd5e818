// An Envoy or Istio access log format (%RESPONSE_CODE% …) as a template.
import { evidence, NOTHING, templateOf, type Slot, type Template, type Use } from '../layout/template.ts';

const OPERATORS = new Map<string, Use>(
  Object.entries({
    RESPONSE_CODE: { as: 'status' },
    RESPONSE_FLAGS: evidence('flags'),
    RESPONSE_CODE_DETAILS: evidence('details'),
    BYTES_SENT: { as: 'size' },
    DURATION: { as: 'duration', unitMs: 1 },
    UPSTREAM_HOST: evidence('upstream'),
    ROUTE_NAME: NOTHING,
    START_TIME: { as: 'iso' },
    DOWNSTREAM_REMOTE_ADDRESS: { as: 'client' },
    DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: { as: 'client' },
  } satisfies Record<string, Use>),
);
const HEADERS = new Map<string, Use>(
  Object.entries({
    ':METHOD': { as: 'method' },
    ':PATH': { as: 'url' },
    ':AUTHORITY': { as: 'host' },
    'X-FORWARDED-FOR': { as: 'client' },
    'USER-AGENT': evidence('userAgent'),
    'X-ENVOY-UPSTREAM-SERVICE-TIME': evidence('responseTime'),
  } satisfies Record<string, Use>),
);

export const looksLikeEnvoy = (source: string): boolean =>
  /%(?:RESPONSE_CODE|START_TIME|RESPONSE_FLAGS|REQ\([^()]*\)|PROTOCOL)[^%]*%/.test(source);

export function compileEnvoy(source: string): Template | string {
  const text = source.trim().replace(/^(?:format|text_format|inline_string): */, '');
  // in quotes as a whole, not from a quoted field to another
  const format = (/^"((?:[^"\\]|\\[^])*)"$/.exec(text)?.[1] ?? text).replaceAll('\\"', '"').replaceAll('\\n', '');
  const pieces = format.split(/%([A-Z_]+)(?:\(([^()]*)\))?(?::\d+)?%/g); // literal, operator, argument, literal, …
  const slots: Slot[] = [];
  for (let i = 1; i < pieces.length; i += 3) {
    const use = useOf(pieces[i], pieces[i + 1]);
    const again = use.as !== 'nothing' && use.as !== 'evidence' && slots.some((slot) => slot.use.as === use.as);
    slots.push({ name: `%${pieces[i]}%`, use: again ? NOTHING : use, literal: pieces[i + 2] });
  }
  if (!slots.some(({ use }) => use.as === 'status')) return 'this format has no %RESPONSE_CODE%: add it';
  const template = templateOf(pieces[0], slots, /^\s*\{\s*"/.test(format));
  return typeof template === 'string' ? template : { ...template, timeUnitMs: 1 };
}

function useOf(operator: string, argument: string | undefined): Use {
  if (operator === 'START_TIME' && argument !== undefined && argument !== '')
    return argument === '%s' ? { as: 'epoch' } : { as: 'strptime', format: argument.replace(/%[369]f/g, '%f') };
  if (operator !== 'REQ' && operator !== 'RESP') return OPERATORS.get(operator) ?? NOTHING;
  // `X-ENVOY-ORIGINAL-PATH?:PATH`: the header, or else the other
  for (const name of (argument ?? '').toUpperCase().split('?')) {
    const use = HEADERS.get(name);
    if (use !== undefined) return use;
  }
  return NOTHING;
}
