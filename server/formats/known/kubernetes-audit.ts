// The audit log of Kubernetes' API server: an event for each stage of a request; the last one has what was answered.
import { jsonFormat } from '../keyed/json-format.ts';
import { skipped } from '../misses.ts';

const EARLIER_STAGE = skipped(
  'kubernetes-earlier-stage',
  'an earlier stage of a request; it counts once, when it is complete',
);

export const kubernetesAudit = jsonFormat({
  name: 'kubernetes-audit',
  title: 'Kubernetes audit log',
  proxy: 'unknown',
  marks: ['auditID', 'objectRef'],
  reads: {
    code: ['responseStatus.code'],
    method: ['verb'],
    path: ['requestURI'],
    client: ['sourceIPs'],
    userAgent: ['userAgent'],
    time: ['stageTimestamp', 'requestReceivedTimestamp', 'timestamp'],
  },
  looks: ['stage'],
  refuse: (value) => (value('stage') === 'ResponseComplete' || value('stage') === 'Panic' ? undefined : EARLIER_STAGE),
  samples: [
    {
      line: '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"5a4b","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods?limit=500","verb":"list","user":{"username":"u"},"sourceIPs":["192.0.2.7"],"userAgent":"kubectl/v1.28","objectRef":{"resource":"pods"},"responseStatus":{"metadata":{},"status":"Failure","code":403},"requestReceivedTimestamp":"2026-01-02T15:04:05.123456Z","stageTimestamp":"2026-01-02T15:04:05.250456Z"}',
      hit: {
        ts: 1767366245250,
        code: 403,
        method: 'list',
        path: '/api/v1/namespaces/a/pods?limit=500',
        client: '192.0.2.7',
      },
    },
  ],
});
