// JSON, LTSV and logfmt by key names: one exchange reads the same however its keys are spelled, ordered or nested; and what is no
// access record gives no code, whatever numbers it holds.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { Hit, PATH } from '../../../server/core/hit.ts';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { parsed } from '../parsed.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/formats/${name}`, import.meta.url), 'utf8').trimEnd();
const one = (line: string): Record<string, unknown> => parsed(line)[0];

const SPELLINGS: Record<string, readonly ((code: number, method: string, path: string) => Record<string, unknown>)[]> =
  {
    flat: [
      (code, method, path) => ({ status: code, request_method: method, uri: path }),
      (code, method, path) => ({ statusCode: String(code), method, path }),
      (code, method, path) => ({ 'http-status': code, verb: method, request: path }),
      (code, method, path) => ({ response_code: code, httpMethod: method, url: path }),
      (code, method, path) => ({ Status: code, request: `${method} ${path} HTTP/1.1` }),
      (code, method, path) => ({ 'http.response.status_code': code, 'http.request.method': method, 'url.path': path }),
      (code, method, path) => ({ 'http.status_code': code, 'http.method': method, 'http.target': path }),
      (code, method, path) => ({ sc_status: code, cs_method: method, cs_uri_stem: path }),
      (code, method, path) => ({ code, method, uri: path }),
    ],
    nested: [
      (code, method, path) => ({ request: { method, uri: path }, response: { status: code } }),
      (code, method, path) => ({ req: { method, url: path }, res: { statusCode: code } }),
      (code, method, path) => ({
        http: { request: { method }, response: { status_code: code } },
        url: { original: path },
      }),
      (code, method, path) => ({ nginx: { access: { method, url: path, response_code: String(code) } } }),
      (code, method, path) => ({ level: 'info', msg: 'request', data: { method, path, status: code } }),
      (code, method, path) => ({ httpRequest: { requestMethod: method, requestUrl: path, status: code } }),
      (code, method, path) => ({
        attributes: { 'http.request.method': method, 'http.response.status_code': code, 'url.path': path },
      }),
    ],
  };

const code = fc.integer({ min: 100, max: 599 });
const method = fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND', 'M-SEARCH');
const path = fc.oneof(
  fc.webPath().filter((text) => text.startsWith('/')),
  fc
    .string({ unit: 'grapheme' })
    .map((text) => `/${text}`)
    .filter((text) => !/[\s\p{C}\p{Z}]/u.test(text) && !text.includes('HTTP/')),
);

test('one exchange reads the same in every spelling, order and spacing (law)', () => {
  const spellings = [...SPELLINGS.flat, ...SPELLINGS.nested];
  fc.assert(
    fc.property(
      code,
      method,
      path,
      fc.constantFrom(...spellings),
      fc.array(
        fc.tuple(
          fc.constantFrom('zz', 'note', 'k8s', 'trace_id', 'list'),
          fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())),
        ),
      ),
      fc.constantFrom('', ' ', '\t'),
      fc.nat(),
      (wantCode, wantMethod, wantPath, spell, others, blank, turn) => {
        const entries = [
          ...Object.entries(spell(wantCode, wantMethod, wantPath)),
          ['time', '2026-01-02T15:04:05Z'],
          ...others,
        ];
        const k = turn % entries.length;
        const line = JSON.stringify(
          Object.fromEntries([...entries.slice(k), ...entries.slice(0, k)]),
          undefined,
          blank,
        ).replaceAll('\n', ' ');
        const hit = one(line);
        assert.deepEqual(
          { code: hit.code, method: hit.method, path: hit.path },
          { code: wantCode, method: wantMethod, path: Buffer.from(wantPath).toString() },
          line,
        );
      },
    ),
    { numRuns: 400 },
  );
});

