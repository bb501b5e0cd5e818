// A Squid logformat, as it stands in squid.conf or bare, as a template.
import {
  evidence,
  evidenceList,
  isSaid,
  NOTHING,
  templateOf,
  type Slot,
  type Template,
  type Use,
} from '../layout/template.ts';

const CODES = new Map<string, Use>(
  Object.entries({
    '>Hs': { as: 'status' },
    Hs: { as: 'status' },
    '<Hs': evidenceList('upstreamStatus'),
    '>a': { as: 'client' },
    '>A': { as: 'client' },
    rm: { as: 'method' },
    '>rm': { as: 'method' },
    ru: { as: 'url' },
    '>ru': { as: 'url' },
    rp: { as: 'url' },
    '>rp': { as: 'url' },
    '<st': { as: 'size' },
    st: { as: 'size' },
    tr: { as: 'duration', unitMs: 1 },
    ts: { as: 'epoch' },
    tl: { as: 'clf' },
    tg: { as: 'clf' },
    MOMENT: { as: 'epoch' },
    '<a': evidence('upstream'),
    '<A': evidence('upstream'),
    Ss: evidence('result'),
  } satisfies Record<string, Use>),
);

// %  quoting  width                  {argument}       code                                                                              {argument}
const CODE = new RegExp(
  String.raw`%(?:%|["[#'/]?(?<width>-?\d*(?:\.\d+)?)(?:\{(?<before>[^{}]*)\})?(?<code>(?:[a-z_]+::)?[<>]?(?:MOMENT|err_code|err_detail|busy_time|request_attempts|master_xaction|bump_mode|credentials|note|sni|cert_\w+|eui|ts|tu|tl|tg|tr|tS|dt|un|ul|ue|ui|us|ea|et|Ss|Sh|mt|Hs|ha|rm|ru|rs|rd|rP|rp|rv|st|sh|pt|tt|la|lp|h|a|A|p))(?:\{(?<after>[^{}]*)\})?)`,
  'g',
);

export const looksLikeSquid = (source: string): boolean =>
  /(?:^|\n)[ \t]*logformat\s/.test(source) ||
  (/%\d*[<>]?Hs/.test(source) && /%\d*(?:ts|tl|tg|rm|ru|Ss|>a)/.test(source));

export function compileSquid(source: string): Template | string {
  const format = (/(?:^|\n)[ \t]*logformat\s+\S+\s+(.+)/.exec(source)?.[1] ?? source)
    .trim()
    .replace(/%ts\.%0?3tu/g, '%MOMENT');
  const slots: Slot[] = [];
  let prefix = '',
    last = 0;
  const literal = (text: string): void => {
    if (slots.length === 0) prefix += text;
    else slots[slots.length - 1].literal += text;
  };
  for (const match of format.matchAll(CODE)) {
    literal(format.slice(last, match.index));
    last = match.index + match[0].length;
    const { width, before, after, code } = match.groups as Partial<Record<string, string>>;
    if (code === undefined) {
      literal('%');
      continue;
    }
    const use = useOf(code, before ?? after);
    slots.push({
      name: `%${code}`,
      use: isSaid(slots, use) ? NOTHING : use,
      literal: '',
      padded: /^[1-9]/.test(width!),
    });
  }
  literal(format.slice(last));
  if (!slots.some(({ use }) => use.as === 'status'))
    return 'this logformat has no %>Hs: add the status that the client got';
  return templateOf(prefix, slots);
}

function useOf(code: string, argument: string | undefined): Use {
  const use = CODES.get(code.replace(/^http::/, ''));
  if (use?.as === 'clf' && argument !== undefined) return { as: 'strptime', format: argument };
  if (use !== undefined) return use;
  const header = /^(?:http::)?>h$/.test(code) ? argument?.toLowerCase() : undefined;
  return header === 'user-agent' ? evidence('userAgent') : header === 'x-forwarded-for' ? { as: 'client' } : NOTHING;
}
