// What is said about log formats, and that the line to paste has what was missing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { lintConfiguration, lintNginxFormat } from '../../../server/core/contract/log-format-lint.ts';

test('a format without connect and header time is told that it cannot tell, with the line to paste', () => {
  const [advice] = lintConfiguration(
    `http {\n  log_format main '$remote_addr [$time_local] "$request" $status'\n    ' ua="$upstream_addr" us="$upstream_status" $body_bytes_sent';\n}`,
  );
  assert.equal(advice.line, 2);
  assert.match(
    advice.says,
    /^log_format main cannot tell your 502 from your app's: add \$upstream_connect_time and \$upstream_header_time/,
  );
  assert.match(
    advice.paste,
    /^log_format main '\$remote_addr .* uc="\$upstream_connect_time" uh="\$upstream_header_time"/,
  );
  assert.deepEqual(lintNginxFormat(/'(.*)'/.exec(advice.paste)![1], 'log_format main').missing, []);
});

test('a JSON format gets its keys inside the braces', () => {
  const advice = lintNginxFormat('{"status":"$status","upstream_addr":"$upstream_addr"}', 'log_format j');
  assert.match(
    advice.paste,
    /^log_format j escape=json '\{"status":"\$status".*,"upstream_header_time":"\$upstream_header_time".*\}';$/,
  );
});

test('an LTSV format gets its labels, behind tabs', () => {
  const advice = lintNginxFormat('time:$time_iso8601\\tstatus:$status\\tups:$upstream_addr', 'log_format l');
  assert.match(advice.paste, /\\tupstream_status:\$upstream_status\\tupstream_connect_time:\$upstream_connect_time\\t/);
  assert.doesNotMatch(advice.paste, / uc=/);
});

test('a whole format has nothing to add; commented and combined ones are seen for what they are', () => {
  assert.deepEqual(
    lintNginxFormat(
      '$host $status $request_time $upstream_addr $upstream_status $upstream_connect_time $upstream_header_time $upstream_response_time $upstream_bytes_received $limit_req_status',
      'x',
    ).missing,
    [],
  );
  assert.deepEqual(lintConfiguration("# log_format old '$status';"), []);
  assert.match(
    lintConfiguration('http {\n access_log /var/log/nginx/access.log;\n}')[0].says,
    /^access_log .* \(combined\) cannot tell/,
  );
});

test('HAProxy needs httplog where it speaks HTTP, and nothing where it does not', () => {
  const conf = (defaults: string) =>
    `defaults\n  mode http\n${defaults}  timeout client 1s\nfrontend web\n  bind :80\n  default_backend app\nfrontend db\n  mode tcp\n  bind :5432\n`;
  assert.deepEqual(
    lintConfiguration(conf('')).map((a) => [a.what, a.missing.length]),
    [['frontend web', 1]],
  );
  assert.deepEqual(
    lintConfiguration(conf('  option httplog\n')).map((a) => a.missing.length),
    [0],
  );
});

test('Apache is told what its log can hold, and where the reason is', () => {
  const [advice] = lintConfiguration('LogFormat "%h %l %u %t \\"%r\\" %>s %b" common\n');
  assert.match(advice.says, /cannot say which backend failed/);
  assert.match(advice.paste, /%D %\{BALANCER_WORKER_NAME\}e" common$/);
});

test('of a file with more formats than any configuration has the first are looked at, and it is said', () => {
  for (const format of ["log_format a '$status';\n", 'LogFormat "%h" a\n', 'frontend f\n  mode http\n  bind :80\n']) {
    const found = lintConfiguration(format.repeat(1000));
    assert.equal(found.length, 201);
    assert.match(found[200].says, /only the first 200/);
  }
});