const NO_HIT = [
  // applications
  '{"level":"error","code":500,"msg":"worker failed"}',
  '{"level":50,"time":1522706235463,"pid":1,"hostname":"x","msg":"retry in 503 ms","code":503}',
  '{"status":"ok","uptime":200,"path":"/healthz"}',
  '{"status":200}',
  '{"status":"500","message":"five hundred"}',
  '{"job":"backup","status":200,"duration":12}',
  '{"error":{"status":500,"url":"/x"},"msg":"call failed"}',
  '{"status":{"code":200},"method":"GET","path":"/x"}',
  '{"event":"grpc","grpc.code":"OK","grpc.method":"Get","code":200}',
  '{"ts":1600000000,"status":1001,"method":"GET","path":"/x"}',
  '{"user":"GET","path":"/","score":404}',
  '{"responseStatus":{"code":200},"verb":"get","requestURI":"/api/v1/pods"}',
  '{"eventVersion":"1.08","eventName":"GetObject","errorCode":"AccessDenied","sourceIPAddress":"192.0.2.7","userAgent":"aws","requestParameters":{"status":404}}',
  '{"content":"tests"}',
  '{"took":200,"timed_out":false,"_shards":{"total":500}}',
  // records that say that there was no status
  '{"status":"-","method":"GET","path":"/x","remote_addr":"192.0.2.7"}',
  '{"status":null,"request_method":"GET","uri":"/x"}',
  '{"status":"","request_method":"GET","uri":"/x"}',
  // one request, told twice
  '{"level":"error","ts":1646861401.52,"logger":"http.log.error","msg":"dial tcp: connection refused","request":{"remote_ip":"192.0.2.7","proto":"HTTP/1.1","method":"GET","host":"a.example","uri":"/"},"duration":0.1,"status":502,"err_id":"x","err_trace":"y"}',
  '{"level":"debug","ts":1646861401.52,"logger":"http.handlers.reverse_proxy","msg":"upstream roundtrip","upstream":"10.0.0.3:80","duration":0.1,"request":{"remote_ip":"192.0.2.7","proto":"HTTP/1.1","method":"GET","uri":"/"},"status":200}',
  // TCP
  '{"bytes_received":10,"bytes_sent":20,"duration":5,"method":null,"path":null,"protocol":null,"response_code":0,"response_flags":"-","upstream_cluster":"tcp","upstream_host":"10.0.0.3:5432","start_time":"2024-05-01T10:00:00.250Z"}',
  // other protocols with methods and codes
  '{"ts":1361916332.02,"method":"REGISTER","uri":"sip:a.example","user_agent":"x","status_code":401,"status_msg":"Unauthorized"}',
  '{"ColoCode":"MRS","QueryName":"e.com","ResponseCached":false,"ResponseCode":0,"SourceIP":"192.0.2.7"}',
  '2022/03/09 20:00:01.524\tDEBUG\thttp.handlers.reverse_proxy\tupstream roundtrip\t{"upstream": "10.0.0.1:80", "request": {"remote_ip": "192.0.2.7", "method": "GET", "uri": "/a"}, "status": 200}',
  '{"@timestamp":"2026-01-02T15:04:05Z","remote_addr":"192.0.2.7","upstream_addr":"10.0.0.1:5432","status":"200","bytes_sent":"10","bytes_received":"20","session_time":"0.1","upstream_connect_time":"0.001"}',
  'time:02/Jan/2026:15:04:05 +0000\tremote_addr:192.0.2.7\tprotocol:TCP\tstatus:200\tbytes_sent:12\tupstream_addr:10.0.0.1:5432',
  // builds and functions
  '{"id":"1","deploymentId":"dpl_1","source":"build","host":"a.vercel.app","timestamp":1573817187330,"message":"Build completed in 200"}',
  // what shall be answered: tests, mocks, rules
  '{"name":"a user","request":{"method":"GET","path":"/users/1"},"response":{"status":200}}',
  '{"description":"a user","providerState":"there is one","request":{"method":"get","path":"/users/1"},"response":{"status":200,"body":{}},"time":12}',
  '{"request":{"method":"GET","url":"/x"},"response":{"status":200,"jsonBody":{"id":1}}}',
  '{"id":12,"host":"a.example","path":"/old","method":"GET","status":301,"target":"https://b.example/"}',
  // what was asked of others: probes, load tests, spans, calls
  '{"monitor":{"id":"x","type":"http","status":"up"},"http":{"response":{"status_code":200,"body":{"bytes":12}}},"url":{"full":"https://a.example/"},"@timestamp":"2026-01-02T15:04:05Z"}',
  '{"attack":"","seq":0,"code":200,"timestamp":"2026-01-02T15:04:05Z","latency":1234567,"bytes_in":12,"bytes_out":5,"method":"GET","url":"http://a.example/"}',
  '{"http_code":200,"method":"GET","remote_ip":"192.0.2.7","size_download":12,"time_total":0.12,"url":"https://a.example/","url_effective":"https://a.example/"}',
  '{"span.kind":"client","http.method":"GET","http.target":"/x","http.status_code":500,"duration":12}',
  '{"time":"2026-01-02T15:04:05Z","direction":"outbound","method":"GET","path":"/x","status":500,"duration":12}',
  // an alert about a request, which has a record of its own
  '{"timestamp":"2026-01-02T15:04:05Z","event_type":"alert","src_ip":"192.0.2.7","alert":{"signature_id":2,"signature":"x"},"http":{"hostname":"a.example","url":"/x","http_method":"GET","status":404,"length":12}}',
  '{"timestamp":"2026-01-02T15:04:05Z","event_type":"fileinfo","src_ip":"192.0.2.7","http":{"hostname":"a.example","url":"/x","http_method":"GET","status":200,"length":12},"fileinfo":{"filename":"/x","size":12}}',
  // other things with methods, paths and numbers
  '{"facility":"daemon","host":"a","code":200,"time":"2026-01-02T15:04:05Z","method":"publickey","path":"/home/u","ip":"192.0.2.7"}',
  '{"ts":"2026-01-02T15:04:05Z","event":"payment","method":"card","path":"checkout","status":200,"ip":"192.0.2.7","user_agent":"x"}',
  '{"time":"2026-01-02T15:04:05Z","op":"copy","path":"/data/x","size":500,"status":0,"host":"h"}',
  '{"method":"clone","path":"/srv/git/x.git","status":128,"duration":0.3,"time":"2026-01-02T15:04:05Z"}',
  '{"method":"DATA","status":250,"client":"192.0.2.7","size":1234,"time":"2026-01-02T15:04:05Z","host":"mx.example"}',
  // other lines of keys and values
  'time="2024-01-15T18:43:09Z" level=debug msg="Handling TCP connection from 192.0.2.7:500 to 10.0.0.3:200"',
  'level=info code=200 msg=done',
  'status=500',
  'time:12:00\tstatus:200',
  'x=1 y=2 status=502',
];

