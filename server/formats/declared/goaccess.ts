// A GoAccess log-format with its date-format and time-format (as in goaccess.conf, one a line), as a template.
import { evidence, NOTHING, templateOf, type Slot, type Template, type Use } from '../layout/template.ts';

/** Presets whose formats are built in under another name. */
export const GOACCESS_PRESETS: Readonly<Record<string, string>> = {
  COMBINED: 'combined',
  VCOMBINED: 'vhost_combined',
  COMMON: 'combined',
  VCOMMON: 'vhost_combined',
  W3C: 'w3c',
  CLOUDFRONT: 'w3c',
  AWSELB: 'elb',
  AWSALB: 'alb',
  SQUID: 'squid',
  AWSS3: 's3',
  CADDY: 'caddy',
  TRAEFIKCLF: 'traefik',
};
const CLOUDSTORAGE = 'log-format "%x","%h",%^,%^,"%m","%U","%s",%^,"%b","%D",%^,"%R","%u"\ntime-format %f';

export const looksLikeGoAccess = (source: string): boolean =>
  source.trim() === 'CLOUDSTORAGE' ||
  /%\^|%[dx]\b|(?:^|\n)[ \t]*(?:--)?(?:log|date|time|datetime)-format[\s=]/.test(source);

interface Config {
  log: string;
  date: string;
  time: string;
}

function configOf(source: string): Config {
  const text = source.trim() === 'CLOUDSTORAGE' ? CLOUDSTORAGE : source;
  const of = (key: string): string | undefined => settingOf(text, `${key}-format`);
  const moment = of('datetime');
  return {
    log: (of('log') ?? text.trim()).replaceAll('\\"', '"').replaceAll('\\t', '\t'),
    date: moment ?? of('date') ?? '%d/%b/%Y',
    time: moment ?? of('time') ?? '%H:%M:%S',
  };
}

/** An option's value on a command line, in its shell's quotes or without. */
const OPTION = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|([^\s'"]\S*)(?=\s+-|\s*$))/;

/** What a line of goaccess.conf, or an option of the command line, says. */
function settingOf(text: string, name: string): string | undefined {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const isOption = text.startsWith('--', at - 2),
      begin = isOption ? at - 2 : at,
      sign = text[at + name.length];
    if ((begin > 0 && text[begin - 1].trim() !== '') || (sign !== ' ' && sign !== '=')) continue;
    const value = text.slice(at + name.length + 1);
    const [, single, double, word] = (isOption ? OPTION.exec(value) : null) ?? [];
    return (
      single ??
      double ??
      word ??
      /^\s*(.+)/
        .exec(value)?.[1]
        .trim()
        .replace(/^'(.*)'$/, '$1')
    );
  }
  return undefined;
}

export function compileGoAccess(source: string): Template | string {
  const { log, date, time } = configOf(source);
  const whole = clfTimes(log, date, time);
  const slots: Slot[] = [];
  let prefix = '',
    status = false;
  for (const [piece] of whole.matchAll(/%[a-zA-Z^~%\u0001]|~h\{[^{}]*\}|[^%~]+|[^]/g)) {
    const use =
      piece[0] === '%' && piece.length === 2 && piece !== '%%' && piece !== '%~'
        ? useOf(piece[1], date, time)
        : piece.startsWith('~h{')
          ? ({ as: 'client' } as const)
          : undefined;
    if (use !== undefined) {
      status ||= use.as === 'status';
      slots.push({ name: piece, use, literal: '' });
    } else {
      const literal = piece === '%%' ? '%' : piece === '%~' ? ' ' : piece;
      if (slots.length === 0) prefix += literal;
      else slots[slots.length - 1].literal += literal;
    }
  }
  if (!status) return 'this log-format has no %s: add the status code';
  return templateOf(prefix, slots);
}

/** GoAccess throws the zone away (`[%d:%t %^]`); where the format is CLF's the whole is read, zone included. */
function clfTimes(log: string, date: string, time: string): string {
  return date === '%d/%b/%Y' && time === '%H:%M:%S'
    ? log.replace(/%d:%t %\^(?=\])/g, '%\u0001').replace(/%d:%t(?=\])/g, '%\u0001')
    : log;
}

function useOf(letter: string, date: string, time: string): Use {
  switch (letter) {
    case '\u0001':
      return { as: 'clf' };
    case 's':
      return { as: 'status' };
    case 'd':
      return { as: 'strptime', format: date };
    case 't':
      return { as: 'strptime', format: time };
    case 'x':
      return momentOf(date, time);
    case 'h':
      return { as: 'client' };
    case 'r':
      return { as: 'request' };
    case 'm':
      return { as: 'method' };
    case 'U':
      return { as: 'url' };
    case 'v':
      return { as: 'host' };
    case 'b':
      return { as: 'size' };
    case 'D':
      return { as: 'duration', unitMs: 0.001 };
    case 'T':
      return { as: 'duration', unitMs: 1000 };
    case 'L':
      return { as: 'duration', unitMs: 1 };
    case 'n':
      return { as: 'duration', unitMs: 1e-6 };
    case 'u':
      return evidence('userAgent');
    default:
      return NOTHING;
  }
}

/** `%x` is date and time in one: a timestamp, or both formats with what stands between. */
function momentOf(date: string, time: string): Use {
  const format =
    date === time || (time === '%H:%M:%S' && /%[HMSsfT]/.test(date))
      ? date
      : /%[dY]/.test(time)
        ? time
        : date === '%d/%b/%Y' && time !== '%H:%M:%S'
          ? time
          : `${date} ${time}`;
  if (/^%[sfQ*]$/.test(format)) return { as: 'epoch' };
  return { as: 'strptime', format };
}
