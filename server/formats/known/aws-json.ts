// AWS in JSON: API Gateway's access log (its requestTime is a date, where nginx's request_time is a duration), AppSync's, and ALB and CloudFront
// records that a pipeline turned into JSON under their documented field names.
import { PATH, ROUTE } from '../../core/hit.ts';
import { jsonFormat } from '../keyed/json-format.ts';

export const apiGateway = jsonFormat({
  name: 'api-gateway',
  title: 'AWS API Gateway JSON',
  proxy: 'apigateway',
  marks: [
    'resourcePath',
    'routeKey',
    'integrationStatus',
    'integrationLatency',
    'responseLatency',
    'requestTimeEpoch',
    'extendedRequestId',
    'responseLength',
    'integrationErrorMessage',
    'errorResponseType',
    'apiId',
    'domainName',
  ],
  words: ['connectionId', 'eventType', 'caller'],
  timeUnitMs: 1,
  durationUnitMs: 1,
  reads: {
    code: ['status?', 'statusCode', 'responseStatus'],
    method: ['httpMethod', 'method'],
    path: ['path', 'requestPath', 'rawPath'],
    host: ['domainName', 'host'],
    client: ['ip', 'sourceIp', 'clientIp', 'identity.sourceIp'],
    userAgent: ['userAgent', 'identity.userAgent'],
    time: ['requestTimeEpoch', 'requestTime', 'timestamp', 'time'],
    duration: ['responseLatency ms', 'latency ms'],
    size: ['responseLength'],
    upstreamStatus: ['integrationStatus', 'integration.status'],
    responseTime: ['integrationLatency ms', 'integration.latency ms'],
    details: ['integrationErrorMessage', 'integrationError', 'errorMessage', 'error.message', 'errorResponseType'],
    protocol: ['protocol'],
    route: ['resourcePath', 'routeKey'],
  },
  // a REST API often logs nothing but the pattern
  finish(hit) {
    const route = hit.text(ROUTE);
    if (!hit.has(PATH) && route?.startsWith('/')) hit.setText(PATH, route);
  },
  samples: [
    {
      line: '{"requestId":"c6af9ac6","ip":"192.0.2.7","caller":"-","user":"-","requestTime":"09/Apr/2021:12:34:56 +0000","httpMethod":"GET","resourcePath":"/pets/{id}","status":"504","protocol":"HTTP/1.1","responseLength":"41","integrationStatus":"-","integrationLatency":"29001"}',
      hit: { ts: 1617971696000, code: 504, method: 'GET', path: '/pets/{id}', bytes: 41, client: '192.0.2.7' },
    },
  ],
});

export const appSync = jsonFormat({
  name: 'appsync',
  title: 'AWS AppSync',
  proxy: 'unknown',
  marks: ['graphQLAPIId'],
  reads: {
    code: ['statusCode'],
    method: ['httpMethod'],
    path: ['path'],
    time: ['timestamp', 'time'],
    duration: ['latency ns'],
  },
  samples: [
    // of a request's other lines, none has a status
    {
      line: '{"logType":"RequestSummary","requestId":"dbe87af3","graphQLAPIId":"pmo28inf75ee","statusCode":401,"latency":242000000}',
      hit: { code: 401, durationMs: 242 },
    },
  ],
});

export const albJson = jsonFormat({
  name: 'alb-json',
  title: 'AWS load balancer as JSON',
  proxy: 'alb',
  marks: ['elb_status_code', 'target_status_code', 'elb_status', 'elb.status_code'],
  reads: {
    code: ['elb_status_code', 'elb.status_code', 'elb_status'],
    method: ['request_verb', 'request_method', 'request_http_method', 'http_method', 'method', 'verb'],
    path: ['request_url', 'request_uri', 'uri', 'url', 'path', 'request_path'],
    request: ['request'],
    host: ['domain_name', 'request_host', 'host'],
    client: ['client_ip', 'client', 'client:port', 'client_addr'],
    userAgent: ['user_agent'],
    time: ['request_creation_time', 'time', 'timestamp', '@timestamp'],
    size: ['sent_bytes'],
    upstream: ['target', 'target:port', 'target_ip', 'target_port_list', 'backend', 'backend_ip', 'target_group_arn'],
    upstreamStatus: ['target_status_code', 'target.status_code', 'backend_status_code', 'target_status_code_list'],
    responseTime: ['target_processing_time', 'backend_processing_time'],
    details: ['error_reason'],
    result: ['actions_executed'],
  },
  samples: [
    {
      line: '{"type":"http","time":"2018-07-02T22:23:00.186641Z","elb":"app/my-lb/50dc","client_ip":"192.0.2.7","client_port":2817,"target_ip":"10.0.0.1","target_processing_time":-1,"elb_status_code":"502","target_status_code":"-","sent_bytes":366,"request_verb":"GET","request_url":"http://a.example:80/x","user_agent":"curl/7.46.0"}',
      hit: {
        ts: 1530570180186,
        code: 502,
        method: 'GET',
        path: '/x',
        host: 'a.example:80',
        upstream: '10.0.0.1',
        bytes: 366,
        client: '192.0.2.7',
      },
    },
  ],
});

export const cloudfrontJson = jsonFormat({
  name: 'cloudfront-json',
  title: 'CloudFront as JSON',
  proxy: 'cloudfront',
  marks: ['x_edge_result_type', 'x_edge_detailed_result_type', 'x_edge_response_result_type', 'x_edge_location'],
  reads: {
    code: ['sc_status', 'status'],
    method: ['cs_method', 'method'],
    path: ['cs_uri_stem', 'uri'],
    host: ['x_host_header', 'cs(Host)', 'cs_host', 'host_header'],
    client: ['c_ip', 'client_ip'],
    userAgent: ['cs(User-Agent)', 'cs_user_agent', 'user_agent'],
    time: ['timestamp', 'time', 'datetime'],
    date: ['date'],
    duration: ['time_taken s'],
    size: ['sc_bytes', 'bytes'],
    responseTime: ['origin_lbl', 'origin_fbl'],
    result: ['x_edge_result_type', 'x_edge_response_result_type'],
    details: ['x_edge_detailed_result_type'],
    protocol: ['cs_protocol_version'],
  },
  samples: [
    {
      line: '{"timestamp":"1767366245.250","c-ip":"192.0.2.7","sc-status":"502","sc-bytes":"500","cs-method":"GET","cs-uri-stem":"/x","time-taken":"0.001","x-host-header":"a.example","x-edge-result-type":"Error","x-edge-detailed-result-type":"OriginConnectError"}',
      hit: {
        ts: 1767366245250,
        code: 502,
        method: 'GET',
        path: '/x',
        host: 'a.example',
        durationMs: 1,
        bytes: 500,
        client: '192.0.2.7',
      },
    },
  ],
});