for (const line of NO_HIT)
  test(`no code is read from ${line.slice(0, 90)}`, () => assert.equal(one(line).code, undefined));

test('the two halves of an exchange are read whatever they are called', () => {
  const at = { time: '2026-01-02T15:04:05Z' };
  for (const [asked, answered] of [
    ['request', 'response'],
    ['req', 'res'],
    ['httpRequest', 'httpResponse'],
    ['client-request', 'client-response'],
    ['rack', 'rack'],
  ]) {
    const line = JSON.stringify({
      ...at,
      [asked]: { request_method: 'GET', path: '/x', remoteIp: '192.0.2.7' },
      [answered]: {
        ...(asked === answered ? { request_method: 'GET', path: '/x', remoteIp: '192.0.2.7' } : {}),
        status: 502,
      },
    });
    assert.deepEqual(
      one(line),
      { ts: Date.UTC(2026, 0, 2, 15, 4, 5), code: 502, method: 'GET', path: '/x', client: '192.0.2.7' },
      line,
    );
  }
  assert.equal(
    one('{"ts":"2026-01-02T15:04:05Z","msg":"served","http_info":{"method":"GET","url":"/x","status_code":404}}').code,
    404,
  );
  // another program's own name for the object is no obstacle
  assert.deepEqual(
    one(
      '{"Timestamp":"2026-01-02T15:04:05Z","Properties":{"RequestMethod":"POST","RequestPath":"/x","StatusCode":500,"Elapsed":12.5}}',
    ).code,
    500,
  );
  assert.deepEqual(
    one('{"method":"GET","path":"/x","response_code":200,"timestamp":"2026-01-02T15:04:05Z","api_id":"x"}').code,
    200,
  );
  // as Ceph's gateway has it
  assert.deepEqual(
    one('{"time":"2026-01-02T15:04:05Z","remote_addr":"192.0.2.7","uri":"GET /b/o HTTP/1.1","http_status":"200"}').path,
    '/b/o',
  );
});

