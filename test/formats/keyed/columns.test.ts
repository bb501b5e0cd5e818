// Columns under a header that names them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

test('a column of responses beside one of methods holds statuses', () => {
  const [header, row] = parsed(
    'host\tlogname\ttime\tmethod\turl\tresponse\tbytes\nlocal.example\t-\t804571201\tGET\t/x.html\t503\t12',
  );
  assert.deepEqual(
    [header.skipped, row.code, row.method, row.path],
    ['a header that names the columns', 503, 'GET', '/x.html'],
  );
});

test("a load balancer's columns in CSV go by the names that Athena gives them", () => {
  const header =
    '"type","time","elb","client_ip","client_port","target_ip","target_port","elb_status_code","target_status_code","sent_bytes","request_verb","request_url","request_proto","user_agent"';
  const row = (code: number, target: string): string =>
    `"https","2026-01-02T15:04:05.250000Z","app/x/y","192.0.2.7","555","10.0.0.1","80","${code}","${target}","345","GET","https://a.example:443/a?b","HTTP/1.1","curl"`;
  const [, failed, lost] = parsed([header, row(502, '500'), row(503, '-')].join('\n'));
  const hit = {
    ts: 1767366245250,
    method: 'GET',
    path: '/a?b',
    host: 'a.example:443',
    upstream: '10.0.0.1',
    bytes: 345,
    client: '192.0.2.7',
  };
  assert.deepEqual(failed, { ...hit, code: 502, upstreamStatus: [500] });
  assert.deepEqual({ ...lost, upstreamStatus: undefined }, { ...hit, code: 503, upstreamStatus: undefined });
});
