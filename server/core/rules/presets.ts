// Sets of rules to start from: what people know from elsewhere.
import type { RuleSpec } from '#shared/api.ts';

const share = (name: string, codes: string, above: number, clear: number, severity: 'warn' | 'page'): RuleSpec => ({
  kind: 'threshold', name, source: null, severity, codes, where: null, measure: 'share', above, clear, window: 60, minTotal: 121, for: 120, keepFiring: 900,
});

/** Netdata's stock web log alarms: health.d/web_log.conf, its critical levels as pages (delays: up 2 min, down 15 min). */
const netdata: readonly RuleSpec[] = [
  share('Netdata: internal errors, warning', '5xx', 0.02, 0.01, 'warn'),
  share('Netdata: internal errors, critical', '5xx', 0.05, 0.02, 'page'),
  share('Netdata: redirects', '300-303,305-399', 0.2, 0.01, 'warn'),
  share('Netdata: bad requests', '400,402-428,430-499', 0.3, 0.1, 'warn'),
];

export const PRESETS: Readonly<Record<string, readonly RuleSpec[]>> = { netdata };
