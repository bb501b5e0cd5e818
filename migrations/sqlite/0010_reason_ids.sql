-- Reasons are counted by their ids ("rejected:bad-status"), which stay when the text that people read changes. Texts stored so far
-- become ids; one that no version wrote stays as it is, and is shown as it is.

CREATE TABLE reason_id (text TEXT PRIMARY KEY, id TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO reason_id (text, id) VALUES
  ('skipped:blank line', 'skipped:blank'),
  ('skipped:no status code: "-" stands in its place', 'skipped:status-dash'),
  ('rejected:status is not a code from 0 to 999', 'rejected:bad-status'),
  ('rejected:time cannot be read', 'rejected:bad-time'),
  ('rejected:the request stands in doubled quotes, as in CSV', 'rejected:doubled-quotes'),
  ('skipped:an Apache ssl_request_log line, which has no status', 'skipped:apache-ssl-log'),
  ('skipped:an access line quoted in code or text', 'skipped:quotation'),
  ('skipped:a line of an FTP or SMTP service', 'skipped:other-service'),
  ('skipped:a TCP or UDP session: its status is not an HTTP status', 'skipped:session'),
  ('skipped:an outgoing request, not a served one', 'skipped:outgoing'),
  ('rejected:a request and a status, but no time, client, duration or size: not a served request', 'rejected:unmeasured'),
  ('rejected:a message about a request, not a record of one', 'rejected:message'),
  ('rejected:not an access record: no HTTP status code found', 'rejected:no-code'),
  ('skipped:an nginx error-log line', 'skipped:nginx-error-log'),
  ('skipped:an Apache error-log line', 'skipped:apache-error-log'),
  ('skipped:an application log line', 'skipped:application-log'),
  ('skipped:a directive or comment', 'skipped:comment'),
  ('skipped:a log line without an HTTP status', 'skipped:log-without-status'),
  ('skipped:JSON without an HTTP status', 'skipped:json-without-status'),
  ('skipped:markup or a stack trace', 'skipped:markup'),
  ('skipped:no access record', 'skipped:not-access'),
  ('rejected:an HTTP request, but no status code after it', 'rejected:request-without-status'),
  ('skipped:a W3C directive', 'skipped:w3c-directive'),
  ('rejected:no #Fields directive before it', 'rejected:w3c-no-fields'),
  ('rejected:not as many columns as #Fields names', 'rejected:w3c-column-count'),
  ('skipped:its #Fields have no sc-status', 'skipped:w3c-no-status-field'),
  ('rejected:date and time cannot be read', 'rejected:w3c-bad-time'),
  ('rejected:not a JSON object', 'rejected:json-not-an-object'),
  ('rejected:no label:value columns between tabs', 'rejected:ltsv-no-labels'),
  ('rejected:no key=value pairs', 'rejected:logfmt-no-pairs'),
  ('skipped:a header that names the columns', 'skipped:columns-header'),
  ('rejected:no header that names the columns', 'rejected:columns-no-header'),
  ('rejected:not as many columns as the header names', 'rejected:columns-count'),
  ('rejected:no request as a web framework prints it', 'rejected:framework-no-request'),
  ('skipped:a Caddy log line that is no access record (its request has one of its own)', 'skipped:caddy-other-log'),
  ('rejected:no [accept date] after the client', 'rejected:haproxy-no-date'),
  ('rejected:no timers Tq/Tw/Tc/Tr/Ta', 'rejected:haproxy-no-timers'),
  ('skipped:an earlier stage of a request; it counts once, when it is complete', 'skipped:kubernetes-earlier-stage'),
  ('skipped:telemetry of Application Insights about something else than a request served', 'skipped:azure-other-telemetry'),
  ('rejected:no [start time] "request" at the beginning', 'rejected:envoy-no-start'),
  ('rejected:no response flags and sizes after the status', 'rejected:envoy-no-flags'),
  ('rejected:no twelve columns between bars', 'rejected:bunny-columns'),
  ('rejected:no response of Logbook', 'rejected:logbook-no-response'),
  ('rejected:no "request" in its column', 'rejected:aws-no-request'),
  ('rejected:the three processing times are no numbers', 'rejected:aws-no-times'),
  ('rejected:not {"ts","source","code","count"}', 'rejected:counts-shape'),
  ('rejected:ts is no time in seconds or ms', 'rejected:counts-bad-ts'),
  ('rejected:code is not a number from 0 to 999', 'rejected:counts-bad-code'),
  ('rejected:count is no whole number from 0 on', 'rejected:counts-bad-count'),
  ('rejected:no owner, bucket and [time] at the beginning', 'rejected:s3-no-start'),
  ('rejected:no "request-URI" in its column', 'rejected:s3-no-request'),
  ('rejected:no fifteen columns between commas', 'rejected:iis-native-columns'),
  ('rejected:no RESULT/status in its column', 'rejected:squid-no-result'),
  ('rejected:no [pid: …] … => generated … in … (HTTP/… status)', 'rejected:uwsgi-layout'),
  ('rejected:the method is no single word', 'rejected:bad-method'),
  ('rejected:no request with a status behind it', 'rejected:no-request'),
  ('rejected:no [time] in brackets', 'rejected:clf-no-time'),
  ('rejected:nothing stands before the [time]', 'rejected:clf-no-client'),
  ('rejected:no quoted request after the time', 'rejected:clf-no-request'),
  ('rejected:the quoted request has no end', 'rejected:clf-open-request'),
  ('rejected:the fields after the status are those of another format', 'rejected:clf-other-fields'),
  ('skipped:part of a JSON record spread over lines; counted where it ends', 'skipped:json-part'),
  ('skipped:a piece of a line that the container runtime cut; counted with its last piece', 'skipped:line-piece'),
  ('skipped:an envelope with no line in it', 'skipped:empty-envelope'),
  ('skipped:line over 64 KiB', 'skipped:line-too-long'),
  ('rejected:Firehose record that does not decompress', 'rejected:firehose-not-gzip'),
  ('skipped:CloudWatch Logs control message', 'skipped:cloudwatch-control'),
  ('skipped:OTLP log record without a status code', 'skipped:otlp-log-without-status'),
  ('rejected:Splunk event without an event', 'rejected:splunk-no-event'),
  ('rejected:Splunk event over 64 KiB', 'rejected:splunk-too-long'),
  ('skipped:CLIENT span: a dependency''s answer, not our traffic', 'skipped:otlp-client-span'),
  ('skipped:span that is not a SERVER span', 'skipped:otlp-other-span'),
  ('skipped:SERVER span without an HTTP status code', 'skipped:otlp-span-without-status'),
  ('skipped:span of a service whose metrics count its requests already', 'skipped:otlp-counted-by-metrics'),
  ('rejected:syslog message cut off by the end of its body', 'rejected:syslog-cut-by-body'),
  ('skipped:Cloudflare Logpush test upload', 'skipped:logpush-test'),
  ('rejected:no room for another source, or not a source name', 'rejected:no-source'),
  ('rejected:_bulk: neither an action nor the document of one', 'rejected:bulk-no-action'),
  ('skipped:_bulk action that is not an index or create', 'skipped:bulk-other-action'),
  ('rejected:syslog message cut off by the end of its connection', 'rejected:syslog-cut-by-connection'),
  ('rejected:syslog datagram dropped: more came than could be counted', 'rejected:syslog-dropped'),
  ('skipped:metric point whose status is a class or text, not a code', 'skipped:otlp-status-class'),
  ('skipped:metric point without a status code', 'skipped:otlp-metric-without-status'),
  ('skipped:metric that tells of requests which another one of this service counts', 'skipped:otlp-counted-by-other-metric'),
  ('skipped:metric point that was counted before', 'skipped:otlp-duplicate-point'),
  ('skipped:metric point older than those counted', 'skipped:otlp-late-point'),
  ('rejected:metric point whose value is no count', 'rejected:otlp-not-a-count'),
  ('rejected:more metric series than are kept for one service', 'rejected:otlp-too-many-series'),
  ('rejected:metric without aggregation temporality', 'rejected:otlp-no-temporality'),
  ('rejected:MessagePack record that is no JSON: nested too deep, or a length too large', 'rejected:msgpack-bad'),
  ('skipped:OTLP log record over 256 KiB', 'skipped:otlp-log-too-long'),
  ('skipped:OTLP span over 256 KiB', 'skipped:otlp-span-too-long'),
  ('skipped:metric point over 256 KiB', 'skipped:otlp-point-too-long'),
  ('skipped:a request that was made, not served', 'skipped:outgoing'),
  ('skipped:a request that the application sent, not one that it served', 'skipped:outgoing'),
  ('skipped:a response that the application got, not one that it gave', 'skipped:outgoing'),
  ('skipped:a HAProxy TCP line', 'skipped:session'),
  ('skipped:an Envoy TCP connection: no HTTP request was made', 'skipped:session'),
  ('skipped:a TCP connection: no request', 'skipped:session'),
  ('skipped:a TCP or UDP session, whose status is no HTTP status', 'skipped:session'),
  ('rejected:no access record: nothing here is an HTTP status code', 'rejected:no-code'),
  ('rejected:a request and a status, but neither when it was, nor who asked, nor how long or large the answer was: no record of a request served', 'rejected:unmeasured');

CREATE TABLE source_reason_by_id (
  source INTEGER NOT NULL REFERENCES source,
  reason TEXT NOT NULL,                      -- "rejected:bad-status"; what varies follows the id: "rejected:other-format Caddy JSON"
  count  INTEGER NOT NULL,
  PRIMARY KEY (source, reason)
) STRICT, WITHOUT ROWID;

INSERT INTO source_reason_by_id (source, reason, count)
  SELECT source, coalesce(id,
    CASE
      WHEN reason LIKE 'rejected:a line of another format: %'
        THEN 'rejected:other-format ' || substr(reason, length('rejected:a line of another format: ') + 1)
      WHEN reason LIKE 'rejected:the line does not begin with %'
        THEN 'rejected:no-prefix ' || substr(reason, length('rejected:the line does not begin with ') + 1)
      WHEN reason LIKE 'rejected:% does not follow it'
        THEN 'rejected:field-end ' || substr(reason, length('rejected:') + 1, length(reason) - length('rejected: does not follow it'))
      WHEN reason LIKE 'rejected:% is missing'
        THEN 'rejected:field-missing ' || substr(reason, length('rejected:') + 1, length(reason) - length('rejected: is missing'))
      ELSE reason
    END) AS id, sum(count)
  FROM source_reason LEFT JOIN reason_id ON text = reason
  GROUP BY source, 2;

DROP TABLE source_reason;
ALTER TABLE source_reason_by_id RENAME TO source_reason;
DROP TABLE reason_id;
