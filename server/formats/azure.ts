// Azure resource logs: Application Gateway, Front Door and CDN, App Service and API Management, which put the record under `properties`.
import { jsonFormat } from './json-format.ts';
import { skipped } from './misses.ts';

const OTHER_TELEMETRY = skipped('telemetry of Application Insights about something else than a request served');

export const azure = jsonFormat({
  name: 'azure',
  title: 'Azure Application Gateway / Front Door',
  proxy: 'azure',
  marks: [
    'properties.httpStatus', 'properties.httpStatusCode', 'httpStatusDetails', 'properties.serverStatus', 'properties.ScStatus', 'properties.backendResponseCode', 'properties.serverRouted', 'serverRouted', 'error_info', 'trackingReference', 'httpStatus_d', 'httpStatusCode_s', 'serverStatus_s', 'PerformanceBucket',
  ],
  durationUnitMs: 1000,
  reads: {
    code: [
      'properties.httpStatus', 'properties.httpStatusCode', 'properties.ScStatus', 'properties.responseCode', 'httpStatus', 'httpStatusCode', 'ScStatus', 'responseCode', 'properties.statusCode', 'sc_status', 'httpStatus_d', 'httpStatusCode_s', 'httpStatusCode_d', 'scStatus_d', 'responseCode_d', 'ResultCode',
    ],
    method: ['properties.httpMethod', 'properties.CsMethod', 'properties.method', 'httpMethod', 'CsMethod', 'method', 'cs_method', 'httpMethod_s', 'csMethod_s', 'method_s'],
    path: ['properties.originalRequestUriWithArgs', 'properties.requestUri', 'properties.CsUriStem', 'properties.url', 'requestUri', 'CsUriStem', 'url', 'cs_uri_stem', 'requestUri_s', 'originalRequestUriWithArgs_s', 'csUriStem_s', 'url_s'],
    host: ['properties.originalHost', 'properties.host', 'properties.hostName', 'properties.CsHost', 'originalHost', 'host', 'hostName', 'CsHost', 'originalHost_s', 'host_s', 'hostName_s'],
    client: ['properties.clientIP', 'properties.clientIp', 'properties.CIp', 'callerIpAddress', 'clientIP', 'CIp', 'c_ip', 'clientIP_s', 'clientIp_s', 'cIp_s'],
    userAgent: ['properties.userAgent', 'userAgent', 'cs_user_agent', 'userAgent_s'],
    time: ['timeStamp', 'time', 'EventTime', '@timestamp', 'TimeGenerated'],
    duration: ['properties.timeTaken s', 'timeTaken s', 'timeTaken_d s', 'timeTaken_s s', 'durationMs ms'],
    size: ['properties.sentBytes', 'properties.responseBytes', 'properties.ScBytes', 'properties.responseSize', 'sentBytes', 'responseBytes', 'ScBytes'],
    upstream: ['properties.serverRouted', 'properties.originIp', 'properties.originName', 'properties.backendHostname', 'properties.backendUrl', 'serverRouted', 'originIp', 'originName', 'backendHostname', 'serverRouted_s', 'originName_s'],
    upstreamStatus: ['properties.serverStatus', 'properties.originStatusCode', 'properties.backendResponseCode', 'serverStatus', 'originStatusCode', 'backendResponseCode', 'serverStatus_s', 'backendResponseCode_d'],
    connectTime: ['properties.serverConnectTime', 'serverConnectTime'],
    headerTime: ['properties.serverHeaderTime', 'serverHeaderTime'],
    responseTime: ['properties.serverResponseLatency', 'serverResponseLatency', 'properties.backendTime ms'],
    details: ['properties.error_info', 'properties.errorInfo', 'properties.httpStatusDetails', 'properties.lastError.reason', 'error_info', 'errorInfo', 'error_info_s', 'errorInfo_s'],
    result: ['properties.cacheStatus', 'properties.result', 'cacheStatus'],
    protocol: ['properties.httpVersion', 'httpVersion'],
  },
  looks: ['PerformanceBucket', 'Type'],
  // Application Insights tells of calls, pages and tests in the same words as of requests
  refuse: (value) => (value('PerformanceBucket') !== undefined && value('Type') !== 'AppRequests' ? OTHER_TELEMETRY : undefined),
  // App Service writes ms under the name under which the gateways write seconds
  finish(hit, value) {
    if (value('properties.ScStatus') !== undefined || value('ScStatus') !== undefined) hit.durationMs /= 1000;
  },
  supplies: ['method', 'path', 'host', 'client', 'userAgent', 'size', 'durationMs', 'upstream', 'upstreamStatus', 'responseTime', 'details', 'result'],
  samples: [
    {
      line: '{"timeStamp":"2021-10-14T22:17:11+00:00","resourceId":"/SUBSCRIPTIONS/1/APPLICATIONGATEWAYS/GW","operationName":"ApplicationGatewayAccess","category":"ApplicationGatewayAccessLog","properties":{"instanceId":"appgw_0","clientIP":"192.0.2.7","httpMethod":"GET","requestUri":"/x","userAgent":"curl/8","httpStatus":502,"httpVersion":"HTTP/1.1","receivedBytes":184,"sentBytes":466,"timeTaken":0.5,"host":"a.example","serverRouted":"10.0.0.4:80","serverStatus":"-","serverResponseLatency":"-","error_info":"ERRORINFO_UPSTREAM_CLOSED_CONNECTION"}}',
      hit: { ts: 1634249831000, code: 502, method: 'GET', path: '/x', host: 'a.example', upstream: '10.0.0.4:80', durationMs: 500, bytes: 466, client: '192.0.2.7' },
    },
    {
      line: '{"time":"2020-06-09T22:32:17.8383427Z","category":"FrontdoorAccessLog","operationName":"Microsoft.Network/FrontDoor/AccessLog/Write","properties":{"trackingReference":"08Q","httpMethod":"GET","requestUri":"https://a.example:443/p?q=1","responseBytes":"430","clientIp":"192.0.2.7","timeTaken":"0.12","httpStatusCode":"200","httpStatusDetails":"200","pop":"DUB","cacheStatus":"CONFIG_NOCACHE","errorInfo":"NoError"}}',
      hit: { ts: 1591741937838, code: 200, method: 'GET', path: '/p?q=1', host: 'a.example:443', durationMs: 120, bytes: 430, client: '192.0.2.7' },
    },
    {
      line: '{"time":"2026-01-02T15:04:05.250Z","OperationName":"GET Home/Index","Type":"AppRequests","Name":"GET Home/Index","Url":"https://a.example/x","Success":false,"ResultCode":"500","DurationMs":12.5,"PerformanceBucket":"<250ms","ClientIP":"192.0.2.7"}',
      hit: { ts: 1767366245250, code: 500, path: '/x', host: 'a.example', durationMs: 12.5, client: '192.0.2.7' },
    },
  ],
});