test('a method that nobody knows is read where it is written as one: scanners make them up, and are answered', () => {
  const refused = (method: string): unknown =>
    one(JSON.stringify({ time: '2026-01-02T15:04:05Z', ip: '192.0.2.7', method, path: '/', status: 405 })).code;
  for (const method of ['ABCD', 'FOO_BAR', 'get', 'Post']) assert.equal(refused(method), 405, method);
  for (const method of ['getUser', 'publickey', 'RETR']) assert.equal(refused(method), undefined, method);
});

test('what has the level of a log line is the record of one, be there nothing else but a request and its status', () => {
  for (const key of ['level', 'severity', 'lvl', 'levelname', 'log.level', '@l']) {
    assert.equal(
      one(
        JSON.stringify({ [key]: 'info', id: 7, method: 'GET', path: '/x', status: 502, message: 'request completed' }),
      ).code,
      502,
      key,
    );
  }
});

test('an envelope that Envoy streams is read with its own time, and a method that scanners make up is no obstacle', () => {
  assert.deepEqual(
    one(
      '{"common_properties":{"start_time":"2026-01-02T15:04:05Z","upstream_cluster":"web"},"protocol_version":"HTTP11","request":{"request_method":"GET","authority":"a.example","path":"/x"},"response":{"response_code":200}}',
    ),
    { ts: Date.UTC(2026, 0, 2, 15, 4, 5), code: 200, method: 'GET', path: '/x', host: 'a.example', upstream: 'web' },
  );
  assert.equal(
    one('{"time":"2026-01-02T15:04:05Z","method":"MGLNDD","path":"/x","status":400,"ip":"192.0.2.7","size":12}').code,
    400,
  );
});

test('a record of nothing but a request and a status counts where a time stands round it, or nothing else does beside it', () => {
  const bare = '{"id":7,"method":"GET","path":"/x","status":502}';
  assert.equal(one(bare).code, undefined);
  assert.equal(one(`2026-01-02T15:04:05.000000000Z stdout F ${bare}`).code, 502);
  assert.equal(one(JSON.stringify({ log: bare, time: '2026-01-02T15:04:05Z' })).code, 502);
  assert.equal(one(bare).code, undefined);
  assert.equal(one('{"method":"GET","path":"/x","status":502}').code, 502);
});

test('codes stay as they are', () => {
  for (const [text, want] of [
    ['000', 0],
    ['0', 0],
    ['009', 9],
    ['"009"', 9],
    ['444', 444],
    ['499', 499],
    ['561', 561],
    ['"502"', 502],
    ['502.0', 502],
    ['"404 Not Found"', 404],
    ['-1', 0],
  ] as const) {
    assert.equal(one(`{"request_method":"GET","uri":"/","request_time":0.1,"status":${text}}`).code, want, text);
  }
});

