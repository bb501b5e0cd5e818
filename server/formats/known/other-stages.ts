// Records of another stage about a request that an access log holds, too: firewalls and health probes. They would count it twice, so that
// they count only for a source whose format is set to `other-stages`.
import type { Format } from '../format.ts';
import { KeyedFormat } from '../keyed/keyed-format.ts';
import { jsonFormat } from '../keyed/json-format.ts';
import { NAMES } from '../keyed/names.ts';
import { skipped } from '../misses.ts';

const SECURITY = skipped(
  'security-event',
  'a firewall event about a request that the access log holds, too; counted only where the format is other-stages',
);
const PROBE = skipped(
  'health-probe',
  'a health probe of a load balancer, not a request served; counted only where the format is other-stages',
);
const GATEWAY = skipped(
  'outgoing-gateway',
  'a request of a user to elsewhere, as a gateway saw it; counted only where the format is other-stages',
);

/** Asked by their marks alone, before all others. */
export const otherStages: readonly KeyedFormat[] = [
  // Cloudflare's firewall events, AWS WAF, Akamai's SIEM feed
  new KeyedFormat({
    title: 'firewall event',
    proxy: 'unknown',
    order: -1,
    marks: [
      'MatchIndex',
      'OriginatorRayID',
      'terminatingRuleId',
      'webaclId',
      'attackData.configId',
      'attackData.policyId',
    ],
    reads: {},
    refused: SECURITY,
  }),
  new KeyedFormat({
    title: 'health probe',
    proxy: 'unknown',
    order: -1,
    marks: ['healthProbeId', 'properties.healthProbeId'],
    reads: {},
    refused: PROBE,
  }),
  new KeyedFormat({
    title: 'gateway event',
    proxy: 'unknown',
    order: -1,
    marks: ['PolicyName'],
    besides: ['DestinationIP', 'HTTPStatusCode'],
    reads: {},
    refused: GATEWAY,
  }),
];

/** What reads them where it is asked for by name. */
export const toldToCount: Format = jsonFormat({
  name: 'other-stages',
  title: 'firewall events and health probes, counted',
  proxy: 'unknown',
  reads: {
    ...NAMES,
    code: ['EdgeResponseStatus', 'httpMessage.status', 'responseCodeSent', ...NAMES.code!],
    method: ['ClientRequestMethod', ...NAMES.method!],
    path: ['ClientRequestPath', ...NAMES.path!],
  },
  samples: [],
});
