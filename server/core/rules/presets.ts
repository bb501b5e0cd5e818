// Sets of rules to start from: what people know from elsewhere.
import type { RuleSpec } from '#shared/api.ts';

export interface Preset {
  title: string;
  says: string;
  rules: readonly RuleSpec[];
}

const share = (name: string, codes: string, above: number, clear: number, severity: 'warn' | 'page'): RuleSpec => ({
  kind: 'threshold',
  name: `Netdata: ${name}`,
  source: null,
  severity,
  codes,
  where: null,
  measure: 'share',
  above,
  clear,
  window: 60,
  minTotal: 121,
  for: 120,
  keepFiring: 900,
});

/** What Netdata counts as success: 1xx, 2xx, 304, 401 and 429. */
const NO_SUCCESS = '300-303,305-399,400,402-428,430-599';

/** health.d/web_log.conf: its critical levels as pages (delays: up 2 min, down 15 min). */
const netdata: Preset = {
  title: "Netdata's stock web log alarms",
  says: 'Fixed shares of a minute with more than 120 requests, after two minutes of delay; its critical levels page. Its alarms on lines that cannot be read, on response times and on the ratio to the five minutes before have no counterpart here.',
  rules: [
    share('successful, warning', NO_SUCCESS, 0.15, 0.05, 'warn'),
    share('successful, critical', NO_SUCCESS, 0.25, 0.15, 'page'),
    share('internal errors, warning', '5xx', 0.02, 0.01, 'warn'),
    share('internal errors, critical', '5xx', 0.05, 0.02, 'page'),
    share('redirects', '300-303,305-399', 0.2, 0.01, 'warn'),
    share('bad requests', '400,402-428,430-499', 0.3, 0.1, 'warn'),
  ],
};

export const PRESETS: Readonly<Record<string, Preset>> = { netdata };