test('times are read in any unit and zone, the better name first', () => {
  const at = Date.UTC(2026, 0, 2, 15, 4, 5);
  const times = {
    time: '2026-01-02T15:04:05Z',
    time_local: '02/Jan/2026:16:04:05 +0100',
    time_iso8601: '2026-01-02T15:04:05+00:00',
    msec: '1767366245.000',
    ts: at / 1000,
    timestamp: at,
    '@timestamp': at * 1000,
    datetime: `${at}000000`,
    event_time: 'Fri, 02 Jan 2026 15:04:05 GMT',
    start_time: '2026-01-02 15:04:05',
    log_time: '[02/Jan/2026:15:04:05 +0000]',
    requested_at: 1.767366245e9,
  };
  for (const [key, value] of Object.entries(times))
    assert.equal(one(JSON.stringify({ status: 200, method: 'GET', path: '/', [key]: value })).ts, at, key);
  assert.equal(
    one(
      JSON.stringify({
        '@timestamp': '2030-01-01T00:00:00Z',
        time_local: times.time_local,
        status: 200,
        method: 'GET',
        path: '/',
      }),
    ).ts,
    at,
  );
});

test('durations are read in their own unit', () => {
  const durations: [string, unknown, number][] = [
    ['request_time', 0.25, 250],
    ['duration_ms', 250, 250],
    ['latency', '250ms', 250],
    ['latency', '0.25s', 250],
    ['elapsed', '250000µs', 250],
    ['duration_ns', 250e6, 250],
    ['event.duration', 250e6, 250],
    ['took', '1m2.5s', 62_500],
  ];
  for (const [key, value, want] of durations)
    assert.equal(one(JSON.stringify({ status: 200, method: 'GET', path: '/', [key]: value })).durationMs, want, key);
});

test('evidence keeps the dash: nothing happened is not the same as nothing known', () => {
  const hit = one(
    '{"request":"GET / HTTP/1.1","status":"502","upstream_addr":"10.0.0.1:80, 10.0.0.2:80","upstream_status":"502, 504","upstream_connect_time":"","request_time":"0.1"}',
  );
  assert.deepEqual(
    { upstream: hit.upstream, upstreamStatus: hit.upstreamStatus },
    { upstream: '10.0.0.2:80', upstreamStatus: [502, 504] },
  );
});

test("dots may stand for the underscores of nginx's variables", () => {
  const hit = one(
    '{"http.response.status_code":502,"http.request.method":"GET","url.path":"/","request.time":0.25,"upstream.addr":"10.0.0.1:80","upstream.status":"502","upstream.connect.time":"","upstream.header.time":"","upstream.response.time":"0.001"}',
  );
  assert.deepEqual(
    { durationMs: hit.durationMs, upstream: hit.upstream },
    { durationMs: 250, upstream: '10.0.0.1:80' },
  );
});

test('LTSV and logfmt tell the upstream apart', () => {
  const hit = one(
    'time:02/Jan/2026:15:04:05 +0000\thost:192.0.2.7\treq:GET /x HTTP/1.1\tstatus:200\tvhost:a.example\tupstream_addr:10.0.0.1:80, 10.0.0.2:80\tupstream_status:502, 200\tupstream_response_time:0.001, 0.002',
  );
  assert.deepEqual(
    { code: hit.code, upstreamStatus: hit.upstreamStatus, upstream: hit.upstream, client: hit.client, host: hit.host },
    { code: 200, upstreamStatus: [502, 200], upstream: '10.0.0.2:80', client: '192.0.2.7', host: 'a.example' },
  );
});

test('the host of LTSV is the client, unless the client has its own label', () => {
  const own = one(
    'time:02/Jan/2026:15:04:05 +0000\tremote_addr:192.0.2.7\thost:a.example\tmethod:GET\turi:/\tstatus:200',
  );
  assert.deepEqual({ client: own.client, host: own.host }, { client: '192.0.2.7', host: 'a.example' });
  const plain = one('time:02/Jan/2026:15:04:05 +0000\thost:192.0.2.7\tforwardedfor:-\tmethod:GET\turi:/\tstatus:200');
  assert.deepEqual({ client: plain.client, host: plain.host }, { client: '192.0.2.7', host: undefined });
});

