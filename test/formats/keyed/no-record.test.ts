// What is no access record gives no code, whatever keys, pairs and numbers it holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

const one = (line: string): Record<string, unknown> => parsed(line)[0];

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

test('a report of how many requests had which status is no access log', () => {
  const access = ['time,client_ip,method,path,status', '2026-01-02T15:04:05Z,192.0.2.7,GET,/x,502'];
  assert.deepEqual(
    parsed([...access, 'region,method,path,status,count', 'a,GET,/x,502,12', ...access].join('\n')).map(
      (row) => row.code,
    ),
    [undefined, 502, undefined, undefined, undefined, 502],
  );
});
