// Records of another stage about a request that an access log holds, too: firewalls and health probes. They would count it twice, so that
// they count only for a source whose format is set to `other-stages`.
import type { Format } from '../format.ts';
import { KeyedFormat } from '../keyed/keyed-format.ts';
import { jsonFormat } from '../keyed/json-format.ts';
import { NAMES } from '../keyed/names.ts';
import { GATEWAY_EVENT, HEALTH_PROBE, SECURITY_EVENT } from '../misses.ts';
import { ENOUGH, OUTGOING, SERVER_SIDE } from '../served.ts';

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
    refused: SECURITY_EVENT,
  }),
  new KeyedFormat({
    title: 'health probe',
    proxy: 'unknown',
    order: -1,
    marks: ['healthProbeId', 'properties.healthProbeId'],
    reads: {},
    refused: HEALTH_PROBE,
  }),
  new KeyedFormat({
    title: 'gateway event',
    proxy: 'unknown',
    order: -1,
    marks: ['PolicyName'],
    besides: ['DestinationIP', 'HTTPStatusCode'],
    reads: {},
    refused: GATEWAY_EVENT,
  }),
];

const counted = jsonFormat({
  name: 'other-stages',
  title: 'firewall events and health probes, counted',
  proxy: 'unknown',
  reads: {
    ...NAMES,
    code: ['EdgeResponseStatus', 'httpMessage.status', 'responseCodeSent', 'properties.httpStatusCode', ...NAMES.code!],
    method: ['ClientRequestMethod', 'properties.httpVerb', ...NAMES.method!],
    path: ['ClientRequestPath', 'properties.probeURL', ...NAMES.path!],
  },
  samples: [],
});

/** What reads them where it is asked for by name: a probe, too, though its writer sent it. */
export const toldToCount: Format = {
  ...counted,
  open(around) {
    const reader = counted.open(around);
    return {
      read(chunk, start, end, hit) {
        const miss = reader.read(chunk, start, end, hit);
        return miss === OUTGOING ? counted.keyed.fillAnyway(chunk, hit, around, SERVER_SIDE | ENOUGH) : miss;
      },
    };
  },
};