const NO_PAIRS = [
  'nginx_http_requests{method="GET",path="/",status="502"} 3',
  'http_requests_total{instance="a", method="GET", path="/", status="502"} 3',
  '    return Response(status=404, method="GET", path="/x")',
  'client.request(method="GET", url="/x", status=404)',
  'Jira API request failed status=503 method=POST path=/rest/api',
  '2026-01-02 15:04:05 [error] Gitea API request failed status=503 method=GET path=/version',
  'Search request failed: status=503 method=POST path=/_search',
];
for (const line of NO_PAIRS)
  test(`pairs that are no record of a request served: ${line.slice(0, 60)}`, () =>
    assert.equal(one(line).code, undefined));

test('words in front of pairs and brackets round them are none of their business', () => {
  const served = [
    'request failed status=503 method=GET path=/x',
    '2026-01-02T15:04:05Z ERROR request failed status=503 method=GET path=/x',
    '[error] HTTP request failed: status=503 method=GET path=/x',
    'served {status=503 method=GET path=/x}',
    'done (status=503 method=GET path=/x)',
  ];
  for (const line of served) assert.equal(one(line).code, 503, line);
});

test('a report of how many requests had which status is no access log', () => {
  const access = ['time,client_ip,method,path,status', '2026-01-02T15:04:05Z,192.0.2.7,GET,/x,502'];
  assert.deepEqual(
    parsed([...access, 'region,method,path,status,count', 'a,GET,/x,502,12', ...access].join('\n')).map(
      (row) => row.code,
    ),
    [undefined, 502, undefined, undefined, undefined, 502],
  );
});

test("API Gateway's WebSocket records have neither method nor path", () => {
  const record = {
    requestId: 'x',
    ip: '192.0.2.7',
    caller: '-',
    user: '-',
    requestTime: '09/Apr/2021:12:34:56 +0000',
    eventType: 'CONNECT',
    routeKey: '$connect',
    status: '500',
    connectionId: 'y',
  };
  assert.deepEqual(
    [
      one(JSON.stringify(record)).code,
      one(JSON.stringify({ ...record, eventType: '-', routeKey: '-', connectionId: '-', status: '403' })).code,
    ],
    [500, 403],
  );
});

test("a firewall's record of a request counts only where people say so", () => {
  const record = {
    timestamp: 1767366245123,
    formatVersion: 1,
    terminatingRuleId: 'limit',
    action: 'BLOCK',
    httpSourceName: 'CF',
    rateBasedRuleList: [{ limitValue: '200' }],
    httpRequest: {
      clientIp: '192.0.2.7',
      country: 'US',
      headers: [{ name: 'Host', value: 'a.example' }],
      uri: '/x',
      args: 'a=b',
      httpVersion: 'HTTP/1.1',
      httpMethod: 'POST',
      requestId: '1',
    },
  };
  const line = JSON.stringify({ responseCodeSent: 403, ...record });
  assert.match(String(one(line).skipped), /firewall/);
  const reader = openLineReader('other-stages'),
    hit = new Hit();
  const bytes = Buffer.from(line);
  assert.equal(reader.read({ bytes, text: line }, 0, bytes.length, hit), undefined);
  assert.deepEqual([hit.code, hit.text(PATH)], [403, '/x']);
});

