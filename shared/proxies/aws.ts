// AWS: load balancers, CloudFront, S3 and API Gateway have no error log; their metrics and settings show the other side.
import type { ProxyGuide } from './guide.ts';

const HEALTH = {
  say: 'Are the targets registered and healthy?',
  run: 'aws elbv2 describe-target-health --target-group-arn ARN',
};
const CONNECT_ERRORS = {
  say: 'TargetConnectionErrorCount in CloudWatch: it rises if connections to targets fail, and stays if targets close them.',
};
const IDLE = {
  say: "The load balancer's idle timeout (60 s by default) against the application's keep-alive: the application's must be longer.",
  run: 'aws elbv2 describe-load-balancer-attributes --load-balancer-arn ARN --query "Attributes[?Key==\'idle_timeout.timeout_seconds\']"',
};
const SECURITY_GROUPS = {
  say: "Do the targets' security groups and network ACLs admit the load balancer on the target port?",
};

export const alb: ProxyGuide = {
  proxy: 'alb',
  name: 'AWS ALB',
  log: {
    say: 'CloudWatch: HTTPCode_ELB_5XX_Count, HTTPCode_Target_5XX_Count, TargetConnectionErrorCount, RejectedConnectionCount.',
  },
  steps: {
    upstream_closed_before_response: [CONNECT_ERRORS, IDLE],
    upstream_connection_refused: [CONNECT_ERRORS, HEALTH, SECURITY_GROUPS],
    upstream_connect_timeout: [SECURITY_GROUPS, HEALTH],
    upstream_response_timeout: [IDLE, { say: 'TargetResponseTime in CloudWatch, by target group.' }],
    no_live_upstreams: [HEALTH],
    upstream_tls_failure: [
      { say: 'Does the target speak TLS as the target group expects? The handshake must end within 10 s.' },
    ],
    proxy_denied: [{ say: 'Which AWS WAF rule matched (sampled requests), or which authentication rule?' }],
    client_gave_up: [IDLE],
    unknown: [CONNECT_ERRORS, HEALTH],
  },
};

export const elb: ProxyGuide = { ...alb, proxy: 'elb', name: 'AWS Classic Load Balancer' };

export const cloudfront: ProxyGuide = {
  proxy: 'cloudfront',
  name: 'CloudFront',
  log: { say: 'x-edge-detailed-result-type names the reason; the origin’s own log shows whether the request arrived.' },
  steps: {
    upstream_response_timeout: [
      {
        say: "The origin's response timeout (30 s unless set) against what the origin needs: its own log has the durations.",
        run: 'aws cloudfront get-distribution-config --id ID --query "DistributionConfig.Origins.Items[].CustomOriginConfig"',
      },
    ],
    upstream_tls_failure: [
      {
        say: "The origin's certificate must name the origin domain (or the forwarded Host) and be complete; the origin protocols must include TLS 1.2.",
      },
    ],
    upstream_connection_refused: [
      { say: "Do the origin's firewall and ports admit CloudFront (managed prefix list)?" },
    ],
    upstream_connect_timeout: [{ say: "Do the origin's firewall and ports admit CloudFront (managed prefix list)?" }],
    proxy_denied: [{ say: 'Which AWS WAF rule or geographic restriction matched?' }],
    edge_error: [
      { say: 'LimitExceeded and CapacityExceeded are CloudFront’s: look at quotas and at the AWS Health Dashboard.' },
    ],
  },
};

export const s3: ProxyGuide = {
  proxy: 's3',
  name: 'Amazon S3',
  log: { say: 'The error code in the log line names the reason (AccessDenied, NoSuchKey, SlowDown).' },
  steps: {},
};

export const apigateway: ProxyGuide = {
  proxy: 'apigateway',
  name: 'API Gateway',
  log: {
    say: 'Execution logs in CloudWatch say why the integration failed; $context.integrationErrorMessage puts it into the access log.',
  },
  steps: {
    upstream_response_timeout: [
      {
        say: "The integration timeout is 29 s unless a higher quota was granted: compare the function's Duration in CloudWatch.",
        run: 'aws apigateway get-integration --rest-api-id ID --resource-id ID --http-method METHOD --query timeoutInMillis',
      },
      {
        say: "The Lambda function's own timeout and cold starts: REPORT lines in its log group.",
        run: 'aws logs tail /aws/lambda/NAME --since 1h --filter-pattern REPORT',
      },
    ],
    app_exception: [
      {
        say: "The function's log group has the error.",
        run: 'aws logs tail /aws/lambda/NAME --since 1h --filter-pattern ERROR',
      },
    ],
    upstream_invalid_response: [
      {
        say: 'A Lambda proxy integration must return statusCode, headers and body as a string: "Malformed Lambda proxy response" in the execution log.',
      },
    ],
    proxy_denied: [
      { say: 'Which authorizer, API key or resource policy denied it? $context.error.responseType names it.' },
    ],
    proxy_rate_limited: [{ say: 'Usage plan and stage throttling: burst and rate against the Count metric.' }],
  },
};
