// The ways in which shippers, container runtimes and loggers wrap a line.

export const AT = Date.UTC(2026, 0, 2, 15, 4, 5);
const json = JSON.stringify;

/** Each way to wrap a line, the time it tells, and whether its host and program can be told. */
export const WRAPS: Record<string, { wrap: (line: string) => string; ts?: number; host?: string; program?: string }> = {
  'RFC 3164 as nginx sends it': {
    wrap: (line) => `<190>Jan 02 15:04:05 web1 nginx: ${line}`,
    host: 'web1',
    program: 'nginx',
  },
  'RFC 3164 without the host': { wrap: (line) => `<190>Jan  2 15:04:05 nginx: ${line}`, program: 'nginx' },
  'RFC 3164 with a process id': {
    wrap: (line) => `<134>Feb  6 12:14:14 localhost haproxy[14389]: ${line}`,
    host: 'localhost',
    program: 'haproxy',
  },
  'RFC 3164 in a file': {
    wrap: (line) => `Feb  6 12:14:14 10.0.0.3 haproxy[14389]: ${line}`,
    host: '10.0.0.3',
    program: 'haproxy',
  },
  'RFC 3164 with year and milliseconds': {
    wrap: (line) => `Jan  2 2026 15:04:05.250 web1 nginx: ${line}`,
    ts: AT + 250,
    host: 'web1',
    program: 'nginx',
  },
  "rsyslog's file format": {
    wrap: (line) => `2026-01-02T16:04:05.250000+01:00 web1 nginx[7]: ${line}`,
    ts: AT + 250,
    host: 'web1',
    program: 'nginx',
  },
  'RFC 5424': {
    wrap: (line) => `<29>1 2026-01-02T15:04:05Z web1 nginx 2341 ID7 - ${line}`,
    ts: AT,
    host: 'web1',
    program: 'nginx',
  },
  'RFC 5424 with structured data': {
    wrap: (line) => `<29>1 2026-01-02T15:04:05Z web1 nginx 2341 - [origin][meta a="x\\]y \\"]" b="]"] ${line}`,
    ts: AT,
    host: 'web1',
    program: 'nginx',
  },
  'RFC 5424 with a BOM and nothing else': { wrap: (line) => `<29>1 - - - - - - \ufeff${line}` },
  'RFC 5424 with its length in front': {
    wrap: (line) => `188 <29>1 2026-01-02T15:04:05Z web1 nginx - - - ${line}`,
    ts: AT,
    host: 'web1',
    program: 'nginx',
  },
  "Heroku's drain": {
    wrap: (line) => `<158>1 2026-01-02T15:04:05+00:00 host heroku router - ${line}`,
    ts: AT,
    host: 'host',
    program: 'heroku',
  },
  CRI: { wrap: (line) => `2026-01-02T15:04:05.250000001Z stdout F ${line}`, ts: AT + 250 },
  'CRI with a zone': { wrap: (line) => `2026-01-02T16:04:05.250000001+01:00 stderr F ${line}`, ts: AT + 250 },
  'docker compose': { wrap: (line) => `web_1  | ${line}`, program: 'web_1' },
  'kubectl --prefix': { wrap: (line) => `[pod/web-7d9f/nginx] ${line}`, program: 'web-7d9f/nginx' },
  'docker logs -t': { wrap: (line) => `2026-01-02T15:04:05.250000001Z ${line}`, ts: AT + 250 },
  "Docker's json-file": {
    wrap: (line) => json({ log: `${line}\n`, stream: 'stdout', time: '2026-01-02T15:04:05.250Z' }),
    ts: AT + 250,
  },
  journald: {
    wrap: (line) =>
      json({ _HOSTNAME: 'web1', SYSLOG_IDENTIFIER: 'nginx', __REALTIME_TIMESTAMP: `${AT}250`, MESSAGE: line }),
    ts: AT,
    host: 'web1',
    program: 'nginx',
  },
  'journald in bytes': { wrap: (line) => json({ _HOSTNAME: 'web1', MESSAGE: [...Buffer.from(line)] }), host: 'web1' },
  Vector: {
    wrap: (line) =>
      json({
        file: '/var/log/nginx/access.log',
        host: 'web1',
        message: line,
        source_type: 'file',
        timestamp: '2026-01-02T15:04:05Z',
      }),
    ts: AT,
    host: 'web1',
  },
  'Fluent Bit': { wrap: (line) => json({ date: AT / 1000, log: line }), ts: AT },
  Filebeat: {
    wrap: (line) =>
      json({
        '@timestamp': '2026-01-02T15:04:05.000Z',
        message: line,
        log: { file: { path: '/x' }, offset: 7 },
        host: { name: 'web1' },
      }),
    ts: AT,
    host: 'web1',
  },
  Logstash: {
    wrap: (line) =>
      json({
        '@timestamp': '2026-01-02T15:04:05.000Z',
        event: { original: line },
        host: { name: 'web1' },
        '@version': '1',
      }),
    ts: AT,
    host: 'web1',
  },
  "fluentd's file": {
    wrap: (line) => `2026-01-02T15:04:05+00:00\tnginx.access\t${json({ message: line })}`,
    ts: AT,
    program: 'nginx.access',
  },
  'Cloud Logging': {
    wrap: (line) => json({ textPayload: line, timestamp: '2026-01-02T15:04:05Z', resource: { type: 'k8s_container' } }),
    ts: AT,
  },
  GELF: {
    wrap: (line) => json({ version: '1.1', host: 'web1', short_message: line, timestamp: AT / 1000 }),
    ts: AT,
    host: 'web1',
  },
  'one logfmt pair, as Fluent Bit and Fluentd push to Loki': { wrap: (line) => `msg=${json(line)}` },
  'logfmt of a logger': { wrap: (line) => `ts=2026-01-02T15:04:05Z level=info msg=${json(line)}`, ts: AT },
};