test("a health probe's record and a gateway's are named", () => {
  const probe = {
    healthProbeId: '1',
    httpStatusCode: '404',
    httpVerb: 'HEAD',
    POP: 'CYS',
    probeURL: 'http://a.example/',
  };
  assert.match(
    String(one(JSON.stringify({ category: 'FrontDoorHealthProbeLog', properties: probe })).skipped),
    /probe/,
  );
  const gateway = {
    AccountID: '1',
    DestinationIP: '192.0.2.1',
    HTTPStatusCode: 302,
    PolicyName: 'p',
    HTTPMethod: 'GET',
  };
  assert.match(String(one(JSON.stringify({ ...gateway, URL: 'https://a.example/' })).skipped), /gateway/);
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

test('records in an array spread over lines are read one by one', () => {
  const lines = [
    '[',
    '  {"status":502,"method":"GET","path":"/a"},',
    '  {"status":200,"method":"GET","path":"/b"}',
    ']',
  ];
  assert.deepEqual(
    parsed(lines.join('\n')).map((row) => row.code),
    [undefined, 502, 200, undefined],
  );
});

test('records that an export spread over lines are read where they end', () => {
  const records = [
    { status: 502, request: { method: 'GET', path: '/}"{' } },
    { status: 200, method: 'GET', path: '/b', took: 3, tags: [[], { x: 1 }] },
  ];
  const spread = `${JSON.stringify(records, undefined, 2)}\n${JSON.stringify({ records }, undefined, 4)}\n${JSON.stringify(records[0])}`;
  assert.deepEqual(
    parsed(spread)
      .map((row) => row.code)
      .filter((found) => found !== undefined),
    [502, 200, 502, 200, 502],
  );
});

test('records in a list that stands behind other things are read too, spread over lines or not', () => {
  const record = { method: 'GET', path: '/a', status: 502, time: '2026-01-02T15:04:05Z' };
  const spread = JSON.stringify(
    { messageType: 'DATA_MESSAGE', subscriptionFilters: ['f'], logEvents: [record, { ...record, status: 200 }] },
    undefined,
    2,
  );
  assert.deepEqual(
    parsed(spread)
      .map((row) => row.code)
      .filter((found) => found !== undefined),
    [502, 200],
  );
});

test('a bracket that is never closed swallows no lines', () => {
  const access = '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 157 "-" "-"';
  assert.deepEqual(
    parsed(['{', access, '{', '{"status":500,"method":"GET","path":"/"}', '{', '"a": 1,', access].join('\n')).map(
      (row) => row.code,
    ),
    [undefined, 502, undefined, 500, undefined, undefined, 502],
  );
});

test('a record behind the words of a console logger is read', () => {
  const line =
    '2022/03/09 20:00:01.524\tERROR\thttp.log.access\thandled request\t{"request": {"remote_ip": "192.0.2.7", "proto": "HTTP/2.0", "method": "GET", "host": "a.example", "uri": "/a"}, "duration": 0.001, "size": 0, "status": 502, "resp_headers": {}}';
  assert.deepEqual(
    { ts: one(line).ts, code: one(line).code, path: one(line).path },
    { ts: Date.UTC(2022, 2, 9, 20, 0, 1, 524), code: 502, path: '/a' },
  );
});

test('Caddy writes start-up lines beside requests: only requests count', () => {
  const rows = parsed(fixture('caddy_lnav_caddy_0.log'));
  assert.equal(
    rows.filter((row) => row.code !== undefined).length,
    fixture('caddy_lnav_caddy_0.log').match(/"handled request"/g)!.length,
  );
});

test('status snapshots of NGINX Plus are no requests', () => {
  assert.deepEqual(
    new Set(parsed(fixture('json_examples_nginxplus_status_3.ndjson')).map((row) => row.code)),
    new Set([undefined]),
  );
});

test('Envoy in CRI: every line is a 404', () => {
  assert.deepEqual(new Set(parsed(fixture('envoy_crowdsec_crawl.log')).map((row) => row.code)), new Set([404]));
});

test('an HTTP exchange that an intrusion detection saw is one, though it calls the protocol TCP', () => {
  const line =
    '{"timestamp":"2026-01-02T15:04:05.000000+0000","event_type":"http","src_ip":"192.0.2.7","proto":"TCP","http":{"hostname":"a.example","url":"/x","http_method":"GET","protocol":"HTTP/1.1","status":404,"length":5}}';
  const { code, method, path } = one(line);
  assert.deepEqual([code, method, path], [404, 'GET', '/x']);
});
