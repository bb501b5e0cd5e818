// A hit as `parse` prints it; also what the samples of the formats are compared with.
import { CLIENT, HOST, METHOD, PATH, UPSTREAM, UPSTREAM_STATUS, type Hit } from '../core/hit.ts';

/** Defined fields only, in print order. */
export function printed(hit: Hit): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const put = (key: string, value: unknown): void => {
    if (value !== undefined && !Number.isNaN(value)) out[key] = value;
  };
  put('ts', hit.ts);
  put('code', hit.code);
  put('method', hit.text(METHOD));
  put('path', hit.text(PATH));
  put('host', hit.text(HOST));
  put('upstream', lastOf(hit.text(UPSTREAM)));
  put('upstreamStatus', statusList(hit.text(UPSTREAM_STATUS)));
  put('durationMs', hit.durationMs);
  put('bytes', hit.size);
  put('client', hit.text(CLIENT));
  return out;
}

const lastOf = (list: string | undefined): string | undefined => {
  const last = list?.split(/, | : /).at(-1);
  return last === '-' || last === '' ? undefined : last;
};

function statusList(list: string | undefined): number[] | undefined {
  const codes = list?.split(/, | : |,/).filter((text) => /^\d{1,3}$/.test(text)).map(Number);
  return codes?.length ? codes : undefined;
}
