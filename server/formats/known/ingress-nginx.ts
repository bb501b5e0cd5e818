// ingress-nginx's upstreaminfo log_format. Its upstream columns may be lists with spaces in them.
import { ClfReader } from '../clf/clf.ts';
import type { Format } from '../format.ts';

export const ingressNginx = {
  name: 'ingress-nginx',
  title: 'ingress-nginx (upstreaminfo)',
  proxy: 'nginx',
  samples: [
    // … combined                                                                                            length time  [upstream]       []  addr            length   time        status   id
    {
      line: '192.0.2.1 - bob [18/Mar/2023:15:00:00 +0000] "GET /some/path HTTP/2.0" 200 12312 "-" "curl" 462 0.050 [default-web-80] [] 10.0.50.80:9000, 10.0.50.81:9000 0, 19437 0.001, 0.049 502, 200 752178adb17130b291aefd8c386279e7',
      hit: {
        ts: 1679151600000,
        code: 200,
        method: 'GET',
        path: '/some/path',
        upstream: '10.0.50.81:9000',
        upstreamStatus: [502, 200],
        durationMs: 50,
        bytes: 12312,
        client: '192.0.2.1',
      },
    },
  ],
  open: () => new ClfReader('ingress'),
} as const satisfies Format;
